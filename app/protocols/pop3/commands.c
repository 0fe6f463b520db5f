/* protocols/pop3/commands.c: the table of commands, the only place that checks their states, and
 * the commands that concern the session alone.
 *
 * When adding a command: a row here (sorted by verb), its function in the file of its kind,
 * declared in session.h, a transcript in tests/golden/pop3, and the RFC in app/rfc.tsv. */
#include "protocols/pop3/commands.h"

#include "foundation/base/cur.h"
#include "foundation/base/mem.h"
#include "foundation/observe/metrics.h"
#include "protocols/pop3/session.h"

enum { EITHER = BIT(POP3_START) | BIT(POP3_MAIL) };

/* RFC 2449 5: the same in both states, but for TLS. Capabilities of logins are listed only where
 * logins are allowed. */
static void pop3_capa(struct pop3 *s, struct str args)
{
	struct buf *out = conn_out(s->conn);

	(void)args;
	pop3_ok(s, "Capability list follows");
	buf_put(out, STR("TOP\r\n"));
	if (login_allowed(s->conn)) {
		buf_put(out, STR("USER\r\nSASL "));
		sasl_mechs_put(out, login_mechs(s->conn, s->server->logins), STR_EMPTY, ' ');
		buf_put(out, STR("\r\n"));
	}
	if (s->state == POP3_START && conn_can_starttls(s->conn))
		buf_put(out, STR("STLS\r\n"));
	buf_put(out, STR("RESP-CODES\r\nAUTH-RESP-CODE\r\nLOGIN-DELAY 0\r\nPIPELINING\r\n"
	                 "EXPIRE NEVER\r\nUIDL\r\nUTF8 USER\r\nLANG\r\nIMPLEMENTATION Roost\r\n"
	                 ".\r\n"));
}

/* RFC 6856 3: replies are in English. */
static void pop3_lang(struct pop3 *s, struct str args)
{
	if (args.n == 0) {
		pop3_ok(s, "Languages follow");
		buf_put(conn_out(s->conn), STR("en English\r\n.\r\n"));
	} else if (str_eqi(args, STR("en")) || str_eq(args, STR("*"))) {
		pop3_ok(s, "en Replies are in English");
	} else {
		pop3_err(s, "", "no such language");
	}
}

static void pop3_noop(struct pop3 *s, struct str args)
{
	(void)args;
	pop3_ok(s, "nothing done");
}

static void pop3_utf8(struct pop3 *s, struct str args)
{
	(void)args;
	s->utf8 = true;
	pop3_ok(s, "UTF8 is enabled");
}

const struct pop3_row pop3_rows[] = {
	/* verb  states           args  action */
	{ "AUTH", BIT(POP3_START), 0, 2, pop3_auth },              /* RFC 5034 4 */
	{ "CAPA", EITHER, 0, 0, pop3_capa },                       /* RFC 2449 5 */
	{ "DELE", BIT(POP3_MAIL), 1, 1, pop3_dele },               /* RFC 1939 5 */
	{ "LANG", EITHER, 0, 1, pop3_lang },                       /* RFC 6856 3 */
	{ "LIST", BIT(POP3_MAIL), 0, 1, pop3_list },               /* RFC 1939 5 */
	{ "NOOP", BIT(POP3_MAIL), 0, 0, pop3_noop },               /* RFC 1939 5 */
	{ "PASS", BIT(POP3_START), 1, POP3_ARGS_TEXT, pop3_pass }, /* RFC 1939 7 */
	{ "QUIT", EITHER, 0, 0, pop3_quit },                       /* RFC 1939 4, 6 */
	{ "RETR", BIT(POP3_MAIL), 1, 1, pop3_retr },               /* RFC 1939 5 */
	{ "RSET", BIT(POP3_MAIL), 0, 0, pop3_rset },               /* RFC 1939 5 */
	{ "STAT", BIT(POP3_MAIL), 0, 0, pop3_stat },               /* RFC 1939 5 */
	{ "STLS", BIT(POP3_START), 0, 0, pop3_stls },              /* RFC 2595 4 */
	{ "TOP", BIT(POP3_MAIL), 2, 2, pop3_top },                 /* RFC 1939 7 */
	{ "UIDL", BIT(POP3_MAIL), 0, 1, pop3_uidl },               /* RFC 1939 7 */
	{ "USER", BIT(POP3_START), 1, POP3_ARGS_TEXT, pop3_user }, /* RFC 1939 7 */
	{ "UTF8", BIT(POP3_START), 0, 0, pop3_utf8 },              /* RFC 6856 2.1 */
};
const size_t pop3_row_count = COUNT(pop3_rows);

static const struct pop3_row *row_find(struct str verb)
{
	for (size_t i = 0; i < COUNT(pop3_rows); i++)
		if (str_eqi(verb, str_of(pop3_rows[i].verb)))
			return &pop3_rows[i];
	return NULL;
}

/* Words with single spaces between them (RFC 1939 3); 0 of what has others. */
static unsigned args_count(struct str args)
{
	struct cur c = cur_of(args);
	struct str word;
	unsigned n = 1;

	for (; cur_until(&c, ' ', &word); n++) {
		if (word.n == 0)
			return 0;
		cur_skip(&c, 1);
	}
	return cur_done(&c) ? 0 : n;
}

static bool args_fit(const struct pop3_row *row, struct str args)
{
	unsigned n = row->args_max == POP3_ARGS_TEXT ? args.n != 0 : args_count(args);

	return n >= row->args_min && n <= row->args_max && (n != 0 || args.n == 0);
}

static void command_run(struct pop3 *s, struct str line)
{
	struct cur c = cur_of(line);
	unsigned errors = s->errors;
	const struct pop3_row *row;
	struct str verb, args = STR_EMPTY;

	if (cur_until(&c, ' ', &verb)) {
		cur_skip(&c, 1);
		args = cur_rest(&c);
	} else {
		verb = line;
	}
	row = row_find(verb);
	/* Clients leave a space behind a command; only a password may end in one. */
	if (row != NULL && row->args_max != POP3_ARGS_TEXT)
		args = str_trim(args);
	if (row == NULL)
		pop3_bad(s, "", "unknown command");
	else if (!(row->states & BIT(s->state)))
		pop3_bad(s, "", s->state == POP3_START ? "log in first" : "you are logged in");
	else if (!args_fit(row, args))
		pop3_bad(s, "", "wrong number of arguments");
	else
		row->run(s, args);
	if (s->errors == errors)
		s->errors = 0;
}

void pop3_command(struct pop3 *s, struct str line)
{
	bool early = s->state == POP3_START;

	metric_add(METRIC_pop3_commands, 1);
	command_run(s, line);
	/* The line is in the connection's own input buffer, which nobody else reads. */
	if (early && line.n != 0)
		mem_wipe((char *)(uintptr_t)line.p, line.n);
}
