/* protocols/managesieve/commands.c: the table of commands, the only place that checks their states
 * and arguments, and the commands that concern the session alone.
 *
 * When adding a command: a row here (sorted by verb), its function in the file of its kind,
 * declared in session.h, and a transcript in tests/golden/managesieve. */
#include "protocols/managesieve/commands.h"

#include "formats/sieve/sieve.h"
#include "foundation/observe/metrics.h"

enum {
	BEFORE = BIT(MANAGESIEVE_START),
	AFTER = BIT(MANAGESIEVE_READY),
	EITHER = BEFORE | AFTER,
};

/* --- Capabilities (RFC 5804 1.7) --- */

static void capability(struct buf *out, const char *name, struct str value)
{
	buf_fmt(out, "\"%s\" ", name);
	managesieve_string_put(out, value);
	buf_put(out, STR("\r\n"));
}

static void capability_sieve(struct buf *out)
{
	const char *name;

	buf_put(out, STR("\"SIEVE\" \""));
	for (size_t i = 0; (name = sieve_extension(i)) != NULL; i++)
		buf_fmt(out, "%s%s", i == 0 ? "" : " ", name);
	buf_put(out, STR("\"\r\n"));
}

void managesieve_capabilities(struct managesieve *s)
{
	struct buf *out = conn_out(s->conn);

	capability(out, "IMPLEMENTATION", STR("Roost"));
	buf_put(out, STR("\"SASL\" \""));
	sasl_mechs_put(out, login_mechs(s->conn, s->server->logins), STR_EMPTY, ' ');
	buf_put(out, STR("\"\r\n"));
	capability_sieve(out);
	if (s->state == MANAGESIEVE_START && conn_can_starttls(s->conn))
		buf_put(out, STR("\"STARTTLS\"\r\n"));
	buf_fmt(out, "\"MAXREDIRECTS\" \"%u\"\r\n",
	        (unsigned)s->settings->sieve_redirects_max);
	capability(out, "NOTIFY", STR("mailto"));
	if (s->state == MANAGESIEVE_READY)
		capability(out, "OWNER", s->login.login.address);
	buf_put(out, STR("\"UNAUTHENTICATE\"\r\n"));
	capability(out, "VERSION", STR("1.0"));
	managesieve_ok(s, "", STR_EMPTY);
}

static void capability_run(struct managesieve *s, const struct managesieve_command *c)
{
	(void)c;
	managesieve_capabilities(s);
}

/* --- The session --- */

static void logout_run(struct managesieve *s, const struct managesieve_command *c)
{
	(void)c;
	managesieve_ok(s, "", STR("bye"));
	managesieve_enter(s, MANAGESIEVE_CLOSED);
}

static void noop_run(struct managesieve *s, const struct managesieve_command *c)
{
	struct buf *out = conn_out(s->conn);

	if (c->count == 0) {
		managesieve_ok(s, "", STR("nothing done"));
		return;
	}
	buf_put(out, STR("OK (TAG "));
	managesieve_string_put(out, c->args[0].text);
	buf_put(out, STR(") \"nothing done\"\r\n"));
}

/* --- The table --- */

const struct managesieve_row managesieve_rows[] = {
	/* verb             states  args   action */
	{ "AUTHENTICATE",   BEFORE, "s?s", managesieve_authenticate   }, /* RFC 5804 2.1 */
	{ "CAPABILITY",     EITHER, "",    capability_run             }, /* RFC 5804 2.4 */
	{ "CHECKSCRIPT",    AFTER,  "s",   managesieve_checkscript    }, /* RFC 5804 2.12 */
	{ "DELETESCRIPT",   AFTER,  "s",   managesieve_deletescript   }, /* RFC 5804 2.10 */
	{ "GETSCRIPT",      AFTER,  "s",   managesieve_getscript      }, /* RFC 5804 2.9 */
	{ "HAVESPACE",      AFTER,  "sn",  managesieve_havespace      }, /* RFC 5804 2.5 */
	{ "LISTSCRIPTS",    AFTER,  "",    managesieve_listscripts    }, /* RFC 5804 2.7 */
	{ "LOGOUT",         EITHER, "",    logout_run                 }, /* RFC 5804 2.3 */
	{ "NOOP",           EITHER, "?s",  noop_run                   }, /* RFC 5804 2.13 */
	{ "PUTSCRIPT",      AFTER,  "ss",  managesieve_putscript      }, /* RFC 5804 2.6 */
	{ "RENAMESCRIPT",   AFTER,  "ss",  managesieve_renamescript   }, /* RFC 5804 2.11 */
	{ "SETACTIVE",      AFTER,  "s",   managesieve_setactive      }, /* RFC 5804 2.8 */
	{ "STARTTLS",       BEFORE, "",    managesieve_starttls       }, /* RFC 5804 2.2 */
	{ "UNAUTHENTICATE", AFTER,  "",    managesieve_unauthenticate }, /* RFC 5804 2.14.1 */
};
const size_t managesieve_row_count = COUNT(managesieve_rows);

static const struct managesieve_row *command_row_find(struct str verb)
{
	for (size_t i = 0; i < COUNT(managesieve_rows); i++)
		if (str_eqi(verb, str_of(managesieve_rows[i].verb)))
			return &managesieve_rows[i];
	return NULL;
}

static bool args_fit(const char *want, const struct managesieve_command *c)
{
	bool optional = false;
	unsigned i = 0;

	for (; *want != '\0'; want++) {
		if (*want == '?') {
			optional = true;
			continue;
		}
		if (i == c->count)
			return optional;
		if (c->args[i++].is_number != (*want == 'n'))
			return false;
	}
	return i == c->count;
}

void managesieve_command_run(struct managesieve *s, struct str text)
{
	const struct managesieve_row *row;
	struct managesieve_command c;

	metric_add(METRIC_managesieve_commands, 1);
	if (!managesieve_command_parse(text, &s->arena, &c)) {
		managesieve_bad(s, "", "expected a command with strings or numbers");
		return;
	}
	row = command_row_find(c.verb);
	if (row == NULL)
		managesieve_bad(s, "", "unknown command");
	else if (!(row->states & BIT(s->state)))
		managesieve_bad(s, "", row->states & BEFORE ? "you are logged in" : "log in first");
	else if (!args_fit(row->args, &c))
		managesieve_bad(s, "", "wrong arguments");
	else
		row->run(s, &c);
}
