/* formats/message/lines.h: are the lines of a message whole, and short enough?
 *
 * A line ends in CR LF; a CR or LF on its own ends none, and has no place in a message (RFC
 * 5322 2.2, RFC 5321 2.3.8); nor has a NUL, unless it is a binary one (RFC 3030 3). A line has at
 * most 998 bytes before its end (RFC 5322 2.1.1, RFC 5321 4.5.3.1.6 with the CRLF): longer ones
 * are taken, and not sent (formats/message/downgrade.h). */
#ifndef MESSAGE_LINES_H
#define MESSAGE_LINES_H
#include "foundation/base/str.h"

enum { LINES_MAX_BYTES = 998 };

/* All zero is the start of a message. */
struct lines {
	bool cr;   /* the last byte was a CR: its LF may be the next one */
	bool lone; /* a CR or LF on its own, or a NUL, was seen          */
	bool wide; /* a line was longer than LINES_MAX_BYTES             */
	size_t n;  /* bytes of the line so far                           */
};

/* Look at the next bytes of a message; any split gives the same. Linear. */
void lines_next(struct lines *l, struct str bytes);
/* The message has ended: are all its lines whole? */
bool lines_strict(const struct lines *l);
/* And none too long? Only of lines that are whole. */
bool lines_fit(const struct lines *l);

/* The same of text that is here at once. */
bool lines_text_strict(struct str text);
/* This one looks at few of its bytes: cheap also where text is long. Lines may end in LF alone,
 * of which then 999 bytes count as fitting. */
bool lines_text_fit(struct str text);

#endif
