/* model/store/backend/kv_lmdb_file.c: the embedded backend's file: its size and growth,
 * and copies of it. */
#include "model/store/backend/kv_lmdb_body.h"

#include <string.h>

int lmdb_fd(struct kv_env *env)
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

uint64_t lmdb_used_bytes(struct kv_env *env)
{
	MDB_envinfo info;

	mdb_env_info(env->mdb, &info);
	return (uint64_t)(info.me_last_pgno + 1) * page_bytes(env);
}

/* Counts leaves and the pages above them. */
uint64_t lmdb_rewrite_bytes(struct kv_env *env, uint64_t rows)
{
	MDB_stat stat;
	uint64_t leaves, branches;

	mdb_env_stat(env->mdb, &stat);
	leaves = MIN(rows, stat.ms_leaf_pages);
	branches = MIN(rows * stat.ms_depth, stat.ms_branch_pages);
	return (leaves + branches) * stat.ms_psize;
}

uint64_t lmdb_most_bytes(struct kv_env *env)
{
	MDB_envinfo info;

	mdb_env_info(env->mdb, &info);
	return info.me_mapsize;
}

/* Each row of the free list begins with the count of its page numbers. Only read transactions can
 * read the list. */
uint64_t lmdb_free_bytes(struct kv_env *env)
{
	struct kv_txn *t;
	MDB_cursor *c;
	MDB_val k, v;
	uint64_t pages = 0;

	if (lmdb_begin(env, false, &t, NULL) != OK)
		return 0;
	if (mdb_cursor_open(t->mdb, LMDB_FREE_DBI, &c) == 0) {
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

enum err lmdb_copy(struct kv_env *env, int fd, struct why *why)
{
	int rc = mdb_env_copyfd2(env->mdb, fd, MDB_CP_COMPACT);

	return rc == 0 ? OK : lmdb_fail(why, rc, "cannot copy the store");
}
