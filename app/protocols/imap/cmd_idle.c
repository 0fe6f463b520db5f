/* protocols/imap/cmd_idle.c: IDLE (RFC 2177, RFC 9051 6.3.13). The session is parked. A
 * commit that changes the mailbox wakes it (sync.c), and it sends the changes. */
#include "protocols/imap/commands.h"
#include "protocols/imap/notify/notify.h"
#include "protocols/imap/sync.h"

enum done imap_cmd_idle(struct imap *s, union imap_args *args)
{
	(void)args;
	buf_put(imap_out(s), STR("+ idling\r\n"));
	s->mode = MODE_IDLE;
	/* Thousands of sessions may idle for hours: free the arena. The tag is in the
	 * input. */
	s->run.args = NULL;
	arena_deinit(&s->run.arena);
	/* Before changed is read: see watch_notify. */
	atomic_store(&s->watched.idling, true);
	return DONE_LATER;
}

/* Called for input and for wake-ups. */
enum go imap_idle_input(struct imap *s)
{
	enum written written = WRITTEN_ALL;
	struct str line;

	if (s->notify) /* RFC 5465 4 */
		written = imap_notify_tell(s, true);
	else if (s->state == STATE_SELECTED)
		written = imap_sync(s, true);
	if (written != WRITTEN_ALL)
		return written == WRITTEN_SOME ? GO_AGAIN : GO_CLOSE;
	switch (conn_line(s->conn, 64, &line)) {
	case CONN_MORE:
		return GO_PARK;
	case CONN_TOO_LONG:
		line = STR_EMPTY;
		break;
	case CONN_LINE:
		break;
	}
	atomic_store(&s->watched.idling, imap_notify_wakes(s));
	/* Any line ends IDLE. */
	if (str_eqi(line, STR("DONE")))
		imap_ok(s, NULL, NULL);
	else
		imap_bad(s, "DONE was expected");
	return imap_finish(s);
}
