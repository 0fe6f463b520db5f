/* tests/unit/text/qr_test.c: pictures of QR codes. */
#include "foundation/text/qr.h"

#include "harness/check.h"

#include <stdio.h>
#include <string.h>

static char text[QR_TEXT_MAX + 1];

/* The longest texts of some versions at level M (ISO/IEC 18004 table 7). */
static void smallest_version(void **state)
{
	static const struct {
		size_t length;
		unsigned version;
	} rows[] = { { 0, 1 },   { 14, 1 },   { 15, 2 },   { 26, 2 },          { 84, 5 },
		     { 122, 7 }, { 213, 10 }, { 362, 14 }, { QR_TEXT_MAX, 20 } };
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	memset(text, 'a', sizeof text);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char box[40];
		unsigned side = 17 + 4 * rows[i].version + 2 * 4;

		buf_reset(&b);
		check_at(i, qr_svg(&b, str_from(text, rows[i].length), STR("a")));
		snprintf(box, sizeof box, "viewBox=\"0 0 %u %u\"", side, side);
		check_at(i, str_find(buf_str(&b), str_of(box)) >= 0);
	}
	buf_reset(&b);
	assert_false(qr_svg(&b, str_from(text, sizeof text), STR("a")));
	assert_int_equal(buf_str(&b).n, 0);
	buf_deinit(&b);
}

/* The picture has a label. The first finder pattern begins after the quiet zone and is seven
 * modules wide. */
static void picture(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	assert_true(qr_svg(&b, STR("a"), STR("a \"<code>\"")));
	assert_true(str_starts(buf_str(&b), STR("<svg xmlns=\"http://www.w3.org/2000/svg\" ")));
	assert_true(str_find(buf_str(&b), STR("aria-label=\"a &quot;&lt;code&gt;&quot;\"")) >= 0);
	assert_true(str_find(buf_str(&b), STR("<path d=\"M4 4h7v1h-7z")) >= 0);
	assert_true(str_ends(buf_str(&b), STR("\"/></svg>")));
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(smallest_version),
		cmocka_unit_test(picture),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
