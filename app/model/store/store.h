/* model/store/store.h: the one home of everything Roost keeps.
 *
 * A store is a data folder with two files in it: roost.mdb, the tree of all rows, and
 * roost.journal, the latest commits of a busy server (and LMDB's lock file). All access
 * runs inside a transaction: store_read and store_write are handed a function and run it
 * over a consistent view (model/store/kv.h). Opening one, then calling a protocol routine that
 * waits for a socket, would pin old pages of the file; so functions handed in only
 * compute, and callers that are about to wait assert txns_open() == 0.
 *
 * Group commit. Writers queue their functions. The first to come leads: it runs all that
 * are queued in one backend transaction on its own thread, in order of arrival, commits
 * once, runs their announcements, wakes the others, and passes the lead to the next in
 * the queue. So a lone writer pays no thread switch, and many share one disk sync.
 * store_write returns only when the commit is on the disk.
 *
 * Another process (a command beside the running server) may open the same folder: the
 * server then does without the journal (model/store/guests.h), and the backend's lock orders the
 * commits of both. */
#ifndef STORE_H
#define STORE_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct arena;
struct store;
struct txn;

enum store_backend {
	STORE_LMDB,
	STORE_MEMORY, /* for tests: nothing survives store_close */
};

enum store_role {
	STORE_SERVER, /* creates and migrates; at most one has a folder open at a time */
	STORE_TOOL,   /* a command beside or without a server; creates when asked to   */
	STORE_VIEW,   /* reads a file nobody writes, a backup: no lock file, no writes  */
};

struct store_config {
	enum store_backend backend;
	enum store_role role;
	const char *folder;   /* made with mode 0700 when its parent exists          */
	const char *file;     /* inside folder; NULL: "roost.mdb"                    */
	bool create;          /* STORE_TOOL: make the store when there is none       */
	bool existing;        /* STORE_SERVER: do not                                */
	size_t map_bytes;     /* most the file can grow to; 0: as large as possible  */
	size_t reserve_bytes; /* kept for deletes on a full disk; 0: 16 MiB          */
	unsigned readers_max; /* read transactions at a time, all processes; 0: 2048 */
	unsigned burst;       /* commits in quick succession after which the next go into
	                       * the journal first; 0: 8 */
	bool locked;          /* STORE_SERVER: the caller has the folder's lock      */
	const char *writer;   /* the version of this program, noted where it sets the format, so
	                       * that an older one can name it; static; NULL: none */
	/* A write to the disk failed in such a way that no transaction can begin any more until
	 * the store is opened anew: called once, on the thread that met it. What was committed
	 * is safe. NULL: nobody is told. */
	void (*on_lost)(void *arg);
	void *on_lost_arg;
};

/* Open the store, creating it when role and config allow.
 * *out  the store, to be closed with store_close; NULL unless OK is returned.
 * ERR_DENIED: the folder may not be read or written. ERR_MISSING: there is no store and
 * none was to be made. ERR_CONFLICT: another server has it open, or it was written by a
 * newer Roost, or it lies on a network file system, where memory maps and locks cannot be
 * trusted. ERR_CORRUPT: not a Roost store. ERR_FULL, ERR_IO. why says it in words. */
enum err store_open(struct store **out, const struct store_config *config,
                    struct why *why) MUST_USE;

/* NULL is a no-op; clears *s. No transaction may be open or queued. */
void store_close(struct store **s);

/* A transaction's function. OK commits what it wrote. Any error undoes it and is returned
 * by store_read or store_write. It must not act outside the store and its own arg, and
 * must be able to run again from the start: its transaction may be undone because of
 * another writer's failure. */
typedef enum err txn_fn(struct txn *t, void *arg);

/* Run fn over a snapshot that no writer disturbs. Returns what fn returns, or ERR_RETRY
 * when readers_max are busy, ERR_IO. Not inside another transaction of this thread. */
enum err store_read(struct store *s, txn_fn *fn, void *arg) MUST_USE;

/* Run fn in the next commit and wait until that is on the disk.
 * fn   may run on another writer's thread and more than once. It sees what the functions
 *      before it in the same commit wrote.
 * why  in words what failed in the store; fn's own errors are fn's to explain, for which
 *      txn_why gives it this same why. May be NULL.
 * Returns what fn returns; ERR_FULL when the disk (or a quota on it) is full: nothing was
 * written, and it works again by itself once there is room; ERR_IO, ERR_CORRUPT.
 * Fail early: an fn that fails before its first kv_put or kv_del costs nothing, one that
 * fails later makes the whole batch run again without it.
 * Not inside a transaction or an announcement of this thread, and not with a lock held that
 * any function or announcement takes: the wait may be for those of others. */
enum err store_write(struct store *s, txn_fn *fn, void *arg, struct why *why) MUST_USE;

/* The same for what nobody was promised and a second attempt mends: it does not wait for the disk.
 * The next commit that does takes it along, else it follows within STORE_SOON_MS. A process that
 * is killed loses nothing of it. When the machine itself stops, the last of such writes may be
 * gone; then nothing is there that was committed after them. */
enum { STORE_SOON_MS = 200 };
enum err store_write_soon(struct store *s, txn_fn *fn, void *arg, struct why *why) MUST_USE;

/* Write. Did a server end while its commits were in the journal, since this was last called? Then
 * the last writes of store_write_soon may be gone. The caller handles that in t. */
enum err store_recovered_take(struct txn *t, bool *recovered) MUST_USE;

/* Memory that lives until the transaction ended and its announcements ran. */
struct arena *txn_arena(struct txn *t);
/* Where fn may explain its failure; NULL when nobody asked. */
struct why *txn_why(struct txn *t);
bool txn_is_write(const struct txn *t);
struct store *txn_store(const struct txn *t);

/* An announcement: fn(arg) runs once after the commit, in the order of commits and of
 * txn_after calls, before store_write returns; never when the transaction is undone. arg
 * may live in txn_arena. It must be quick (the next commit waits for it) and may read the
 * store but not write it. In write transactions only. */
void txn_after(struct txn *t, void (*fn)(void *arg), void *arg);

/* How many transactions the calling thread has open: 0 or 1. */
unsigned txns_open(void);

/* The data folder, for files beside the store (spools, sockets): a descriptor for openat,
 * owned by s; -1 when the store is in memory without a folder. */
int store_folder_fd(const struct store *s);

/* In a command's transaction (STORE_TOOL): does no server have the folder open? In one that writes
 * this lasts until it has ended, for a server that starts meanwhile waits to write. False when
 * nobody can say, and in any other store. */
bool txn_is_alone(const struct txn *t);

/* Counters since open, for metrics and benches. */
struct store_stats {
	uint64_t commits;    /* backend transactions committed              */
	uint64_t functions;  /* functions that took part in them            */
	uint64_t reruns;     /* batches run again after a late failure      */
	uint64_t failures;   /* batches that failed as a whole              */
	uint64_t file_bytes; /* size of the store now, free pages included */
	bool full;           /* growing writes are being refused            */
};
void store_stats(struct store *s, struct store_stats *out);

#endif
