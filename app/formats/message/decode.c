/* formats/message/decode.c: see decode.h. */
#include "formats/message/decode.h"

#include "foundation/base/cur.h"
#include "foundation/text/base64.h"
#include "foundation/text/charset.h"
#include "foundation/text/qp.h"

/* RFC 2045 6.1, and the names of uuencode. */
static const struct {
	struct str name;
	enum part_encoding encoding;
} encodings[] = {
	{ { "7bit", 4 }, ENCODING_7BIT },         { { "8bit", 4 }, ENCODING_8BIT },
	{ { "binary", 6 }, ENCODING_BINARY },     { { "quoted-printable", 16 }, ENCODING_QP },
	{ { "base64", 6 }, ENCODING_BASE64 },     { { "x-uuencode", 10 }, ENCODING_UUENCODE },
	{ { "uuencode", 8 }, ENCODING_UUENCODE }, { { "x-uue", 5 }, ENCODING_UUENCODE },
};

bool decode_encoding_of(struct str name, enum part_encoding *out)
{
	for (size_t i = 0; i < COUNT(encodings); i++) {
		if (str_eqi(encodings[i].name, name)) {
			*out = encodings[i].encoding;
			return true;
		}
	}
	*out = ENCODING_8BIT;
	return false;
}

/* The six bits of a uuencode character; space and "`" are both zero. */
static uint32_t uu_bits(struct cur *c)
{
	char byte = ' ';

	cur_any(c, &byte);
	return ((uint32_t)(unsigned char)byte - 32) & 63;
}

/* One line: a character for the number of bytes, then four characters for each three. */
static void uu_line(struct buf *out, struct str line)
{
	struct cur c = cur_of(line);
	uint32_t n = uu_bits(&c);

	for (; n != 0 && !cur_done(&c); n -= MIN(n, 3u)) {
		uint32_t bits = uu_bits(&c) << 18;

		bits |= uu_bits(&c) << 12;
		bits |= uu_bits(&c) << 6;
		bits |= uu_bits(&c);
		buf_byte(out, (char)(bits >> 16));
		if (n > 1)
			buf_byte(out, (char)(bits >> 8));
		if (n > 2)
			buf_byte(out, (char)bits);
	}
}

/* From the line after "begin 644 name" to "end". */
static void uu_decode(struct buf *out, struct str body)
{
	struct cur c = cur_of(body);
	struct str line;
	bool inside = false;

	while (cur_line(&c, &line)) {
		if (!inside)
			inside = str_starts(line, STR("begin "));
		else if (str_eq(line, STR("end")))
			return;
		else
			uu_line(out, line);
	}
}

void decode_bytes(struct buf *out, enum part_encoding encoding, struct str body)
{
	switch (encoding) {
	case ENCODING_QP:
		qp_decode(body, out);
		break;
	case ENCODING_BASE64:
		base64_decode(body, out);
		break;
	case ENCODING_UUENCODE:
		uu_decode(out, body);
		break;
	default:
		buf_put(out, body);
		break;
	}
}

void decode_text(struct buf *out, enum part_encoding encoding, struct str charset, struct str body)
{
	struct buf bytes;

	if (encoding <= ENCODING_BINARY) {
		charset_decode(out, charset, body);
		return;
	}
	buf_init(&bytes, body.n + 3);
	decode_bytes(&bytes, encoding, body);
	charset_decode(out, charset, buf_str(&bytes));
	buf_deinit(&bytes);
}
