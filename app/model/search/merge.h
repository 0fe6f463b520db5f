/* model/search/merge.h: several segments become one, without what was expunged. */
#ifndef SEARCH_MERGE_H
#define SEARCH_MERGE_H
#include "model/search/rows.h"

struct store;

enum { MERGE_MAX = 16 };

/* The segments, neighbours, at most MERGE_MAX, with at most SEGMENT_DOCS_MAX documents. Other
 * transactions run meanwhile: it is many small ones. ERR_CONFLICT: the index changed in such a
 * way that it was in vain; ERR_CORRUPT: one of them is damaged. Not inside a transaction.
 * go_on is asked now and then; false: ERR_RETRY. */
enum err search_merge(struct store *s, uint32_t account, const struct segment *segments,
                      size_t count, bool (*go_on)(void *arg), void *arg) MUST_USE;

/* Which segments should become one now: as many as there are of one size, where there are
 * enough of it. 0: none. Pure. */
size_t search_merge_plan(const struct search_state *s, size_t *first);

#endif
