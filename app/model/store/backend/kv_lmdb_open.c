/* model/store/backend/kv_lmdb_open.c: opening, checking and closing the embedded backend's file. */
#include "foundation/base/mem.h"
#include "model/store/backend/kv_lmdb_body.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const size_t map_min = MIB(64);

static enum err dbi_open(struct kv_env *env, bool view, struct why *why)
{
	MDB_txn *txn;
	int rc = mdb_txn_begin(env->mdb, NULL, view ? MDB_RDONLY : 0, &txn);

	if (rc != 0)
		return lmdb_fail(why, rc, "cannot read the store");
	rc = mdb_dbi_open(txn, NULL, 0, &env->dbi);
	if (rc == 0)
		rc = mdb_txn_commit(txn);
	else
		mdb_txn_abort(txn);
	return rc == 0 ? OK : lmdb_fail(why, rc, "cannot open the store's tree");
}

static unsigned open_flags(const struct kv_config *config)
{
	unsigned flags = MDB_NOSUBDIR | MDB_NOTLS;

	return config->view ? flags | MDB_RDONLY | MDB_NOLOCK : flags;
}

/* Reserving address space can fail where it is scarce (39 bits on some ARM boards, limits of a
 * container), so this tries smaller sizes until one works. */
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

/* The number of free pages from first on; fewer when the list cannot be read. Each record of the
 * list is a count and so many page numbers. */
static size_t free_behind(struct kv_env *env, size_t first)
{
	MDB_txn *txn = NULL;
	MDB_cursor *c = NULL;
	MDB_val k, v;
	size_t found = 0;

	if (mdb_txn_begin(env->mdb, NULL, MDB_RDONLY, &txn) != 0)
		return 0;
	if (mdb_cursor_open(txn, LMDB_FREE_DBI, &c) != 0)
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

/* The file ends before its last page. That is valid if all missing pages are free: a page that a
 * transaction takes at the end and frees before its commit is never written. Then the file is
 * extended by a hole, so that it can be mapped. alone: no other process changes the file now. */
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
			(void)0; /* the next start finds the same and tries again */
	}
	return fail(why, ERR_CORRUPT, "the store's file is cut short: it has %lld bytes",
	            (long long)file.st_size);
}

/* In a truncated file, reading a missing page would end the process by SIGBUS. */
static enum err check_length(struct kv_env *env, bool view, struct why *why)
{
	MDB_txn *txn = NULL;
	enum err e = tail_check(env, false, view ? why : NULL);
	int rc;

	if (e == OK || view)
		return e;
	rc = mdb_txn_begin(env->mdb, NULL, 0, &txn); /* writers hold this lock */
	if (rc != 0)
		return lmdb_fail(why, rc, "cannot read the store");
	e = tail_check(env, true, why);
	mdb_txn_abort(txn);
	return e;
}

void lmdb_close(struct kv_env **envp)
{
	struct kv_env *env = *envp;

	if (env == NULL)
		return;
	for (struct list *l; (l = list_pop_front(&env->idle)) != NULL;) {
		struct kv_txn *t = container_of(l, struct kv_txn, link);

		lmdb_reader_free(t);
	}
	if (env->mdb != NULL)
		mdb_env_close(env->mdb);
	pthread_mutex_destroy(&env->lock);
	mem_clear(envp);
}

enum err lmdb_open(struct kv_env **out, const struct kv_config *config, struct why *why)
{
	struct kv_env *env = NEW(struct kv_env);
	enum err e;
	int rc;

	list_init(&env->idle);
	pthread_mutex_init(&env->lock, NULL);
	rc = open_mapped(env, config);
	e = rc == 0 ? check_length(env, config->view, why) : lmdb_fail(why, rc, config->path);
	if (e == OK)
		e = dbi_open(env, config->view, why);
	if (e != OK)
		lmdb_close(&env);
	*out = env;
	return e;
}
