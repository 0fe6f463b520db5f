/* protocols/imap/notify/notify.c: the watched accounts of a session, and its own changes;
 * see notifying.h. */
#include "foundation/base/mem.h"
#include "protocols/imap/fetch/fetch.h"
#include "protocols/imap/notify/notify.h"
#include "protocols/imap/notify/notifying.h"
#include "protocols/imap/search/filter.h"
#include "protocols/imap/session.h"

/* --- on committing threads -------------------------------------------------------------- */

/* Annotations of one mailbox, or of several. */
static void noted(struct notify_account *a, uint32_t mailbox)
{
	uint32_t none = 0;

	if (!atomic_compare_exchange_strong(&a->noted, &none, mailbox) && none != mailbox)
		atomic_store(&a->noted, NOTED_ALL);
}

static void watch_notify(void *arg, uint32_t mailbox, uint64_t modseq)
{
	struct notify_account *a = arg;
	unsigned what = modseq ? CHANGED_LOG : mailbox ? CHANGED_NOTES : CHANGED_ALL;

	if (what & CHANGED_NOTES)
		noted(a, mailbox ? mailbox : NOTED_ALL);
	if (atomic_fetch_or(&a->changed, what) == 0)
		conn_wake(a->waker);
}

/* --- accounts --------------------------------------------------------------------------- */

struct notify_account *notify_account(const struct notify *n, uint32_t account)
{
	for (size_t i = 0; i < n->account_n; i++)
		if (n->accounts[i]->id == account)
			return n->accounts[i];
	return NULL;
}

void notify_watch(struct imap *s, uint32_t account)
{
	struct notify *n = s->notify;
	struct notify_account *a;

	if (notify_account(n, account))
		return;
	a = NEW(struct notify_account);
	a->id = account;
	a->waker = conn_waker(s->conn);
	atomic_store(&a->changed, CHANGED_ALL);
	atomic_store(&a->noted, NOTED_ALL);
	n->accounts = mem_resize(n->accounts, (n->account_n + 1) * sizeof(struct notify_account *));
	n->accounts[n->account_n++] = a;
	a->watch = watch_add(s->server->mailboxes->watches, account, watch_notify, a);
}

void notify_free(struct notify **notify)
{
	struct notify *n = *notify;

	if (!n)
		return;
	for (size_t i = 0; i < n->account_n; i++) {
		watch_remove(&n->accounts[i]->watch);
		mem_free(n->accounts[i]);
	}
	mem_free(n->accounts);
	notify_boxes_deinit(n);
	notify_notes_deinit(&n->server);
	imap_fetch_free(&n->fetching);
	uids_deinit(&n->came);
	arena_deinit(&n->atts);
	arena_deinit(&n->arena);
	mem_clear(notify);
}

void imap_notify_end(struct imap *s)
{
	notify_free(&s->notify);
	atomic_store(&s->watched.idling, false);
}

/* --- the selected mailbox --------------------------------------------------------------- */

bool imap_notify_used(const struct imap *s)
{
	return s->notify && s->notify->asked;
}

static unsigned selected_events(const struct imap *s)
{
	return imap_notify_used(s) ? s->notify->what.selected.events : EVENTS_MESSAGE;
}

bool imap_notify_muted(const struct imap *s)
{
	return selected_events(s) == 0;
}

bool imap_notify_flags(const struct imap *s)
{
	return (selected_events(s) & EVENT_FLAG_CHANGE) != 0;
}

bool imap_notify_expunges(const struct imap *s)
{
	return imap_notify_used(s) && !s->notify->what.selected.delayed && !imap_notify_muted(s);
}

bool imap_notify_fetches(const struct imap *s)
{
	return s->notify && s->notify->what.selected.has_atts;
}

bool imap_notify_wakes(const struct imap *s)
{
	return imap_notify_used(s) && !imap_notify_muted(s);
}

bool notify_is_selected(const struct imap *s, const struct notify_box *box)
{
	return box->id == s->selected.id && box->owner == s->selected.account;
}

void imap_notify_came(struct imap *s, const struct uids *uids)
{
	struct notify *n = s->notify;

	if (!imap_notify_fetches(s))
		return;
	for (size_t i = 0; i < uids->n; i++)
		uids_add(&n->came, uids->ranges[i].lo, uids->ranges[i].hi);
}

bool imap_notify_talking(const struct imap *s)
{
	return s->notify && s->notify->talking;
}

/* --- its own changes -------------------------------------------------------------------- */

static struct notify_box *box_named(struct notify *n, struct str name)
{
	for (size_t i = 0; i < n->n; i++)
		if (!n->boxes[i].gone && imap_filter_same(n->boxes[i].name, name))
			return &n->boxes[i];
	return NULL;
}

void imap_notify_noted(struct imap *s, struct str mailbox, const struct metadata_entry *entries,
                       size_t count)
{
	struct notify *n = s->notify;
	struct notify_box *box = n && mailbox.n ? box_named(n, mailbox) : NULL;

	if (box && box->events & EVENTS_NOTES)
		notify_notes_set(&box->notes, entries, count);
	else if (n && !mailbox.n && notify_account(n, 0))
		notify_notes_set(&n->server, entries, count);
}

void imap_notify_subscribed(struct imap *s, struct str mailbox, bool subscribed)
{
	struct notify_box *box = s->notify ? box_named(s->notify, mailbox) : NULL;

	if (box)
		box->subscribed = subscribed;
}
