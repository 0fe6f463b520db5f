/* model/store/backend/kv_mem.c: the backend in memory, for tests.
 *
 * One sorted array of rows. A lock excludes readers and the writer from each other, so the array
 * itself is the snapshot. The writer keeps an undo log of the rows it replaced.
 *
 * It is stricter than LMDB: a replaced value is freed at once, so that a test with a sanitizer
 * detects a borrowed value that is used after a write. */
#include "foundation/base/mem.h"
#include "model/store/backend/kv_ops.h"

#include <pthread.h>
#include <string.h>

struct row {
	struct str key, val; /* on the heap */
};

struct undo {
	struct str key, old; /* on the heap */
	bool existed;
};

struct kv_env {
	pthread_rwlock_t lock; /* of rows */
	struct row *rows;      /* sorted by key */
	size_t count, cap;
};

struct kv_txn {
	struct kv_env *env;
	bool write;
	struct undo *log;
	size_t log_count, log_cap;
};

struct kv_cursor {
	struct kv_env *env;
	size_t at; /* index of the current row; count: past the end */
};

static void *grown(void *array, size_t count, size_t *cap, size_t size)
{
	if (count < *cap)
		return array;
	*cap = MAX(*cap * 2, (size_t)16);
	return mem_resize(array, *cap * size);
}

/* Index of the first row whose key is not below the given one. */
static size_t lower_bound(const struct kv_env *env, struct str key)
{
	size_t lo = 0, hi = env->count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (str_cmp(env->rows[mid].key, key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool found_at(const struct kv_env *env, size_t i, struct str key)
{
	return i < env->count && str_eq(env->rows[i].key, key);
}

/* --- Rows without undo ------------------------------------------------------------------ */

static void row_set(struct kv_env *env, struct str key, struct str val)
{
	size_t i = lower_bound(env, key);
	struct str copy = str_new(val); /* first: val may be borrowed from the row */

	if (found_at(env, i, key)) {
		str_free(&env->rows[i].val);
	} else {
		env->rows = grown(env->rows, env->count, &env->cap, sizeof *env->rows);
		memmove(&env->rows[i + 1], &env->rows[i], (env->count++ - i) * sizeof *env->rows);
		env->rows[i].key = str_new(key);
	}
	env->rows[i].val = copy;
}

static void row_remove(struct kv_env *env, struct str key)
{
	size_t i = lower_bound(env, key);

	if (!found_at(env, i, key))
		return;
	str_free(&env->rows[i].key);
	str_free(&env->rows[i].val);
	memmove(&env->rows[i], &env->rows[i + 1], (--env->count - i) * sizeof *env->rows);
}

/* --- Environment and transactions ------------------------------------------------------- */

static enum err mem_open(struct kv_env **out, const struct kv_config *config, struct why *why)
{
	struct kv_env *env = NEW(struct kv_env);

	(void)config;
	(void)why;
	pthread_rwlock_init(&env->lock, NULL);
	*out = env;
	return OK;
}

static void mem_close(struct kv_env **envp)
{
	struct kv_env *env = *envp;

	if (env == NULL)
		return;
	for (size_t i = 0; i < env->count; i++) {
		str_free(&env->rows[i].key);
		str_free(&env->rows[i].val);
	}
	mem_free(env->rows);
	pthread_rwlock_destroy(&env->lock);
	mem_clear(envp);
}

static enum err mem_begin(struct kv_env *env, bool write, struct kv_txn **out, struct why *why)
{
	struct kv_txn *t = NEW(struct kv_txn);

	(void)why;
	if (write)
		pthread_rwlock_wrlock(&env->lock);
	else
		pthread_rwlock_rdlock(&env->lock);
	t->env = env;
	t->write = write;
	*out = t;
	return OK;
}

static void txn_end(struct kv_txn **tp)
{
	struct kv_txn *t = *tp;

	for (size_t i = 0; i < t->log_count; i++) {
		str_free(&t->log[i].key);
		str_free(&t->log[i].old);
	}
	pthread_rwlock_unlock(&t->env->lock);
	mem_free(t->log);
	mem_clear(tp);
}

static enum err mem_commit(struct kv_txn **tp, bool soon, struct why *why)
{
	(void)soon, (void)why;
	assert((*tp)->write);
	txn_end(tp);
	return OK;
}

static void mem_abort(struct kv_txn **tp)
{
	struct kv_txn *t = *tp;

	if (t == NULL)
		return;
	for (size_t i = t->log_count; i-- > 0;) {
		if (t->log[i].existed)
			row_set(t->env, t->log[i].key, t->log[i].old);
		else
			row_remove(t->env, t->log[i].key);
	}
	txn_end(tp);
}

static void log_row(struct kv_txn *t, struct str key)
{
	size_t i = lower_bound(t->env, key);
	bool existed = found_at(t->env, i, key);

	t->log = grown(t->log, t->log_count, &t->log_cap, sizeof *t->log);
	t->log[t->log_count++] = (struct undo){
		.key = str_new(key),
		.old = str_new(existed ? t->env->rows[i].val : STR_EMPTY),
		.existed = existed,
	};
}

/* --- Rows ------------------------------------------------------------------------------- */

static enum err mem_get(struct kv_txn *t, struct str key, struct str *val)
{
	size_t i = lower_bound(t->env, key);
	bool found = found_at(t->env, i, key);

	*val = found ? t->env->rows[i].val : STR_EMPTY;
	return found ? OK : ERR_MISSING;
}

static enum err mem_put(struct kv_txn *t, struct str key, struct str val)
{
	log_row(t, key);
	row_set(t->env, key, val);
	return OK;
}

static enum err mem_del(struct kv_txn *t, struct str key)
{
	if (!found_at(t->env, lower_bound(t->env, key), key))
		return ERR_MISSING;
	log_row(t, key);
	/* The caller's key may be borrowed from the deleted row. */
	row_remove(t->env, t->log[t->log_count - 1].key);
	return OK;
}

static enum err mem_cursor_open(struct kv_txn *t, struct kv_cursor **out)
{
	*out = NEW(struct kv_cursor);
	(*out)->env = t->env;
	return OK;
}

static void mem_cursor_close(struct kv_cursor **cp)
{
	mem_clear(cp);
}

static enum err mem_cursor_move(struct kv_cursor *c, enum kv_move move, struct str at,
                                struct str *key, struct str *val)
{
	size_t i = c->at;

	switch (move) {
	case KV_SEEK:
		i = lower_bound(c->env, at);
		break;
	case KV_BELOW:
		i = lower_bound(c->env, at) - 1; /* wraps to an invalid index */
		break;
	case KV_NEXT:
		i++;
		break;
	case KV_PREV:
		i--;
		break;
	}
	if (i >= c->env->count)
		return ERR_MISSING;
	c->at = i;
	*key = c->env->rows[i].key;
	*val = c->env->rows[i].val;
	return OK;
}

/* --- Functions of files, which have no effect here -------------------------------------- */

static int mem_fd(struct kv_env *env)
{
	(void)env;
	return -1;
}

static uint64_t mem_used_bytes(struct kv_env *env)
{
	(void)env;
	return 0;
}

static uint64_t mem_most_bytes(struct kv_env *env)
{
	(void)env;
	return UINT64_MAX;
}

static uint64_t mem_free_bytes(struct kv_env *env)
{
	(void)env;
	return 0;
}

static bool mem_lost(struct kv_env *env)
{
	(void)env;
	return false;
}

static void mem_tidy(struct kv_env *env)
{
	(void)env;
}

const struct kv_ops kv_mem_ops = {
	.name = "memory",
	.open = mem_open,
	.close = mem_close,
	.begin = mem_begin,
	.commit = mem_commit,
	.abort = mem_abort,
	.get = mem_get,
	.put = mem_put,
	.del = mem_del,
	.cursor_open = mem_cursor_open,
	.cursor_close = mem_cursor_close,
	.cursor_move = mem_cursor_move,
	.fd = mem_fd,
	.used_bytes = mem_used_bytes,
	.most_bytes = mem_most_bytes,
	.free_bytes = mem_free_bytes,
	.copy = NULL,
	.lost = mem_lost,
	.tidy = mem_tidy,
};
