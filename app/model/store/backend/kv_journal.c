/* model/store/backend/kv_journal.c: the embedded backend; see kv_journal.h. */
#include "model/store/backend/kv_journal.h"

#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "model/store/guests.h"
#include "model/store/backend/journal_row.h"

enum { BURST_DEFAULT = 8 };

static const struct kv_ops *const tree = &kv_lmdb_ops;

/* --- Environment ------------------------------------------------------------------------ */

static void journaled_close(struct kv_env **envp)
{
	struct kv_env *env = *envp;

	if (env == NULL)
		return;
	journaled_keeper_stop(env);
	if (env->table != NULL && journaled_go_direct(env, NULL) != OK)
		memtable_unref(&env->table); /* the next opening replays the journal */
	else if (env->kept)
		journal_release(&env->journal);
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
		e = journaled_keeper_start(env, why);
	if (e != OK)
		journaled_close(&env);
	*out = env;
	return e;
}

/* --- Transactions ----------------------------------------------------------------------- */

/* The table that belongs to this transaction's snapshot of the tree. */
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
		e = journaled_check(env, why);
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

/* A commit goes directly into the tree, with all rows of the table, when it is too large for a
 * record, when the journal cannot be written, or when the tree might not have room for it later. */
static enum err journal_commit(struct kv_env *env, bool soon, struct why *why)
{
	struct journal *j = &env->journal;
	enum err e = OK;

	if (!journal_lags(j))
		env->lag_ms = clock_mono_ms();
	memtable_changes(env->table, change_put, j);
	if (!env->tight && !journal_fits(j))
		e = journaled_tree_update(env, true, why);
	else if (env->tight || journal_append(j, soon, why) != OK)
		e = journaled_go_direct(env, why);
	else
		memtable_commit(env->table);
	if (e != OK)
		memtable_undo(env->table);
	journal_drop(j);
	return e;
}

static enum err journaled_commit(struct kv_txn **tp, bool soon, struct why *why)
{
	struct kv_txn *t = *tp;
	enum err e;

	assert(t->write);
	if (t->table == NULL) {
		e = tree->commit(&t->tree, soon, why);
	} else {
		tree->abort(&t->tree); /* the snapshot would keep pages from being reused */
		e = journal_commit(t->env, soon, why);
	}
	journaled_count(t->env);
	txn_free(tp);
	return e;
}

/* Other processes do not write while commits go into the journal. */
static uint64_t journaled_epoch(struct kv_txn *t)
{
	return t->table != NULL ? t->env->journal.epoch : 0;
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
	return env->table != NULL ? journaled_growth(env) : 0;
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
		e = journaled_go_direct(env, why);
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
	.epoch = journaled_epoch,
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
