/* Laws of conversion: the result has lines only; it has the same parts, whose contents are the
 * same; converting it again changes nothing. */
#include "base/arena.h"
#include "base/buf.h"
#include "smtp/wire_chunk.h"
#include "smtp/wire_downgrade.h"
#include "text/base64.h"
#include "text/qp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const struct message_limits limits = { .depth = 10,
	                                      .parts = 50,
	                                      .header_bytes = 100000,
	                                      .params = 10,
	                                      .addresses = 10 };

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

static void parts_check(const struct message *x, const struct message *y, size_t n)
{
	struct buf one, other;

	assert(x->n == y->n);
	buf_init(&one, 8 * n + 1000);
	buf_init(&other, 8 * n + 1000);
	for (uint32_t i = 0; i < x->n; i++) {
		assert(x->parts[i].kind == y->parts[i].kind);
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
	struct str raw;
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
	if (smtp_downgrade(&m, eightbit, take, &out) == DOWNGRADED) {
		assert(buf_ok(&out) && smtp_text_strict(buf_str(&out)));
		message_parse(&a, buf_str(&out), &limits, &new);
		if (!m.limited)
			parts_check(&m, &new, n);
		assert(smtp_downgrade(&new, eightbit, take, &again) == DOWNGRADED);
		assert(str_eq(buf_str(&out), buf_str(&again)));
	}
	buf_deinit(&out);
	buf_deinit(&again);
	arena_deinit(&a);
	return 0;
}
