/* protocols/imap/fetch/section_decode.c: see section_decode.h. */
#include "formats/message/decode_pieces.h"
#include "model/store/blob.h"
#include "model/store/spool.h"
#include "protocols/imap/fetch/section_decode.h"

bool section_encoding(const struct structure *st, const struct imap_section *section,
                      enum part_encoding *out)
{
	uint32_t i = section_part(st, section);

	*out = ENCODING_BINARY;
	if (i == PART_NONE || st->parts[i].kind != PART_LEAF)
		return true;
	return decode_encoding_of(st->parts[i].encoding, out) && *out != ENCODING_UUENCODE;
}

enum err section_decode(const struct mail_txn *m, const struct email *email,
                        const struct section_source *from, enum part_encoding encoding,
                        struct spool *to)
{
	uint64_t at = from->offset, end = from->offset + from->size;
	struct decode_pieces decoder;
	struct buf raw, plain;
	enum err e = OK;

	decode_pieces_init(&decoder, encoding);
	buf_init(&raw, BLOB_PIECE_MAX);
	buf_init(&plain, BLOB_PIECE_MAX + DECODE_REST_MAX + 3);
	while (at < end && !e) {
		struct str piece;

		buf_reset(&raw);
		buf_reset(&plain);
		e = blob_get_some(m->t, &email->blob, at, &raw);
		if (e || raw.n == 0) {
			e = e ? e : ERR_CORRUPT;
			break;
		}
		piece = str_sub(buf_str(&raw), 0, (size_t)MIN(end - at, (uint64_t)raw.n));
		at += piece.n;
		decode_pieces_put(&decoder, piece, at == end, &plain);
		e = spool_put(to, buf_str(&plain));
	}
	buf_deinit(&raw);
	buf_deinit(&plain);
	decode_pieces_deinit(&decoder);
	return e;
}
