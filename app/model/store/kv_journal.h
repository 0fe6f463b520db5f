/* model/store/kv_journal.h: the parts of the journaled backend. Only kv_journal*.c includes this.
 *
 * The tree (kv_lmdb.c) syncs twice for a commit and writes every page on the way to what it
 * changed, so a busy server commits elsewhere first:
 *
 *	a commit --> a record in the journal, one sync --> the table in memory
 *	                                                       |  all at once, now and then
 *	                                                       v
 *	                                                     the tree
 *
 * A commit that nobody waits for (store_write_soon) leaves the sync to the next one, or to the
 * keeper.
 *
 * What a transaction sees is the table's rows over the tree's. The env is in one of two
 * states, which change between write transactions only:
 *
 *	direct    table == NULL; commits go into the tree. A store that is opened, one that
 *	          is quiet, and one beside which a command works (model/store/guests.h).
 *	behind    table != NULL; commits go into the journal. The tree's row "journal" names
 *	          the epoch of the records that continue it.
 *
 *	          direct --- commits in quick succession -----------------------> behind
 *	          direct <-- quiet, a command is here, a copy begins, closing,
 *	                     hardly any room is left for the tree --------------- behind
 *	          behind --- the journal or the table is full, or old ----------> behind
 *
 * The lower two arrows are one transaction of the tree that takes the whole table and
 * drops or renews the row "journal", so after a kill at any moment the journal either
 * continues the tree or says nothing to it. */
#ifndef STORE_KV_JOURNAL_H
#define STORE_KV_JOURNAL_H
#include "model/store/journal.h"
#include "model/store/kv_ops.h"
#include "model/store/memtable.h"

#include <pthread.h>

struct kv_env {
	struct kv_env *tree;
	bool guest;                /* a command's: always direct */
	unsigned burst;            /* quick commits that open the journal */
	pthread_mutex_t writer;    /* held by a write transaction, and to change the state */
	pthread_mutex_t view_lock; /* a reader's table and its view of the tree fit together */
	/* Changed under both locks: */
	struct memtable *table;
	struct memtable *next; /* goes with the tree from the commit of this number on, */
	uint64_t next_number;  /* which is under way; UINT64_MAX: none is */
	/* Under writer: */
	struct journal journal;
	unsigned quick;   /* commits, each soon after the one before */
	int64_t last_ms;  /* the last commit (clock_mono_ms) */
	int64_t since_ms; /* no row of the table is older */
	int64_t lag_ms;   /* since when a record waits for its sync */
	unsigned holds;   /* reasons to stay direct */
	bool tight;       /* another: a table might not find room in the tree */
	/* The keeper: a thread that syncs, and ends the state, when it is time. */
	pthread_t keeper;
	pthread_cond_t wake; /* with writer */
	bool kept;           /* there is a keeper */
	bool closing;
};

struct kv_txn {
	struct kv_env *env;
	struct kv_txn *tree;    /* a view while table != NULL, else as write says */
	struct memtable *table; /* with a reference; NULL: direct */
	uint32_t at;            /* the commit that is looked at */
	bool write;
};

/* Of kv_journal_state.c; all but the last two with env->writer held. */

/* Before a write transaction: change the state if it is time. */
enum err journaled_check(struct kv_env *, struct why *) MUST_USE;
/* After each commit. */
void journaled_count(struct kv_env *);
/* One transaction of the tree that takes the table, if there is one, and changes the state:
 * behind with a new epoch, or direct. */
enum err journaled_bring_up(struct kv_env *, bool behind, struct why *) MUST_USE;
/* Bring up for direct, and let commands in. */
enum err journaled_go_direct(struct kv_env *, struct why *) MUST_USE;
/* The most bytes that the tree grows by when it takes the table, which there is. */
uint64_t journaled_growth(struct kv_env *);
/* Stopping one that was never started is a no-op. */
enum err journaled_keeper_start(struct kv_env *, struct why *) MUST_USE;
void journaled_keeper_stop(struct kv_env *);

/* Of kv_journal_view.c, for the table of operations. */
enum err journaled_get(struct kv_txn *, struct str key, struct str *val);
enum err journaled_put(struct kv_txn *, struct str key, struct str val);
enum err journaled_del(struct kv_txn *, struct str key);
enum err journaled_cursor_open(struct kv_txn *, struct kv_cursor **out);
void journaled_cursor_close(struct kv_cursor **);
enum err journaled_cursor_move(struct kv_cursor *, enum kv_move, struct str at, struct str *key,
                               struct str *val);

#endif
