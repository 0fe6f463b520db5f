/* formats/message/decode_pieces.h: undoing a transfer encoding piece by piece, for bodies too
 * large to be in memory whole. Gives what decode_bytes gives of all pieces together. */
#ifndef MESSAGE_DECODE_PIECES_H
#define MESSAGE_DECODE_PIECES_H
#include "formats/message/mime.h"
#include "foundation/base/buf.h"

enum { DECODE_REST_MAX = 64 << 10 }; /* bytes kept between pieces */

struct decode_pieces {
	enum part_encoding encoding; /* not ENCODING_UUENCODE */
	struct buf rest;             /* came, but what it means depends on what comes */
};

void decode_pieces_init(struct decode_pieces *d, enum part_encoding encoding);
void decode_pieces_deinit(struct decode_pieces *d);

/* Append what the next piece decodes to; last: there is no other. out grows by at most the
 * piece, what was kept, and 3. A line of quoted-printable longer than DECODE_REST_MAX may keep
 * spaces that decode_bytes drops from its end. */
void decode_pieces_put(struct decode_pieces *d, struct str piece, bool last, struct buf *out);

#endif
