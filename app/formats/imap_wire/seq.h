/* formats/imap_wire/seq.h: sequence sets, "1:4,9,*" (RFC 9051 section 9, sequence-set). */
#ifndef IMAP_WIRE_SEQ_H
#define IMAP_WIRE_SEQ_H
#include "foundation/base/buf.h"
#include "foundation/base/cur.h"

struct arena;

enum { IMAP_SEQ_STAR = 0 }; /* no message has this number, so it represents "*" */

struct imap_seq_range {
	uint32_t lo, hi; /* both ends included; any order until resolved */
};

struct imap_seq {
	struct imap_seq_range *ranges;
	size_t n;
	bool saved; /* the set is "$" (RFC 5182): the caller inserts the saved result */
};

/* Parse at least one range. */
bool imap_seq_parse(struct cur *c, struct arena *a, struct imap_seq *out);
/* The same, or "$" (RFC 5182 2.4, seq-last-command). */
bool imap_set_parse(struct cur *c, struct arena *a, struct imap_seq *out);
/* The same of one range: "4", "4:9", "*", "9:*". */
bool imap_seq_range_parse(struct cur *c, struct imap_seq_range *out);

/* Append the range lo to hi. */
void imap_seq_add(struct arena *a, struct imap_seq *s, uint32_t lo, uint32_t hi);

/* Append number, greater than all in s so far: extends the last range if possible. */
void imap_seq_append(struct arena *a, struct imap_seq *s, uint32_t number);

/* Replace "*" by star, the largest number in use, then sort and merge: afterwards the ranges ascend
 * and do not touch. star 0 (an empty mailbox) removes "*" from the set; a range with one "*" is
 * then reduced to its other end. */
void imap_seq_resolve(struct imap_seq *s, uint32_t star);
/* Only of a resolved set. */
bool imap_seq_has(const struct imap_seq *s, uint32_t number);
/* Only of a resolved set: the smallest member that is at least from; false past the end. */
bool imap_seq_next(const struct imap_seq *s, uint32_t from, struct imap_seq_range *out);

void imap_seq_put(struct buf *out, const struct imap_seq *s);

/* Writes numbers as a set in the order of the calls, with runs joined: 1 2 3 7 becomes "1:3,7".
 * All-zero to begin; numbers may be in any order (COPYUID needs that). */
struct imap_seq_writer {
	uint32_t lo, hi; /* the run that is not printed yet; 0: none */
	bool any;        /* something was printed            */
};
void imap_seq_write(struct imap_seq_writer *w, struct buf *out, uint32_t number);
void imap_seq_write_end(struct imap_seq_writer *w, struct buf *out);

#endif
