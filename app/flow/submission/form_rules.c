/* flow/submission/form_rules.c: see form_rules.h. */
#include "flow/submission/form_rules.h"

#include "foundation/base/cur.h"
#include "foundation/config/limits.h"
#include "foundation/config/rules.h"

enum { NAME_BYTES = 40, SUBJECT_BYTES = 200, FIELD_BYTES = 100 };

static bool is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_alnum(s.p[i]) && s.p[i] != '-' && s.p[i] != '_')
			return false;
	return s.n != 0 && s.n <= NAME_BYTES;
}

static bool is_line(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return false;
	return true;
}

/* "https://host:port", without a path. */
static bool is_origin(struct str s)
{
	struct cur c = cur_of(s);

	return (cur_str(&c, STR("https://")) || cur_str(&c, STR("http://"))) && !cur_done(&c) &&
	       str_find_byte(cur_rest(&c), '/') < 0 && is_line(s);
}

static struct str origin_next(struct cur *c)
{
	struct str one;

	if (!cur_until(c, ',', &one))
		cur_take(c, cur_left(c), &one);
	cur_byte(c, ',');
	return str_trim(one);
}

static bool are_origins(struct str list)
{
	struct cur c = cur_of(list);

	while (!cur_done(&c))
		if (!is_origin(origin_next(&c)))
			return false;
	return true;
}

/* Where the answer sends a browser: a URL that can stand in a header field. */
static bool is_url(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f)
			return false;
	return str_starts(s, STR("https://")) || str_starts(s, STR("http://"));
}

static enum err addresses_read(const struct rule *r, struct arena *a, struct form_rule *out,
                               struct why *why)
{
	struct str text;

	if (!rule_get(r, STR("to"), &text) || !mailaddr_of(text, a, MAILADDR_UTF8, &out->to))
		return rule_fail(r, why, "to is the address of a mailbox here");
	out->from = (struct mailaddr){ STR("postmaster"), out->to.domain };
	if (rule_get(r, STR("from"), &text) && !mailaddr_of(text, a, MAILADDR_UTF8, &out->from))
		return rule_fail(r, why, "from is an address of a domain here");
	return OK;
}

static enum err rule_read(const struct rule *r, struct arena *a, struct form_rule *out,
                          struct why *why)
{
	static const struct rule_key keys[] = {
		{ "name", false },   { "to", false },      { "from", false },
		{ "origin", false }, { "subject", false }, { "redirect", false },
		{ "reply", false },  { "trap", false },
	};
	enum err e = rule_check(r, keys, COUNT(keys), why);

	*out = (struct form_rule){ .subject = STR("A message from the web site"),
		                   .reply = STR("email"),
		                   .trap = STR("website") };
	if (e)
		return e;
	if (!rule_get(r, STR("name"), &out->name) || !is_name(out->name))
		return rule_fail(r, why, "name is letters, digits, - and _, at most %d",
		                 NAME_BYTES);
	if ((e = addresses_read(r, a, out, why)))
		return e;
	(void)rule_get(r, STR("origin"), &out->origins);
	(void)rule_get(r, STR("subject"), &out->subject);
	(void)rule_get(r, STR("redirect"), &out->redirect);
	(void)rule_get(r, STR("reply"), &out->reply);
	(void)rule_get(r, STR("trap"), &out->trap);
	if (!are_origins(out->origins))
		return rule_fail(r, why, "origin is a comma list like https://www.example.org");
	if (out->redirect.n != 0 && !is_url(out->redirect))
		return rule_fail(r, why, "redirect is a URL like https://www.example.org/thanks");
	if (out->subject.n > SUBJECT_BYTES || !is_line(out->subject))
		return rule_fail(r, why, "subject is one line of at most %d bytes", SUBJECT_BYTES);
	return out->reply.n <= FIELD_BYTES && out->trap.n <= FIELD_BYTES
	               ? OK
	               : rule_fail(r, why, "reply and trap are names of fields");
}

enum err form_rules_parse(struct str text, struct arena *a, struct form_rules *out, struct why *why)
{
	struct rules rules;
	enum err e = rules_parse(text, a, &rules, why);

	*out = (struct form_rules){ .count = 0 };
	if (e)
		return e;
	if (rules.count > LIMIT_forms)
		return fail(why, ERR_SYNTAX, "at most %d forms", LIMIT_forms);
	out->items = arena_array(a, struct form_rule, rules.count);
	for (size_t i = 0; i < rules.count; i++) {
		if ((e = rule_read(&rules.items[i], a, &out->items[i], why)))
			return e;
		if (form_rule_find(out, out->items[i].name) != NULL)
			return rule_fail(&rules.items[i], why,
			                 "there is a form of this name above");
		out->count++;
	}
	return OK;
}

enum err forms_check(struct str text, struct why *why)
{
	struct form_rules rules;
	struct arena a = { 0 };
	enum err e = form_rules_parse(text, &a, &rules, why);

	arena_deinit(&a);
	return e ? fail_about(why, e, "ROOST_FORMS") : OK;
}

const struct form_rule *form_rule_find(const struct form_rules *rules, struct str name)
{
	for (size_t i = 0; i < rules->count; i++)
		if (str_eqi(rules->items[i].name, name))
			return &rules->items[i];
	return NULL;
}

/* RFC 6454 6.2: scheme and host are in lower case where a browser writes them. */
bool form_origin_ok(const struct form_rule *r, struct str origin, struct str own)
{
	struct cur c = cur_of(r->origins);

	if (str_eqi(origin, own))
		return true;
	while (!cur_done(&c))
		if (str_eqi(origin_next(&c), origin))
			return true;
	return false;
}
