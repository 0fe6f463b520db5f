/* formats/mailauth/canon.h: the forms in which DKIM hashes a message (RFC 6376 3.4).
 *
 * Mail changes a little on its way: lines are folded elsewhere, blanks at their ends go. "simple"
 * forgives next to nothing of that, "relaxed" what usually happens. Both work on bytes as they
 * come, in pieces of any size, hold nothing of them, and hand the result on in pieces: signing,
 * verifying and sealing share them. A line ends in CRLF; a lone CR or LF is text. */
#ifndef MAILAUTH_CANON_H
#define MAILAUTH_CANON_H
#include "formats/message/header.h"

enum canon { CANON_SIMPLE, CANON_RELAXED };

/* Where the canonical bytes go; bytes are borrowed during the call, and never none. */
typedef void canon_out(void *to, struct str bytes);

/* A body (RFC 6376 3.4.3, 3.4.4). */
struct canon_body {
	enum canon how;
	canon_out *out;
	void *to;
	uint64_t lines; /* ends of lines that wait: at the end of the body all but one go */
	bool blank;     /* relaxed: so do blanks, at the end of a line                    */
	bool cr;        /* is it half of a line's end?                                    */
	bool any;       /* something was handed on                                        */
};
void canon_body_init(struct canon_body *b, enum canon how, canon_out *out, void *to);
void canon_body_put(struct canon_body *b, struct str bytes);
/* The body ends here. */
void canon_body_end(struct canon_body *b);

/* One header field from its name on (RFC 6376 3.4.1, 3.4.2). */
struct canon_field {
	enum canon how;
	canon_out *out;
	void *to;
	bool value;           /* behind the colon                  */
	bool any;             /* something of the value came       */
	bool blank, cr, line; /* these wait              */
};
void canon_field_init(struct canon_field *f, enum canon how, canon_out *out, void *to);
void canon_field_put(struct canon_field *f, struct str bytes);
/* The field ends; with a line's end, but that of the signature being made or checked
 * (RFC 6376 3.7). */
void canon_field_end(struct canon_field *f, bool line);

#endif
