/* protocols/imap/cmd_unauthenticate.c: UNAUTHENTICATE (RFC 8437): resets the connection
 * for another login, under the same TLS. */
#include "foundation/config/limits.h"
#include "protocols/imap/commands.h"
#include "protocols/imap/notify/notify.h"
#include "protocols/imap/own_changes.h"

/* NO is not allowed (3): if the session cannot be reset, it ends. Each login leaves
 * memory in the connection's arena, so resets are limited. */
static bool can_begin_anew(struct imap *s)
{
	return ++s->unauthenticated < LIMIT_imap_unauthenticate;
}

enum done imap_cmd_unauthenticate(struct imap *s, union imap_args *args)
{
	(void)args;
	if (!can_begin_anew(s)) {
		(void)imap_bye(s, "Please connect again");
		return DONE_CLOSE;
	}
	imap_notify_end(s);
	imap_own_end(s);
	imap_deselect(s); /* nothing is expunged */
	login_end(&s->login, s->conn);
	s->enabled = 0; /* 4.1; the client's ID stays */
	s->state = STATE_GREETED;
	s->run.unpacks = conn_is_compressed(s->conn); /* 4.1 */
	imap_ok(s, NULL, NULL);
	return DONE;
}
