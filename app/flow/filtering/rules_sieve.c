/* flow/filtering/rules_sieve.c: from rules to a Sieve script; see rules.h.
 *
 * Two variables, only where they are needed: "inbox" is 1 for mail of an allowed sender that no
 * rule has moved; "handled" is 1 once a rule has stored or sent the message. */
#include "flow/filtering/rules.h"
#include "flow/filtering/sieve_text.h"

struct script {
	struct sieve_text text;
	bool inbox, handled; /* the variables are used */
};

static bool has_reject(const struct rules *r)
{
	for (size_t i = 0; i < r->n; i++)
		for (size_t n = 0; r->items[i].on && n < r->items[i].actions_n; n++)
			if (r->items[i].actions[n].verb == RULE_REJECT)
				return true;
	return false;
}

/* --- tests -------------------------------------------------------------------------------- */

static bool is_ascii(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

/* ":contains " and so on. Letters outside of ASCII match in either case. */
static void put_match(struct sieve_text *x, const struct rule_condition *c, const char *match)
{
	buf_fmt(&x->body, " %s", match);
	if (c->op == RULE_REGEX)
		sieve_text_need(x, "regex");
	if (c->op != RULE_REGEX && !is_ascii(c->value)) {
		sieve_text_need(x, "comparator-i;unicode-casemap");
		sieve_text_raw(x, " :comparator \"i;unicode-casemap\"");
	}
}

static const char *const matches[RULE_OPERATORS] = {
	[RULE_CONTAINS] = ":contains", [RULE_IS] = ":is",           [RULE_STARTS] = ":matches",
	[RULE_ENDS] = ":matches",      [RULE_MATCHES] = ":matches", [RULE_REGEX] = ":regex",
};

static void put_key(struct sieve_text *x, const struct rule_condition *c)
{
	sieve_text_raw(x, " ");
	if (c->op == RULE_STARTS)
		sieve_text_pattern(x, "", c->value, "*");
	else if (c->op == RULE_ENDS)
		sieve_text_pattern(x, "*", c->value, "");
	else
		sieve_text_string(x, c->value);
}

/* Part of a name is looked for in the whole field, anything else in the address. */
static void put_address(struct sieve_text *x, const struct rule_condition *c, const char *names)
{
	bool whole = c->op == RULE_CONTAINS;

	sieve_text_raw(x, whole ? "header" : "address :all");
	put_match(x, c, matches[c->op]);
	buf_fmt(&x->body, " %s", names);
	put_key(x, c);
}

static void put_header(struct sieve_text *x, const struct rule_condition *c, struct str name)
{
	sieve_text_raw(x, "header");
	put_match(x, c, matches[c->op]);
	sieve_text_raw(x, " ");
	sieve_text_string(x, name);
	put_key(x, c);
}

/* List-Id is a phrase and <id>, or the id alone. */
static void put_list(struct sieve_text *x, const struct rule_condition *c)
{
	static const struct {
		const char *before, *after, *bare_before, *bare_after;
	} patterns[RULE_OPERATORS] = {
		[RULE_IS] = { "*<", ">*", "", "" },
		[RULE_STARTS] = { "*<", "*", "", "*" },
		[RULE_ENDS] = { "*", ">*", "*", "" },
	};

	if (patterns[c->op].before == NULL) {
		put_header(x, c, STR("list-id"));
		return;
	}
	sieve_text_raw(x, "header");
	put_match(x, c, ":matches");
	sieve_text_raw(x, " \"list-id\" [");
	sieve_text_pattern(x, patterns[c->op].before, c->value, patterns[c->op].after);
	sieve_text_raw(x, ", ");
	sieve_text_pattern(x, patterns[c->op].bare_before, c->value, patterns[c->op].bare_after);
	sieve_text_raw(x, "]");
}

static void put_body(struct sieve_text *x, const struct rule_condition *c)
{
	sieve_text_need(x, "body");
	sieve_text_raw(x, "body :text");
	put_match(x, c, matches[c->op]);
	put_key(x, c);
}

static void put_spam(struct sieve_text *x)
{
	sieve_text_need(x, "spamtestplus");
	sieve_text_need(x, "relational");
	sieve_text_need(x, "comparator-i;ascii-numeric");
	sieve_text_raw(x, "spamtest :percent :value \"ge\" "
	                  ":comparator \"i;ascii-numeric\" \"100\"");
}

static void put_condition(struct sieve_text *x, const struct rule_condition *c)
{
	sieve_text_raw(x, c->negate ? "not " : "");
	switch (c->field) {
	case RULE_FROM:
		put_address(x, c, "\"from\"");
		break;
	case RULE_TO:
		put_address(x, c, "\"to\"");
		break;
	case RULE_TO_CC:
		put_address(x, c, "[\"to\", \"cc\"]");
		break;
	case RULE_SUBJECT:
		put_header(x, c, STR("subject"));
		break;
	case RULE_HEADER:
		put_header(x, c, c->header);
		break;
	case RULE_BODY:
		put_body(x, c);
		break;
	case RULE_LIST:
		put_list(x, c);
		break;
	case RULE_SIZE:
		buf_fmt(&x->body, "size %s %.*s", c->op == RULE_OVER ? ":over" : ":under",
		        STR_ARG(c->value));
		break;
	case RULE_ATTACHMENT:
		sieve_text_need(x, "mime");
		sieve_text_raw(x, "header :mime :anychild :contains "
		                  "\"content-disposition\" \"attachment\"");
		break;
	default:
		put_spam(x);
	}
}

static void put_conditions(struct sieve_text *x, const struct rule *r)
{
	sieve_text_raw(x, "if ");
	if (r->conditions_n == 0)
		sieve_text_raw(x, "true");
	else if (r->conditions_n > 1)
		sieve_text_raw(x, r->any ? "anyof (" : "allof (");
	for (size_t i = 0; i < r->conditions_n; i++) {
		sieve_text_raw(x, i != 0 ? ",\r\n\t" : "");
		put_condition(x, &r->conditions[i]);
	}
	sieve_text_raw(x, r->conditions_n > 1 ? ") {\r\n" : " {\r\n");
}

/* --- actions ------------------------------------------------------------------------------ */

static void put_set(struct script *s, bool used, const char *line)
{
	if (used)
		sieve_text_raw(&s->text, line);
}

/* Actions before the script stops, and at its end. */
static void put_inbox(struct script *s, const char *indent)
{
	if (!s->inbox)
		return;
	sieve_text_need(&s->text, "fileinto");
	buf_fmt(&s->text.body,
	        "%sif string :is \"${inbox}\" \"1\" {\r\n%s\tfileinto \"INBOX\";\r\n%s}\r\n",
	        indent, indent, indent);
}

static void put_fileinto(struct script *s, const struct rule_action *a)
{
	struct sieve_text *x = &s->text;

	sieve_text_need(x, "fileinto");
	sieve_text_need(x, "mailbox");
	if (a->verb == RULE_COPY)
		sieve_text_need(x, "copy");
	sieve_text_raw(x,
	               a->verb == RULE_COPY ? "\tfileinto :copy :create " : "\tfileinto :create ");
	sieve_text_string(x, a->value);
	sieve_text_raw(x, ";\r\n");
	put_set(s, s->handled, "\tset \"handled\" \"1\";\r\n");
	put_set(s, s->inbox && a->verb == RULE_MOVE, "\tset \"inbox\" \"0\";\r\n");
}

static void put_redirect(struct script *s, const char *indent, struct str to, bool copy)
{
	struct sieve_text *x = &s->text;

	if (copy)
		sieve_text_need(x, "copy");
	buf_fmt(&x->body, copy ? "%sredirect :copy " : "%sredirect ", indent);
	sieve_text_string(x, to);
	sieve_text_raw(x, ";\r\n");
}

static void put_forward(struct script *s, const struct rule_action *a)
{
	put_redirect(s, "\t", a->value, a->copy);
	put_set(s, s->handled, "\tset \"handled\" \"1\";\r\n");
	put_set(s, s->inbox && !a->copy, "\tset \"inbox\" \"0\";\r\n");
}

static void put_flag(struct script *s, struct str flag)
{
	sieve_text_need(&s->text, "imap4flags");
	sieve_text_raw(&s->text, "\taddflag ");
	sieve_text_string(&s->text, flag);
	sieve_text_raw(&s->text, ";\r\n");
}

static void put_reject(struct script *s, struct str text)
{
	sieve_text_need(&s->text, "reject");
	sieve_text_raw(&s->text, "\tif not string :is \"${handled}\" \"1\" {\r\nreject ");
	sieve_text_lines(&s->text, text);
	sieve_text_raw(&s->text, ";\r\n\tstop;\r\n\t}\r\n");
}

static void put_action(struct script *s, const struct rule_action *a)
{
	switch (a->verb) {
	case RULE_MOVE:
	case RULE_COPY:
		put_fileinto(s, a);
		break;
	case RULE_READ:
		put_flag(s, STR("\\Seen"));
		break;
	case RULE_FLAG:
		put_flag(s, STR("\\Flagged"));
		break;
	case RULE_KEYWORD:
		put_flag(s, a->value);
		break;
	case RULE_FORWARD:
		put_forward(s, a);
		break;
	case RULE_REJECT:
		put_reject(s, a->value);
		break;
	case RULE_DISCARD:
		sieve_text_raw(&s->text, "\tdiscard;\r\n\tstop;\r\n");
		break;
	default:
		put_inbox(s, "\t");
		sieve_text_raw(&s->text, "\tstop;\r\n");
	}
}

/* Flags before the actions that use them; then what ends the rule. */
static unsigned stage_of(enum rule_verb verb)
{
	return verb == RULE_READ || verb == RULE_FLAG || verb == RULE_KEYWORD ? 0
	       : verb == RULE_REJECT || verb == RULE_DISCARD                  ? 2
	       : verb == RULE_STOP                                            ? 3
	                                                                      : 1;
}

static void put_rule(struct script *s, const struct rule *r)
{
	sieve_text_comment(&s->text, "Rule: ", r->name);
	put_conditions(&s->text, r);
	for (unsigned stage = 0; stage < 4; stage++)
		for (size_t i = 0; i < r->actions_n; i++)
			if (stage_of(r->actions[i].verb) == stage)
				put_action(s, &r->actions[i]);
	sieve_text_raw(&s->text, "}\r\n");
}

/* --- the whole ---------------------------------------------------------------------------- */

static void put_blocked(struct script *s, const struct rules *r)
{
	struct sieve_text *x = &s->text;

	sieve_text_comment(x, "Blocked senders", STR_EMPTY);
	sieve_text_raw(x, "if ");
	sieve_text_from(x, r->blocked, r->blocked_n);
	if (r->discard) {
		sieve_text_raw(x, " {\r\n\tdiscard;\r\n");
	} else {
		sieve_text_need(x, "fileinto");
		sieve_text_need(x, "special-use");
		sieve_text_raw(x, " {\r\n\tfileinto :specialuse \"\\\\Junk\" \"Junk\";\r\n");
	}
	sieve_text_raw(x, "\tstop;\r\n}\r\n");
}

static void put_allowed(struct script *s, const struct rules *r)
{
	sieve_text_comment(&s->text, "Allowed senders", STR_EMPTY);
	sieve_text_raw(&s->text, "if ");
	sieve_text_from(&s->text, r->allowed, r->allowed_n);
	sieve_text_raw(&s->text, " {\r\n\tset \"inbox\" \"1\";\r\n}\r\n");
}

static void put_forward_all(struct script *s, const struct rules *r)
{
	struct sieve_text *x = &s->text;

	sieve_text_comment(x, "Forwarding", STR_EMPTY);
	sieve_text_raw(x, s->inbox ? "if anyof (string :is \"${inbox}\" \"1\", not " : "if not ");
	put_spam(x);
	sieve_text_raw(x, s->inbox ? ") {\r\n" : " {\r\n");
	put_redirect(s, "\t", r->forward_to, r->forward_copy);
	put_set(s, s->handled, "\tset \"handled\" \"1\";\r\n");
	sieve_text_raw(x, r->forward_copy ? "}\r\n" : "\tstop;\r\n}\r\n");
}

void rules_sieve(const struct rules *r, struct buf *out)
{
	struct script s = { .inbox = r->allowed_n != 0, .handled = has_reject(r) };

	sieve_text_init(&s.text, s.inbox || s.handled);
	if (r->blocked_n != 0)
		put_blocked(&s, r);
	if (r->allowed_n != 0)
		put_allowed(&s, r);
	if (r->forward)
		put_forward_all(&s, r);
	for (size_t i = 0; i < r->n; i++)
		if (r->items[i].on)
			put_rule(&s, &r->items[i]);
	put_inbox(&s, "");
	sieve_text_end(&s.text, out);
}
