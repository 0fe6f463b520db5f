/* model/search/posting.h: compressed lists of ascending document numbers. Pure.
 *
 * For each run of consecutive numbers a varint, gap << 1 | (more than one), and then, if so, a
 * varint of the count minus two: a word in every message takes a few bytes. */
#ifndef SEARCH_POSTING_H
#define SEARCH_POSTING_H
#include "foundation/base/buf.h"
#include "foundation/base/cur.h"

/* Append numbers in ascending order; all-zero to begin. */
struct posting_writer {
	uint32_t lo, end, before; /* the unwritten run [lo, end); the end of the last written one */
};
void posting_put(struct posting_writer *w, struct buf *out, uint32_t doc);
void posting_put_end(struct posting_writer *w, struct buf *out);

/* The next run [lo, end) of a list, ascending, below max. False at its end, or when it is
 * malformed: then c is not done. before is 0 at first. */
bool posting_next(struct cur *c, uint32_t max, uint32_t *before, uint32_t *lo, uint32_t *end);

#endif
