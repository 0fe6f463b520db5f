/* model/store/kv.h: named key spaces inside a transaction.
 *
 * A space maps keys (1 to KV_KEY_MAX bytes) to values (0 to KV_VALUE_MAX bytes), in the order of
 * memcmp, a prefix first. model/store/spaces.def lists the spaces. Returned keys and values are
 * borrowed from the transaction: in a read transaction until it ends, in a write transaction until
 * the next kv_put or kv_del or its end; copy those that must live longer (txn_arena).
 *
 * A failed put or del is sticky: the write transaction cannot be committed any more, whatever the
 * function returns, so an ignored error cannot lose half of a change.
 *
 * A transaction belongs to the function it was passed to: no other thread may use it. */
#ifndef STORE_KV_H
#define STORE_KV_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct txn;
struct kv_cursor;

enum space {
#define SPACE(number, name, key, value) SPACE_##name = (number),
#include "model/store/spaces.def"
#undef SPACE
};

enum {
	KV_KEY_MAX = 500,
	KV_VALUE_MAX = 4 << 20,
};

/* "MAILBOX" for SPACE_MAILBOX, NULL for an unused number. */
const char *space_name(unsigned number);

/* *val is borrowed. ERR_MISSING when there is no such key (*val is then empty), ERR_IO,
 * ERR_CORRUPT. val may be NULL for a test of presence. */
enum err kv_get(struct txn *t, enum space s, struct str key, struct str *val) MUST_USE;

/* The values of n keys, ascending, as by kv_get: one request where a back end pays for each. A
 * missing one has p == NULL; then the others are complete. ERR_IO, ERR_CORRUPT. */
enum err kv_get_many(struct txn *t, enum space s, const struct str *keys, size_t n,
                     struct str *vals) MUST_USE;

/* Insert or replace. key and val are copied; they may be borrowed from t. In a write transaction
 * only. ERR_FULL: no space; ERR_IO, ERR_CORRUPT. Errors are sticky. */
enum err kv_put(struct txn *t, enum space s, struct str key, struct str val) MUST_USE;

/* Remove. ERR_MISSING: no such key; only this error is not sticky. */
enum err kv_del(struct txn *t, enum space s, struct str key) MUST_USE;

/* The sticky error of t, OK when none. */
enum err kv_failed(const struct txn *t);

/* Walking a range in either direction:
 *
 *	struct kv_iter it;
 *
 *	kv_iter_prefix(&it, t, SPACE_UID, prefix);
 *	while (kv_iter_next(&it))
 *		use(it.key, it.val);
 *	return kv_iter_end(&it);
 *
 * A new iterator is between the ends: next gives the first key, prev the last. Past the last key
 * prev gives the last again, before the first key next gives the first. Puts and dels in the same
 * transaction are allowed during the walk: a step goes to the present neighbour of the last
 * returned key (which need not exist any more). it.key stays valid until the next step even so;
 * it.val is invalid after a write. Every iterator must be ended before its transaction
 * (asserted). */
struct kv_iter {
	struct str key; /* without the space's number */
	struct str val;
	/* private */
	struct txn *t;
	struct kv_cursor *cursor;
	uint64_t writes; /* txn's count when cursor was placed: if it differs, place it again */
	enum err error;
	unsigned char place;
	unsigned short from_n, to_n, at_n;
	char from[KV_KEY_MAX + 2], to[KV_KEY_MAX + 2], at[KV_KEY_MAX + 2];
};

/* Keys from <= key < to. An empty from is the beginning and an empty to the end of the space. Never
 * fails: an error appears at the first step. */
void kv_iter_init(struct kv_iter *it, struct txn *t, enum space s, struct str from, struct str to);
/* Keys that start with prefix (empty: all of the space). */
void kv_iter_prefix(struct kv_iter *it, struct txn *t, enum space s, struct str prefix);

/* Step; false at the end of the range and on an error, which kv_iter_end returns. */
bool kv_iter_next(struct kv_iter *it);
bool kv_iter_prev(struct kv_iter *it);

/* Release; OK or the error that stopped the walk. Call exactly once. */
enum err kv_iter_end(struct kv_iter *it) MUST_USE;

#endif
