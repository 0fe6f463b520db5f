/* formats/message/lines.h: checks of the line ends and the line lengths of a message.
 *
 * A line ends in CR LF. A lone CR or LF does not end a line and is not allowed in a message (RFC
 * 5322 2.2, RFC 5321 2.3.8), nor is a NUL, except in a binary message (RFC 3030 3). A line has at
 * most 998 bytes before its end (RFC 5322 2.1.1, RFC 5321 4.5.3.1.6 with the CRLF): longer ones are
 * accepted, but not sent (formats/message/downgrade.h). */
#ifndef MESSAGE_LINES_H
#define MESSAGE_LINES_H
#include "foundation/base/str.h"

enum { LINES_MAX_BYTES = 998 };

/* All zero is the start of a message. */
struct lines {
	bool cr;   /* the last byte was a CR: its LF may be the next one */
	bool lone; /* a lone CR or LF, or a NUL, was seen */
	bool wide; /* a line was longer than LINES_MAX_BYTES             */
	size_t n;  /* bytes of the line so far                           */
};

/* Check the next bytes of a message; any split gives the same result. Linear. */
void lines_next(struct lines *l, struct str bytes);
/* At the end of the message: are all lines valid? */
bool lines_strict(const struct lines *l);
/* Are they all short enough? Only after lines_strict was true. */
bool lines_fit(const struct lines *l);

/* The same for a complete text. */
bool lines_text_strict(struct str text);
/* The same as lines_fit. Reads few of the bytes, so it is fast for long texts. Lines may end in LF
 * only; then 999 bytes count as fitting. */
bool lines_text_fit(struct str text);

#endif
