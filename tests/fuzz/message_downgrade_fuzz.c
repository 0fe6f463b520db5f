/* Laws of conversion: the result has lines only, none too long; it has the same parts, whose
 * contents are the same, and their headers but for white space and the encoding; converting it
 * again changes nothing. */
#include "formats/message/downgrade.h"
#include "formats/message/header.h"
#include "formats/message/lines.h"
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/text/base64.h"
#include "foundation/text/qp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const struct message_limits limits = { .depth = 10,
	                                      .parts = 50,
	                                      .header_bytes = 100000,
	                                      .params = 10,
	                                      .addresses = 10,
	                                      .all_params = 100,
	                                      .all_addresses = 100,
	                                      .memory_bytes = 1 << 20 };

static bool take(struct str bytes, void *arg)
{
	buf_put(arg, bytes);
	return true;
}

static void content(const struct message *m, const struct part *p, struct buf *out)
{
	struct str body = message_str(m, p->body);

	buf_reset(out);
	if (p->encoding_kind == ENCODING_BASE64)
		base64_decode(body, out);
	else if (p->encoding_kind == ENCODING_QP)
		qp_decode(body, out);
	else
		buf_put(out, body);
}

/* Without white space. */
static void header_put(const struct message *m, const struct part *p, struct buf *out)
{
	struct str header = message_str(m, p->header);

	for (size_t i = 0; i < header.n; i++)
		if (header.p[i] != ' ' && header.p[i] != '\t' && header.p[i] != '\r' &&
		    header.p[i] != '\n')
			buf_byte(out, header.p[i]);
}

static void headers_check(const struct message *x, const struct message *y, uint32_t i, size_t n)
{
	const struct part *p = &x->parts[i], *q = &y->parts[i];
	struct buf one, other;

	if (!str_eq(message_str(x, p->encoding), message_str(y, q->encoding)) ||
	    header_count(message_str(x, p->header), STR("MIME-Version")) !=
	            header_count(message_str(y, q->header), STR("MIME-Version")))
		return;
	buf_init(&one, 8 * n + 1000);
	buf_init(&other, 8 * n + 1000);
	header_put(x, p, &one);
	header_put(y, q, &other);
	assert(str_eq(buf_str(&one), buf_str(&other)));
	buf_deinit(&one);
	buf_deinit(&other);
}

static void parts_check(const struct message *x, const struct message *y, size_t n)
{
	struct buf one, other;

	assert(x->n == y->n);
	buf_init(&one, 8 * n + 1000);
	buf_init(&other, 8 * n + 1000);
	for (uint32_t i = 0; i < x->n; i++) {
		assert(x->parts[i].kind == y->parts[i].kind);
		headers_check(x, y, i, n);
		if (x->parts[i].kind != PART_LEAF)
			continue;
		content(x, &x->parts[i], &one);
		content(y, &y->parts[i], &other);
		assert(str_eq(buf_str(&one), buf_str(&other)));
	}
	buf_deinit(&one);
	buf_deinit(&other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str raw, field;
	struct arena a = { 0 };
	struct message m, new;
	struct buf out, again;
	bool eightbit;

	if (n == 0)
		return 0;
	eightbit = data[0] & 1;
	raw = str_from((const char *)data + 1, n - 1);
	buf_init(&out, 64 * n + 10000);
	buf_init(&again, 64 * n + 10000);
	message_parse(&a, raw, &limits, &m);
	if (downgrade_put(&m, eightbit, take, &out, &field) == DOWNGRADED) {
		assert(buf_ok(&out) && lines_text_strict(buf_str(&out)));
		assert(lines_text_fit(buf_str(&out)));
		message_parse(&a, buf_str(&out), &limits, &new);
		if (!m.limited)
			parts_check(&m, &new, n);
		assert(downgrade_put(&new, eightbit, take, &again, &field) == DOWNGRADED);
		assert(str_eq(buf_str(&out), buf_str(&again)));
	}
	buf_deinit(&out);
	buf_deinit(&again);
	arena_deinit(&a);
	return 0;
}
