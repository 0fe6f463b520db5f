/* model/store/txn.h: a transaction as the store sees it. Only store/ includes this. */
#ifndef STORE_TXN_H
#define STORE_TXN_H
#include "foundation/base/arena.h"
#include "foundation/base/err.h"
#include "model/store/kv_ops.h"

struct store;
struct txn_note;

/* The greatest number that chunks and drafts have. */
struct blob_numbers {
	uint64_t last;
	uint64_t epoch; /* of the store's (kv_ops.h): it is known while that lasts */
	bool known;
};

/* Lives on the stack of the thread that runs it. For a write it carries a whole batch of
 * functions, one after the other; what belongs to the running one is marked. */
struct txn {
	struct store *store;
	const struct kv_ops *ops;
	struct kv_txn *kv;
	bool write;
	bool tight;             /* the disk is nearly full: growth counts                */
	int64_t growth_max;     /* then: what a function may add                         */
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

/* Begin: fills *t. The caller ends it by exactly one of the other two. */
enum err txn_begin(struct txn *t, struct store *s, bool write, struct arena *arena,
                   struct why *why) MUST_USE;
/* soon: see store_write_soon. */
enum err txn_commit(struct txn *t, bool soon, struct why *why) MUST_USE;
void txn_abort(struct txn *t);

/* Run what txn_after registered, in order. After the commit. */
void txn_announce(struct txn *t);

/* Is an announcement running on this thread? */
bool txn_announcing(void);

#endif
