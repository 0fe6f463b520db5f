/* model/search/posting.h: ascending document numbers, packed. Pure.
 *
 * For each run of numbers that follow each other a varint, gap << 1 | more than one, and then,
 * if so, a varint of how many less two: what every message has costs some bytes. */
#ifndef SEARCH_POSTING_H
#define SEARCH_POSTING_H
#include "foundation/base/buf.h"
#include "foundation/base/cur.h"

/* Append to out as more numbers come, ascending; all-zero to begin. */
struct posting_writer {
	uint32_t lo, end, before; /* the run [lo, end), not yet written; what was, ended there */
};
void posting_put(struct posting_writer *w, struct buf *out, uint32_t doc);
void posting_put_end(struct posting_writer *w, struct buf *out);

/* Runs [lo, end) of a list, ascending, none at or past max. False at its end, or where it is
 * damaged: then c is not done. before is 0 to begin. */
bool posting_next(struct cur *c, uint32_t max, uint32_t *before, uint32_t *lo, uint32_t *end);

#endif
