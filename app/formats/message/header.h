/* formats/message/header.h: the fields of a message or part header (RFC 5322 2.2).
 *
 * Works on the raw header: CRLF or bare LF, folded, malformed lines included. All results borrow
 * from the block. */
#ifndef MESSAGE_HEADER_H
#define MESSAGE_HEADER_H
#include "foundation/base/cur.h"

struct arena;
struct buf;

struct header_field {
	struct str name;  /* without space before the colon; empty for a line without colon   */
	struct str value; /* after the colon, still folded, without space at both ends        */
	struct str raw;   /* the whole field with its line ends, for HEADER.FIELDS */
};

/* Take the next field, with its continuation lines. False at the end of the header: at the empty
 * line, which is not taken, or at the end of input. A line that is not a field (no colon, or a name
 * with space or 8-bit bytes, such as an mbox "From " line) is returned with an empty name. */
bool header_next(struct cur *c, struct header_field *out);

/* The first field of that name (ASCII case ignored); false when there is none. */
bool header_find(struct str block, struct str name, struct header_field *out);
/* The number of fields with that name. */
size_t header_count(struct str block, struct str name);

/* The size of the header in raw, the empty line included: the body begins there. raw.n when there
 * is no empty line. */
size_t header_size(struct str raw);

/* value without the line ends of its folding (RFC 5322 2.2.3); the white space after them stays.
 * Borrowed when nothing was folded, otherwise a copy in a; empty when a is full (arena_cap).
 * Remaining NUL, CR and LF become spaces, so that the result is one safe line. */
struct str header_unfold(struct arena *a, struct str value);
void header_unfold_put(struct buf *out, struct str value);

#endif
