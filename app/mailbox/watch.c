/* mailbox/watch.c: see watch.h.
 *
 * Watches hang in lists by account number. Each list has its own lock, held while its
 * watches are told: so removal waits for a call that runs, and different accounts do not
 * wait for each other. */
#include "mailbox/watch.h"

#include "base/list.h"
#include "base/mem.h"

#include <pthread.h>

enum { WATCH_LISTS = 256 };

struct watch_list {
	pthread_mutex_t lock;
	struct list watches; /* under lock */
};

struct watches {
	struct watch_list lists[WATCH_LISTS];
};

struct watch {
	struct list link; /* under the list's lock */
	struct watch_list *list;
	uint32_t account;
	watch_fn *fn;
	void *arg;
};

struct watches *watches_new(void)
{
	struct watches *ws = NEW(struct watches);

	for (size_t i = 0; i < WATCH_LISTS; i++) {
		pthread_mutex_init(&ws->lists[i].lock, NULL);
		list_init(&ws->lists[i].watches);
	}
	return ws;
}

void watches_free(struct watches **w)
{
	if (!*w)
		return;
	for (size_t i = 0; i < WATCH_LISTS; i++) {
		assert(list_empty(&(*w)->lists[i].watches));
		pthread_mutex_destroy(&(*w)->lists[i].lock);
	}
	mem_clear(w);
}

struct watch *watch_add(struct watches *ws, uint32_t account, watch_fn *fn, void *arg)
{
	struct watch *w = NEW(struct watch);

	w->list = &ws->lists[account % WATCH_LISTS];
	w->account = account;
	w->fn = fn;
	w->arg = arg;
	pthread_mutex_lock(&w->list->lock);
	list_push_back(&w->list->watches, &w->link);
	pthread_mutex_unlock(&w->list->lock);
	return w;
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

void watches_tell(struct watches *ws, uint32_t account, uint32_t mailbox, uint64_t modseq)
{
	struct watch_list *l;

	if (!ws)
		return;
	l = &ws->lists[account % WATCH_LISTS];
	pthread_mutex_lock(&l->lock);
	list_each(it, &l->watches)
	{
		struct watch *w = container_of(it, struct watch, link);

		if (w->account == account)
			w->fn(w->arg, mailbox, modseq);
	}
	pthread_mutex_unlock(&l->lock);
}
