/* formats/message/downgrade.h: a MIME message for a server that takes no binary, no 8-bit, or no
 * long lines (RFC 3030 3, RFC 6152 3, RFC 5322 2.1.1).
 *
 * Parts that such a server could not take become quoted-printable or base64, and fields of
 * headers with lines that are too long are folded (fold.h); all else stays as it is, byte by
 * byte. So nothing is lost, but a signature over the body no longer fits: what is within a
 * multipart/signed or multipart/encrypted is left alone, and then the message cannot be converted.
 * DKIM is not asked: who signs does so over the result. */
#ifndef MESSAGE_DOWNGRADE_H
#define MESSAGE_DOWNGRADE_H
#include "formats/message/mime.h"

/* Takes the next bytes of the result; false stops. */
typedef bool downgrade_put_fn(struct str bytes, void *arg);

enum downgraded {
	DOWNGRADED,
	DOWNGRADE_CANNOT,     /* it would change what is signed, or break MIME           */
	DOWNGRADE_UNFOLDABLE, /* a field has a line that is too long, and no place for a fold */
	DOWNGRADE_STOPPED,    /* put said so                                             */
};

/* Write m so that it has lines only, of at most LINES_MAX_BYTES, and unless eightbit no body with
 * 8-bit bytes. Bytes of the header beyond ASCII stay: see downgrade_header_utf8.
 * field   which one was unfoldable: its name, of m; empty for a line that is no field
 * What was put is of use with DOWNGRADED only. Linear. Memory: of a body that is encoded already,
 * and not well, its decoded form; else little. */
enum downgraded downgrade_put(const struct message *m, bool eightbit, downgrade_put_fn *put,
                              void *arg, struct str *field);

/* Does a header of it, or of a part, have bytes beyond ASCII (RFC 6532)? */
bool downgrade_header_utf8(const struct message *m);

#endif
