/* model/store/backend/kv_journal.h: the parts of the journaled backend. Only
 * kv_journal*.c includes this.
 *
 * The tree (kv_lmdb.c) syncs twice for a commit and writes every page on the path to a change, so a
 * busy server commits to the journal first:
 *
 *	a commit --> a record in the journal, one sync --> the table in memory
 *	                                                       |  all at once, regularly
 *	                                                       v
 *	                                                     the tree
 *
 * A commit without a waiting client (store_write_soon) leaves the sync to the next one, or to the
 * keeper thread.
 *
 * A transaction sees the table's rows over the tree's. The env is in one of two states, which
 * change between write transactions only:
 *
 *	direct    table == NULL; commits go into the tree. For a newly opened store, a
 *	          quiet one, and one with a running command (model/store/guests.h).
 *	behind    table != NULL; commits go into the journal. The tree's row "journal" has
 *	          the epoch of the records that continue it.
 *
 *	          direct --- commits in quick succession -----------------------> behind
 *	          direct <-- quiet, a command starts, a copy begins, closing,
 *	                     the tree is nearly out of space ------------------- behind
 *	          behind --- the journal or the table is full, or old ----------> behind
 *
 * The lower two arrows are one transaction of the tree that takes the whole table and deletes or
 * renews the row "journal", so after a kill at any moment the journal either continues the tree or
 * does not apply to it. */
#ifndef STORE_KV_JOURNAL_H
#define STORE_KV_JOURNAL_H
#include "model/store/backend/journal.h"
#include "model/store/backend/kv_ops.h"
#include "model/store/backend/memtable.h"

#include <pthread.h>

struct kv_env {
	struct kv_env *tree;
	bool guest;                /* a command's: always direct */
	unsigned burst;            /* number of quick commits after which the journal is used */
	pthread_mutex_t writer;    /* held by a write transaction, and to change the state */
	pthread_mutex_t view_lock; /* makes a reader's table and its snapshot of the tree
				    * consistent */
	/* Changed under both locks: */
	struct memtable *table;
	struct memtable *next; /* goes with the tree from the commit of this number on, */
	uint64_t next_number;  /* which is under way; UINT64_MAX: none is */
	/* Under writer: */
	struct journal journal;
	unsigned quick;   /* commits in quick succession */
	int64_t last_ms;  /* the last commit (clock_mono_ms) */
	int64_t since_ms; /* lower bound of the age of the table's rows */
	int64_t lag_ms;   /* since when a record is not synced */
	unsigned holds;   /* number of reasons to stay direct */
	bool tight;       /* another reason: the tree might have no room for a table */
	/* The keeper: a thread that syncs, and ends the state, when due. */
	pthread_t keeper;
	pthread_cond_t wake; /* with writer */
	bool kept;           /* the keeper runs */
	bool closing;
};

struct kv_txn {
	struct kv_env *env;
	struct kv_txn *tree;    /* a snapshot while table != NULL, else as write says */
	struct memtable *table; /* with a reference; NULL: direct */
	uint32_t at;            /* the commit of its snapshot */
	bool write;
};

/* In kv_journal_state.c; all but the last two with env->writer held. */

/* Before a write transaction: change the state if due. */
enum err journaled_check(struct kv_env *, struct why *) MUST_USE;
/* After each commit. */
void journaled_count(struct kv_env *);
/* One transaction of the tree that takes the table, if any, and sets the state: behind with a new
 * epoch, or direct. */
enum err journaled_tree_update(struct kv_env *, bool behind, struct why *) MUST_USE;
/* Update the tree for direct, and admit commands. */
enum err journaled_go_direct(struct kv_env *, struct why *) MUST_USE;
/* The most bytes by which the tree grows when it takes the table, which exists. */
uint64_t journaled_growth(struct kv_env *);
/* stop is a no-op without start. */
enum err journaled_keeper_start(struct kv_env *, struct why *) MUST_USE;
void journaled_keeper_stop(struct kv_env *);

/* In kv_journal_view.c, for the table of operations. */
enum err journaled_get(struct kv_txn *, struct str key, struct str *val);
enum err journaled_put(struct kv_txn *, struct str key, struct str val);
enum err journaled_del(struct kv_txn *, struct str key);
enum err journaled_cursor_open(struct kv_txn *, struct kv_cursor **out);
void journaled_cursor_close(struct kv_cursor **);
enum err journaled_cursor_move(struct kv_cursor *, enum kv_move, struct str at, struct str *key,
                               struct str *val);

#endif
