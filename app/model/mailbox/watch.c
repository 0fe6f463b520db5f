/* model/mailbox/watch.c: see watch.h.
 *
 * Watches are in lists by account number. Each list has its own lock, held while its watches are
 * called: so removal waits for a running call, and different accounts do not wait for each
 * other. */
#include "model/mailbox/watch.h"

#include "foundation/base/arena.h"
#include "foundation/base/list.h"
#include "foundation/base/mem.h"
#include "model/mailbox/mail.h"
#include "model/store/store.h"

#include <pthread.h>

enum { WATCH_LISTS = 256 };

struct watch_list {
	pthread_mutex_t lock;
	struct list watches; /* under lock */
};

struct watches {
	struct watch_list lists[WATCH_LISTS];
	struct watch_list all; /* watches of every account */
};

struct watch {
	struct list link; /* under the list's lock */
	struct watch_list *list;
	uint32_t account;
	watch_fn *fn;
	watch_keys_fn *keys; /* may be NULL */
	void *arg;
};

static void list_open(struct watch_list *l)
{
	pthread_mutex_init(&l->lock, NULL);
	list_init(&l->watches);
}

static void list_close(struct watch_list *l)
{
	assert(list_empty(&l->watches));
	pthread_mutex_destroy(&l->lock);
}

struct watches *watches_new(void)
{
	struct watches *ws = NEW(struct watches);

	for (size_t i = 0; i < WATCH_LISTS; i++)
		list_open(&ws->lists[i]);
	list_open(&ws->all);
	return ws;
}

void watches_free(struct watches **w)
{
	if (!*w)
		return;
	for (size_t i = 0; i < WATCH_LISTS; i++)
		list_close(&(*w)->lists[i]);
	list_close(&(*w)->all);
	mem_clear(w);
}

static struct watch *watch_list_add(struct watch_list *l, const struct watch *as)
{
	struct watch *w = NEW(struct watch);

	*w = *as;
	w->list = l;
	pthread_mutex_lock(&w->list->lock);
	list_push_back(&w->list->watches, &w->link);
	pthread_mutex_unlock(&w->list->lock);
	return w;
}

struct watch *watch_add(struct watches *ws, uint32_t account, watch_fn *fn, void *arg)
{
	return watch_add_keys(ws, account, fn, NULL, arg);
}

struct watch *watch_add_keys(struct watches *ws, uint32_t account, watch_fn *fn,
                             watch_keys_fn *keys, void *arg)
{
	struct watch as = { .account = account, .fn = fn, .keys = keys, .arg = arg };

	return watch_list_add(&ws->lists[account % WATCH_LISTS], &as);
}

struct watch *watch_add_all(struct watches *ws, watch_fn *fn, void *arg)
{
	return watch_list_add(&ws->all, &(struct watch){ .fn = fn, .arg = arg });
}

void watch_remove(struct watch **w)
{
	struct watch_list *l;

	if (!*w)
		return;
	l = (*w)->list;
	pthread_mutex_lock(&l->lock);
	list_remove(&(*w)->link);
	pthread_mutex_unlock(&l->lock);
	mem_clear(w);
}

/* every: watches of any account of the list */
static void list_notify(struct watch_list *l, bool every, uint32_t account, uint32_t what,
                      uint64_t modseq)
{
	pthread_mutex_lock(&l->lock);
	list_each(it, &l->watches)
	{
		struct watch *w = container_of(it, struct watch, link);

		if (every || w->account == account)
			w->fn(w->arg, what, modseq);
	}
	pthread_mutex_unlock(&l->lock);
}

void watches_notify(struct watches *ws, uint32_t account, uint32_t mailbox, uint64_t modseq)
{
	if (!ws)
		return;
	list_notify(&ws->lists[account % WATCH_LISTS], false, account, mailbox, modseq);
	if (account)
		list_notify(&ws->all, true, 0, account, modseq);
}

void watches_notify_rights(struct watches *ws)
{
	for (size_t i = 0; ws && i < WATCH_LISTS; i++)
		list_notify(&ws->lists[i], true, 0, 0, 0);
}

struct announcement {
	struct watches *watches;
	uint32_t account;
	uint32_t mailbox;
	uint64_t modseq;
};

static void announce(void *arg)
{
	const struct announcement *a = arg;

	watches_notify(a->watches, a->account, a->mailbox, a->modseq);
}

void watches_notify_after(const struct mail_txn *m, uint32_t mailbox, uint64_t modseq)
{
	struct announcement *a;

	if (!m->mailboxes->watches)
		return;
	a = arena_new(txn_arena(m->t), struct announcement);
	*a = (struct announcement){ m->mailboxes->watches, m->account, mailbox, modseq };
	txn_after(m->t, announce, a);
}

/* --- keys of URLs ----------------------------------------------------------------------- */

struct keys_announcement {
	struct watches *watches;
	uint32_t account, who, mailbox;
};

static void announce_keys(void *arg)
{
	const struct keys_announcement *a = arg;
	struct watch_list *l = &a->watches->lists[a->account % WATCH_LISTS];

	pthread_mutex_lock(&l->lock);
	list_each(it, &l->watches)
	{
		struct watch *w = container_of(it, struct watch, link);

		if (w->account == a->account && w->keys)
			w->keys(w->arg, a->who, a->mailbox);
	}
	pthread_mutex_unlock(&l->lock);
}

void watches_notify_keys_after(const struct mail_txn *m, uint32_t account, uint32_t mailbox)
{
	struct keys_announcement *a;

	if (!m->mailboxes->watches)
		return;
	a = arena_new(txn_arena(m->t), struct keys_announcement);
	*a = (struct keys_announcement){ m->mailboxes->watches, account, m->who, mailbox };
	txn_after(m->t, announce_keys, a);
}
