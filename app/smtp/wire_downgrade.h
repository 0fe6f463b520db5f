/* smtp/wire_downgrade.h: a MIME message for a server that takes no binary, or no 8-bit, bodies
 * (RFC 3030 3, RFC 6152 3).
 *
 * Parts that such a server could not take become quoted-printable or base64; all else stays as
 * it is, byte by byte. So nothing is lost, but a signature over the body no longer fits: what is
 * within a multipart/signed or multipart/encrypted is left alone, and then the message cannot
 * be converted. */
#ifndef SMTP_WIRE_DOWNGRADE_H
#define SMTP_WIRE_DOWNGRADE_H
#include "message/mime.h"

/* Takes the next bytes of the result; false stops. */
typedef bool smtp_put_fn(struct str bytes, void *arg);

enum smtp_downgraded {
	DOWNGRADED,
	DOWNGRADE_CANNOT, /* it would change what is signed, or break MIME */
	DOWNGRADE_STOPPED, /* put said so                                   */
};

/* Write m so that it has lines only (of at most 998 bytes in the bodies that were changed), and
 * unless eightbit no body with 8-bit bytes. Bytes of the header beyond ASCII stay: see
 * smtp_header_utf8. Memory: one body at a time, in its new form. */
enum smtp_downgraded smtp_downgrade(const struct message *m, bool eightbit, smtp_put_fn *put,
                                    void *arg);

/* Does a header of it, or of a part, have bytes beyond ASCII (RFC 6532)? */
bool smtp_header_utf8(const struct message *m);

#endif
