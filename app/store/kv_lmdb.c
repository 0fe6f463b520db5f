/* store/kv_lmdb.c: the embedded backend; the only file that knows LMDB.
 *
 * All spaces share LMDB's main tree. A commit of LMDB rewrites every page on the way from
 * a changed leaf to its root, so one tree under one root writes fewer pages than a tree
 * per space would, and small spaces share their leaves.
 *
 * No flag that trades durability for speed is set: a commit writes the pages, syncs, then
 * writes and syncs the meta page that makes them count. Readers are not tied to threads
 * (MDB_NOTLS); their handles keep their slot in the lock file and are used again, because
 * making one takes a lock that all processes share. */
#include "base/list.h"
#include "base/mem.h"
#include "store/kv_ops.h"

#include <errno.h>
#include <lmdb.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum {
	READERS_KEPT = 32, /* idle read handles */
	FREE_DBI = 0,      /* LMDB's own list of free pages, readable like any tree */
	PLACES = 4,        /* of a transaction: where its last gets were */
};

static const size_t map_min = MIB(64);

struct kv_env {
	MDB_env *mdb;
	MDB_dbi dbi;
	pthread_mutex_t lock;
	struct list idle;    /* kv_txn.link, under lock */
	unsigned idle_count; /* under lock */
};

/* Whoever reads or writes many rows does so in the order of their keys, and LMDB looks at the
 * page where a cursor stands before it comes down from the root. */
struct place {
	MDB_cursor *at;
	bool open; /* in this transaction: a handle keeps its cursors for the next one */
};

struct kv_txn {
	struct kv_env *env;
	MDB_txn *mdb;
	bool write;
	struct place places[PLACES]; /* reading: by the space's number; writing: the first */
	struct list link;
};

/* An MDB_cursor is all there is to a cursor but for its tree. */
struct kv_cursor {
	MDB_cursor *mdb;
};

/* --- Errors ----------------------------------------------------------------------------- */

static enum err err_of(int rc)
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

static enum err fail_mdb(struct why *why, int rc, const char *what)
{
	return fail(why, err_of(rc), "%s: %s", what, mdb_strerror(rc));
}

static MDB_val val_of(struct str s)
{
	return (MDB_val){ .mv_size = s.n, .mv_data = (void *)s.p };
}

static struct str str_of_val(MDB_val v)
{
	return str_from(v.mv_data, v.mv_size);
}

/* --- Environment ------------------------------------------------------------------------ */

static enum err dbi_open(struct kv_env *env, bool view, struct why *why)
{
	MDB_txn *txn;
	int rc = mdb_txn_begin(env->mdb, NULL, view ? MDB_RDONLY : 0, &txn);

	if (rc != 0)
		return fail_mdb(why, rc, "cannot read the store");
	rc = mdb_dbi_open(txn, NULL, 0, &env->dbi);
	if (rc == 0)
		rc = mdb_txn_commit(txn);
	else
		mdb_txn_abort(txn);
	return rc == 0 ? OK : fail_mdb(why, rc, "cannot open the store's tree");
}

static unsigned open_flags(const struct kv_config *config)
{
	unsigned flags = MDB_NOSUBDIR | MDB_NOTLS;

	return config->view ? flags | MDB_RDONLY | MDB_NOLOCK : flags;
}

/* Reserving address space can fail where there is little of it (39 bits on some ARM
 * boards, limits of a container), so ask for less until it works. */
static int open_mapped(struct kv_env *env, const struct kv_config *config)
{
	int rc = ENOMEM;

	for (size_t n = config->map_bytes; n >= map_min && rc == ENOMEM; n /= 2) {
		rc = mdb_env_create(&env->mdb);
		if (rc != 0)
			return rc;
		mdb_env_set_mapsize(env->mdb, n);
		mdb_env_set_maxreaders(env->mdb, config->readers_max);
		rc = mdb_env_open(env->mdb, config->path, open_flags(config), 0600);
		if (rc != 0) {
			mdb_env_close(env->mdb);
			env->mdb = NULL;
		}
	}
	return rc;
}

/* How many free pages lie at or behind first; fewer when the list cannot be read. Each record
 * of it is a count and so many page numbers. */
static size_t free_behind(struct kv_env *env, size_t first)
{
	MDB_txn *txn = NULL;
	MDB_cursor *c = NULL;
	MDB_val k, v;
	size_t found = 0;

	if (mdb_txn_begin(env->mdb, NULL, MDB_RDONLY, &txn) != 0)
		return 0;
	if (mdb_cursor_open(txn, FREE_DBI, &c) != 0)
		c = NULL;
	while (c != NULL && mdb_cursor_get(c, &k, &v, MDB_NEXT) == 0) {
		size_t words = v.mv_size / sizeof(size_t), page;

		for (size_t i = 1; i < words; i++) {
			memcpy(&page, (char *)v.mv_data + i * sizeof page, sizeof page);
			found += page >= first;
		}
	}
	if (c != NULL)
		mdb_cursor_close(c);
	mdb_txn_abort(txn);
	return found;
}

/* The file ends before its last page. That is right when all that is missing is free: what a
 * transaction takes at the end and gives back before it commits is never written. Then the
 * file gets a hole there, so that it can be mapped. alone: nobody else changes the file now. */
static enum err tail_check(struct kv_env *env, bool alone, struct why *why)
{
	MDB_envinfo info;
	MDB_stat stat;
	struct stat file;
	size_t have, want;
	int fd;

	mdb_env_info(env->mdb, &info);
	mdb_env_stat(env->mdb, &stat);
	mdb_env_get_fd(env->mdb, &fd);
	if (fstat(fd, &file) != 0)
		return fail_errno(why, "cannot look at the store's file");
	have = (size_t)file.st_size / stat.ms_psize;
	want = info.me_last_pgno + 1;
	if (have >= want)
		return OK;
	if (alone && ftruncate(fd, (off_t)(want * stat.ms_psize)) == 0) {
		if (free_behind(env, have) == want - have)
			return OK;
		if (ftruncate(fd, file.st_size) != 0)
			(void)0; /* the next start finds it corrupt in another way */
	}
	return fail(why, ERR_CORRUPT, "the store's file is cut short: it has %lld bytes",
	            (long long)file.st_size);
}

/* A file that lost its tail would end the process by SIGBUS at the first look at it. */
static enum err check_length(struct kv_env *env, bool view, struct why *why)
{
	MDB_txn *txn = NULL;
	enum err e = tail_check(env, false, view ? why : NULL);
	int rc;

	if (e == OK || view)
		return e;
	rc = mdb_txn_begin(env->mdb, NULL, 0, &txn); /* who writes holds this lock */
	if (rc != 0)
		return fail_mdb(why, rc, "cannot read the store");
	e = tail_check(env, true, why);
	mdb_txn_abort(txn);
	return e;
}

/* The cursors of a write transaction end with it, a reader's do not. */
static void reader_free(struct kv_txn *t)
{
	for (size_t i = 0; i < PLACES; i++)
		if (t->places[i].at != NULL)
			mdb_cursor_close(t->places[i].at);
	mdb_txn_abort(t->mdb);
	mem_free(t);
}

static void lmdb_close(struct kv_env **envp)
{
	struct kv_env *env = *envp;

	if (env == NULL)
		return;
	for (struct list *l; (l = list_pop_front(&env->idle)) != NULL;) {
		struct kv_txn *t = container_of(l, struct kv_txn, link);

		reader_free(t);
	}
	if (env->mdb != NULL)
		mdb_env_close(env->mdb);
	pthread_mutex_destroy(&env->lock);
	mem_clear(envp);
}

static enum err lmdb_open(struct kv_env **out, const struct kv_config *config, struct why *why)
{
	struct kv_env *env = NEW(struct kv_env);
	enum err e;
	int rc;

	list_init(&env->idle);
	pthread_mutex_init(&env->lock, NULL);
	rc = open_mapped(env, config);
	e = rc == 0 ? check_length(env, config->view, why) : fail_mdb(why, rc, config->path);
	if (e == OK)
		e = dbi_open(env, config->view, why);
	if (e != OK)
		lmdb_close(&env);
	*out = env;
	return e;
}

/* --- Transactions ----------------------------------------------------------------------- */

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

static enum err lmdb_begin(struct kv_env *env, bool write, struct kv_txn **out, struct why *why)
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
		reader_free(t);
		*out = NULL;
		return fail_mdb(why, rc, "cannot begin a transaction");
	}
	*out = t;
	return OK;
}

static void lmdb_abort(struct kv_txn **tp)
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
	for (size_t i = 0; i < PLACES; i++)
		t->places[i].open = false;
	if (!idle_keep(t->env, t))
		reader_free(t);
}

/* LMDB calls a write that was cut short by a full disk EIO. */
static bool disk_full(struct kv_env *env)
{
	struct statvfs disk;
	int fd;

	mdb_env_get_fd(env->mdb, &fd);
	return fstatvfs(fd, &disk) == 0 && disk.f_bavail * disk.f_frsize < MIB(1);
}

static enum err lmdb_commit(struct kv_txn **tp, struct why *why)
{
	struct kv_txn *t = *tp;
	struct kv_env *env = t->env;
	int rc;

	assert(t->write);
	*tp = NULL;
	rc = mdb_txn_commit(t->mdb);
	mem_free(t);
	if (rc == EIO && disk_full(env))
		rc = ENOSPC;
	return rc == 0 ? OK : fail_mdb(why, rc, "cannot commit");
}

static uint64_t lmdb_number(struct kv_txn *t)
{
	return mdb_txn_id(t->mdb);
}

/* --- Rows ------------------------------------------------------------------------------- */

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
	struct place *p = &t->places[(unsigned char)key.p[0] % PLACES];
	MDB_val k = val_of(key), v;
	int rc;

	if (t->write) { /* LMDB would have to move one more cursor with each change */
		rc = mdb_get(t->mdb, t->env->dbi, &k, &v);
	} else {
		rc = place_open(t, p);
		if (rc == 0)
			rc = mdb_cursor_get(p->at, &k, &v, MDB_SET);
	}
	*val = rc == 0 ? str_of_val(v) : STR_EMPTY;
	return err_of(rc);
}

static enum err lmdb_put(struct kv_txn *t, struct str key, struct str val)
{
	MDB_val k = val_of(key), v = val_of(val);
	int rc = place_open(t, &t->places[0]);

	return err_of(rc != 0 ? rc : mdb_cursor_put(t->places[0].at, &k, &v, 0));
}

static enum err lmdb_del(struct kv_txn *t, struct str key)
{
	MDB_val k = val_of(key);

	return err_of(mdb_del(t->mdb, t->env->dbi, &k, NULL));
}

static enum err lmdb_cursor_open(struct kv_txn *t, struct kv_cursor **out)
{
	struct kv_cursor *c = NEW(struct kv_cursor);
	int rc = mdb_cursor_open(t->mdb, t->env->dbi, &c->mdb);

	if (rc != 0)
		mem_clear(&c);
	*out = c;
	return err_of(rc);
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

	/* LMDB finds the first key at or after; the one before that is ours. */
	if (move == KV_BELOW && rc == 0)
		rc = mdb_cursor_get(c->mdb, &k, &v, MDB_PREV);
	else if (move == KV_BELOW && rc == MDB_NOTFOUND)
		rc = mdb_cursor_get(c->mdb, &k, &v, MDB_LAST);
	if (rc != 0)
		return err_of(rc);
	*key = str_of_val(k);
	*val = str_of_val(v);
	return OK;
}

/* --- The file --------------------------------------------------------------------------- */

static int lmdb_fd(struct kv_env *env)
{
	int fd = -1;

	mdb_env_get_fd(env->mdb, &fd);
	return fd;
}

static uint64_t page_bytes(struct kv_env *env)
{
	MDB_stat stat;

	mdb_env_stat(env->mdb, &stat);
	return stat.ms_psize;
}

static uint64_t lmdb_used_bytes(struct kv_env *env)
{
	MDB_envinfo info;

	mdb_env_info(env->mdb, &info);
	return (uint64_t)(info.me_last_pgno + 1) * page_bytes(env);
}

/* Leaves, and what leads to them. */
static uint64_t lmdb_rewrite_bytes(struct kv_env *env, uint64_t rows)
{
	MDB_stat stat;
	uint64_t leaves, branches;

	mdb_env_stat(env->mdb, &stat);
	leaves = MIN(rows, stat.ms_leaf_pages);
	branches = MIN(rows * stat.ms_depth, stat.ms_branch_pages);
	return (leaves + branches) * stat.ms_psize;
}

static uint64_t lmdb_most_bytes(struct kv_env *env)
{
	MDB_envinfo info;

	mdb_env_info(env->mdb, &info);
	return info.me_mapsize;
}

/* Each row of the free list begins with how many page numbers it holds. LMDB shows the
 * list to readers only. */
static uint64_t lmdb_free_bytes(struct kv_env *env)
{
	struct kv_txn *t;
	MDB_cursor *c;
	MDB_val k, v;
	uint64_t pages = 0;

	if (lmdb_begin(env, false, &t, NULL) != OK)
		return 0;
	if (mdb_cursor_open(t->mdb, FREE_DBI, &c) == 0) {
		while (mdb_cursor_get(c, &k, &v, MDB_NEXT) == 0) {
			size_t n = 0;

			memcpy(&n, v.mv_data, MIN(sizeof n, v.mv_size));
			pages += n;
		}
		mdb_cursor_close(c);
	}
	lmdb_abort(&t);
	return pages * page_bytes(env);
}

static enum err lmdb_copy(struct kv_env *env, int fd, struct why *why)
{
	int rc = mdb_env_copyfd2(env->mdb, fd, MDB_CP_COMPACT);

	return rc == 0 ? OK : fail_mdb(why, rc, "cannot copy the store");
}

/* LMDB cannot tell what the disk holds after a meta page could not be written. */
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
