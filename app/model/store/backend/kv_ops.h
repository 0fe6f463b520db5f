/* model/store/backend/kv_ops.h: the interface of a backend of the store. Only store/ includes this.
 *
 * A backend is one ordered map from byte strings to byte strings with transactions: any number of
 * readers, each with a snapshot, and one writer at a time (over all processes). Keys here have the
 * space's number as their first byte. Errors are plain; the layer above (kv.c, commit.c) makes them
 * sticky, places iterators again after writes, and contains the fault points. To add a backend:
 * implement the table, add it to store.c's list and to the backends that tests/unit/store runs its
 * suites on. */
#ifndef STORE_KV_OPS_H
#define STORE_KV_OPS_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct kv_env;
struct kv_txn;
struct kv_cursor;

struct kv_config {
	const char *path; /* of the file                                              */
	bool view;        /* open read-only and without locking: there is no writer */
	size_t map_bytes;
	unsigned readers_max;
	/* For the journaled backend: */
	const char *journal; /* path of its file                                     */
	bool guest;          /* for a command, with or without a server */
	unsigned burst;      /* number of quick commits after which the journal is used; 0: 8 */
};

enum kv_move {
	KV_SEEK,  /* to the first key at or after the given one */
	KV_BELOW, /* to the last key before the given one       */
	KV_NEXT,
	KV_PREV,
};

struct kv_ops {
	const char *name;
	/* Creates missing files. ERR_CORRUPT: not a file of this backend. */
	enum err (*open)(struct kv_env **out, const struct kv_config *, struct why *);
	void (*close)(struct kv_env **);

	/* A write transaction begins, commits and aborts on one thread and waits for other writers.
	 * ERR_RETRY: too many readers. commit and abort clear the handle; commit returns when the
	 * changes are durable, or, with soon, maybe before (store_write_soon), and has aborted when
	 * it fails. */
	enum err (*begin)(struct kv_env *, bool write, struct kv_txn **out, struct why *);
	enum err (*commit)(struct kv_txn **, bool soon, struct why *);
	void (*abort)(struct kv_txn **);

	/* For a read transaction: the commit of its snapshot; for a write transaction: its own.
	 * Increases with each commit. NULL: not used with this backend. */
	uint64_t (*number)(struct kv_txn *);
	/* For a write transaction: while it is constant, and not 0, only this env has committed.
	 * NULL: always 0. */
	uint64_t (*epoch)(struct kv_txn *);

	/* *val stays valid until the next put or del or the end of the transaction. */
	enum err (*get)(struct kv_txn *, struct str key, struct str *val);
	enum err (*put)(struct kv_txn *, struct str key, struct str val);
	enum err (*del)(struct kv_txn *, struct str key); /* ERR_MISSING */

	/* A cursor that was placed before a put or del must be placed again by KV_SEEK or
	 * KV_BELOW. ERR_MISSING: there is no such key. Closed before its transaction ends. */
	enum err (*cursor_open)(struct kv_txn *, struct kv_cursor **out);
	void (*cursor_close)(struct kv_cursor **);
	enum err (*cursor_move)(struct kv_cursor *, enum kv_move, struct str at, struct str *key,
	                        struct str *val);

	/* The file's descriptor (-1: none), the end of its used pages, and its maximum size. */
	int (*fd)(struct kv_env *);
	uint64_t (*used_bytes)(struct kv_env *);
	uint64_t (*most_bytes)(struct kv_env *);
	/* The most bytes of pages that are written when this many rows change. NULL: not used with
	 * this backend. */
	uint64_t (*rewrite_bytes)(struct kv_env *, uint64_t rows);
	/* Reusable bytes inside the file. May cost a walk. */
	uint64_t (*free_bytes)(struct kv_env *);
	/* For a backend with pending commits (else NULL), both in a write transaction: the most by
	 * which the file grows for them, this transaction included; is that room available? If not,
	 * its commit, and later ones until it is, write everything to the file at once. */
	uint64_t (*waiting_bytes)(struct kv_env *);
	void (*room)(struct kv_env *, bool assured);
	/* Write a compact copy of the current snapshot to fd. NULL: not possible. */
	enum err (*copy)(struct kv_env *, int fd, struct why *);
	/* After a failure: is the env unable to begin any transaction? */
	bool (*lost)(struct kv_env *);
	/* Regularly: remove readers of dead processes. */
	void (*tidy)(struct kv_env *);
};

extern const struct kv_ops kv_lmdb_ops;
extern const struct kv_ops kv_journal_ops; /* kv_lmdb_ops with a journal before it */
extern const struct kv_ops kv_mem_ops;

#endif
