/* formats/message/downgrade.h: conversion of a MIME message for a server without BINARYMIME or
 * 8BITMIME, and of long lines (RFC 3030 3, RFC 6152 3, RFC 5322 2.1.1).
 *
 * Affected parts become quoted-printable or base64, and header fields with lines that are too long
 * are folded (fold.h); all other bytes are unchanged. No content is lost, but signatures over the
 * body break. A multipart/signed or multipart/encrypted is therefore not changed: if it is
 * affected, the message cannot be converted. DKIM signs the result later. */
#ifndef MESSAGE_DOWNGRADE_H
#define MESSAGE_DOWNGRADE_H
#include "formats/message/mime.h"

/* Takes the next bytes of the result; false stops. */
typedef bool downgrade_put_fn(struct str bytes, void *arg);

enum downgraded {
	DOWNGRADED,
	DOWNGRADE_CANNOT,     /* it would break a signature, or MIME */
	DOWNGRADE_UNFOLDABLE, /* a field has a line that is too long, without a place for a fold */
	DOWNGRADE_STOPPED,    /* put returned false */
};

/* Write m with text lines of at most LINES_MAX_BYTES, and unless eightbit with 7-bit bodies. 8-bit
 * bytes in the header stay: see downgrade_header_utf8. field: the name of the unfoldable field,
 * borrowed from m; empty for a line that is not a field. The output is valid with DOWNGRADED only.
 * Linear. Memory: for a body that is malformed in its encoding, its decoded form; otherwise
 * little. */
enum downgraded downgrade_put(const struct message *m, bool eightbit, downgrade_put_fn *put,
                              void *arg, struct str *field);

/* Does the header, or that of a part, have 8-bit bytes (RFC 6532)? */
bool downgrade_header_utf8(const struct message *m);

#endif
