/* protocols/imap/watch.c: receives notifications of changes of the selected mailbox, see
 * sync.h. */
#include "protocols/imap/session.h"
#include "protocols/imap/sync.h"

/* On a committing thread. The order of the two flags matters: imap_cmd_idle sets idling
 * first and reads changed afterwards, so at least one side sees the other. */
static void watch_notify(void *arg, uint32_t mailbox, uint64_t modseq)
{
	struct imap_watched *w = arg;

	(void)modseq;
	if (mailbox != 0 && mailbox != w->mailbox)
		return;
	atomic_store(&w->changed, true);
	if (atomic_load(&w->idling))
		conn_wake(w->waker);
}

/* In the same way. */
static void keys_notify(void *arg, uint32_t who, uint32_t mailbox)
{
	struct imap_watched *w = arg;

	if (who != w->who || mailbox != w->mailbox)
		return;
	atomic_store(&w->keys, true);
	if (atomic_load(&w->idling))
		conn_wake(w->waker);
}

void imap_watch_begin(struct imap *s, uint32_t account, uint32_t mailbox)
{
	imap_watch_end(s);
	s->watched.mailbox = mailbox;
	s->watched.who = s->login.login.account;
	s->watched.waker = conn_waker(s->conn);
	s->watched.watch = watch_add_keys(s->server->mailboxes->watches, account, watch_notify,
	                                  keys_notify, &s->watched);
}

void imap_watch_end(struct imap *s)
{
	watch_remove(&s->watched.watch);
	atomic_store(&s->watched.changed, false);
	atomic_store(&s->watched.keys, false);
}

bool imap_watch_changed(const struct imap *s)
{
	return atomic_load(&s->watched.changed);
}
