/* imap/cmd_any.c: CAPABILITY, NOOP, CHECK, ID, ENABLE, NAMESPACE, LOGOUT. */
#include "imap/commands.h"
#include "imap/wire_put.h"

/* What every session may use; the rest depends on TLS. LITERAL+ and SASL-IR must be known
 * before login, so all of it is told at once. */
#define CAPABILITIES                                                                    \
	" SASL-IR LITERAL+ ID ENABLE IDLE NAMESPACE CHILDREN UIDPLUS MOVE UNSELECT"     \
	" SPECIAL-USE CREATE-SPECIAL-USE LIST-EXTENDED LIST-STATUS STATUS=SIZE ESEARCH" \
	" WITHIN"

void imap_capability_put(struct imap *s, struct buf *out)
{
	buf_put(out, STR("CAPABILITY IMAP4rev1" CAPABILITIES));
	if (s->state != STATE_GREETED)
		return;
	if (conn_can_starttls(s->conn))
		buf_put(out, STR(" STARTTLS"));
	if (!login_allowed(s->conn))
		buf_put(out, STR(" LOGINDISABLED")); /* RFC 9051 6.2.3 */
	sasl_mechs_put(out, login_mechs(s->conn), STR(" AUTH="), '\0');
}

enum done imap_cmd_capability(struct imap *s, union imap_args *args)
{
	(void)args;
	buf_put(imap_out(s), STR("* "));
	imap_capability_put(s, imap_out(s));
	buf_put(imap_out(s), STR("\r\n"));
	imap_ok(s, NULL, NULL);
	return DONE;
}

/* The news come by the sync that follows (RFC 9051 6.1.2). */
enum done imap_cmd_noop(struct imap *s, union imap_args *args)
{
	(void)args;
	imap_ok(s, NULL, NULL);
	return DONE;
}

/* RFC 2971 3.3: for the user's list of recent logins, nothing else depends on it. */
enum done imap_cmd_id(struct imap *s, union imap_args *args)
{
	struct buf *out = imap_out(s);

	login_named(&s->login, s->conn, s->server->logins, args->client);
	buf_put(out, STR("* ID (\"name\" \"Roost\""));
	if (s->server->version.n) {
		buf_put(out, STR(" \"version\" "));
		imap_put_string(out, s->server->version);
	}
	buf_put(out, STR(")\r\n"));
	imap_ok(s, NULL, NULL);
	return DONE;
}

/* No extension of ours has to be enabled yet (RFC 5161 3.1: unknown ones are ignored). */
enum done imap_cmd_enable(struct imap *s, union imap_args *args)
{
	(void)args;
	buf_put(imap_out(s), STR("* ENABLED\r\n"));
	imap_ok(s, NULL, NULL);
	return DONE;
}

enum done imap_cmd_namespace(struct imap *s, union imap_args *args)
{
	(void)args;
	buf_put(imap_out(s), STR("* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n"));
	imap_ok(s, NULL, NULL);
	return DONE;
}

enum done imap_cmd_logout(struct imap *s, union imap_args *args)
{
	(void)args;
	(void)imap_bye(s, "See you"); /* the tagged OK comes after it (RFC 9051 6.1.3) */
	imap_ok(s, NULL, NULL);
	return DONE;
}
