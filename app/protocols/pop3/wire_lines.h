/* protocols/pop3/wire_lines.h: a message as the lines of a multi-line response (RFC 1939 3).
 *
 * Each line ends in CRLF, also where the message has a lone LF, so that its dot at the begin of
 * a line is never taken for the end of the response. */
#ifndef POP3_WIRE_LINES_H
#define POP3_WIRE_LINES_H
#include "foundation/base/buf.h"

#define POP3_LINES_ALL UINT64_MAX

/* { .left = N } is the start of a message of which the header and N lines are wanted (TOP). */
struct pop3_lines {
	uint64_t left; /* lines of the body that are still wanted */
	size_t n;      /* bytes of the line that has not ended    */
	bool cr;       /* the last of them is a CR                */
	bool body;     /* the empty line after the header is out  */
};

/* Append the next bytes of the message to out: at most two bytes for each. Lines after the
 * last wanted one are dropped. Linear; any split of the message into pieces gives the same. */
void pop3_lines_put(struct pop3_lines *l, struct buf *out, struct str bytes);
/* Is nothing more wanted? */
bool pop3_lines_done(const struct pop3_lines *l);
/* End the last line if it has no end, and the response. */
void pop3_lines_end(struct pop3_lines *l, struct buf *out);

#endif
