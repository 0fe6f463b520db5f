/* model/search/merge.h: merging segments, without expunged emails. */
#ifndef SEARCH_MERGE_H
#define SEARCH_MERGE_H
#include "model/search/rows.h"

struct store;

enum { MERGE_MAX = 16 };

/* The segments are adjacent, at most MERGE_MAX, with at most SEGMENT_DOCS_MAX documents. The work
 * is many small transactions, so others run in between. ERR_CONFLICT: the index changed so that the
 * work was useless; ERR_CORRUPT: a segment is damaged. Not inside a transaction. go_on is called
 * regularly; false: ERR_RETRY. */
enum err search_merge(struct store *s, uint32_t account, const struct segment *segments,
                      size_t count, bool (*go_on)(void *arg), void *arg) MUST_USE;

/* The segments to merge now: all of one size, when there are enough of it. 0: none. Pure. */
size_t search_merge_plan(const struct search_state *s, size_t *first);

#endif
