/* model/queue/class.c: see class.h. */
#include "model/queue/class.h"

#include "foundation/base/arena.h"
#include "foundation/config/limits.h"
#include "foundation/config/rules.h"
#include "foundation/config/value.h"
#include "model/queue/entry.h"
#include "model/queue/queue.h"
#include "model/queue/quota.h"

static const struct rule_key define_keys[] = {
	{ "define", false }, { "concurrency", false }, { "retry", false },
	{ "expire", false }, { "notice", false },      { "paused", false },
};

static const struct rule_key match_keys[] = {
	{ "from", true },      { "to", true },     { "submitter", false }, { "priority", false },
	{ "bounce", false },   { "size", false },  { "queue", false },     { "hold", false },
};

/* --- values ------------------------------------------------------------------------------ */

static bool name_is(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] == '"' || s.p[i] == '\\' || s.p[i] == 0x7f)
			return false;
	return s.n != 0 && s.n <= QUEUE_NAME_MAX;
}

/* "15m,1h,4h" */
static bool waits_parse(struct str text, struct schedule *out)
{
	struct cur c = cur_of(text);
	struct str one;
	uint64_t s;

	out->wait_count = 0;
	do {
		if (!cur_until(&c, ',', &one)) {
			one = cur_rest(&c);
			cur_skip(&c, one.n);
		}
		if (out->wait_count == SCHEDULE_WAITS_MAX || !value_seconds(one, &s) || s == 0)
			return false;
		out->waits_ms[out->wait_count++] = (int64_t)s * 1000;
	} while (cur_byte(&c, ','));
	return cur_done(&c);
}

struct levels {
	int least, most;
};

static bool level_parse(struct cur *c, int *out)
{
	bool minus = cur_byte(c, '-');
	uint32_t n;

	if (!cur_u32(c, &n) || n > ENVELOPE_PRIORITY_MAX)
		return false;
	*out = minus ? -(int)n : (int)n;
	return true;
}

/* "3", "..-3" */
static bool levels_parse(struct str text, struct levels *out)
{
	struct cur c = cur_of(text);
	bool below = cur_byte(&c, '.') && cur_byte(&c, '.');

	*out = (struct levels){ ENVELOPE_PRIORITY_MIN, ENVELOPE_PRIORITY_MAX };
	return level_parse(&c, below ? &out->most : &out->least) && cur_done(&c);
}

/* --- definitions ------------------------------------------------------------------------- */

static bool class_read(const struct rule *r, struct queue_class *out, const char **bad)
{
	struct str v;
	uint64_t n = 0;

	*bad = NULL;
	if (rule_get(r, STR("concurrency"), &v) && !value_count(v, &n))
		*bad = "concurrency: give a number";
	out->concurrency = (uint32_t)n;
	if (rule_get(r, STR("retry"), &v) && !waits_parse(v, &out->schedule))
		*bad = "retry: give up to 16 times like 5m,15m,1h";
	if (rule_get(r, STR("expire"), &v)) {
		if (!value_seconds(v, &n) || n == 0)
			*bad = "expire: give a time like 2d";
		out->schedule.expire_ms = (int64_t)n * 1000;
	}
	if (rule_get(r, STR("notice"), &v)) {
		if (!value_seconds(v, &n))
			*bad = "notice: give a time like 4h, or 0";
		out->schedule.notice_ms = (int64_t)n * 1000;
	}
	if (rule_get(r, STR("paused"), &v) && !value_bool(v, &out->paused))
		*bad = "paused: give yes or no";
	return *bad == NULL;
}

/* Parse the rules of checked settings. */
static void rules_of(const struct settings *s, struct arena *a, struct rules *out)
{
	*out = (struct rules){ 0 };
	if (s->queues.n != 0 && rules_parse(s->queues, a, out, NULL) != OK)
		*out = (struct rules){ 0 };
}

void queue_class_each(const struct settings *s,
                      void (*fn)(const struct queue_class *class, void *arg), void *arg)
{
	struct arena a = { 0 };
	struct rules rules;
	const char *bad;

	rules_of(s, &a, &rules);
	for (size_t i = 0; i < rules.count; i++) {
		struct queue_class class = { .schedule = schedule_of(s) };

		if (rule_get(&rules.items[i], STR("define"), &class.name) &&
		    class_read(&rules.items[i], &class, &bad))
			fn(&class, arg);
	}
	arena_deinit(&a);
}

struct wanted {
	struct str name;
	struct queue_class *out;
};

static void class_take(const struct queue_class *class, void *arg)
{
	struct wanted *w = arg;
	struct str name = w->out->name;

	if (!str_eq(class->name, w->name))
		return;
	*w->out = *class;
	w->out->name = name;
}

struct queue_class queue_class_of(const struct settings *s, struct str name)
{
	struct queue_class class = { .name = name, .schedule = schedule_of(s) };
	struct wanted w = { name, &class };

	if (name.n != 0)
		queue_class_each(s, class_take, &w);
	return class;
}

struct known {
	struct str name;
	bool found;
};

static void class_known(const struct queue_class *class, void *arg)
{
	struct known *k = arg;

	k->found = k->found || str_eq(class->name, k->name);
}

bool queue_class_known(const struct settings *s, struct str name)
{
	struct known k = { name, name.n == 0 };

	queue_class_each(s, class_known, &k);
	return k.found;
}

/* --- rules ------------------------------------------------------------------------------- */

static bool address_fits(struct str pattern, const struct mailaddr *address)
{
	struct arena a = { 0 };
	bool fits = rule_domains(&a, pattern, &pattern) &&
	            rule_fits(pattern, str_find(pattern, STR("@")) < 0
	                                       ? address->domain
	                                       : mailaddr_text(&a, address));

	arena_deinit(&a);
	return fits;
}

/* Without such a key every address matches; else one of its patterns must. */
static bool anyone_fits(const struct rule *r, struct str key, const struct mailaddr *address)
{
	bool asked = false;

	for (size_t i = 0; i < r->count; i++) {
		if (!str_eq(r->words[i].key, key))
			continue;
		asked = true;
		if (!mailaddr_is_null(address) && address_fits(r->words[i].value, address))
			return true;
	}
	return !asked;
}

static bool envelope_fits(const struct rule *r, const struct queue_item *item)
{
	bool fits = anyone_fits(r, STR("from"), &item->envelope.sender);

	for (size_t i = 0; fits && i < item->envelope.rcpt_count; i++)
		fits = anyone_fits(r, STR("to"), &item->envelope.rcpts[i].address);
	return fits;
}

static bool rest_fits(const struct rule *r, const struct queue_item *item)
{
	struct levels levels;
	struct str v;
	uint64_t n;
	bool yes;

	if (rule_get(r, STR("submitter"), &v) &&
	    (!value_count(v, &n) || item->envelope.submitter == 0 || n != item->envelope.submitter))
		return false;
	if (rule_get(r, STR("priority"), &v) &&
	    (!levels_parse(v, &levels) || item->envelope.priority < levels.least ||
	     item->envelope.priority > levels.most))
		return false;
	if (rule_get(r, STR("bounce"), &v) &&
	    (!value_bool(v, &yes) || yes != mailaddr_is_null(&item->envelope.sender)))
		return false;
	return !rule_get(r, STR("size"), &v) || (value_bytes(v, &n) && item->size_bytes >= n);
}

int64_t queue_class_expires_ms(const struct settings *s, const struct queue_item *item)
{
	int64_t expires_ms = MAX(item->created_ms, item->envelope.not_before_ms) +
	                     queue_class_of(s, item->queue).schedule.expire_ms;

	return item->envelope.by_mode == ENVELOPE_BY_RETURN ? MIN(expires_ms, item->envelope.by_ms)
	                                                    : expires_ms;
}

struct queue_fit queue_class_fit(const struct settings *s, const struct queue_item *item)
{
	struct queue_fit fit = { .queue = STR_EMPTY };
	struct arena a = { 0 };
	struct rules rules;
	struct str v;

	rules_of(s, &a, &rules);
	for (size_t i = 0; i < rules.count; i++) {
		const struct rule *r = &rules.items[i];

		if (rule_get(r, STR("define"), &v) || quota_is(r) ||
		    !envelope_fits(r, item) || !rest_fits(r, item))
			continue;
		if (rule_get(r, STR("hold"), &v) && !value_bool(v, &fit.hold))
			fit.hold = false;
		if (rule_get(r, STR("queue"), &v))
			fit.queue = v; /* it has no quotes or blanks, so it borrows from
			                * the settings */
		break;
	}
	arena_deinit(&a);
	return fit;
}

/* --- the setting ------------------------------------------------------------------------- */

static enum err define_check(const struct rule *r, struct why *why)
{
	struct queue_class class = { .concurrency = 0 };
	const char *bad;
	struct str name;
	enum err e = rule_check(r, define_keys, COUNT(define_keys), why);

	if (e != OK)
		return e;
	if (!rule_get(r, STR("define"), &name) || !name_is(name))
		return rule_fail(r, why, "the name of a queue has 1 to %d bytes, none of them a "
		                         "blank, quote or backslash", QUEUE_NAME_MAX);
	return class_read(r, &class, &bad) ? OK : rule_fail(r, why, "%s", bad);
}

static bool is_defined(const struct rules *rules, struct str name)
{
	struct str v;

	for (size_t i = 0; i < rules->count; i++)
		if (rule_get(&rules->items[i], STR("define"), &v) && str_eq(v, name))
			return true;
	return false;
}

static const char *match_bad(const struct rules *rules, const struct rule *r)
{
	struct levels levels;
	struct str v, hold;
	uint64_t n;
	bool yes;

	if (rule_get(r, STR("queue"), &v) && !is_defined(rules, v))
		return "there is no line that defines this queue";
	if (!rule_get(r, STR("queue"), &v) && !rule_get(r, STR("hold"), &hold))
		return "say queue=NAME or hold=yes";
	if (rule_get(r, STR("submitter"), &v) && !value_count(v, &n))
		return "submitter: give the number of an account";
	if (rule_get(r, STR("priority"), &v) && !levels_parse(v, &levels))
		return "priority: give a number from -9 to 9, or one after two dots";
	if (rule_get(r, STR("size"), &v) && !value_bytes(v, &n))
		return "size: give a size like 5M";
	if ((rule_get(r, STR("bounce"), &v) && !value_bool(v, &yes)) ||
	    (rule_get(r, STR("hold"), &v) && !value_bool(v, &yes)))
		return "bounce and hold: give yes or no";
	return NULL;
}

static enum err match_check(const struct rules *rules, const struct rule *r, struct why *why)
{
	enum err e = rule_check(r, match_keys, COUNT(match_keys), why);
	const char *bad = e == OK ? match_bad(rules, r) : NULL;

	return bad != NULL ? rule_fail(r, why, "%s", bad) : e;
}

static enum err patterns_check(const struct rule *r, struct arena *a, struct why *why)
{
	struct str v;

	for (size_t i = 0; i < r->count; i++)
		if ((str_eq(r->words[i].key, STR("from")) ||
		     str_eq(r->words[i].key, STR("to"))) &&
		    !rule_domains(a, r->words[i].value, &v))
			return rule_fail(r, why, RULE_DOMAINS);
	return OK;
}

enum err queue_rules_check(struct str text, struct why *why)
{
	struct arena a = { 0 };
	struct rules rules;
	struct str v;
	enum err e = rules_parse(text, &a, &rules, why);

	for (size_t i = 0; e == OK && i < rules.count; i++) {
		const struct rule *r = &rules.items[i];

		if (rule_get(r, STR("define"), &v))
			e = define_check(r, why);
		else if (quota_is(r))
			e = quota_check(r, why);
		else
			e = match_check(&rules, r, why);
		e = e ? e : patterns_check(r, &a, why);
	}
	arena_deinit(&a);
	return e != OK ? fail_about(why, e, "ROOST_QUEUES") : OK;
}
