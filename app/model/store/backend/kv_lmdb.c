/* model/store/backend/kv_lmdb.c: the embedded backend: transactions and rows.
 *
 * All spaces share LMDB's main tree. A commit of LMDB rewrites every page on the way from
 * a changed leaf to its root, so one tree under one root writes fewer pages than a tree
 * per space would, and small spaces share their leaves.
 *
 * No flag that trades durability for speed is set: a commit writes the pages, syncs, then
 * writes and syncs the meta page that makes them count. Readers are not tied to threads
 * (MDB_NOTLS); their handles keep their slot in the lock file and are used again, because
 * making one takes a lock that all processes share. */
#include "foundation/base/mem.h"
#include "model/store/backend/kv_lmdb_body.h"

#include <errno.h>
#include <sys/statvfs.h>

enum { READERS_KEPT = 32 /* idle read handles */ };

/* --- errors ----------------------------------------------------------------------------- */

enum err lmdb_err(int rc)
{
	switch (rc) {
	case 0:
		return OK;
	case MDB_NOTFOUND:
		return ERR_MISSING;
	case MDB_MAP_FULL:
	case ENOSPC:
	case EDQUOT:
		return ERR_FULL;
	case MDB_READERS_FULL:
		return ERR_RETRY;
	case EACCES:
	case EPERM:
	case EROFS:
		return ERR_DENIED;
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_INVALID:
	case MDB_VERSION_MISMATCH:
		return ERR_CORRUPT;
	default:
		return ERR_IO;
	}
}

enum err lmdb_fail(struct why *why, int rc, const char *what)
{
	return fail(why, lmdb_err(rc), "%s: %s", what, mdb_strerror(rc));
}

/* --- transactions ----------------------------------------------------------------------- */

/* LMDB frees the cursors of a write transaction at its end, but not those of a reader. */
void lmdb_reader_free(struct kv_txn *t)
{
	for (size_t i = 0; i < LMDB_PLACES; i++)
		if (t->places[i].at != NULL)
			mdb_cursor_close(t->places[i].at);
	mdb_txn_abort(t->mdb);
	mem_free(t);
}

static struct kv_txn *idle_take(struct kv_env *env)
{
	struct list *l;

	pthread_mutex_lock(&env->lock);
	l = list_pop_front(&env->idle);
	env->idle_count -= l != NULL;
	pthread_mutex_unlock(&env->lock);
	return l != NULL ? container_of(l, struct kv_txn, link) : NULL;
}

static bool idle_keep(struct kv_env *env, struct kv_txn *t)
{
	bool keep;

	pthread_mutex_lock(&env->lock);
	keep = env->idle_count < READERS_KEPT;
	if (keep) {
		list_push_front(&env->idle, &t->link);
		env->idle_count++;
	}
	pthread_mutex_unlock(&env->lock);
	return keep;
}

enum err lmdb_begin(struct kv_env *env, bool write, struct kv_txn **out, struct why *why)
{
	struct kv_txn *t = write ? NULL : idle_take(env);
	int rc;

	if (t != NULL) {
		rc = mdb_txn_renew(t->mdb);
	} else {
		t = NEW(struct kv_txn);
		t->env = env;
		t->write = write;
		rc = mdb_txn_begin(env->mdb, NULL, write ? 0 : MDB_RDONLY, &t->mdb);
	}
	if (rc != 0) {
		lmdb_reader_free(t);
		*out = NULL;
		return lmdb_fail(why, rc, "cannot begin a transaction");
	}
	*out = t;
	return OK;
}

void lmdb_abort(struct kv_txn **tp)
{
	struct kv_txn *t = *tp;

	*tp = NULL;
	if (t == NULL)
		return;
	if (t->write) {
		mdb_txn_abort(t->mdb);
		mem_free(t);
		return;
	}
	mdb_txn_reset(t->mdb);
	for (size_t i = 0; i < LMDB_PLACES; i++)
		t->places[i].open = false;
	if (!idle_keep(t->env, t))
		lmdb_reader_free(t);
}

/* LMDB calls a write that was cut short by a full disk EIO. */
static bool disk_full(struct kv_env *env)
{
	struct statvfs disk;
	int fd;

	mdb_env_get_fd(env->mdb, &fd);
	return fstatvfs(fd, &disk) == 0 && disk.f_bavail * disk.f_frsize < MIB(1);
}

/* soon is ignored, since LMDB has no cheaper commit: it syncs pages before the meta page that
 * refers to them. */
static enum err lmdb_commit(struct kv_txn **tp, bool soon, struct why *why)
{
	struct kv_txn *t = *tp;
	struct kv_env *env = t->env;
	int rc;

	(void)soon;
	assert(t->write);
	*tp = NULL;
	rc = mdb_txn_commit(t->mdb);
	mem_free(t);
	if (rc == EIO && disk_full(env))
		rc = ENOSPC;
	return rc == 0 ? OK : lmdb_fail(why, rc, "cannot commit");
}

static uint64_t lmdb_number(struct kv_txn *t)
{
	return mdb_txn_id(t->mdb);
}

/* After a failed write of a meta page, the state of the disk is unknown. */
static bool lmdb_lost(struct kv_env *env)
{
	MDB_txn *txn = NULL;
	int rc = mdb_txn_begin(env->mdb, NULL, MDB_RDONLY, &txn);

	if (rc == 0)
		mdb_txn_abort(txn);
	return rc == MDB_PANIC;
}

static void lmdb_tidy(struct kv_env *env)
{
	int dead;

	mdb_reader_check(env->mdb, &dead);
}

/* --- rows ------------------------------------------------------------------------------- */

static MDB_val val_of(struct str s)
{
	return (MDB_val){ .mv_size = s.n, .mv_data = (void *)s.p };
}

static struct str str_of_val(MDB_val v)
{
	return str_from(v.mv_data, v.mv_size);
}

static int place_open(struct kv_txn *t, struct place *p)
{
	int rc = 0;

	if (p->open)
		return 0;
	if (p->at != NULL)
		rc = mdb_cursor_renew(t->mdb, p->at);
	else
		rc = mdb_cursor_open(t->mdb, t->env->dbi, &p->at);
	p->open = rc == 0;
	return rc;
}

static enum err lmdb_get(struct kv_txn *t, struct str key, struct str *val)
{
	struct place *p = &t->places[(unsigned char)key.p[0] % LMDB_PLACES];
	MDB_val k = val_of(key), v;
	int rc;

	if (t->write) { /* each change would have to update one more cursor */
		rc = mdb_get(t->mdb, t->env->dbi, &k, &v);
	} else {
		rc = place_open(t, p);
		if (rc == 0)
			rc = mdb_cursor_get(p->at, &k, &v, MDB_SET);
	}
	*val = rc == 0 ? str_of_val(v) : STR_EMPTY;
	return lmdb_err(rc);
}

static enum err lmdb_put(struct kv_txn *t, struct str key, struct str val)
{
	MDB_val k = val_of(key), v = val_of(val);
	int rc = place_open(t, &t->places[0]);

	return lmdb_err(rc != 0 ? rc : mdb_cursor_put(t->places[0].at, &k, &v, 0));
}

static enum err lmdb_del(struct kv_txn *t, struct str key)
{
	MDB_val k = val_of(key);

	return lmdb_err(mdb_del(t->mdb, t->env->dbi, &k, NULL));
}

static enum err lmdb_cursor_open(struct kv_txn *t, struct kv_cursor **out)
{
	struct kv_cursor *c = NEW(struct kv_cursor);
	int rc = mdb_cursor_open(t->mdb, t->env->dbi, &c->mdb);

	if (rc != 0)
		mem_clear(&c);
	*out = c;
	return lmdb_err(rc);
}

static void lmdb_cursor_close(struct kv_cursor **cp)
{
	if (*cp == NULL)
		return;
	mdb_cursor_close((*cp)->mdb);
	mem_clear(cp);
}

static enum err lmdb_cursor_move(struct kv_cursor *c, enum kv_move move, struct str at,
                                 struct str *key, struct str *val)
{
	static const MDB_cursor_op op[] = {
		[KV_SEEK] = MDB_SET_RANGE,
		[KV_BELOW] = MDB_SET_RANGE,
		[KV_NEXT] = MDB_NEXT,
		[KV_PREV] = MDB_PREV,
	};
	MDB_val k = val_of(at), v;
	int rc = mdb_cursor_get(c->mdb, &k, &v, op[move]);

	/* LMDB finds the first key at or after; the previous one is the result. */
	if (move == KV_BELOW && rc == 0)
		rc = mdb_cursor_get(c->mdb, &k, &v, MDB_PREV);
	else if (move == KV_BELOW && rc == MDB_NOTFOUND)
		rc = mdb_cursor_get(c->mdb, &k, &v, MDB_LAST);
	if (rc != 0)
		return lmdb_err(rc);
	*key = str_of_val(k);
	*val = str_of_val(v);
	return OK;
}

const struct kv_ops kv_lmdb_ops = {
	.name = "lmdb",
	.open = lmdb_open,
	.close = lmdb_close,
	.begin = lmdb_begin,
	.commit = lmdb_commit,
	.abort = lmdb_abort,
	.number = lmdb_number,
	.get = lmdb_get,
	.put = lmdb_put,
	.del = lmdb_del,
	.cursor_open = lmdb_cursor_open,
	.cursor_close = lmdb_cursor_close,
	.cursor_move = lmdb_cursor_move,
	.fd = lmdb_fd,
	.used_bytes = lmdb_used_bytes,
	.most_bytes = lmdb_most_bytes,
	.rewrite_bytes = lmdb_rewrite_bytes,
	.free_bytes = lmdb_free_bytes,
	.copy = lmdb_copy,
	.lost = lmdb_lost,
	.tidy = lmdb_tidy,
};
