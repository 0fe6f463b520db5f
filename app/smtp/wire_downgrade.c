/* smtp/wire_downgrade.c: see wire_downgrade.h. */
#include "smtp/wire_downgrade.h"

#include "base/buf.h"
#include "message/header.h"
#include "smtp/wire_chunk.h"
#include "text/base64.h"
#include "text/qp.h"
#include "text/utf8.h"

enum { LINE_MAX_BYTES = 998 /* RFC 5322 2.1.1 */ };

struct downgrade {
	const struct message *m;
	bool eightbit;
	smtp_put_fn *put;
	void *arg;
	uint32_t at;             /* raw bytes up to here have been written */
	struct smtp_lines lines; /* of what has been written               */
	bool stopped;
};

/* --- what has to change ------------------------------------------------------------------ */

static bool lines_short(struct str s)
{
	while (s.n > LINE_MAX_BYTES) {
		ptrdiff_t lf = str_find_byte(s, '\n');

		if (lf < 0 || lf - 1 > LINE_MAX_BYTES)
			return false;
		s = str_sub(s, (size_t)lf + 1, s.n);
	}
	return true;
}

static bool body_fits(const struct downgrade *d, struct str body)
{
	return (d->eightbit || utf8_ascii(body)) && smtp_text_strict(body) && lines_short(body);
}

/* Of a part that has no parts: its bytes must change. */
static bool must_encode(const struct downgrade *d, const struct part *p)
{
	return p->kind == PART_LEAF && !body_fits(d, message_str(d->m, p->body));
}

/* In an encoding that nobody here knows, or reads alike; the parser takes it for 8bit. */
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

/* RFC 2046 5.2.1, 5.1: neither may be encoded as a whole. RFC 1847 2.1: nor what is signed. */
static bool may_encode(const struct downgrade *d, const struct part *p)
{
	struct str type = message_str(d->m, p->type), sub = message_str(d->m, p->subtype);

	if (!header_whole(d, p) || str_eqi(type, STR("multipart")) || encoded_oddly(d, p))
		return false;
	if (str_eqi(type, STR("message")) &&
	    (str_eqi(sub, STR("rfc822")) || str_eqi(sub, STR("partial"))))
		return false;
	for (uint32_t i = p->parent; i != PART_NONE; i = d->m->parts[i].parent) {
		const struct part *in = &d->m->parts[i];

		if (message_is(d->m, in, STR("multipart"), STR("signed")) ||
		    message_is(d->m, in, STR("multipart"), STR("encrypted")))
			return false;
	}
	return true;
}

/* --- writing ------------------------------------------------------------------------------- */

static void put(struct downgrade *d, struct str bytes)
{
	if (d->stopped || bytes.n == 0)
		return;
	smtp_lines_next(&d->lines, bytes);
	d->stopped = !d->put(bytes, d->arg);
}

static void copy_to(struct downgrade *d, uint32_t to)
{
	if (to > d->at)
		put(d, str_sub(d->m->raw, d->at, to));
	d->at = MAX(d->at, to);
}

/* RFC 2045 4, 5: the field means something only in a MIME message; RFC 6152 3. */
static void mime_put(struct downgrade *d, const struct part *p, struct str body)
{
	struct str header = message_str(d->m, p->header);
	struct header_field field;

	if (p->parent != PART_NONE || header_find(header, STR("MIME-Version"), &field))
		return;
	put(d, STR("MIME-Version: 1.0\r\n"));
	if (header_find(header, STR("Content-Type"), &field))
		return;
	put(d, STR("Content-Type: text/plain; charset="));
	put(d, utf8_valid(body) ? STR("utf-8\r\n") : STR("unknown-8bit\r\n")); /* RFC 1428 3 */
}

/* The header, which is whole, with this for its Content-Transfer-Encoding. */
static void header_put(struct downgrade *d, const struct part *p, struct str encoding)
{
	if (p->encoding.len != 0) {
		copy_to(d, p->encoding.off);
		put(d, encoding);
		d->at = p->encoding.off + p->encoding.len;
	}
	copy_to(d, p->header.off + p->header.len - 2); /* before the empty line */
	mime_put(d, p, message_str(d->m, p->body));
	if (p->encoding.len == 0) {
		put(d, STR("Content-Transfer-Encoding: "));
		put(d, encoding);
		put(d, STR("\r\n"));
	}
	copy_to(d, p->body.off);
}

/* As it was before some encoding: RFC 3030 3 forbids two of them. */
static void plain_put(const struct part *p, struct str body, struct buf *out)
{
	if (p->encoding_kind == ENCODING_BASE64)
		base64_decode(body, out);
	else if (p->encoding_kind == ENCODING_QP)
		qp_decode(body, out);
	else
		buf_put(out, body);
}

/* A blank at its very end would lie before the line end of a boundary, and go with that (RFC
 * 2045 6.7 rule 3). */
static bool reads_as_text(const struct downgrade *d, const struct part *p, struct str plain)
{
	size_t beyond = 0;

	if (str_ends(plain, STR(" ")) || str_ends(plain, STR("\t")))
		return false;
	for (size_t i = 0; i < plain.n; i++)
		beyond += (unsigned char)plain.p[i] >= 0x80;
	return str_eqi(message_type(d->m, p), STR("text")) && beyond < plain.n / 4 &&
	       smtp_text_strict(plain);
}

static void leaf_put(struct downgrade *d, const struct part *p)
{
	struct str body = message_str(d->m, p->body);
	struct buf plain, coded;
	bool qp;

	buf_init(&plain, body.n + 16);
	plain_put(p, body, &plain);
	qp = reads_as_text(d, p, buf_str(&plain));
	buf_init(&coded, 4 * plain.n + 64);
	if (qp)
		qp_put(&coded, buf_str(&plain));
	else
		base64_put_lines(&coded, buf_str(&plain));
	assert(buf_ok(&plain) && buf_ok(&coded));
	header_put(d, p, qp ? STR("quoted-printable") : STR("base64"));
	put(d, buf_str(&coded));
	d->at = p->body.off + p->body.len;
	buf_deinit(&plain);
	buf_deinit(&coded);
}

/* What a body is called has to hold for all that is in it, and afterwards more holds. */
static void label_put(struct downgrade *d, const struct part *p)
{
	bool binary = p->encoding_kind == ENCODING_BINARY;
	struct str now = d->eightbit ? STR("8bit") : STR("7bit");

	if (p->encoding.len != 0 && header_whole(d, p) &&
	    (binary || (p->encoding_kind == ENCODING_8BIT && !d->eightbit)))
		header_put(d, p, now);
}

enum smtp_downgraded smtp_downgrade(const struct message *m, bool eightbit, smtp_put_fn *put_fn,
                                    void *arg)
{
	struct downgrade d = { .m = m, .eightbit = eightbit, .put = put_fn, .arg = arg };

	for (uint32_t i = 0; i < m->n && !d.stopped; i++) {
		const struct part *p = &m->parts[i];

		if (!must_encode(&d, p))
			label_put(&d, p);
		else if (may_encode(&d, p))
			leaf_put(&d, p);
		else
			return DOWNGRADE_CANNOT;
	}
	copy_to(&d, (uint32_t)m->raw.n);
	if (d.stopped)
		return DOWNGRADE_STOPPED;
	/* Such bytes between the parts, or in their headers. */
	return smtp_lines_strict(&d.lines) ? DOWNGRADED : DOWNGRADE_CANNOT;
}

bool smtp_header_utf8(const struct message *m)
{
	for (uint32_t i = 0; i < m->n; i++)
		if (!utf8_ascii(message_str(m, m->parts[i].header)))
			return true;
	return false;
}
