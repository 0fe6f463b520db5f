/* protocols/smtp_in/commands.c: the table of SMTP commands and the only place that checks states.
 *
 * When adding a command: a row here (sorted by verb), its function in a file of its own,
 * declared in session.h, a golden transcript, and the RFC in app/rfc.tsv. */
#include "protocols/smtp_in/commands.h"

#include "formats/smtp_wire/command.h"
#include "foundation/config/limits.h"
#include "network/runtime/conn.h"
#include "protocols/smtp_in/params.h"
#include "protocols/smtp_in/session.h"

enum {
	ANY = BIT(IN_START) | BIT(IN_READY) | BIT(IN_MAIL) | BIT(IN_RCPT) | BIT(IN_BDAT),
	IDLE = BIT(IN_START) | BIT(IN_READY),
};

#define IN_SMTP (IN_ANY & ~BIT(SMTP_LMTP)) /* RFC 2033 4.1: HELO and EHLO are no LMTP */

/* RFC 1985: mail that waits is sent by our own clock, not at the wish of who asks. */
static void in_etrn(struct in_session *s, struct str args)
{
	(void)args;
	in_reply(s, 502, "5.7.0", "ETRN is disabled");
}

static void in_help(struct in_session *s, struct str args)
{
	(void)args;
	in_reply(s, 214, "2.0.0", "Roost: see RFC 5321");
}

static void in_noop(struct in_session *s, struct str args)
{
	(void)args;
	in_reply(s, 250, "2.0.0", "ok");
}

static void in_quit(struct in_session *s, struct str args)
{
	(void)args;
	in_reply(s, 221, "2.0.0", "%.*s bye", STR_ARG(s->settings->hostname));
	in_enter(s, IN_CLOSED);
}

static void in_rset(struct in_session *s, struct str args)
{
	(void)args;
	in_reset(s);
	in_reply(s, 250, "2.0.0", "ok");
}

const struct in_row in_rows[] = {
	/* verb      states   bare   bytes   roles   action */
	{ "AUTH", BIT(IN_READY), false, false, IN_ANY, in_auth }, /* RFC 4954 4 */
	{ "BDAT", BIT(IN_RCPT) | BIT(IN_BDAT), false, true, IN_ANY, in_bdat }, /* RFC 3030 2 */
	{ "DATA", BIT(IN_RCPT), true, false, IN_ANY, in_data }, /* RFC 5321 4.1.1.4 */
	{ "EHLO", ANY, false, false, IN_SMTP, in_ehlo }, /* RFC 5321 4.1.1.1 */
	{ "ETRN", ANY, false, false, IN_SMTP, in_etrn }, /* RFC 1985 */
	{ "EXPN", ANY, false, false, IN_ANY, in_expn }, /* RFC 5321 4.1.1.7 */
	{ "HELO", ANY, false, false, IN_SMTP, in_hello }, /* RFC 5321 4.1.1.1 */
	{ "HELP", ANY, false, false, IN_ANY, in_help }, /* RFC 5321 4.1.1.8 */
	{ "LHLO", ANY, false, false, BIT(SMTP_LMTP), in_ehlo }, /* RFC 2033 4.1 */
	{ "MAIL", BIT(IN_READY), false, false, IN_ANY, in_mail }, /* RFC 5321 4.1.1.2 */
	{ "NOOP", ANY, false, false, IN_ANY, in_noop }, /* RFC 5321 4.1.1.9 */
	{ "QUIT", ANY, true, false, IN_ANY, in_quit }, /* RFC 5321 4.1.1.10 */
	{ "RCPT", BIT(IN_MAIL) | BIT(IN_RCPT), false, false, IN_ANY, in_rcpt },
	/* RFC 5321 4.1.1.3 */
	{ "RSET", ANY, true, false, IN_ANY, in_rset }, /* RFC 5321 4.1.1.5 */
	{ "STARTTLS", IDLE, true, false, IN_ANY, in_starttls }, /* RFC 3207 4 */
	{ "VRFY", ANY, false, false, IN_ANY, in_vrfy }, /* RFC 5321 4.1.1.6 */
};
const size_t in_row_count = COUNT(in_rows);

static const struct in_row *row_find(struct str verb)
{
	for (size_t i = 0; i < COUNT(in_rows); i++)
		if (str_eqi(verb, str_of(in_rows[i].verb)))
			return &in_rows[i];
	return NULL;
}

/* Commands pipelined after a refused MAIL or RCPT (RFC 2920 3.1) do not count as errors of the
 * peer. */
static void out_of_order(struct in_session *s, const struct in_row *row)
{
	if (s->state == IN_START)
		in_bad(s, 503, "5.5.1",
		       s->role == SMTP_LMTP ? "send LHLO first" : "send EHLO first");
	else if (row->states & BIT(IN_RCPT) && s->state == IN_READY)
		in_reply(s, 503, "5.5.1", "MAIL first");
	else if (row->states & BIT(IN_RCPT) && s->state == IN_MAIL && s->role == SMTP_LMTP)
		in_reply(s, 503, "5.5.1", "no valid recipients"); /* RFC 2033 4.2 */
	else if (row->states & BIT(IN_RCPT) && s->state == IN_MAIL)
		in_reply(s, 554, "5.5.1", "no valid recipients"); /* RFC 5321 3.3 */
	else if (s->state == IN_BDAT) /* RFC 3030 2: BDAT and DATA do not mix */
		in_bad(s, 503, "5.5.1", "command not allowed during BDAT");
	else
		in_bad(s, 503, "5.5.1", "command not allowed during a mail transaction");
}

void in_order_refuse(struct in_session *s, struct str verb)
{
	const struct in_row *row = row_find(verb);

	assert(row != NULL);
	out_of_order(s, row);
}

void in_command(struct in_session *s, struct str line)
{
	const struct in_row *row;
	struct str verb, args;

	if (++s->commands > LIMIT_smtp_commands) {
		in_reply(s, 421, "4.7.0", "too many commands without a message");
		in_enter(s, IN_CLOSED);
		return;
	}
	smtp_command_split(line, &verb, &args);
	row = row_find(verb);
	if (s->refused && (row == NULL || (row->run != in_quit && !row->bytes)))
		in_bad(s, 503, "5.5.1", "access denied; send QUIT"); /* RFC 5321 3.1 */
	else if (row == NULL || !(row->roles & BIT(s->role)))
		in_bad(s, 500, "5.5.1", "unknown command");
	else if (!(row->states & BIT(s->state)) && row->bytes)
		in_bdat_refused(s, args);
	else if (!(row->states & BIT(s->state)))
		out_of_order(s, row);
	else if (row->bare && args.n != 0)
		in_bad(s, 501, "5.5.4", "this command takes no argument");
	else
		row->run(s, args);
}
