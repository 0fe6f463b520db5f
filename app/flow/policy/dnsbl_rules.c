/* flow/policy/dnsbl_rules.c: see dnsbl_rules.h. */
#include "flow/policy/dnsbl_rules.h"

#include "flow/policy/words.h"
#include "foundation/base/buf.h"
#include "foundation/base/cur.h"

#include <string.h>

enum { WEIGHT_MAX = 1000, CODES_MAX = 32, QUESTION_MAX = 512 };

/* --- codes=127.0.0.2,127.0.0.4-127.0.0.11 ----------------------------------------------------- */

static bool code_take(struct str word, unsigned char *out)
{
	struct addr a;

	if (!addr_parse_ip(word, &a) || a.family != ADDR_V4 || a.ip[0] != 127)
		return false;
	memcpy(out, a.ip, 4);
	return true;
}

static bool range_take(struct str word, struct dnsbl_codes *out)
{
	struct cur c = cur_of(word);
	struct str from = word, to = word;

	if (cur_until(&c, '-', &from)) {
		cur_byte(&c, '-');
		to = cur_rest(&c);
	}
	return code_take(from, out->from) && code_take(to, out->to) &&
	       memcmp(out->from, out->to, 4) <= 0;
}

static bool codes_take(struct str list, struct arena *a, struct dnsbl_zone *zone)
{
	struct cur c = cur_of(list);

	zone->codes = arena_array(a, struct dnsbl_codes, CODES_MAX);
	while (zone->code_count < CODES_MAX) {
		struct str word;
		bool last = !cur_until(&c, ',', &word);

		if (last)
			word = cur_rest(&c);
		if (!range_take(str_trim(word), &zone->codes[zone->code_count++]))
			return false;
		if (last)
			return true;
		cur_byte(&c, ',');
	}
	return false;
}

/* --- rows ---------------------------------------------------------------------------- */

static bool dnsbl_rule_number_take(struct str word, int32_t *out)
{
	bool minus = word.n != 0 && word.p[0] == '-';
	struct cur c = cur_of(str_sub(word, minus, word.n));
	uint32_t n;

	if (!cur_u32(&c, &n) || !cur_done(&c) || n > WEIGHT_MAX)
		return false;
	*out = minus ? -(int32_t)n : (int32_t)n;
	return true;
}

static enum err zone_take(const struct rule *rule, struct str name, struct arena *a,
                          struct dnsbl_zone *zone, struct why *why)
{
	static const char *const ofs[] = { "peer", "helo", "from" };
	struct str word;

	*zone = (struct dnsbl_zone){ .name = name, .weight = 1 };
	if (str_find_byte(name, '.') < 0 || name.n > 200)
		return rule_fail(rule, why, "a zone is a name like zen.example");
	if (rule_get(rule, STR("weight"), &word) && !dnsbl_rule_number_take(word, &zone->weight))
		return rule_fail(rule, why, "a weight is a number from -%d to %d", WEIGHT_MAX,
		                 WEIGHT_MAX);
	if (rule_get(rule, STR("codes"), &word) && !codes_take(word, a, zone))
		return rule_fail(rule, why, "codes are a comma list like 127.0.0.2-127.0.0.11");
	rule_get(rule, STR("text"), &zone->text);
	if (!rule_get(rule, STR("of"), &word))
		return OK;
	while (zone->of < COUNT(ofs) && !str_eqi(word, str_of(ofs[zone->of])))
		zone->of++;
	return zone->of < COUNT(ofs) ? OK : rule_fail(rule, why, "of is peer, helo or from");
}

static enum err at_take(const struct rule *rule, struct str at, struct dnsbl_at *out,
                        struct why *why)
{
	out->verdict.kind = POLICY_REJECT;
	if (!dnsbl_rule_number_take(at, &out->at))
		return rule_fail(rule, why, "at is a number like 3");
	return policy_verdict_take(rule, &out->verdict, why);
}

static enum err dnsbl_rule_row_take(const struct rule *rule, struct arena *a,
                                    struct dnsbl_rules *out, struct why *why)
{
	static const struct rule_key zone_keys[] = { { "", false },
		                                     { "codes", false },
		                                     { "weight", false },
		                                     { "of", false },
		                                     { "text", false } };
	static const struct rule_key at_keys[] = { { "at", false },
		                                   { "verdict", false },
		                                   POLICY_ANSWER_KEYS };
	struct str word;
	enum err e;

	if (rule_get(rule, STR("at"), &word)) {
		e = rule_check(rule, at_keys, COUNT(at_keys), why);
		return e ? e : at_take(rule, word, &out->ats[out->at_count++], why);
	}
	e = rule_check(rule, zone_keys, COUNT(zone_keys), why);
	if (e == OK && !rule_get(rule, STR(""), &word))
		e = rule_fail(rule, why, "begin with the name of a zone, or with at=");
	return e ? e : zone_take(rule, word, a, &out->zones[out->zone_count++], why);
}

enum err dnsbl_rules_parse(struct str text, struct arena *a, struct dnsbl_rules *out,
                           struct why *why)
{
	struct rules rules;
	enum err e = rules_parse(text, a, &rules, why);

	*out = (struct dnsbl_rules){ 0 };
	if (e)
		return e;
	out->zones = arena_array(a, struct dnsbl_zone, rules.count);
	out->ats = arena_array(a, struct dnsbl_at, rules.count + 1);
	for (size_t i = 0; e == OK && i < rules.count; i++)
		e = dnsbl_rule_row_take(&rules.items[i], a, out, why);
	if (e == OK && out->at_count == 0)
		out->ats[out->at_count++] = (struct dnsbl_at){ 1, { .kind = POLICY_REJECT } };
	return e;
}

/* --- answers ---------------------------------------------------------------------------------- */

bool dnsbl_refusal(const struct addr *answer)
{
	return answer->family == ADDR_V4 && memcmp(answer->ip, "\x7f\xff\xff", 3) == 0;
}

bool dnsbl_listed(const struct dnsbl_zone *zone, const struct addr *answer)
{
	/* RFC 5782 2.1, and 2.3 warns of zones that answer with other addresses. */
	if (answer->family != ADDR_V4 || answer->ip[0] != 127 || dnsbl_refusal(answer))
		return false;
	for (size_t i = 0; i < zone->code_count; i++)
		if (memcmp(answer->ip, zone->codes[i].from, 4) >= 0 &&
		    memcmp(answer->ip, zone->codes[i].to, 4) <= 0)
			return true;
	return zone->code_count == 0;
}

struct policy_answer dnsbl_verdict(const struct dnsbl_rules *rules, int32_t sum)
{
	const struct dnsbl_at *best = NULL;

	for (size_t i = 0; i < rules->at_count; i++)
		if (rules->ats[i].at <= sum && (best == NULL || rules->ats[i].at > best->at))
			best = &rules->ats[i];
	return best != NULL ? best->verdict : (struct policy_answer){ .kind = POLICY_PASS };
}

struct str dnsbl_question(struct arena *a, const struct dnsbl_zone *zone, const struct addr *peer)
{
	struct buf b;
	struct str s;

	buf_init(&b, QUESTION_MAX);
	for (int i = peer->family == ADDR_V4 ? 3 : 15; i >= 0; i--) {
		if (peer->family == ADDR_V4)
			buf_fmt(&b, "%u.", peer->ip[i]);
		else
			buf_fmt(&b, "%x.%x.", peer->ip[i] & 15u, peer->ip[i] >> 4);
	}
	buf_put(&b, zone->name);
	s = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return s;
}
