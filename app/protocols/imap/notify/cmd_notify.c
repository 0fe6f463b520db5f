/* protocols/imap/notify/cmd_notify.c: NOTIFY (RFC 5465 3.1). */
#include "formats/imap_wire/put.h"
#include "foundation/base/mem.h"
#include "protocols/imap/commands.h"
#include "protocols/imap/notify/notifying.h"
#include "protocols/imap/own_changes.h"
#include "protocols/imap/store.h"
#include "protocols/imap/sync.h"

enum { NAMES = 2000 }; /* in all filters together */

/* The parsed result borrows from the command: parse a copy that lives as long as the
 * result. */
static struct notify *asked(struct imap *s, struct str text)
{
	struct notify *n = NEW(struct notify);
	struct cur c = cur_of(str_dup(&n->arena, text));
	bool ok = imap_notify_parse(&c, &n->arena, imap_utf8(s), &n->what);

	assert(ok); /* it was valid before */
	n->asked = true;
	return n;
}

/* Does it request events of other mailboxes or of the server? */
static bool wants_others(const struct imap_notify *what)
{
	for (size_t i = 0; i < what->n; i++)
		if (what->groups[i].events)
			return true;
	return false;
}

static enum err notify_begin(struct imap *s)
{
	struct notify *n = s->notify;

	imap_own_begin(s);
	atomic_store(&s->watched.idling, imap_notify_wakes(s));
	/* Later the view may be unknown if changes are not sent. */
	if (imap_notify_muted(s) && s->state == STATE_SELECTED)
		(void)!imap_view_load(s);
	if (!wants_others(&n->what) && !imap_enabled(s, ENABLED_METADATA))
		return OK;
	notify_watch(s, s->login.login.account);
	if (n->what.events & EVENT_SERVER_METADATA || imap_enabled(s, ENABLED_METADATA))
		notify_watch(s, 0);
	return notify_catch_up(s, true);
}

void imap_notify_enable(struct imap *s)
{
	bool was = s->notify != NULL;

	if (!was)
		s->notify = NEW(struct notify);
	if (notify_begin(s) == OK)
		return;
	if (!was)
		notify_free(&s->notify);
	buf_put(imap_out(s), STR("* OK [NOTIFICATIONOVERFLOW] Too many mailboxes\r\n"));
}

static enum done notify_answer(struct imap *s)
{
	switch (notify_tell_marked(s)) {
	case WRITTEN_SOME:
		return DONE_LATER;
	case WRITTEN_END:
		return DONE_CLOSE;
	case WRITTEN_ALL:
		break;
	}
	return DONE;
}

/* RFC 5465 3.1: after a refused NOTIFY the earlier one stays in force. */
static bool notify_allowed(struct imap *s, const struct imap_notify *what)
{
	if (what->events & EVENT_OTHER)
		imap_no(s, "BADEVENT (" IMAP_EVENTS ")", "Unknown event");
	else if (what->names > NAMES)
		imap_no(s, "NOTIFICATIONOVERFLOW", "Too many mailbox names");
	else
		return true;
	return false;
}

enum done imap_cmd_notify(struct imap *s, union imap_args *args)
{
	struct notify *before = s->notify;
	enum err e;

	if (!notify_allowed(s, &args->notify.what))
		return DONE;
	s->notify = asked(s, args->notify.text);
	e = notify_begin(s);
	if (e) {
		notify_free(&s->notify);
		s->notify = before;
		atomic_store(&s->watched.idling, imap_notify_wakes(s));
		if (e == ERR_LIMIT)
			imap_no(s, "NOTIFICATIONOVERFLOW", "Too many mailboxes");
		else
			imap_failed(s, ABOUT_ANY, e, NULL);
		return DONE;
	}
	notify_free(&before);
	if (s->notify->what.status)
		notify_mark_status(s);
	imap_ok(s, NULL, NULL);
	s->run.answer = notify_answer;
	s->mode = MODE_ANSWER;
	return notify_answer(s);
}
