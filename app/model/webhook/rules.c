/* model/webhook/rules.c: see rules.h. */
#include "model/webhook/rules.h"

#include "foundation/base/cur.h"
#include "foundation/config/limits.h"
#include "foundation/config/rules.h"
#include "foundation/text/base64.h"

enum { SECRET_MIN = 16, SECRET_MAX = 256 };

const char *webhook_kind_name(enum webhook_kind kind)
{
	static const char *const names[WEBHOOK_KINDS] = {
		[WEBHOOK_DELIVERED] = "delivered",
		[WEBHOOK_DELAYED] = "delayed",
		[WEBHOOK_BOUNCED] = "bounced",
		[WEBHOOK_CANCELLED] = "cancelled",
	};

	assert(kind < WEBHOOK_KINDS);
	return names[kind];
}

/* --- parsers shared with hooks ----------------------------------------------------------- */

bool webhook_url_host(struct str url, struct str *out)
{
	static const struct str schemes[] = { STR("https://"), STR("http://") };

	for (size_t i = 0; i < COUNT(schemes); i++) {
		struct str rest;
		size_t n = 0;

		if (!str_startsi(url, schemes[i]))
			continue;
		rest = str_sub(url, schemes[i].n, url.n);
		while (n < rest.n && rest.p[n] != '/' && rest.p[n] != '?' && rest.p[n] != '#')
			n++;
		*out = str_sub(rest, 0, n);
		return n != 0 && str_find_byte(*out, '@') < 0;
	}
	return false;
}

enum err webhook_secret_parse(const struct rule *r, struct arena *a, struct str *out,
                              struct why *why)
{
	static const struct str prefix = STR("whsec_");
	struct str text;
	struct buf b;
	bool ok = true;

	if (!rule_get(r, STR("secret"), &text))
		return OK;
	buf_init(&b, SECRET_MAX);
	if (str_starts(text, prefix))
		ok = base64_parse(str_sub(text, prefix.n, text.n), &b);
	else
		buf_put(&b, text);
	ok = ok && buf_ok(&b) && b.n >= SECRET_MIN;
	if (ok)
		*out = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return ok ? OK
	          : rule_fail(r, why, "secret is whsec_ and base64, or text, of %d to %d bytes",
	                      SECRET_MIN, SECRET_MAX);
}

/* --- rules ---------------------------------------------------------------------------------- */

static bool kind_parse(struct str name, unsigned *bit)
{
	for (unsigned i = 0; i < WEBHOOK_KINDS; i++)
		if (str_eqi(name, str_of(webhook_kind_name((enum webhook_kind)i)))) {
			*bit = BIT(i);
			return true;
		}
	return false;
}

static bool events_parse(struct str list, unsigned *out)
{
	struct cur c = cur_of(list);
	struct str name;
	unsigned bit;
	bool more = true;

	*out = 0;
	while (more) {
		more = cur_until(&c, ',', &name) && cur_byte(&c, ',');
		if (!kind_parse(str_trim(more ? name : cur_rest(&c)), &bit))
			return false;
		*out |= bit;
	}
	return true;
}

static enum err webhook_rule_read(const struct rule *r, struct arena *a, struct webhook_rule *out,
                          struct why *why)
{
	static const struct rule_key keys[] = {
		{ "", false },       { "name", false }, { "secret", false },
		{ "events", false }, { "from", false }, { "tag", false },
	};
	struct str text;
	enum err e = rule_check(r, keys, COUNT(keys), why);

	if (e)
		return e;
	*out = (struct webhook_rule){ .events = BIT(WEBHOOK_DELIVERED) | BIT(WEBHOOK_BOUNCED) };
	if (!rule_get(r, STR(""), &out->url) || !webhook_url_host(out->url, &out->name))
		return rule_fail(r, why, "a webhook is at https://HOST/PATH, the first word");
	if (rule_get(r, STR("name"), &text) && text.n != 0)
		out->name = text;
	if (rule_get(r, STR("events"), &text) && !events_parse(text, &out->events))
		return rule_fail(r, why,
		                 "events is a comma list of delivered, delayed, bounced "
		                 "and cancelled");
	if (rule_get(r, STR("from"), &text) && !rule_domains(a, text, &out->from))
		return rule_fail(r, why, RULE_DOMAINS);
	(void)rule_get(r, STR("tag"), &out->tag);
	return webhook_secret_parse(r, a, &out->secret, why);
}

enum err webhook_rules_parse(struct str text, struct arena *a, struct webhook_rules *out,
                             struct why *why)
{
	struct rules rules;
	enum err e = rules_parse(text, a, &rules, why);

	if (e)
		return e;
	if (rules.count > LIMIT_webhooks)
		return fail(why, ERR_SYNTAX, "at most %d webhooks", LIMIT_webhooks);
	out->items = arena_array(a, struct webhook_rule, rules.count);
	out->count = rules.count;
	for (size_t i = 0; e == OK && i < rules.count; i++) {
		e = webhook_rule_read(&rules.items[i], a, &out->items[i], why);
		/* An endpoint is its URL: with two, it is not known which one's secret signs. */
		for (size_t j = 0; e == OK && j < i; j++)
			if (str_eq(out->items[i].url, out->items[j].url))
				e = rule_fail(&rules.items[i], why, "this URL is in another line");
	}
	return e;
}

enum err webhooks_check(struct str text, struct why *why)
{
	struct webhook_rules rules;
	struct arena a;
	enum err e;

	arena_init(&a, true); /* it has secrets */
	e = webhook_rules_parse(text, &a, &rules, why);
	arena_deinit(&a);
	return e ? fail_about(why, e, "ROOST_WEBHOOKS") : OK;
}

bool webhook_rule_wants(const struct webhook_rule *r, enum webhook_kind kind, struct str from,
                        struct str tag)
{
	return (r->events & BIT(kind)) && (r->from.n == 0 || rule_fits(r->from, from)) &&
	       (r->tag.n == 0 || rule_fits(r->tag, tag));
}
