/* flow/filtering/rules.c: reading and writing of the settings; see rules.h. The script is made in
 * rules_sieve.c. */
#include "flow/filtering/rules.h"

#include "flow/filtering/sieve_text.h"
#include "formats/message/mailaddr.h"
#include "foundation/config/limits.h"
#include "foundation/text/regex.h"
#include "model/mailbox/keywords.h"
#include "model/mailbox/name.h"

#include <stdio.h>
#include <string.h>

static const char *const fields[RULE_FIELDS] = {
	[RULE_FROM] = "from",       [RULE_TO] = "to",         [RULE_TO_CC] = "to_or_cc",
	[RULE_SUBJECT] = "subject", [RULE_HEADER] = "header", [RULE_BODY] = "body",
	[RULE_LIST] = "list_id",    [RULE_SIZE] = "size",     [RULE_ATTACHMENT] = "attachment",
	[RULE_SPAM] = "spam",
};

static const char *const operators[RULE_OPERATORS] = {
	[RULE_CONTAINS] = "contains", [RULE_IS] = "is",           [RULE_STARTS] = "starts_with",
	[RULE_ENDS] = "ends_with",    [RULE_MATCHES] = "matches", [RULE_REGEX] = "regex",
	[RULE_OVER] = "over",         [RULE_UNDER] = "under",
};

static const char *const verbs[RULE_VERBS] = {
	[RULE_MOVE] = "move",     [RULE_COPY] = "copy",       [RULE_READ] = "mark_read",
	[RULE_FLAG] = "flag",     [RULE_KEYWORD] = "keyword", [RULE_FORWARD] = "forward",
	[RULE_REJECT] = "reject", [RULE_DISCARD] = "discard", [RULE_STOP] = "stop",
};

/* The value being read, and its place for errors: "rules[2].conditions[0]." */
struct reading {
	struct arena *a;
	struct why *why;
	char at[80];
};

/* The number of a word; n after an error. */
static unsigned word_read(struct reading *r, struct json of, const char *name,
                          const char *const *words, unsigned n)
{
	struct str text;
	unsigned i = 0;

	if (!sieve_text_member(of, r->at, name, RULE_VALUE_MAX, false, &text, r->why))
		return n;
	while (i < n && !str_eq(text, str_of(words[i])))
		i++;
	if (i == n)
		(void)fail(r->why, ERR_SYNTAX, "%s%s: \"%.*s\" is not known", r->at, name,
		           STR_ARG(str_sub(text, 0, 80)));
	return i;
}

static bool member_wrong(struct reading *r, const char *name, const char *what)
{
	return fail(r->why, ERR_SYNTAX, "%s%s %s", r->at, name, what) == OK;
}

/* --- conditions --------------------------------------------------------------------------- */

static bool is_bare(enum rule_field field)
{
	return field == RULE_ATTACHMENT || field == RULE_SPAM;
}

/* ftext (RFC 5322 3.6.8) */
static bool header_name_ok(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] <= ' ' || name.p[i] == ':' || (unsigned char)name.p[i] >= 0x7f)
			return false;
	return name.n != 0;
}

/* number (RFC 5228 8.1): 9 digits and a quantifier stay far below 2^63. */
static bool size_ok(struct str value)
{
	struct cur c = cur_of(value);
	uint32_t n;

	if (value.n > 10 || !cur_u32(&c, &n))
		return false;
	return cur_done(&c) || ((cur_byte(&c, 'K') || cur_byte(&c, 'M') || cur_byte(&c, 'G')) &&
	                        cur_done(&c) && n < 1u << 20);
}

static bool regex_ok(struct reading *r, struct str value)
{
	struct why reason = { "" };
	struct regex *regex = regex_new(value, 0, &reason);
	bool ok = regex != NULL;

	regex_free(&regex);
	return ok || fail(r->why, ERR_SYNTAX, "%svalue is not a regular expression: %s", r->at,
	                  reason.text) == OK;
}

static bool value_ok(struct reading *r, const struct rule_condition *c)
{
	bool size = c->field == RULE_SIZE;

	if (size != (c->op == RULE_OVER || c->op == RULE_UNDER))
		return member_wrong(
			r, "op", size ? "must be over or under for a size" : "is for a size only");
	if (size)
		return size_ok(c->value) ||
		       member_wrong(r, "value", "must be a size in bytes, for example 500K or 5M");
	if (c->value.n == 0)
		return member_wrong(r, "value", "is empty");
	return c->op != RULE_REGEX || regex_ok(r, c->value);
}

static bool condition_read(struct reading *r, struct json v, struct rule_condition *c)
{
	*c = (struct rule_condition){ 0 };
	c->field = (enum rule_field)word_read(r, v, "field", fields, RULE_FIELDS);
	if (c->field == RULE_FIELDS || !sieve_text_flag(v, r->at, "not", &c->negate, r->why))
		return false;
	if (is_bare(c->field))
		return true;
	c->op = (enum rule_operator)word_read(r, v, "op", operators, RULE_OPERATORS);
	if (c->op == RULE_OPERATORS ||
	    !sieve_text_member(v, r->at, "value", RULE_VALUE_MAX, false, &c->value, r->why))
		return false;
	if (c->field != RULE_HEADER)
		return value_ok(r, c);
	if (!sieve_text_member(v, r->at, "header", 100, false, &c->header, r->why))
		return false;
	return header_name_ok(c->header)
	               ? value_ok(r, c)
	               : member_wrong(r, "header", "must be the name of a header field");
}

/* --- actions ------------------------------------------------------------------------------ */

/* atom (RFC 9051 9), and no system flag */
static bool keyword_ok(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] <= ' ' || (unsigned char)name.p[i] >= 0x7f ||
		    strchr("(){%*\"\\]", name.p[i]) != NULL)
			return false;
	return name.n != 0 && name.n <= KEYWORD_MAX;
}

static bool address_read(struct reading *r, const char *name, struct str *address)
{
	struct mailaddr parsed;

	if (!mailaddr_of(str_trim(*address), r->a, MAILADDR_UTF8, &parsed))
		return member_wrong(r, name, "must be a mail address");
	*address = mailaddr_text(r->a, &parsed);
	return true;
}

static bool action_check(struct reading *r, struct rule_action *x)
{
	struct why reason = { "" };

	switch (x->verb) {
	case RULE_MOVE:
	case RULE_COPY:
		return name_check(x->value, LIMIT_mailbox_name, &reason) == OK ||
		       member_wrong(r, "value", "must be the name of a mailbox");
	case RULE_KEYWORD:
		return keyword_ok(x->value) ||
		       member_wrong(r, "value", "must be a keyword: letters, digits, no spaces");
	case RULE_FORWARD:
		return address_read(r, "value", &x->value);
	case RULE_REJECT:
		return x->value.n != 0 ||
		       member_wrong(r, "value", "must be the text for the sender");
	default:
		return x->value.n == 0 || member_wrong(r, "value", "is not for this action");
	}
}

static bool action_read(struct reading *r, struct json v, struct rule_action *x)
{
	*x = (struct rule_action){ 0 };
	x->verb = (enum rule_verb)word_read(r, v, "action", verbs, RULE_VERBS);
	return x->verb != RULE_VERBS && sieve_text_flag(v, r->at, "copy", &x->copy, r->why) &&
	       sieve_text_member(v, r->at, "value",
	                         x->verb == RULE_REJECT ? RULE_REJECT_MAX : RULE_VALUE_MAX,
	                         x->verb == RULE_REJECT, &x->value, r->why) &&
	       action_check(r, x);
}

static bool ends_alone(enum rule_verb verb)
{
	return verb == RULE_REJECT || verb == RULE_STOP || verb == RULE_READ || verb == RULE_FLAG ||
	       verb == RULE_KEYWORD;
}

/* RFC 5429 2.3 */
static bool actions_fit(struct reading *r, const struct rule *rule)
{
	size_t rejects = 0, stores = 0;

	for (size_t i = 0; i < rule->actions_n; i++) {
		rejects += rule->actions[i].verb == RULE_REJECT;
		stores += !ends_alone(rule->actions[i].verb);
	}
	return rejects == 0 || (rejects == 1 && stores == 0) ||
	       member_wrong(r, "actions",
	                    "must not have others that store or send mail next to reject");
}

/* --- rules -------------------------------------------------------------------------------- */

/* The length of a list; false: it is none, or too long. */
static bool list_read(struct reading *r, struct json list, const char *name, size_t max, size_t *n)
{
	if (json_kind(list) != JSON_ARRAY && json_kind(list) != JSON_MISSING &&
	    json_kind(list) != JSON_NULL)
		return member_wrong(r, name, "must be a list");
	*n = json_count(list);
	return *n <= max ||
	       fail(r->why, ERR_LIMIT, "%s%s has more than %zu items", r->at, name, max) == OK;
}

static bool rule_head_read(struct reading *r, struct json v, struct rule *rule)
{
	static const char *const matches[] = { "all", "any" };
	unsigned match = word_read(r, v, "match", matches, 2);

	rule->any = match == 1;
	if (match == 2 || !sieve_text_flag(v, r->at, "on", &rule->on, r->why) ||
	    !sieve_text_member(v, r->at, "name", RULE_NAME_MAX, false, &rule->name, r->why))
		return false;
	return rule->name.n != 0 || member_wrong(r, "name", "is empty");
}

static bool rule_read(struct reading *r, struct json v, size_t number, struct rule *rule)
{
	struct json conditions = json_get(v, "conditions"), actions = json_get(v, "actions");
	struct json_iter it;
	size_t n;

	(void)snprintf(r->at, sizeof r->at, "rules[%zu].", number);
	if (json_kind(v) != JSON_OBJECT)
		return member_wrong(r, "", "must be an object");
	if (!rule_head_read(r, v, rule) ||
	    !list_read(r, conditions, "conditions", RULE_PARTS_MAX, &rule->conditions_n) ||
	    !list_read(r, actions, "actions", RULE_PARTS_MAX, &rule->actions_n))
		return false;
	if (rule->actions_n == 0)
		return member_wrong(r, "actions", "is empty");
	rule->conditions = arena_array(r->a, struct rule_condition, rule->conditions_n + 1);
	rule->actions = arena_array(r->a, struct rule_action, rule->actions_n);
	it = json_iter(conditions);
	for (n = 0; json_next(&it); n++) {
		(void)snprintf(r->at, sizeof r->at, "rules[%zu].conditions[%zu].", number, n);
		if (!condition_read(r, it.value, &rule->conditions[n]))
			return false;
	}
	it = json_iter(actions);
	for (n = 0; json_next(&it); n++) {
		(void)snprintf(r->at, sizeof r->at, "rules[%zu].actions[%zu].", number, n);
		if (!action_read(r, it.value, &rule->actions[n]))
			return false;
	}
	(void)snprintf(r->at, sizeof r->at, "rules[%zu].", number);
	return actions_fit(r, rule);
}

static bool forward_read(struct reading *r, struct json v, struct rules *out)
{
	(void)snprintf(r->at, sizeof r->at, "forward.");
	if (!sieve_text_flag(v, r->at, "on", &out->forward, r->why) ||
	    !sieve_text_flag(v, r->at, "copy", &out->forward_copy, r->why) ||
	    !sieve_text_member(v, r->at, "to", RULE_VALUE_MAX, false, &out->forward_to, r->why))
		return false;
	return (out->forward_to.n == 0 && !out->forward) || address_read(r, "to", &out->forward_to);
}

enum err rules_read(struct arena *a, struct json settings, struct rules *out, struct why *why)
{
	static const char *const places[] = { "", "junk", "discard" };
	struct reading r = { .a = a, .why = why };
	struct json list = json_get(settings, "rules");
	struct json_iter it = json_iter(list);
	unsigned place;

	*out = (struct rules){ 0 };
	if (json_kind(settings) != JSON_OBJECT)
		return fail(why, ERR_SYNTAX, "the filters must be an object");
	if ((place = word_read(&r, settings, "blocked_to", places, 3)) == 3 ||
	    !list_read(&r, list, "rules", RULES_MAX, &out->n) ||
	    !sieve_text_senders(a, json_get(settings, "blocked"), "blocked", &out->blocked,
	                        &out->blocked_n, why) ||
	    !sieve_text_senders(a, json_get(settings, "allowed"), "allowed", &out->allowed,
	                        &out->allowed_n, why) ||
	    !forward_read(&r, json_get(settings, "forward"), out))
		return ERR_SYNTAX;
	out->discard = place == 2;
	out->items = arena_array(a, struct rule, out->n + 1);
	for (size_t i = 0; json_next(&it); i++)
		if (!rule_read(&r, it.value, i, &out->items[i]))
			return ERR_SYNTAX;
	return OK;
}

/* --- writing ------------------------------------------------------------------------------ */

static void condition_put(struct json_writer *w, const struct rule_condition *c)
{
	json_open(w, NULL, '{');
	json_put_str(w, "field", str_of(fields[c->field]));
	if (c->field == RULE_HEADER)
		json_put_str(w, "header", c->header);
	if (!is_bare(c->field)) {
		json_put_str(w, "op", str_of(operators[c->op]));
		json_put_str(w, "value", c->value);
	}
	json_put_bool(w, "not", c->negate);
	json_close(w);
}

static void action_put(struct json_writer *w, const struct rule_action *x)
{
	json_open(w, NULL, '{');
	json_put_str(w, "action", str_of(verbs[x->verb]));
	if (x->value.n != 0)
		json_put_str(w, "value", x->value);
	if (x->verb == RULE_FORWARD)
		json_put_bool(w, "copy", x->copy);
	json_close(w);
}

static void rule_put(struct json_writer *w, const struct rule *r)
{
	json_open(w, NULL, '{');
	json_put_str(w, "name", r->name);
	json_put_bool(w, "on", r->on);
	json_put_str(w, "match", r->any ? STR("any") : STR("all"));
	json_open(w, "conditions", '[');
	for (size_t i = 0; i < r->conditions_n; i++)
		condition_put(w, &r->conditions[i]);
	json_close(w);
	json_open(w, "actions", '[');
	for (size_t i = 0; i < r->actions_n; i++)
		action_put(w, &r->actions[i]);
	json_close(w);
	json_close(w);
}

static void senders_put(struct json_writer *w, const char *name, const struct str *list, size_t n)
{
	json_open(w, name, '[');
	for (size_t i = 0; i < n; i++)
		json_put_str(w, NULL, list[i]);
	json_close(w);
}

void rules_put(struct json_writer *w, const char *name, const struct rules *r)
{
	json_open(w, name, '{');
	json_open(w, "rules", '[');
	for (size_t i = 0; i < r->n; i++)
		rule_put(w, &r->items[i]);
	json_close(w);
	json_open(w, "forward", '{');
	json_put_bool(w, "on", r->forward);
	json_put_str(w, "to", r->forward_to);
	json_put_bool(w, "copy", r->forward_copy);
	json_close(w);
	senders_put(w, "blocked", r->blocked, r->blocked_n);
	json_put_str(w, "blocked_to", r->discard ? STR("discard") : STR("junk"));
	senders_put(w, "allowed", r->allowed, r->allowed_n);
	json_close(w);
}
