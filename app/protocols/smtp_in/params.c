/* protocols/smtp_in/params.c: see params.h. */
#include "protocols/smtp_in/params.h"

#include "formats/message/dsn.h"
#include "formats/smtp_wire/param.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "network/runtime/conn.h"

static bool bad(struct in_session *s, const char *text)
{
	in_bad(s, 501, "5.5.4", text);
	return false;
}

/* --- MAIL ---------------------------------------------------------------------- */

/* RFC 1870 6: the size as the client estimates it; refusing now saves the transfer. */
static bool size_take(struct in_session *s, struct str value, struct envelope_rcpt *rcpt)
{
	uint64_t size;

	(void)rcpt;
	if (!smtp_size_parse(value, &size))
		return bad(s, "SIZE takes a number");
	if (size > s->settings->message_size) {
		in_reply(s, 552, "5.3.4", "message exceeds the size limit of %" PRIu64 " bytes",
		         s->settings->message_size);
		return false;
	}
	s->mail.size = size;
	return true;
}

/* RFC 6152 2, RFC 3030 3. Mail is kept as it came; a binary message has no lines. */
static bool body_take(struct in_session *s, struct str value, struct envelope_rcpt *rcpt)
{
	(void)rcpt;
	if (str_eqi(value, STR("BINARYMIME")))
		s->mail.envelope.flags |= ENVELOPE_BINARY;
	else if (!str_eqi(value, STR("7BIT")) && !str_eqi(value, STR("8BITMIME")))
		return bad(s, "BODY is 7BIT, 8BITMIME or BINARYMIME");
	return true;
}

/* RFC 4954 5: AUTH= is allowed where AUTH is offered; we trust nobody's claim, so it is read and
 * dropped. "<>" is xtext too. */
static bool auth_take(struct in_session *s, struct str value, struct envelope_rcpt *rcpt)
{
	(void)rcpt;
	return dsn_xtext_check(value) || bad(s, "AUTH is <>, or an address in xtext");
}

/* RFC 3461 4.3 */
static bool ret_take(struct in_session *s, struct str value, struct envelope_rcpt *rcpt)
{
	(void)rcpt;
	if (str_eqi(value, STR("FULL")))
		s->mail.envelope.flags |= ENVELOPE_RET_FULL;
	else if (str_eqi(value, STR("HDRS")))
		s->mail.envelope.flags |= ENVELOPE_RET_HDRS;
	else
		return bad(s, "RET is FULL or HDRS");
	return true;
}

/* RFC 3461 4.4 */
static bool envid_take(struct in_session *s, struct str value, struct envelope_rcpt *rcpt)
{
	(void)rcpt;
	if (value.n > DSN_ENVID_MAX || !dsn_xtext_check(value))
		return bad(s, "ENVID is xtext of at most 100 characters");
	s->mail.envelope.envid = str_dup(&s->mail_arena, value);
	return true;
}

/* RFC 8689 2: "the session itself MUST employ TLS transmission" */
static bool requiretls_take(struct in_session *s, struct str value, struct envelope_rcpt *rcpt)
{
	(void)value, (void)rcpt;
	if (conn_tls_text(s->c).n == 0) {
		in_bad(s, 530, "5.7.10", "REQUIRETLS requires TLS");
		return false;
	}
	s->mail.envelope.flags |= ENVELOPE_REQUIRETLS;
	return true;
}

int64_t in_hold_last_ms(int64_t now_ms)
{
	enum { DAY_MS = 86400000 };
	int64_t last_ms = now_ms + (int64_t)LIMIT_smtp_hold_s * 1000;

	return last_ms - last_ms % DAY_MS;
}

/* RFC 4865 4.2: 501 for what is beyond the maximum that EHLO told, and for both at once. */
static bool hold_take(struct in_session *s, int64_t until_ms, bool too_far)
{
	if (s->mail.envelope.not_before_ms != 0)
		return bad(s, "HOLDFOR and HOLDUNTIL exclude each other");
	if (too_far)
		return bad(s, "hold time exceeds the limit");
	s->mail.envelope.not_before_ms = until_ms;
	return true;
}

static bool hold_for_take(struct in_session *s, struct str value, struct envelope_rcpt *rcpt)
{
	uint32_t seconds;

	(void)rcpt;
	if (!smtp_hold_for_parse(value, &seconds))
		return bad(s, "HOLDFOR takes seconds");
	return hold_take(s, clock_real_ms() + (int64_t)seconds * 1000,
	                 seconds > LIMIT_smtp_hold_s);
}

/* A time that has passed already is no request to wait; whose clock is wrong is not known. */
static bool hold_until_take(struct in_session *s, struct str value, struct envelope_rcpt *rcpt)
{
	int64_t until_ms;

	(void)rcpt;
	if (!smtp_hold_until_parse(value, &until_ms) || until_ms <= 0)
		return bad(s, "HOLDUNTIL takes a time like 2030-01-02T03:04:05Z");
	return hold_take(s, until_ms, until_ms > in_hold_last_ms(clock_real_ms()));
}

/* RFC 2852 4 */
static bool by_take(struct in_session *s, struct str value, struct envelope_rcpt *rcpt)
{
	struct smtp_by by;

	(void)rcpt;
	if (!smtp_by_parse(value, &by))
		return bad(s, "syntax: BY=seconds;N or BY=seconds;R, optionally followed by T");
	if (by.give_back && by.seconds < IN_BY_MIN_S) {
		in_reply(s, 555, "5.5.4", "BY with R must be at least %d seconds", IN_BY_MIN_S);
		return false;
	}
	s->mail.envelope.by_ms = clock_real_ms() + (int64_t)by.seconds * 1000;
	s->mail.envelope.by_mode = by.give_back ? ENVELOPE_BY_RETURN : ENVELOPE_BY_NOTIFY;
	s->mail.envelope.by_trace = by.trace;
	return true;
}

/* RFC 6710 4.1: who is nobody here may ask for less than the usual, not for more. */
static bool priority_take(struct in_session *s, struct str value, struct envelope_rcpt *rcpt)
{
	int priority;

	(void)rcpt;
	if (!smtp_priority_parse(value, &priority))
		return bad(s, "MT-PRIORITY is -9 to 9");
	if (priority > 0 && s->login.login.account == 0) {
		s->mail.priority_lowered = true;
		priority = 0;
	}
	s->mail.envelope.priority = (int8_t)priority;
	return true;
}

/* RFC 6531 3.4: that UTF-8 comes; without it, 3.5 */
static bool utf8_take(struct in_session *s, struct str value, struct envelope_rcpt *rcpt)
{
	(void)value, (void)rcpt;
	s->mail.envelope.flags |= ENVELOPE_UTF8;
	return true;
}

/* Sorted by keyword. */
const struct in_param in_mail_params[] = {
	/* keyword       roles             value           action */
	{ "AUTH", BIT(SMTP_SUBMISSION), IN_PARAM_SOME, auth_take },            /* RFC 4954 5 */
	{ "BODY", IN_ANY, IN_PARAM_SOME, body_take },                          /* RFC 6152 2 */
	{ "BY", IN_ANY, IN_PARAM_SOME, by_take },                              /* RFC 2852 4 */
	{ "ENVID", IN_ANY, IN_PARAM_SOME, envid_take },                        /* RFC 3461 4.4 */
	{ "HOLDFOR", BIT(SMTP_SUBMISSION), IN_PARAM_SOME, hold_for_take },     /* RFC 4865 3 */
	{ "HOLDUNTIL", BIT(SMTP_SUBMISSION), IN_PARAM_SOME, hold_until_take }, /* RFC 4865 3 */
	{ "MT-PRIORITY", IN_ANY, IN_PARAM_SOME, priority_take },               /* RFC 6710 3 */
	{ "REQUIRETLS", IN_ANY, IN_PARAM_NONE, requiretls_take },              /* RFC 8689 2 */
	{ "RET", IN_ANY, IN_PARAM_SOME, ret_take },                            /* RFC 3461 4.3 */
	{ "SIZE", IN_ANY, IN_PARAM_SOME, size_take },                          /* RFC 1870 6 */
	{ "SMTPUTF8", IN_ANY, IN_PARAM_NONE, utf8_take },                      /* RFC 6531 3.4 */
};
const size_t in_mail_param_count = COUNT(in_mail_params);

/* --- RCPT ---------------------------------------------------------------------- */

/* RFC 3461 4.1 */
static bool notify_take(struct in_session *s, struct str value, struct envelope_rcpt *rcpt)
{
	if (dsn_notify_parse(value, &rcpt->notify))
		return true;
	return bad(s, "NOTIFY is NEVER, or some of SUCCESS, FAILURE and DELAY");
}

/* RFC 3461 4.2, RFC 6533 3 */
static bool orcpt_take(struct in_session *s, struct str value, struct envelope_rcpt *rcpt)
{
	rcpt->orcpt = value;
	if (dsn_orcpt_check(value, s->mail.envelope.flags & ENVELOPE_UTF8))
		return true;
	return bad(s, "ORCPT is a type, a semicolon and an address in xtext");
}

const struct in_param in_rcpt_params[] = {
	{ "NOTIFY", IN_ANY, IN_PARAM_SOME, notify_take }, /* RFC 3461 4.1 */
	{ "ORCPT", IN_ANY, IN_PARAM_SOME, orcpt_take },   /* RFC 3461 4.2 */
};
const size_t in_rcpt_param_count = COUNT(in_rcpt_params);

/* --- any ----------------------------------------------------------------------- */

static const struct in_param *param_find(const struct in_session *s, const struct in_param *rows,
                                         size_t count, struct str keyword)
{
	for (size_t i = 0; i < count; i++)
		if (str_eqi(keyword, str_of(rows[i].keyword)))
			return rows[i].roles & BIT(s->role) ? &rows[i] : NULL;
	return NULL;
}

/* RFC 3461 4.5, and no other makes sense twice either. */
static bool came_before(const struct smtp_path *path, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (str_eqi(path->params[j].keyword, path->params[i].keyword))
			return true;
	return false;
}

static bool param_take(struct in_session *s, const struct in_param *row, const struct smtp_param *p,
                       struct envelope_rcpt *rcpt)
{
	if (row == NULL) {
		in_bad(s, 555, "5.5.4", "unknown parameter"); /* RFC 5321 4.1.1.11 */
		return false;
	}
	if ((p->value.n != 0) != (row->value == IN_PARAM_SOME))
		return bad(s, row->value == IN_PARAM_SOME ? "this parameter takes a value"
		                                          : "this parameter takes no value");
	return row->take(s, p->value, rcpt);
}

static bool params_take(struct in_session *s, const struct smtp_path *path,
                        const struct in_param *rows, size_t count, struct envelope_rcpt *rcpt)
{
	for (size_t i = 0; i < path->param_count; i++) {
		const struct smtp_param *p = &path->params[i];

		if (came_before(path, i))
			return bad(s, "duplicate parameter");
		if (!param_take(s, param_find(s, rows, count, p->keyword), p, rcpt))
			return false;
	}
	return true;
}

/* RFC 4865 5.2.2: what may not leave before its time is over is refused. Each is counted from the
 * moment at which it was read, so the same number of seconds is the same moment. */
static bool by_after_hold(const struct in_mail *mail)
{
	return mail->envelope.by_mode == ENVELOPE_BY_NONE || mail->envelope.not_before_ms == 0 ||
	       mail->envelope.not_before_ms < mail->envelope.by_ms + 1000;
}

bool in_mail_params_take(struct in_session *s, const struct smtp_path *path)
{
	if (!params_take(s, path, in_mail_params, COUNT(in_mail_params), NULL))
		return false;
	return by_after_hold(&s->mail) || bad(s, "BY deadline is before the release time");
}

bool in_rcpt_params_take(struct in_session *s, const struct smtp_path *path,
                         struct envelope_rcpt *rcpt)
{
	return params_take(s, path, in_rcpt_params, COUNT(in_rcpt_params), rcpt);
}
