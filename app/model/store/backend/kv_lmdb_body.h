/* model/store/backend/kv_lmdb_body.h: shared by the files of the embedded backend, which
 * alone use LMDB. kv_lmdb.c has transactions and rows, kv_lmdb_open.c opening and
 * closing, kv_lmdb_file.c the size of the file, and copies of it. */
#ifndef STORE_KV_LMDB_BODY_H
#define STORE_KV_LMDB_BODY_H
#include "foundation/base/list.h"
#include "model/store/backend/kv_ops.h"

#include <lmdb.h>
#include <pthread.h>

enum {
	LMDB_FREE_DBI = 0, /* LMDB's own list of free pages, readable like any tree */
	LMDB_PLACES = 4,   /* of a transaction: positions of its last gets */
};

struct kv_env {
	MDB_env *mdb;
	MDB_dbi dbi;
	pthread_mutex_t lock;
	struct list idle;    /* kv_txn.link, under lock */
	unsigned idle_count; /* under lock */
};

/* Most callers read or write many rows in the order of their keys, and LMDB checks the page of a
 * cursor before it searches from the root. */
struct place {
	MDB_cursor *at;
	bool open; /* in this transaction: a handle keeps its cursors for the next one */
};

struct kv_txn {
	struct kv_env *env;
	MDB_txn *mdb;
	bool write;
	struct place places[LMDB_PLACES]; /* reading: by the space's number; writing: the first */
	struct list link;
};

/* A cursor of the tree is only an MDB_cursor. */
struct kv_cursor {
	MDB_cursor *mdb;
};

enum err lmdb_err(int rc);
/* "what: " and LMDB's message. */
enum err lmdb_fail(struct why *why, int rc, const char *what);

/* kv_lmdb_open.c: of struct kv_ops. */
enum err lmdb_open(struct kv_env **out, const struct kv_config *config, struct why *why);
void lmdb_close(struct kv_env **env);

/* kv_lmdb.c: of struct kv_ops; and a reader with its handle. */
enum err lmdb_begin(struct kv_env *env, bool write, struct kv_txn **out, struct why *why);
void lmdb_abort(struct kv_txn **t);
void lmdb_reader_free(struct kv_txn *t);

/* kv_lmdb_file.c: of struct kv_ops. */
int lmdb_fd(struct kv_env *env);
uint64_t lmdb_used_bytes(struct kv_env *env);
uint64_t lmdb_most_bytes(struct kv_env *env);
uint64_t lmdb_rewrite_bytes(struct kv_env *env, uint64_t rows);
uint64_t lmdb_free_bytes(struct kv_env *env);
enum err lmdb_copy(struct kv_env *env, int fd, struct why *why);

#endif
