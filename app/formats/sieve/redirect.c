/* formats/sieve/redirect.c: redirect (RFC 5228 4.2) with its DSN and Deliver-By options (RFC 6009)
 * and lists (RFC 6134 2.3). */
#include "formats/message/mailaddr.h"
#include "formats/sieve/parser.h"
#include "formats/sieve/run.h"

#include "foundation/text/date.h"

/* sieve-address = addr-spec / phrase "<" addr-spec ">" (RFC 5228 2.4.2.3): the addr-spec */
static bool address_take(struct arena *a, struct str s, struct mailaddr *out)
{
	ptrdiff_t open = str_rfind_byte(s, '<');

	s = str_trim(s);
	if (open >= 0 && str_ends(s, STR(">")))
		s = str_sub(s, (size_t)open + 1, s.n - 1);
	return mailaddr_of(s, a, MAILADDR_UTF8 | MAILADDR_LITERAL, out);
}

/* "NEVER", or a list of the others (RFC 3461 4.1). */
static bool notify_valid(struct str s)
{
	struct cur c = cur_of(s);
	struct str item;

	if (str_eqi(s, STR("NEVER")))
		return true;
	while (cur_listed(&c, &item))
		if (!str_eqi(item, STR("SUCCESS")) && !str_eqi(item, STR("FAILURE")) &&
		    !str_eqi(item, STR("DELAY")))
			return false;
	return s.n != 0 && s.p[0] != ',';
}

static bool ret_valid(struct str s)
{
	return str_eqi(s, STR("FULL")) || str_eqi(s, STR("HDRS"));
}

static bool mode_valid(struct str s)
{
	return str_eqi(s, STR("notify")) || str_eqi(s, STR("return"));
}

/* Also with an offset as "+0100", which the example of RFC 6009 7.2 makes. */
static bool time_parse(struct arena *a, struct str s, int64_t *time_ms)
{
	struct cur c = cur_of(s);

	if (s.n > 5 && str_find_byte(str_sub(s, s.n - 5, s.n), ':') < 0 && !str_ends(s, STR("Z")))
		c = cur_of(str_fmt(a, "%.*s:%.*s", STR_ARG(str_sub(s, 0, s.n - 2)),
		                   STR_ARG(str_sub(s, s.n - 2, s.n))));
	return date_parse_iso(&c, time_ms) && cur_done(&c);
}

/* The option in upper case, or an error. */
static bool option_get(struct sieve_run *r, const struct sieve_op *op, enum sieve_arg arg,
                       bool (*valid)(struct str), const char *name, struct str *out)
{
	struct str s = sieve_str(r, op, arg);
	char *upper;

	*out = STR_EMPTY;
	if (!sieve_has(op, arg))
		return true;
	if (!valid(s))
		return sieve_fail(r, "\"%.*s\" is no value of \":%s\"",
		                  STR_ARG(str_sub(s, 0, 80)), name);
	if ((upper = sieve_alloc(r, s.n)) == NULL)
		return false;
	for (size_t i = 0; i < s.n; i++)
		upper[i] = ascii_upper(s.p[i]);
	*out = str_from(upper, s.n);
	return true;
}

static bool options_give(struct sieve_run *r, const struct sieve_op *op,
                         struct sieve_action *action)
{
	struct str mode, time = sieve_str(r, op, ARG_BY_ABSOLUTE);
	uint64_t seconds = sieve_number(op, ARG_BY_RELATIVE, 0);

	if (!option_get(r, op, ARG_NOTIFY, notify_valid, "notify", &action->notify) ||
	    !option_get(r, op, ARG_RET, ret_valid, "ret", &action->ret) ||
	    !option_get(r, op, ARG_BY_MODE, mode_valid, "bymode", &mode))
		return false;
	if (sieve_has(op, ARG_BY_RELATIVE))
		action->by_ms =
			r->host->now_ms + (int64_t)MIN(seconds, (uint64_t)UINT32_MAX) * 1000;
	else if (sieve_has(op, ARG_BY_ABSOLUTE) && !time_parse(&r->scratch, time, &action->by_ms))
		return sieve_fail(r, "\"%.*s\" is not a time as \"2026-11-21T04:58:05Z\"",
		                  STR_ARG(str_sub(time, 0, 80)));
	action->by_notify = str_eq(mode, STR("NOTIFY"));
	action->by_trace = sieve_has(op, ARG_BY_TRACE);
	return true;
}

/* The address, or the list, in normal form. */
static bool target_get(struct sieve_run *r, const struct sieve_op *op, struct str *out)
{
	struct str text = sieve_str(r, op, ARG_1);
	const struct sieve_host *h = r->host;
	struct mailaddr address;
	bool known = false;

	*out = text;
	if (sieve_has(op, ARG_LIST)) {
		if (h->list_has != NULL)
			(void)h->list_has(h->arg, text, STR_EMPTY, &known);
		return known || sieve_fail(r, "There is no list \"%.*s\"",
		                           STR_ARG(str_sub(text, 0, 80)));
	}
	if (!address_take(&r->scratch, text, &address))
		return sieve_fail(r, "\"%.*s\" is not a mail address",
		                  STR_ARG(str_sub(text, 0, 80)));
	*out = mailaddr_text(&r->scratch, &address);
	return true;
}

bool sieve_act_redirect(struct sieve_run *r, const struct sieve_op *op)
{
	struct sieve_action *action;
	struct str target;

	if (!target_get(r, op, &target))
		return false;
	if (sieve_action_find(r, SIEVE_REDIRECT, target) == NULL &&
	    r->redirects++ == r->limits->redirects)
		return sieve_fail(r, "The script has more than %u redirects", r->limits->redirects);
	if ((action = sieve_action_for(r, op, SIEVE_REDIRECT, target)) == NULL)
		return false;
	action->list = sieve_has(op, ARG_LIST);
	if (r->enclosed) {
		action->edits = r->enclosed_edits;
		action->changes = r->enclosed_changes;
	}
	return options_give(r, op, action);
}

/* --- at compile time --------------------------------------------------------------------- */

static void option_check(struct sieve_parser *p, struct sieve_command *c, enum sieve_arg arg,
                         bool (*valid)(struct str), const char *name)
{
	const struct sieve_value *v = sieve_value_of(c, arg);

	if (v != NULL && sieve_constant(p, v, 0) && !valid(v->items[0]))
		sieve_report_value(p, v, "\"%.*s\" is no value of \":%s\"",
		                   STR_ARG(str_sub(v->items[0], 0, 80)), name);
}

static void by_check(struct sieve_parser *p, struct sieve_command *c)
{
	const struct sieve_value *relative = sieve_value_of(c, ARG_BY_RELATIVE);
	const struct sieve_value *absolute = sieve_value_of(c, ARG_BY_ABSOLUTE);
	int64_t time_ms;

	if (relative != NULL && absolute != NULL)
		sieve_report_value(p, absolute,
		                   "\":bytimerelative\" and \":bytimeabsolute\" exclude each "
		                   "other");
	if (relative == NULL && absolute == NULL &&
	    (sieve_value_of(c, ARG_BY_MODE) != NULL || sieve_value_of(c, ARG_BY_TRACE) != NULL))
		sieve_report(p, true, c->line, c->column,
		             "\":bymode\" and \":bytrace\" need \":bytimerelative\" or "
		             "\":bytimeabsolute\"");
	if (absolute != NULL && sieve_constant(p, absolute, 0) &&
	    !time_parse(&p->scratch, absolute->items[0], &time_ms))
		sieve_report_value(p, absolute,
		                   "\"%.*s\" is not a time as \"2026-11-21T04:58:05Z\"",
		                   STR_ARG(str_sub(absolute->items[0], 0, 80)));
}

void sieve_check_redirect(struct sieve_parser *p, struct sieve_command *c)
{
	const struct sieve_value *address = sieve_value_of(c, ARG_1);
	struct mailaddr parsed;

	option_check(p, c, ARG_NOTIFY, notify_valid, "notify");
	option_check(p, c, ARG_RET, ret_valid, "ret");
	option_check(p, c, ARG_BY_MODE, mode_valid, "bymode");
	by_check(p, c);
	if (sieve_value_of(c, ARG_LIST) == NULL && sieve_constant(p, address, 0) &&
	    !address_take(&p->scratch, address->items[0], &parsed))
		sieve_report_value(p, address, "\"%.*s\" is not a mail address",
		                   STR_ARG(str_sub(address->items[0], 0, 80)));
}
