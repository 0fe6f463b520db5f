/* UTF-16 to UTF-8, in pieces of any size. */
#include "harness/check.h"

#include "formats/reports/wide.h"
#include "foundation/base/buf.h"

static const struct {
	struct str in, out;
} rows[] = {
	{ STR(""), STR("") },
	{ STR("<a/>"), STR("<a/>") },
	{ STR("\xef\xbb\xbf<a/>"), STR("\xef\xbb\xbf<a/>") },
	{ STR("\xff<"), STR("\xff<") },
	{ STR("\xfe\xfe\xff"), STR("\xfe\xfe\xff") },
	{ STR("\xff\xfe<\0a\0/\0>\0"), STR("<a/>") },
	{ STR("\xfe\xff\0<\0a\0/\0>"), STR("<a/>") },
	{ STR("\xff\xfe\xe9\0\xac\x20"), STR("\xc3\xa9\xe2\x82\xac") },
	{ STR("\xfe\xff\xd8\x3d\xde\0\0!"), STR("\xf0\x9f\x98\x80!") },
	/* halves of pairs alone; what is half a unit at the end is nothing */
	{ STR("\xfe\xff\xd8\x3d\0!"), STR("\xef\xbf\xbd!") },
	{ STR("\xfe\xff\xd8\x3d\xd8\x3d\xde\0"), STR("\xef\xbf\xbd\xf0\x9f\x98\x80") },
	{ STR("\xfe\xff\xde\0\0!"), STR("\xef\xbf\xbd!") },
	{ STR("\xfe\xff\0!\0"), STR("!") },
	{ STR("\xfe\xff"), STR("") },
};

static void decode(struct str in, size_t step, struct buf *out)
{
	struct wire_wide w = { .high = 0 };

	for (size_t at = 0; at < in.n; at += step) {
		struct cur c = cur_of(str_sub(in, at, at + step));
		char room[WIRE_WIDE_ROOM];
		struct str text;

		while (wire_wide_next(&w, &c, room, &text))
			buf_put(out, text);
		assert_true(cur_done(&c));
	}
}

static void each_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t step = 1; step <= rows[i].in.n; step++) {
			struct buf b;

			buf_init(&b, 100);
			decode(rows[i].in, step, &b);
			check_str_at(i, buf_str(&b), rows[i].out);
			buf_deinit(&b);
		}
}

/* More than there is room for at once. */
static void a_long_one(void **state)
{
	enum { UNITS = 20000 };
	struct buf in, out;

	(void)state;
	buf_init(&in, 1 << 17);
	buf_init(&out, 1 << 17);
	buf_put(&in, STR("\xff\xfe"));
	for (int i = 0; i < UNITS; i++)
		buf_put(&in, STR("\xac\x20"));
	decode(buf_str(&in), in.n, &out);
	assert_int_equal(out.n, 3 * UNITS);
	for (size_t i = 0; i < out.n; i += 3)
		check_str_at(i, str_sub(buf_str(&out), i, i + 3), STR("\xe2\x82\xac"));
	buf_deinit(&out);
	buf_deinit(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row),
		cmocka_unit_test(a_long_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
