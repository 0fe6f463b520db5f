/* Canonical forms and lists of tags. The first byte says how the rest is cut into pieces:
 *
 *	the pieces do not matter
 *	what is canonical stays as it is, and is no longer but for the end of a last line
 *	tags lie within the list, none twice
 *	a signature is hashed without running out of anything */
#include "formats/mailauth/dkim.h"
#include "formats/mailauth/tags.h"
#include "foundation/base/arena.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void gather(void *to, struct str bytes)
{
	assert(bytes.n != 0);
	buf_put(to, bytes);
}

static void body(struct buf *to, enum canon how, struct str in, size_t piece)
{
	struct canon_body b;

	buf_reset(to);
	canon_body_init(&b, how, gather, to);
	for (size_t at = 0; at < in.n; at += piece)
		canon_body_put(&b, str_sub(in, at, at + piece));
	canon_body_end(&b);
}

static void field(struct buf *to, enum canon how, struct str in, size_t piece)
{
	struct canon_field f;

	buf_reset(to);
	canon_field_init(&f, how, gather, to);
	for (size_t at = 0; at < in.n; at += piece)
		canon_field_put(&f, str_sub(in, at, at + piece));
	canon_field_end(&f, true);
}

static void canonical(struct str in, size_t piece)
{
	struct buf one, two;

	buf_init(&one, in.n + 2 + 1);
	buf_init(&two, in.n + 2 + 1);
	for (enum canon how = CANON_SIMPLE; how <= CANON_RELAXED; how++) {
		field(&one, how, in, SIZE_MAX / 2);
		field(&two, how, in, piece);
		assert(buf_ok(&one) && str_eq(buf_str(&one), buf_str(&two)));
		body(&one, how, in, SIZE_MAX / 2);
		body(&two, how, in, piece);
		assert(buf_ok(&one) && str_eq(buf_str(&one), buf_str(&two)));
		body(&two, how, buf_str(&one), piece);
		assert(str_eq(buf_str(&one), buf_str(&two)));
	}
	buf_deinit(&one);
	buf_deinit(&two);
}

static void lists(struct str in)
{
	struct tags t;

	if (!tags_parse(in, &t))
		return;
	for (size_t i = 0; i < t.count; i++) {
		const struct tag *tag = &t.items[i];

		assert(tags_find(&t, tag->name) == tag);
		assert(tag->whole.p >= in.p && tag->whole.p + tag->whole.n <= in.p + in.n);
		assert(tag->value.n <= tag->whole.n);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str in = str_from((const char *)data, n);
	uint8_t digest[HASH_BYTES];
	struct dkim_fields fields;
	struct arena a = { 0 };

	if (n == 0)
		return 0;
	in = str_sub(in, 1, in.n);
	canonical(in, data[0] % 16 + 1);
	lists(in);
	assert(dkim_record_same(in, in) == dkim_record_same(in, str_trim(in)));
	dkim_fields_read(&fields, &in, 1, &a);
	if (fields.count != 0)
		(void)dkim_header_hash(&fields, CANON_RELAXED, fields.items[0].raw, digest);
	arena_deinit(&a);
	return 0;
}
