/* model/mailbox/lease.c: see lease.h. Leases are in lists by email, each with its own lock. */
#include "model/mailbox/lease.h"

#include "foundation/base/list.h"
#include "foundation/base/mem.h"
#include "model/mailbox/pending_deletion.h"
#include "model/store/store.h"

#include <pthread.h>

enum { LEASE_LISTS = 64 };

struct lease_list {
	pthread_mutex_t lock;
	struct list leases; /* under lock */
};

struct leases {
	struct lease_list lists[LEASE_LISTS];
};

struct lease {
	struct list link; /* under the list's lock */
	struct store *store;
	const struct mailboxes *mailboxes;
	uint32_t account;
	uint64_t email;
};

struct leases *leases_new(void)
{
	struct leases *ls = NEW(struct leases);

	for (size_t i = 0; i < LEASE_LISTS; i++) {
		pthread_mutex_init(&ls->lists[i].lock, NULL);
		list_init(&ls->lists[i].leases);
	}
	return ls;
}

void leases_free(struct leases **l)
{
	if (!*l)
		return;
	for (size_t i = 0; i < LEASE_LISTS; i++) {
		assert(list_empty(&(*l)->lists[i].leases));
		pthread_mutex_destroy(&(*l)->lists[i].lock);
	}
	mem_clear(l);
}

static struct lease_list *list_of(struct leases *ls, uint64_t email)
{
	return &ls->lists[email % LEASE_LISTS];
}

bool leases_hold(struct leases *ls, uint32_t account, uint64_t email)
{
	struct lease_list *list;
	bool held = false;

	if (!ls)
		return false;
	list = list_of(ls, email);
	pthread_mutex_lock(&list->lock);
	list_each(it, &list->leases)
	{
		const struct lease *l = container_of(it, struct lease, link);

		held |= l->account == account && l->email == email;
	}
	pthread_mutex_unlock(&list->lock);
	return held;
}

static enum err nothing(struct txn *t, void *arg)
{
	(void)t, (void)arg;
	return OK;
}

struct lease *lease_take(struct store *s, const struct mailboxes *mb, uint32_t account,
                         uint64_t email)
{
	struct lease_list *list;
	struct lease *l;

	if (!mb->leases)
		return NULL;
	list = list_of(mb->leases, email);
	l = NEW(struct lease);
	*l = (struct lease){ .store = s, .mailboxes = mb, .account = account, .email = email };
	pthread_mutex_lock(&list->lock);
	list_push_back(&list->leases, &l->link);
	pthread_mutex_unlock(&list->lock);
	/* An expunge that checked for leases before may not be committed yet. Writes are ordered,
	 * so this empty write waits for it; it costs no sync. */
	(void)!store_write(s, nothing, NULL, NULL);
	return l;
}

static enum err pending_deletion_lookup(struct txn *t, void *arg)
{
	const struct lease *l = arg;
	struct mail_txn m = { .mailboxes = l->mailboxes, .t = t, .account = l->account };

	return pending_deletion_find(&m, l->email);
}

static enum err pending_deletion_clear(struct txn *t, void *arg)
{
	const struct lease *l = arg;
	struct mail_txn m = { .mailboxes = l->mailboxes, .t = t, .account = l->account };

	return pending_deletion_purge(&m);
}

void lease_end(struct lease **l)
{
	struct lease *end = *l;
	struct lease_list *list;

	if (!end)
		return;
	list = list_of(end->mailboxes->leases, end->email);
	pthread_mutex_lock(&list->lock);
	list_remove(&end->link);
	pthread_mutex_unlock(&list->lock);
	/* A running expunge may still add the email to pending deletion: then the account's next
	 * expunge deletes it, as after a crash or a failed write. */
	if (store_read(end->store, pending_deletion_lookup, end) == OK)
		(void)!store_write(end->store, pending_deletion_clear, end, NULL);
	mem_clear(l);
}
