/* model/store/backend/memtable.h: committed rows that are not in the tree yet. Only
 * store/ includes this.
 *
 * A sorted map from keys to versions of their values. One writer at a time changes it; any number
 * of readers use it in parallel without a lock, each with the snapshot of the commit at which it
 * began:
 *
 *	memtable --> "k1" --> 7: "new" --> 3: "old"       a reader at 5 sees "old"
 *	             "k2" --> 4: gone                     deleted in commit 4
 *
 * Commits are numbered from 1. The writer's changes belong to the commit after the last, are
 * visible at that number only, and become visible to all with memtable_commit. Returned keys and
 * values live as long as the table. All memory is freed at once, so a row that is written
 * repeatedly takes more each time: the writer checks memtable_bytes and starts another table. */
#ifndef STORE_MEMTABLE_H
#define STORE_MEMTABLE_H
#include "foundation/base/str.h"

struct memtable;

/* With one reference. */
struct memtable *memtable_new(void) MUST_USE;
struct memtable *memtable_ref(struct memtable *m);
/* Frees it with the last reference; NULL is a no-op; clears *m. */
void memtable_unref(struct memtable **m);

/* The last commit: the snapshot of a reader that begins now. */
uint32_t memtable_last(const struct memtable *m);
/* For the writer: the memory of rows in bytes, and the maximum number of rows. */
size_t memtable_bytes(const struct memtable *m);
size_t memtable_rows(const struct memtable *m);

/* --- Reading, at the commit `at` ------------------------------------------------------ */

enum memtable_has {
	MEMTABLE_NOTHING, /* unknown key: read the tree */
	MEMTABLE_VALUE,
	MEMTABLE_GONE, /* deleted, whatever the tree has */
};

/* *val only with MEMTABLE_VALUE. O(log n). */
enum memtable_has memtable_get(const struct memtable *m, uint32_t at, struct str key,
                               struct str *val);

/* A position in the table, for one commit. */
struct memtable_iter {
	const struct memtable *m;
	uint32_t at;
	const struct memtable_node *node; /* NULL: past either end */
	struct str key, val;              /* of the row, when there is one */
	bool gone;                        /* the row is deleted */
};

void memtable_iter_init(struct memtable_iter *it, const struct memtable *m, uint32_t at);
/* Each is true when there is such a row: the first at or after key, the last before key, and the
 * neighbours of the present row. */
bool memtable_seek(struct memtable_iter *it, struct str key);
bool memtable_below(struct memtable_iter *it, struct str key);
bool memtable_next(struct memtable_iter *it);
bool memtable_prev(struct memtable_iter *it);

/* --- Writing ---------------------------------------------------------------------------- */

/* In the commit after the last. key and val are copied. O(log n). */
void memtable_put(struct memtable *m, struct str key, struct str val);
void memtable_del(struct memtable *m, struct str key);
/* Commit or drop the changes since the last commit. */
void memtable_commit(struct memtable *m);
void memtable_undo(struct memtable *m);

/* Call fn once for each row changed since the last commit, in no order. */
void memtable_changes(const struct memtable *m,
                      void (*fn)(void *arg, struct str key, struct str val, bool gone), void *arg);

#endif
