/* formats/message/decode_pieces.h: decoding a transfer encoding in pieces, for bodies too large for
 * memory. The result equals that of decode_bytes over all pieces. */
#ifndef MESSAGE_DECODE_PIECES_H
#define MESSAGE_DECODE_PIECES_H
#include "formats/message/mime.h"
#include "foundation/base/buf.h"

enum { DECODE_REST_MAX = 64 << 10 }; /* bytes kept between pieces */

struct decode_pieces {
	enum part_encoding encoding; /* not ENCODING_UUENCODE */
	struct buf rest;             /* pending bytes, whose meaning depends on later ones */
};

void decode_pieces_init(struct decode_pieces *d, enum part_encoding encoding);
void decode_pieces_deinit(struct decode_pieces *d);

/* Append the decoded next piece; last: no other follows. out grows by at most the piece, the
 * pending bytes, and 3. A line of quoted-printable longer than DECODE_REST_MAX may keep spaces that
 * decode_bytes drops from its end. */
void decode_pieces_put(struct decode_pieces *d, struct str piece, bool last, struct buf *out);

#endif
