/* formats/message/downgrade.c: see downgrade.h. */
#include "formats/message/downgrade.h"

#include "formats/message/fold.h"
#include "formats/message/header.h"
#include "formats/message/lines.h"
#include "foundation/base/buf.h"
#include "foundation/text/base64.h"
#include "foundation/text/qp.h"
#include "foundation/text/utf8.h"

/* A body is encoded in pieces of this size: whole lines of base64 (57 bytes each). */
enum { PIECE_BYTES = 57 * 1024 };

struct downgrade {
	const struct message *m;
	bool eightbit;
	downgrade_put_fn *put;
	void *arg;
	uint32_t at;             /* raw bytes up to here have been written */
	struct lines lines; /* of the output */
	bool stopped;
	bool unfoldable; /* a header field could not be folded; *field is it */
	struct str *field;
};

/* --- the necessary changes ---------------------------------------------------------------- */

static bool body_fits(const struct downgrade *d, struct str body)
{
	return (d->eightbit || utf8_ascii(body)) && lines_text_strict(body) && lines_text_fit(body);
}

/* Must the bytes of this leaf part change? */
static bool must_encode(const struct downgrade *d, const struct part *p)
{
	return p->kind == PART_LEAF && !body_fits(d, message_str(d->m, p->body));
}

/* In an unknown encoding, which the parser treats as 8bit? */
static bool encoded_oddly(const struct downgrade *d, const struct part *p)
{
	struct str header = message_str(d->m, p->header);

	return header_count(header, STR("Content-Transfer-Encoding")) != (p->encoding.len != 0) ||
	       p->encoding_kind == ENCODING_UUENCODE ||
	       (p->encoding_kind == ENCODING_8BIT && p->encoding.len != 0 &&
	        !str_eqi(message_str(d->m, p->encoding), STR("8bit")));
}

/* Does an empty line end it, so that fields can be added? */
static bool header_whole(const struct downgrade *d, const struct part *p)
{
	struct str header = message_str(d->m, p->header);

	return str_eq(header, STR("\r\n")) || str_ends(header, STR("\r\n\r\n"));
}

/* RFC 1847 2.1: a signed part, or a part of encrypted data, must not change. */
static bool is_sealed(const struct downgrade *d, const struct part *p)
{
	for (uint32_t i = p->parent; i != PART_NONE; i = d->m->parts[i].parent) {
		const struct part *in = &d->m->parts[i];

		if (message_is(d->m, in, STR("multipart"), STR("signed")) ||
		    message_is(d->m, in, STR("multipart"), STR("encrypted")))
			return true;
	}
	return false;
}

/* RFC 2046 5.2.1, 5.1: neither may be encoded as a whole. */
static bool may_encode(const struct downgrade *d, const struct part *p)
{
	struct str type = message_str(d->m, p->type), sub = message_str(d->m, p->subtype);

	if (!header_whole(d, p) || str_eqi(type, STR("multipart")) || encoded_oddly(d, p))
		return false;
	if (str_eqi(type, STR("message")) &&
	    (str_eqi(sub, STR("rfc822")) || str_eqi(sub, STR("partial"))))
		return false;
	return !is_sealed(d, p);
}

/* --- writing ------------------------------------------------------------------------------- */

static void downgrade_write(struct downgrade *d, struct str bytes)
{
	if (d->stopped || bytes.n == 0)
		return;
	lines_next(&d->lines, bytes);
	d->stopped = !d->put(bytes, d->arg);
}

static void copy_to(struct downgrade *d, uint32_t to)
{
	if (to > d->at)
		downgrade_write(d, str_sub(d->m->raw, d->at, to));
	d->at = MAX(d->at, to);
}

static void folded_put(struct downgrade *d, const struct header_field *field)
{
	struct buf folded;

	buf_init(&folded, 2 * field->raw.n + 64);
	if (!d->unfoldable && !fold_field_put(&folded, field)) {
		d->unfoldable = true;
		*d->field = field->name;
	}
	downgrade_write(d, buf_str(&folded));
	buf_deinit(&folded);
}

/* The same within a header: fields with lines that are too long are folded. */
static void fields_copy_to(struct downgrade *d, const struct part *p, uint32_t to)
{
	struct str rest = str_sub(d->m->raw, d->at, to);
	struct header_field field;
	struct cur c;

	if (lines_text_fit(rest) || is_sealed(d, p)) {
		copy_to(d, to);
		return;
	}
	/* Within a line, whose value has just been written: skip to its end. */
	if (d->at != 0 && d->m->raw.p[d->at - 1] != '\n')
		copy_to(d, d->at + (uint32_t)(str_find_byte(rest, '\n') + 1));
	c = cur_of(str_sub(d->m->raw, d->at, to));
	while (header_next(&c, &field)) {
		if (lines_text_fit(field.raw))
			downgrade_write(d, field.raw);
		else
			folded_put(d, &field);
		d->at += (uint32_t)field.raw.n;
	}
	copy_to(d, to);
}

/* RFC 2045 4, 5: the field has a meaning only in a MIME message; RFC 6152 3. */
static void mime_put(struct downgrade *d, const struct part *p, struct str body)
{
	struct str header = message_str(d->m, p->header);
	struct header_field field;

	if (p->parent != PART_NONE || header_find(header, STR("MIME-Version"), &field))
		return;
	downgrade_write(d, STR("MIME-Version: 1.0\r\n"));
	if (header_find(header, STR("Content-Type"), &field))
		return;
	downgrade_write(d, STR("Content-Type: text/plain; charset="));
	downgrade_write(d, utf8_valid(body) ? STR("utf-8\r\n")
	                                    : STR("unknown-8bit\r\n")); /* RFC 1428 3 */
}

/* The complete header, with this Content-Transfer-Encoding. */
static void downgrade_header_put(struct downgrade *d, const struct part *p, struct str encoding)
{
	if (p->encoding.len != 0) {
		fields_copy_to(d, p, p->encoding.off);
		downgrade_write(d, encoding);
		d->at = p->encoding.off + p->encoding.len;
	}
	fields_copy_to(d, p, p->header.off + p->header.len - 2); /* before the empty line */
	mime_put(d, p, message_str(d->m, p->body));
	if (p->encoding.len == 0) {
		downgrade_write(d, STR("Content-Transfer-Encoding: "));
		downgrade_write(d, encoding);
		downgrade_write(d, STR("\r\n"));
	}
	copy_to(d, p->body.off);
}

/* The body without its encoding: RFC 3030 3 forbids two of them. */
static struct str plain_of(const struct part *p, struct str body, struct buf *decoded)
{
	if (p->encoding_kind == ENCODING_BASE64)
		base64_decode(body, decoded);
	else if (p->encoding_kind == ENCODING_QP)
		qp_decode(body, decoded);
	else
		return body;
	assert(buf_ok(decoded));
	return buf_str(decoded);
}

/* A blank at the very end would precede the line end of a boundary and be dropped with it (RFC 2045
 * 6.7 rule 3). */
static bool reads_as_text(const struct downgrade *d, const struct part *p, struct str plain)
{
	size_t beyond = 0;

	if (str_ends(plain, STR(" ")) || str_ends(plain, STR("\t")))
		return false;
	for (size_t i = 0; i < plain.n; i++)
		beyond += (unsigned char)plain.p[i] >= 0x80;
	return str_eqi(message_type(d->m, p), STR("text")) && beyond < plain.n / 4 &&
	       lines_text_strict(plain);
}

/* Take a piece for encoding; a line end is not split. */
static struct str piece_take(struct str *plain, bool qp)
{
	struct str piece = str_sub(*plain, 0, PIECE_BYTES);

	if (qp && piece.n < plain->n && str_ends(piece, STR("\r")))
		piece.n--;
	*plain = str_sub(*plain, piece.n, plain->n);
	return piece;
}

static void encoded_put(struct downgrade *d, struct str plain, bool qp)
{
	struct buf coded;

	buf_init(&coded, 4 * PIECE_BYTES + 64);
	while (plain.n != 0 && !d->stopped) {
		struct str piece = piece_take(&plain, qp);

		buf_reset(&coded);
		if (qp)
			qp_put(&coded, piece);
		else
			base64_put_lines(&coded, piece);
		/* RFC 2045 6.7 rule 5: a soft line break */
		if (qp && plain.n != 0 && !str_ends(piece, STR("\n")))
			buf_put(&coded, STR("=\r\n"));
		assert(buf_ok(&coded));
		downgrade_write(d, buf_str(&coded));
	}
	buf_deinit(&coded);
}

static void leaf_put(struct downgrade *d, const struct part *p)
{
	struct str body = message_str(d->m, p->body), plain;
	struct buf decoded;
	bool qp;

	buf_init(&decoded, body.n + 16);
	plain = plain_of(p, body, &decoded);
	qp = reads_as_text(d, p, plain);
	copy_to(d, p->header.off);
	downgrade_header_put(d, p, qp ? STR("quoted-printable") : STR("base64"));
	encoded_put(d, plain, qp);
	d->at = p->body.off + p->body.len;
	buf_deinit(&decoded);
}

/* The encoding of a multipart must hold for all its parts, and 7bit or 8bit now does. */
static void label_put(struct downgrade *d, const struct part *p)
{
	bool binary = p->encoding_kind == ENCODING_BINARY;
	struct str now = d->eightbit ? STR("8bit") : STR("7bit");

	copy_to(d, p->header.off);
	if (p->encoding.len != 0 && header_whole(d, p) && !is_sealed(d, p) &&
	    (binary || (p->encoding_kind == ENCODING_8BIT && !d->eightbit)))
		downgrade_header_put(d, p, now);
	else
		fields_copy_to(d, p, p->body.off);
}

enum downgraded downgrade_put(const struct message *m, bool eightbit, downgrade_put_fn *put_fn,
                              void *arg, struct str *field)
{
	struct downgrade d = {
		.m = m, .eightbit = eightbit, .put = put_fn, .arg = arg, .field = field
	};

	*field = STR_EMPTY;
	for (uint32_t i = 0; i < m->n && !d.stopped && !d.unfoldable; i++) {
		const struct part *p = &m->parts[i];

		if (!must_encode(&d, p))
			label_put(&d, p);
		else if (may_encode(&d, p))
			leaf_put(&d, p);
		else
			return DOWNGRADE_CANNOT;
	}
	if (d.unfoldable)
		return DOWNGRADE_UNFOLDABLE;
	copy_to(&d, (uint32_t)m->raw.n);
	if (d.stopped)
		return DOWNGRADE_STOPPED;
	/* 8-bit bytes or long lines remain between the parts or in signed headers. */
	return lines_strict(&d.lines) && lines_fit(&d.lines) ? DOWNGRADED : DOWNGRADE_CANNOT;
}

bool downgrade_header_utf8(const struct message *m)
{
	for (uint32_t i = 0; i < m->n; i++)
		if (!utf8_ascii(message_str(m, m->parts[i].header)))
			return true;
	return false;
}
