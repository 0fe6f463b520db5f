/* foundation/text/qp.h: quoted-printable bodies (RFC 2045 6.7) and the Q encoding of header words
 * (RFC 2047 4.2). */
#ifndef TEXT_QP_H
#define TEXT_QP_H
#include "foundation/base/buf.h"

/* Append text as quoted-printable: CRLF (or a bare LF) is a line break, lines stay within
 * 76 characters, space before a line break and a leading "." or "From " are quoted, so that
 * no relay changes them. */
void qp_put(struct buf *out, struct str text);

/* Decode a quoted-printable body. Never fails: a "=" that starts no valid sequence stands
 * for itself, space before a line break is dropped (RFC 2045 6.7 rule 3), line ends are
 * kept as they are. out grows by at most in.n bytes. */
void qp_decode(struct str in, struct buf *out);

/* Append raw in the Q encoding, safe in every place an encoded-word may stand, also in a
 * phrase (RFC 2047 5 rule 3). */
void qp_word_put(struct buf *out, struct str raw);

/* Decode the encoded-text of a Q word: "_" is a space. Never fails, as qp_decode. */
void qp_word_decode(struct str in, struct buf *out);

/* Bytes that qp_word_put would append for this one. */
size_t qp_word_width(unsigned char c);

#endif
