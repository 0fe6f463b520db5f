/* formats/mailauth/canon.h: the canonical forms that DKIM hashes (RFC 6376 3.4).
 *
 * Servers may change mail slightly: they fold lines, or remove blanks at their ends. "simple"
 * tolerates almost no change, "relaxed" the common ones. Both process pieces of any size, store
 * none of them, and output pieces; signing, verifying and sealing share them. A line ends in CRLF;
 * a lone CR or LF is text. */
#ifndef MAILAUTH_CANON_H
#define MAILAUTH_CANON_H
#include "formats/message/header.h"

enum canon { CANON_SIMPLE, CANON_RELAXED };

/* Receives canonical bytes, which are borrowed during the call and never empty. */
typedef void canon_out(void *to, struct str bytes);

/* A body (RFC 6376 3.4.3, 3.4.4). */
struct canon_body {
	enum canon how;
	canon_out *out;
	void *to;
	uint64_t lines; /* pending line ends: at the end of the body all but one are dropped */
	bool blank;     /* relaxed: pending blanks, which are dropped at the end of a line */
	bool cr;        /* a pending CR, maybe half of a line end */
	bool any;       /* output has begun */
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
	bool value;           /* after the colon */
	bool any;             /* output of the value has begun */
	bool blank, cr, line; /* pending */
};
void canon_field_init(struct canon_field *f, enum canon how, canon_out *out, void *to);
void canon_field_put(struct canon_field *f, struct str bytes);
/* The field ends; line: with a line end, which the signature being made or checked does not have
 * (RFC 6376 3.7). */
void canon_field_end(struct canon_field *f, bool line);

#endif
