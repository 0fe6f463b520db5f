/* model/store/memtable.h: rows that are committed, but not in the tree yet. Only store/ includes
 * this.
 *
 * A sorted map from keys to versions of their values. One writer at a time changes it;
 * any number of readers look at it meanwhile without a lock, each as things were at the
 * commit it began with:
 *
 *	memtable --> "k1" --> 7: "new" --> 3: "old"       a reader at 5 sees "old"
 *	             "k2" --> 4: gone                     deleted in commit 4
 *
 * Commits are numbered from 1. What the writer changes belongs to the commit after the
 * last, is seen by whoever looks at that number, and counts for all with memtable_commit.
 * Keys and values handed out live as long as the table. All memory goes at once, so a row
 * that is written again and again takes more each time: whoever fills a table asks for
 * memtable_bytes and starts another. */
#ifndef STORE_MEMTABLE_H
#define STORE_MEMTABLE_H
#include "foundation/base/str.h"

struct memtable;

/* With one reference. */
struct memtable *memtable_new(void) MUST_USE;
struct memtable *memtable_ref(struct memtable *m);
/* Frees it with the last reference; NULL is a no-op; clears *m. */
void memtable_unref(struct memtable **m);

/* The last commit: what a reader that begins now looks at. */
uint32_t memtable_last(const struct memtable *m);
/* By the writer: memory that rows take up, in bytes, and the most rows there can be. */
size_t memtable_bytes(const struct memtable *m);
size_t memtable_rows(const struct memtable *m);

/* --- Reading, at the commit `at` -------------------------------------------------------- */

enum memtable_has {
	MEMTABLE_NOTHING, /* it does not know the key: the tree does, or nobody */
	MEMTABLE_VALUE,
	MEMTABLE_GONE, /* deleted, whatever the tree says                    */
};

/* *val only with MEMTABLE_VALUE. O(log n). */
enum memtable_has memtable_get(const struct memtable *m, uint32_t at, struct str key,
                               struct str *val);

/* A place in the table. No row of other commits is ever seen. */
struct memtable_iter {
	const struct memtable *m;
	uint32_t at;
	const struct memtable_node *node; /* NULL: past either end */
	struct str key, val;              /* of the row, when there is one */
	bool gone;                        /* it is deleted */
};

void memtable_iter_init(struct memtable_iter *it, const struct memtable *m, uint32_t at);
/* Each is true when there is such a row. To the first at or after key, to the last before
 * key, and from a row to its neighbours. */
bool memtable_seek(struct memtable_iter *it, struct str key);
bool memtable_below(struct memtable_iter *it, struct str key);
bool memtable_next(struct memtable_iter *it);
bool memtable_prev(struct memtable_iter *it);

/* --- Writing ---------------------------------------------------------------------------- */

/* In the commit after the last. key and val are copied. O(log n). */
void memtable_put(struct memtable *m, struct str key, struct str val);
void memtable_del(struct memtable *m, struct str key);
/* What was changed since the last commit counts, or never was. */
void memtable_commit(struct memtable *m);
void memtable_undo(struct memtable *m);

/* Call fn for each row changed since the last commit, once, in no order. */
void memtable_changes(const struct memtable *m,
                      void (*fn)(void *arg, struct str key, struct str val, bool gone), void *arg);

#endif
