/* model/store/txn.h: the internals of a transaction. Only store/ includes this. */
#ifndef STORE_TXN_H
#define STORE_TXN_H
#include "foundation/base/arena.h"
#include "foundation/base/err.h"
#include "model/store/backend/kv_ops.h"

struct store;
struct txn_note;

/* The greatest number of chunks and drafts. */
struct blob_numbers {
	uint64_t last;
	uint64_t epoch; /* of the store's (kv_ops.h): the number is valid while it is constant */
	bool known;
};

/* Lives on the stack of its thread. A write transaction contains a whole batch of functions, in
 * order; fields of the running one are marked. */
struct txn {
	struct store *store;
	const struct kv_ops *ops;
	struct kv_txn *kv;
	bool write;
	bool tight;             /* the disk is nearly full: growth is limited */
	int64_t growth_max;     /* with tight: the limit of the running function */
	struct why *why;        /* the running function's                                */
	enum err failed;        /* sticky: this transaction cannot be committed          */
	unsigned cursors;       /* open ones; 0 when a function returns                  */
	uint64_t writes;        /* puts and dels so far                                  */
	uint64_t bytes;         /* bytes put so far                                      */
	int64_t growth;         /* while tight: bytes the running function added         */
	struct blob_numbers numbers; /* as of this transaction                          */
	struct arena *arena;    /* shared by the batch                                   */
	struct txn_note *notes; /* announcements, last first                            */
};

/* Begin: fills *t. The caller must call exactly one of txn_commit and txn_abort. */
enum err txn_begin(struct txn *t, struct store *s, bool write, struct arena *arena,
                   struct why *why) MUST_USE;
/* soon: see store_write_soon. */
enum err txn_commit(struct txn *t, bool soon, struct why *why) MUST_USE;
void txn_abort(struct txn *t);

/* Run the announcements of txn_after, in order. After the commit. */
void txn_announce(struct txn *t);

/* Is an announcement running on this thread? */
bool txn_announcing(void);

#endif
