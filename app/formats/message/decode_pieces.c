/* formats/message/decode_pieces.c: see decode_pieces.h. */
#include "formats/message/decode.h"
#include "formats/message/decode_pieces.h"

void decode_pieces_init(struct decode_pieces *d, enum part_encoding encoding)
{
	assert(encoding != ENCODING_UUENCODE);
	d->encoding = encoding;
	buf_init(&d->rest, DECODE_REST_MAX);
}

void decode_pieces_deinit(struct decode_pieces *d)
{
	buf_deinit(&d->rest);
}

static bool is_base64(char c)
{
	return ascii_alnum(c) || c == '+' || c == '/';
}

/* The number of bytes in whole groups of four. */
static size_t base64_whole(struct str s)
{
	size_t whole = 0, group = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (is_base64(s.p[i]))
			group = (group + 1) % 4;
		else if (s.p[i] == '=')
			group = 0;
		if (group == 0)
			whole = i + 1;
	}
	return whole;
}

/* The number of bytes in whole lines; for a line that is too long, those before a possible
 * beginning of an escape. */
static size_t qp_whole(struct str s)
{
	enum { TAIL = 3 };
	ptrdiff_t lf = str_rfind_byte(s, '\n');
	size_t whole = lf < 0 ? 0 : (size_t)lf + 1;

	if (s.n - whole <= DECODE_REST_MAX / 2)
		return whole;
	for (size_t tail = 1; tail <= TAIL; tail++)
		if (s.p[s.n - tail] == '=')
			return s.n - tail;
	return s.n;
}

static size_t whole(const struct decode_pieces *d, struct str s)
{
	if (d->encoding == ENCODING_BASE64)
		return base64_whole(s);
	return d->encoding == ENCODING_QP ? qp_whole(s) : s.n;
}

/* For base64 only significant bytes are kept, so fewer than four. */
static void decode_pieces_keep(struct decode_pieces *d, struct str s)
{
	buf_reset(&d->rest);
	for (size_t i = 0; i < s.n; i++)
		if (d->encoding != ENCODING_BASE64 || is_base64(s.p[i]))
			buf_byte(&d->rest, s.p[i]);
	assert(buf_ok(&d->rest));
}

void decode_pieces_put(struct decode_pieces *d, struct str piece, bool last, struct buf *out)
{
	struct str all = piece;
	struct buf joined;
	size_t n;

	buf_init(&joined, DECODE_REST_MAX + piece.n + 1);
	if (d->rest.n) {
		buf_put(&joined, buf_str(&d->rest));
		buf_put(&joined, piece);
		all = buf_str(&joined);
	}
	n = last ? all.n : whole(d, all);
	decode_bytes(out, d->encoding, str_sub(all, 0, n));
	decode_pieces_keep(d, str_sub(all, n, all.n));
	buf_deinit(&joined);
}
