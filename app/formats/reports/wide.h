/* formats/reports/wide.h: documents that begin with a byte order mark of UTF-16, to UTF-8;
 * others stay as they are. They come in pieces of any size. */
#ifndef REPORTS_WIDE_H
#define REPORTS_WIDE_H
#include "foundation/base/cur.h"

enum { WIRE_WIDE_ROOM = 4096 };

/* All zero at first. */
struct wire_wide {
	/* private */
	enum wire_wide_order { WIDE_UNKNOWN, WIDE_NONE, WIDE_BE, WIDE_LE } order;
	unsigned char held[2]; /* the first bytes, or half a unit */
	unsigned held_n;
	uint32_t high; /* a surrogate whose other half has not come */
};

/* Take bytes of c, and say what they are, in UTF-8 once the document is UTF-16: borrowed from c or
 * room. What means nothing is U+FFFD. False: all are used up. */
bool wire_wide_next(struct wire_wide *w, struct cur *c, char room[static WIRE_WIDE_ROOM],
                    struct str *out);

#endif
