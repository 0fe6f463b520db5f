/* model/search/indexer.c: the thread of the index; see indexer.h. */
#include "model/search/indexer.h"

#include "foundation/base/clock.h"
#include "foundation/base/cond.h"
#include "foundation/base/mem.h"
#include "foundation/observe/event.h"
#include "foundation/observe/metrics.h"
#include "model/mailbox/mail.h"
#include "model/mailbox/placement.h"
#include "model/mailbox/watch.h"
#include "model/search/segment.h"
#include "model/store/store.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	GATHER_MS = 3000, /* new mail is collected so long; searches find it meanwhile, too */
	RETRY_MS = 60000, /* after a failure, of a full disk for example */
	ACCOUNTS_WAITING = 1024, /* known by number; with more, all are checked */
	NICER = 10,
};

struct indexer {
	struct indexer_config config;
	struct watch *watch;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	uint32_t waiting[ACCOUNTS_WAITING]; /* lock: accounts with new mail */
	size_t waiting_count;               /* lock */
	bool all;                           /* lock: any account may have new mail */
	size_t taken;                       /* lock: accounts left in this round */
	atomic_bool stopping;
};

static bool indexer_go_on(void *arg)
{
	const struct indexer *x = arg;

	return !atomic_load(&x->stopping);
}

/* --- accounts with new mail ------------------------------------------------------------- */

/* Updates the metric after each change of the waiting accounts; x->lock is held. "Any account"
 * counts as one. */
static void waiting_tell(const struct indexer *x)
{
	metric_set(METRIC_search_waiting, (int64_t)(x->waiting_count + x->taken + x->all));
}

static void indexer_changed(void *arg, uint32_t account, uint64_t modseq)
{
	struct indexer *x = arg;
	size_t i = 0;
	bool first;

	(void)modseq;
	pthread_mutex_lock(&x->lock);
	/* Only the first account wakes the thread: while it collects more, deliveries must not
	 * cause a switch of threads. */
	first = x->waiting_count == 0 && !x->all;
	while (i < x->waiting_count && x->waiting[i] != account)
		i++;
	if (i == ACCOUNTS_WAITING)
		x->all = true;
	else if (i == x->waiting_count)
		x->waiting[x->waiting_count++] = account;
	waiting_tell(x);
	if (first)
		pthread_cond_signal(&x->wake);
	pthread_mutex_unlock(&x->lock);
}

struct accounts {
	uint32_t *numbers;
	size_t count, cap;
};

static void account_push(struct accounts *a, uint32_t account)
{
	if (a->count == a->cap) {
		a->cap = MAX(64, 2 * a->cap);
		a->numbers = mem_resize(a->numbers, a->cap * sizeof(*a->numbers));
	}
	a->numbers[a->count++] = account;
}

static enum err accounts_read(struct txn *t, void *arg)
{
	uint32_t account = 0;
	enum err e;

	while ((e = mail_next(t, account, &account)) == OK && account != 0)
		account_push(arg, account);
	return e;
}

/* Sets how many accounts of the round are left. */
static void taken_set(struct indexer *x, size_t left)
{
	pthread_mutex_lock(&x->lock);
	x->taken = left;
	waiting_tell(x);
	pthread_mutex_unlock(&x->lock);
}

/* Takes the waiting accounts. False when they cannot be read. */
static bool waiting_take(struct indexer *x, struct accounts *out)
{
	bool all, known;

	pthread_mutex_lock(&x->lock);
	all = x->all;
	for (size_t i = 0; i < x->waiting_count && !all; i++)
		account_push(out, x->waiting[i]);
	x->taken = all ? 1 : out->count;
	x->waiting_count = 0;
	x->all = false;
	pthread_mutex_unlock(&x->lock);
	known = !all || store_read(x->config.store, accounts_read, out) == OK;
	taken_set(x, out->count);
	return known;
}

/* --- the thread ------------------------------------------------------------------------- */

static bool round_run(struct indexer *x, bool first)
{
	struct accounts a = { 0 };
	bool ok = waiting_take(x, &a);

	for (size_t i = 0; i < a.count && indexer_go_on(x); i++) {
		enum err e = first ? segments_sweep(x->config.store, a.numbers[i]) : OK;

		if (!e)
			e = index_account(&x->config, a.numbers[i]);
		ok = ok && (e == OK || e == ERR_RETRY);
		if (e != OK && e != ERR_RETRY)
			event(search_failed, STR(""), ev_int(a.numbers[i]), ev_z(err_name(e)));
		taken_set(x, a.count - i - 1);
	}
	mem_free(a.numbers);
	return ok;
}

/* Waits for new mail, then some time for more of it. */
static void wait_for_new(struct indexer *x, int64_t pause_ms)
{
	int64_t until_ms = clock_mono_ms() + pause_ms;

	pthread_mutex_lock(&x->lock);
	while (indexer_go_on(x) && x->waiting_count == 0 && !x->all)
		pthread_cond_wait(&x->wake, &x->lock);
	until_ms = MAX(until_ms, clock_mono_ms() + GATHER_MS);
	while (indexer_go_on(x) && cond_wait_until(&x->wake, &x->lock, until_ms))
		;
	pthread_mutex_unlock(&x->lock);
}

static void *indexer_thread_run(void *arg)
{
	struct indexer *x = arg;
	bool first = true;

	pthread_setname_np(pthread_self(), "index");
	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICER); /* this thread only, on Linux */
	while (indexer_go_on(x)) {
		bool ok = round_run(x, first);

		first = false;
		if (!ok) {
			pthread_mutex_lock(&x->lock);
			x->all = true;
			waiting_tell(x);
			pthread_mutex_unlock(&x->lock);
		}
		wait_for_new(x, ok ? 0 : RETRY_MS);
	}
	return NULL;
}

enum err indexer_start(const struct indexer_config *c, struct indexer **out, struct why *why)
{
	struct indexer *x = NEW(struct indexer);

	*out = NULL;
	x->config = *c;
	x->config.go_on = indexer_go_on;
	x->config.arg = x;
	x->all = true;
	waiting_tell(x);
	pthread_mutex_init(&x->lock, NULL);
	cond_init(&x->wake);
	if (c->mailboxes)
		x->watch = watch_add_all(c->mailboxes->watches, indexer_changed, x);
	if (pthread_create(&x->thread, NULL, indexer_thread_run, x) != 0) {
		watch_remove(&x->watch);
		pthread_mutex_destroy(&x->lock);
		pthread_cond_destroy(&x->wake);
		mem_free(x);
		return fail(why, ERR_IO, "cannot start the thread of the search index");
	}
	*out = x;
	return OK;
}

void indexer_stop(struct indexer **x)
{
	struct indexer *old = *x;

	*x = NULL;
	if (!old)
		return;
	watch_remove(&old->watch);
	pthread_mutex_lock(&old->lock);
	atomic_store(&old->stopping, true);
	pthread_cond_signal(&old->wake);
	pthread_mutex_unlock(&old->lock);
	pthread_join(old->thread, NULL);
	pthread_mutex_destroy(&old->lock);
	pthread_cond_destroy(&old->wake);
	mem_free(old);
}
