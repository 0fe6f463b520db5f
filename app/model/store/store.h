/* model/store/store.h: the storage of all data of Roost.
 *
 * A store is a data folder with two files: roost.mdb, the tree of all rows, and roost.journal, the
 * latest commits of a busy server (and LMDB's lock file). All access is inside a transaction:
 * store_read and store_write run a function over a consistent view (model/store/kv.h). A function
 * that waits for a socket would pin old pages of the file; so these functions only compute, and
 * callers that are about to wait assert txns_open() == 0.
 *
 * Group commit. Writers queue their functions. The first one leads: it runs all queued functions in
 * one backend transaction on its own thread, in order of arrival, commits once, runs their
 * announcements, wakes the others, and passes the lead to the next in the queue. So a lone writer
 * pays no thread switch, and many share one disk sync. store_write returns only when the commit is
 * on the disk.
 *
 * Another process (a command next to the running server) may open the same folder: the server then
 * does not use the journal (model/store/guests.h), and the backend's lock orders the commits of
 * both. */
#ifndef STORE_H
#define STORE_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct arena;
struct store;
struct txn;

enum store_backend {
	STORE_LMDB,
	STORE_MEMORY, /* for tests: lost at store_close */
};

enum store_role {
	STORE_SERVER, /* creates and migrates; at most one has a folder open at a time */
	STORE_TOOL,   /* a command, with or without a server; creates on request */
	STORE_VIEW,   /* reads a file without a writer, a backup: no lock file, no writes */
};

struct store_config {
	enum store_backend backend;
	enum store_role role;
	const char *folder;   /* created with mode 0700 when its parent exists */
	const char *file;     /* inside folder; NULL: "roost.mdb"                    */
	bool create;          /* STORE_TOOL: create the store if missing */
	bool existing;        /* STORE_SERVER: do not create it */
	size_t map_bytes;     /* maximum size of the file; 0: as large as possible */
	size_t reserve_bytes; /* kept for deletes on a full disk; 0: 16 MiB          */
	unsigned readers_max; /* read transactions at a time, all processes; 0: 2048 */
	unsigned burst;       /* number of commits in quick succession after which the next ones use
	                       * the journal; 0: 8 */
	bool locked;          /* STORE_SERVER: the caller holds the folder's lock */
	const char *writer;   /* the version of this program, stored with the format, so that an
	                       * older one can name it; static; NULL: none */
	/* A write to the disk failed so that no transaction can begin until the store is opened
	 * again: called once, on the failing thread. Committed data is safe. NULL: no call. */
	void (*on_lost)(void *arg);
	void *on_lost_arg;
};

/* Open the store, creating it when role and config allow.
 * *out  the store, to be closed with store_close; NULL unless OK is returned.
 * ERR_DENIED: no permission to read or write the folder. ERR_MISSING: there is no store and none
 * was to be created. ERR_CONFLICT: another server has it open, or a newer Roost wrote it, or it is
 * on a network file system, whose memory maps and locks are unreliable. ERR_CORRUPT: not a Roost
 * store. ERR_FULL, ERR_IO. why has the reason. */
enum err store_open(struct store **out, const struct store_config *config,
                    struct why *why) MUST_USE;

/* NULL is a no-op; clears *s. No transaction may be open or queued. */
void store_close(struct store **s);

/* A transaction's function. OK commits its writes. Any error undoes them and is returned by
 * store_read or store_write. It must change only the store and its own arg, and must be able to run
 * again from the start: its transaction may be undone because of another writer's failure. */
typedef enum err txn_fn(struct txn *t, void *arg);

/* Run fn over a snapshot, independent of writers. Returns fn's result, or ERR_RETRY when
 * readers_max are busy, ERR_IO. Not inside another transaction of this thread. */
enum err store_read(struct store *s, txn_fn *fn, void *arg) MUST_USE;

/* Run fn in the next commit and wait until that is on the disk.
 * fn   may run on another writer's thread and more than once. It sees the writes of earlier
 *      functions in the same commit.
 * why  the error of the store; fn explains its own errors in txn_why, which is this same
 *      why. May be NULL.
 * Returns fn's result; ERR_FULL when the disk (or a quota on it) is full: nothing was written, and
 * writes work again once there is space; ERR_IO, ERR_CORRUPT. Fail early: an fn that fails before
 * its first kv_put or kv_del costs nothing, a later failure makes the whole batch run again without
 * it. Not inside a transaction or an announcement of this thread, and not with a lock held that any
 * function or announcement takes: this thread may wait for those of others. */
enum err store_write(struct store *s, txn_fn *fn, void *arg, struct why *why) MUST_USE;

/* The same for writes that no client relies on and that can be repeated: it does not wait for the
 * disk. The next commit that syncs includes it; otherwise it is synced within STORE_SOON_MS. A
 * killed process loses none of them. After a crash of the machine, the last of such writes may be
 * lost, together with all later commits. */
enum { STORE_SOON_MS = 200 };
enum err store_write_soon(struct store *s, txn_fn *fn, void *arg, struct why *why) MUST_USE;

/* Write. Did a server end with commits in the journal, since the last call? Then the last writes of
 * store_write_soon may be lost. The caller handles that in t. */
enum err store_recovered_take(struct txn *t, bool *recovered) MUST_USE;

/* Memory that lives until the transaction has ended and its announcements have run. */
struct arena *txn_arena(struct txn *t);
/* Where fn may explain its failure; NULL when the caller passed none. */
struct why *txn_why(struct txn *t);
bool txn_is_write(const struct txn *t);
struct store *txn_store(const struct txn *t);

/* An announcement: fn(arg) runs once after the commit, in the order of commits and of txn_after
 * calls, before store_write returns; not when the transaction is undone. arg may live in txn_arena.
 * It must be quick (the next commit waits for it) and may read the store but not write it. In write
 * transactions only. */
void txn_after(struct txn *t, void (*fn)(void *arg), void *arg);

/* The number of open transactions of this thread: 0 or 1. */
unsigned txns_open(void);

/* The data folder, for other files (spools, sockets): a descriptor for openat, owned by s; -1 when
 * the store is in memory without a folder. */
int store_folder_fd(const struct store *s);

/* In a command's transaction (STORE_TOOL): is no server using the folder? In a write transaction
 * this stays true until its end, because a starting server waits to write. False when unknown, and
 * in any other store. */
bool txn_is_alone(const struct txn *t);

/* Counters since open, for metrics and benches. */
struct store_stats {
	uint64_t commits;    /* backend transactions committed              */
	uint64_t functions;  /* functions in these transactions */
	uint64_t reruns;     /* batches run again after a late failure      */
	uint64_t failures;   /* failed batches */
	uint64_t file_bytes; /* size of the store now, free pages included */
	bool full;           /* writes that grow the store are refused */
};
void store_stats(struct store *s, struct store_stats *out);

#endif
