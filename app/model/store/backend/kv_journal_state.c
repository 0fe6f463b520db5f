/* model/store/backend/kv_journal_state.c: when commits go into the journal, and when the
 * table goes into the tree; see kv_journal.h. env->writer is held, except at the
 * beginning and end of the keeper thread. */
#include "foundation/base/clock.h"
#include "foundation/base/random.h"
#include "model/store/guests.h"
#include "model/store/backend/journal_row.h"
#include "model/store/backend/kv_journal.h"
#include "model/store/store.h"

#include <time.h>

enum {
	TABLE_BYTES = 8 << 20,    /* of memory; then it goes into the tree, */
	TABLE_GROWTH = 128 << 20, /* or when that may grow by so much; this room is reserved */
	BURST_GAP_MS = 200,       /* between quick commits, at most */
	GUESTS_MS = 20,           /* how often the keeper checks for guests */
	QUIET_MS = 1000,          /* without a commit: direct       */
	OLD_MS = 30000,           /* the longest time until a row is in the tree */
	IDLE_MS = 60000,          /* after that time without use, the journal's blocks are freed */
	KEEPER_STACK = 64 << 10,
};

static const struct kv_ops *const tree = &kv_lmdb_ops;

/* The row "journal" belongs to the file, not to the store: callers do not see it. */
static struct memtable *table_new(void)
{
	struct memtable *m = memtable_new();

	memtable_del(m, journal_row_key);
	memtable_commit(m);
	return m;
}

/* Writes all rows of the table, also those of a running commit. */
static enum err table_pour(const struct memtable *m, struct kv_txn *into)
{
	struct memtable_iter it;
	enum err e = OK;

	memtable_iter_init(&it, m, memtable_last(m) + 1);
	for (bool more = memtable_seek(&it, STR_EMPTY); more && e == OK;
	     more = memtable_next(&it)) {
		e = it.gone ? tree->del(into, it.key) : tree->put(into, it.key, it.val);
		if (it.gone && e == ERR_MISSING)
			e = OK; /* put and deleted since the last update of the tree */
	}
	return e;
}

static void tables_set(struct kv_env *env, struct memtable *table, struct memtable *next,
                       uint64_t next_number)
{
	pthread_mutex_lock(&env->view_lock);
	env->table = table;
	env->next = next;
	env->next_number = next_number;
	pthread_mutex_unlock(&env->view_lock);
}

/* Commits the tree's transaction and replaces the table by `to`, which it takes. A reader that
 * begins meanwhile sees the old tree with the old table, or both new (view_begin). */
static enum err tree_commit(struct kv_env *env, struct kv_txn **t, struct memtable *to,
                            struct why *why)
{
	struct memtable *from = env->table;
	enum err e;

	tables_set(env, from, to, tree->number(*t));
	e = tree->commit(t, false, why);
	tables_set(env, e == OK ? to : from, NULL, UINT64_MAX);
	memtable_unref(e == OK ? &from : &to);
	return e;
}

enum err journaled_tree_update(struct kv_env *env, bool behind, struct why *why)
{
	uint64_t epoch = behind ? random_u64() : 0;
	struct kv_txn *t;
	enum err e = tree->begin(env->tree, true, &t, why);

	if (e != OK)
		return e;
	if (env->table != NULL)
		e = table_pour(env->table, t);
	if (e == OK)
		e = behind ? journal_row_put(t, epoch) : journal_row_del(t);
	if (e != OK) {
		tree->abort(&t);
		return fail(why, e, "cannot write the store");
	}
	e = tree_commit(env, &t, behind ? table_new() : NULL, why);
	if (e != OK)
		return e;
	env->since_ms = clock_mono_ms();
	if (behind)
		journal_begin(&env->journal, epoch);
	return OK;
}

enum err journaled_go_direct(struct kv_env *env, struct why *why)
{
	enum err e = journaled_tree_update(env, false, why);

	if (e != OK)
		return e;
	env->quick = 0;
	journal_end(&env->journal);
	guests_let_in(env->journal.fd);
	return OK;
}

/* A failure is no error: commits then go into the tree. */
static void go_behind(struct kv_env *env)
{
	if (!guests_shut_out(env->journal.fd))
		return;
	if (!guests_here(env->journal.fd) && journal_reserve(&env->journal, NULL) == OK &&
	    journaled_tree_update(env, true, NULL) == OK) {
		pthread_cond_signal(&env->wake);
		return;
	}
	env->quick = 0;
	guests_let_in(env->journal.fd);
}

/* New rows fill their pages at least by half. */
uint64_t journaled_growth(struct kv_env *env)
{
	return tree->rewrite_bytes(env->tree, memtable_rows(env->table)) +
	       2 * (uint64_t)memtable_bytes(env->table);
}

static bool table_full(struct kv_env *env)
{
	return memtable_bytes(env->table) >= TABLE_BYTES || journaled_growth(env) >= TABLE_GROWTH;
}

enum err journaled_check(struct kv_env *env, struct why *why)
{
	if (env->table == NULL) {
		if (!env->guest && !env->tight && env->holds == 0 && env->quick >= env->burst)
			go_behind(env);
		return OK;
	}
	if (env->tight)
		return journaled_go_direct(env, why);
	if (!journal_room(&env->journal) || table_full(env))
		return journaled_tree_update(env, true, why);
	return OK;
}

void journaled_count(struct kv_env *env)
{
	int64_t now = clock_mono_ms();

	env->quick = now - env->last_ms <= BURST_GAP_MS ? env->quick + 1 : 1;
	env->last_ms = now;
}

/* --- The keeper ------------------------------------------------------------------------- */

/* Syncs commits that did not wait for the disk, if no later commit has done so. */
static bool lag_end(struct kv_env *env, int64_t now)
{
	if (!journal_lags(&env->journal) || now - env->lag_ms < STORE_SOON_MS)
		return true;
	return journal_sync(&env->journal, NULL) == OK || journaled_go_direct(env, NULL) == OK;
}

/* False when writing fails. */
static bool keep_once(struct kv_env *env)
{
	int64_t now = clock_mono_ms();

	if (guests_here(env->journal.fd) || now - env->last_ms >= QUIET_MS)
		return journaled_go_direct(env, NULL) == OK;
	if (now - env->since_ms >= OLD_MS)
		return journaled_tree_update(env, true, NULL) == OK;
	return lag_end(env, now);
}

static void wait_ms(struct kv_env *env, int64_t ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += ms % 1000 * 1000000;
	until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_cond_timedwait(&env->wake, &env->writer, &until);
}

/* Waits until commits go into the journal; after a long time without, frees its blocks. */
static void idle_wait(struct kv_env *env)
{
	wait_ms(env, IDLE_MS);
	if (env->table == NULL && !env->closing && clock_mono_ms() - env->last_ms >= IDLE_MS)
		journal_release(&env->journal);
}

static void *keeper_run(void *arg)
{
	struct kv_env *env = arg;
	bool well = true;

	pthread_mutex_lock(&env->writer);
	while (!env->closing) {
		if (env->table == NULL)
			idle_wait(env);
		else
			wait_ms(env, well ? GUESTS_MS : QUIET_MS);
		if (env->table != NULL && !env->closing)
			well = keep_once(env);
	}
	pthread_mutex_unlock(&env->writer);
	return NULL;
}

enum err journaled_keeper_start(struct kv_env *env, struct why *why)
{
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, KEEPER_STACK);
	env->kept = pthread_create(&env->keeper, &attr, keeper_run, env) == 0;
	pthread_attr_destroy(&attr);
	return env->kept ? OK : fail(why, ERR_IO, "cannot start a thread for the journal");
}

void journaled_keeper_stop(struct kv_env *env)
{
	if (!env->kept)
		return;
	pthread_mutex_lock(&env->writer);
	env->closing = true;
	pthread_cond_signal(&env->wake);
	pthread_mutex_unlock(&env->writer);
	pthread_join(env->keeper, NULL);
}
