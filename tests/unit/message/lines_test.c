/* Whole lines, and short ones. */
#include "harness/check.h"

#include "formats/message/lines.h"
#include "foundation/base/buf.h"

/* However the message is cut. */
static void test_lines_are_whole(void **state)
{
	static const struct {
		struct str text;
		bool strict;
	} rows[] = {
		{ STR(""), true },         { STR("abc"), true },      { STR("a\r\nb\r\n"), true },
		{ STR("\r\n\r\n"), true }, { STR("\n"), false },      { STR("\r"), false },
		{ STR("a\rb"), false },    { STR("a\r\r\n"), false }, { STR("a\r\n\n"), false },
		{ STR("a\n\r\n"), false }, { STR("a\0b"), false },    { STR("a\r\nb\r"), false },
		{ STR("a\r\n\r"), false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str text = rows[i].text;

		check_at(i, lines_text_strict(text) == rows[i].strict);
		for (size_t step = 1; step <= text.n; step++) {
			struct lines l = { 0 };

			for (size_t at = 0; at < text.n; at += step)
				lines_next(&l, str_sub(text, at, at + step));
			check_at(i, lines_strict(&l) == rows[i].strict);
		}
	}
}

/* n bytes, then that. */
static void line_put(struct buf *out, size_t n, const char *then)
{
	for (size_t i = 0; i < n; i++)
		buf_byte(out, 'x');
	buf_put(out, str_of(then));
}

static bool fits(struct str text, size_t step)
{
	struct lines l = { 0 };

	for (size_t at = 0; at < text.n; at += step)
		lines_next(&l, str_sub(text, at, at + step));
	assert_true(lines_strict(&l));
	return lines_fit(&l);
}

/* RFC 5322 2.1.1 */
static void test_lines_of_998(void **state)
{
	static const struct {
		size_t first, second;
		const char *end; /* of the second */
		bool fit;
	} rows[] = {
		{ 0, 0, "", true },           { 998, 998, "", true },
		{ 998, 998, "\r\n", true },   { 998, 999, "", false },
		{ 999, 1, "\r\n", false },    { 998, 999, "\r\n", false },
		{ 5000, 0, "\r\n", false },   { 500, 497, "\r\n", true },
		{ 997, 999, "\r\na", false }, { 997, 998, "\r\na", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf text;

		buf_init(&text, 8192);
		line_put(&text, rows[i].first, "\r\n");
		line_put(&text, rows[i].second, rows[i].end);
		check_at(i, lines_text_fit(buf_str(&text)) == rows[i].fit);
		for (size_t step = 1; step <= text.n; step = step * 3 + 1)
			check_at(i, fits(buf_str(&text), step) == rows[i].fit);
		check_at(i, fits(buf_str(&text), text.n) == rows[i].fit);
		buf_deinit(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_are_whole),
		cmocka_unit_test(test_lines_of_998),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
