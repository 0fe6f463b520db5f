/* store/kv_journal.c: the embedded backend; see kv_journal.h. */
#include "store/kv_journal.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/random.h"
#include "store/guests.h"
#include "store/journal_row.h"

#include <time.h>
#include <unistd.h>

enum {
	TABLE_BYTES = 8 << 20,    /* of memory; then it goes into the tree, */
	TABLE_GROWTH = 128 << 20, /* or when that may grow by so much */
	BURST_DEFAULT = 8,
	BURST_GAP_MS = 200, /* between quick commits, at most */
	GUESTS_MS = 20,     /* how often the keeper looks up  */
	QUIET_MS = 1000,    /* without a commit: direct       */
	OLD_MS = 30000,     /* a row waits that long for the tree */
	KEEPER_STACK = 64 << 10,
};

static const struct kv_ops *const tree = &kv_lmdb_ops;

/* --- The state (env->writer is held) ---------------------------------------------------- */

/* The row "journal" is the file's, not the store's: nobody above sees it. */
static struct memtable *table_new(void)
{
	struct memtable *m = memtable_new();

	memtable_del(m, journal_row_key);
	memtable_commit(m);
	return m;
}

/* All rows of the table, those of a commit under way too. */
static enum err table_pour(const struct memtable *m, struct kv_txn *into)
{
	struct memtable_iter it;
	enum err e = OK;

	memtable_iter_init(&it, m, memtable_last(m) + 1);
	for (bool more = memtable_seek(&it, STR_EMPTY); more && e == OK;
	     more = memtable_next(&it)) {
		e = it.gone ? tree->del(into, it.key) : tree->put(into, it.key, it.val);
		if (it.gone && e == ERR_MISSING)
			e = OK; /* put and deleted since the tree was brought up */
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

/* Commit the tree's transaction after which the table is `to`, which it takes. Whoever begins
 * to read meanwhile finds the tree as it was and the old table, or both new (view_begin). */
static enum err tree_commit(struct kv_env *env, struct kv_txn **t, struct memtable *to,
                            struct why *why)
{
	struct memtable *from = env->table;
	enum err e;

	tables_set(env, from, to, tree->number(*t));
	e = tree->commit(t, why);
	tables_set(env, e == OK ? to : from, NULL, UINT64_MAX);
	memtable_unref(e == OK ? &from : &to);
	return e;
}

/* One transaction of the tree that takes the table, if there is one, and changes the state:
 * behind with a new epoch, or direct. */
static enum err tree_bring_up(struct kv_env *env, bool behind, struct why *why)
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

static enum err go_direct(struct kv_env *env, struct why *why)
{
	enum err e = tree_bring_up(env, false, why);

	if (e != OK)
		return e;
	env->quick = 0;
	journal_end(&env->journal);
	guests_let_in(env->journal.fd);
	return OK;
}

/* What stands in the way is no error: commits then go into the tree. */
static void go_behind(struct kv_env *env)
{
	if (!guests_shut_out(env->journal.fd))
		return;
	if (!guests_here(env->journal.fd) && journal_reserve(&env->journal, NULL) == OK &&
	    tree_bring_up(env, true, NULL) == OK) {
		pthread_cond_signal(&env->wake);
		return;
	}
	env->quick = 0;
	guests_let_in(env->journal.fd);
}

/* The most that the tree grows by when it takes the table: new pages for what is new, half
 * full, and one for each that is changed. Those are two for a row, its leaf and the page that
 * leads there, but no more than there are. */
static uint64_t table_growth(struct kv_env *env)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t changed = memtable_rows(env->table) * 2 * page;

	return MIN(changed, tree->used_bytes(env->tree)) + 2 * (uint64_t)memtable_bytes(env->table);
}

static bool table_full(struct kv_env *env)
{
	return memtable_bytes(env->table) >= TABLE_BYTES || table_growth(env) >= TABLE_GROWTH;
}

/* Before a write transaction, since none is under way. */
static enum err state_check(struct kv_env *env, struct why *why)
{
	if (env->table == NULL) {
		if (!env->guest && !env->tight && env->holds == 0 && env->quick >= env->burst)
			go_behind(env);
		return OK;
	}
	if (env->tight)
		return go_direct(env, why);
	if (!journal_room(&env->journal) || table_full(env))
		return tree_bring_up(env, true, why);
	return OK;
}

static void commit_count(struct kv_env *env)
{
	int64_t now = clock_mono_ms();

	env->quick = now - env->last_ms <= BURST_GAP_MS ? env->quick + 1 : 1;
	env->last_ms = now;
}

/* --- The keeper ------------------------------------------------------------------------- */

/* False when the disk does not take it now. */
static bool keep_once(struct kv_env *env)
{
	int64_t now = clock_mono_ms();

	if (guests_here(env->journal.fd) || now - env->last_ms >= QUIET_MS)
		return go_direct(env, NULL) == OK;
	if (now - env->since_ms >= OLD_MS)
		return tree_bring_up(env, true, NULL) == OK;
	return true;
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

static void *keep(void *arg)
{
	struct kv_env *env = arg;
	bool well = true;

	pthread_mutex_lock(&env->writer);
	while (!env->closing) {
		if (env->table == NULL)
			pthread_cond_wait(&env->wake, &env->writer);
		else
			wait_ms(env, well ? GUESTS_MS : QUIET_MS);
		if (env->table != NULL && !env->closing)
			well = keep_once(env);
	}
	pthread_mutex_unlock(&env->writer);
	return NULL;
}

static enum err keeper_start(struct kv_env *env, struct why *why)
{
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, KEEPER_STACK);
	env->kept = pthread_create(&env->keeper, &attr, keep, env) == 0;
	pthread_attr_destroy(&attr);
	return env->kept ? OK : fail(why, ERR_IO, "cannot start a thread for the journal");
}

static void keeper_stop(struct kv_env *env)
{
	if (!env->kept)
		return;
	pthread_mutex_lock(&env->writer);
	env->closing = true;
	pthread_cond_signal(&env->wake);
	pthread_mutex_unlock(&env->writer);
	pthread_join(env->keeper, NULL);
}

/* --- Environment ------------------------------------------------------------------------ */

static void journaled_close(struct kv_env **envp)
{
	struct kv_env *env = *envp;

	if (env == NULL)
		return;
	keeper_stop(env);
	if (env->table != NULL)
		(void)go_direct(env, NULL); /* else the next who opens it does */
	memtable_unref(&env->table);
	if (env->tree != NULL)
		tree->close(&env->tree);
	journal_deinit(&env->journal);
	pthread_mutex_destroy(&env->writer);
	pthread_mutex_destroy(&env->view_lock);
	pthread_cond_destroy(&env->wake);
	mem_clear(envp);
}

static struct kv_env *env_new(const struct kv_config *config)
{
	struct kv_env *env = NEW(struct kv_env);
	pthread_condattr_t attr;

	env->guest = config->guest;
	env->burst = config->burst != 0 ? config->burst : BURST_DEFAULT;
	env->next_number = UINT64_MAX;
	journal_init(&env->journal);
	pthread_mutex_init(&env->writer, NULL);
	pthread_mutex_init(&env->view_lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&env->wake, &attr);
	pthread_condattr_destroy(&attr);
	return env;
}

static enum err journaled_open(struct kv_env **out, const struct kv_config *config, struct why *why)
{
	struct kv_env *env = env_new(config);
	enum err e = journal_open(&env->journal, config->journal, why);

	if (e == OK && env->guest)
		e = guest_enter(env->journal.fd, why);
	if (e == OK)
		e = tree->open(&env->tree, config, why);
	if (e == OK)
		e = journal_row_recover(env->tree, &env->journal, why);
	if (e == OK && !env->guest)
		e = keeper_start(env, why);
	if (e != OK)
		journaled_close(&env);
	*out = env;
	return e;
}

/* --- Transactions ----------------------------------------------------------------------- */

/* The table that goes with what this transaction sees of the tree. */
static struct memtable *table_of(const struct kv_env *env, struct kv_txn *view)
{
	return tree->number(view) >= env->next_number ? env->next : env->table;
}

static enum err view_begin(struct kv_env *env, struct kv_txn *t, struct why *why)
{
	struct memtable *table;
	enum err e;

	pthread_mutex_lock(&env->view_lock);
	e = tree->begin(env->tree, false, &t->tree, why);
	table = e == OK ? table_of(env, t->tree) : NULL;
	if (table != NULL) {
		t->table = memtable_ref(table);
		t->at = memtable_last(table) + t->write;
	}
	pthread_mutex_unlock(&env->view_lock);
	return e;
}

static void txn_free(struct kv_txn **tp)
{
	struct kv_txn *t = *tp;

	memtable_unref(&t->table);
	if (t->write)
		pthread_mutex_unlock(&t->env->writer);
	mem_clear(tp);
}

static enum err journaled_begin(struct kv_env *env, bool write, struct kv_txn **out,
                                struct why *why)
{
	struct kv_txn *t = NEW(struct kv_txn);
	enum err e = OK;

	t->env = env;
	t->write = write;
	if (write) {
		pthread_mutex_lock(&env->writer);
		e = state_check(env, why);
	}
	if (e == OK && write && env->table == NULL)
		e = tree->begin(env->tree, true, &t->tree, why);
	else if (e == OK)
		e = view_begin(env, t, why);
	if (e != OK)
		txn_free(&t);
	*out = t;
	return e;
}

static void journaled_abort(struct kv_txn **tp)
{
	struct kv_txn *t = *tp;

	if (t == NULL)
		return;
	tree->abort(&t->tree);
	if (t->write && t->table != NULL)
		memtable_undo(t->table);
	txn_free(tp);
}

static void change_put(void *arg, struct str key, struct str val, bool gone)
{
	if (gone)
		journal_del(arg, key);
	else
		journal_put(arg, key, val);
}

/* A commit that is too big for a record, that the journal's disk refused, or that might not
 * find room in the tree later, goes there now with all that waits. */
static enum err journal_commit(struct kv_env *env, struct why *why)
{
	struct journal *j = &env->journal;
	enum err e = OK;

	memtable_changes(env->table, change_put, j);
	if (!env->tight && !journal_fits(j))
		e = tree_bring_up(env, true, why);
	else if (env->tight || journal_append(j, why) != OK)
		e = go_direct(env, why);
	else
		memtable_commit(env->table);
	if (e != OK)
		memtable_undo(env->table);
	journal_drop(j);
	return e;
}

static enum err journaled_commit(struct kv_txn **tp, struct why *why)
{
	struct kv_txn *t = *tp;
	enum err e;

	assert(t->write);
	if (t->table == NULL) {
		e = tree->commit(&t->tree, why);
	} else {
		tree->abort(&t->tree); /* the view: it would keep pages from being used again */
		e = journal_commit(t->env, why);
	}
	commit_count(t->env);
	txn_free(tp);
	return e;
}

/* --- The file --------------------------------------------------------------------------- */

static int journaled_fd(struct kv_env *env)
{
	return tree->fd(env->tree);
}

static uint64_t journaled_used_bytes(struct kv_env *env)
{
	return tree->used_bytes(env->tree);
}

static uint64_t journaled_most_bytes(struct kv_env *env)
{
	return tree->most_bytes(env->tree);
}

static uint64_t journaled_waiting_bytes(struct kv_env *env)
{
	return env->table != NULL ? table_growth(env) : 0;
}

static void journaled_room(struct kv_env *env, bool assured)
{
	env->tight = !assured;
}

static uint64_t journaled_free_bytes(struct kv_env *env)
{
	return tree->free_bytes(env->tree);
}

static enum err journaled_copy(struct kv_env *env, int fd, struct why *why)
{
	enum err e = OK;

	pthread_mutex_lock(&env->writer);
	env->holds++;
	if (env->table != NULL)
		e = go_direct(env, why);
	pthread_mutex_unlock(&env->writer);
	if (e == OK)
		e = tree->copy(env->tree, fd, why);
	pthread_mutex_lock(&env->writer);
	env->holds--;
	pthread_mutex_unlock(&env->writer);
	return e;
}

static bool journaled_lost(struct kv_env *env)
{
	return tree->lost(env->tree);
}

static void journaled_tidy(struct kv_env *env)
{
	tree->tidy(env->tree);
}

const struct kv_ops kv_journal_ops = {
	.name = "journaled",
	.open = journaled_open,
	.close = journaled_close,
	.begin = journaled_begin,
	.commit = journaled_commit,
	.abort = journaled_abort,
	.get = journaled_get,
	.put = journaled_put,
	.del = journaled_del,
	.cursor_open = journaled_cursor_open,
	.cursor_close = journaled_cursor_close,
	.cursor_move = journaled_cursor_move,
	.fd = journaled_fd,
	.used_bytes = journaled_used_bytes,
	.most_bytes = journaled_most_bytes,
	.waiting_bytes = journaled_waiting_bytes,
	.room = journaled_room,
	.free_bytes = journaled_free_bytes,
	.copy = journaled_copy,
	.lost = journaled_lost,
	.tidy = journaled_tidy,
};
