/* Fields with lines that are too long: where they are folded, and where never. */
#include "harness/check.h"

#include "formats/message/fold.h"
#include "formats/message/lines.h"
#include "foundation/base/buf.h"

/* "*" stands for a word of 400 bytes, "~" for 90, "=" for 15. */
static void wide_put(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		size_t n = *text == '*' ? 400 : *text == '~' ? 90 : *text == '=' ? 15 : 1;

		for (size_t i = 0; i < n; i++)
			buf_byte(out, n == 1 ? *text : 'x');
	}
}

static void test_table(void **state)
{
	static const struct {
		const char *field, *want; /* NULL: no place */
	} rows[] = {
		/* nothing to do */
		{ "S: a  b\r\n\tc \r\n", "S: a  b\r\n\tc \r\n" },
		{ "S: * *\r\n", "S: * *\r\n" },
		/* before blanks, which stay */
		{ "S: * * * *\r\n", "S: * *\r\n * *\r\n" },
		{ "S:  *\t * \t*\r\n", "S:  *\t *\r\n \t*\r\n" },
		{ "S: * *\r\n a * * *\r\n b", "S: * *\r\n a * *\r\n *\r\n b" },
		{ "S: = **~~", "S: =\r\n **~~" },
		{ "S: **~~=a", "S:\r\n **~~=a" },
		{ "S: **~~=ab *\n", "S:\r\n **~~=ab\r\n *\n" },
		/* rather behind a comma */
		{ "S: *, * * *\r\n", "S: *,\r\n * *\r\n *\r\n" },
		{ "S: *; * * *\r\n", "S: *;\r\n * *\r\n *\r\n" },
		/* a blank that a backslash makes a character, or that ends a line */
		{ "S: *\\ *\\ ~~aaaaaaaaaaaa\r\n", "S:\r\n *\\ *\\ ~~aaaaaaaaaaaa\r\n" },
		{ "S: a*\\ *\\ *\\ *\r\n", NULL },
		{ "S: ***   \r\n", NULL },
		{ "S:***\r\n", NULL },
		{ "S: *\r\n ***\r\n", NULL },
		{ "***\r\n", NULL },
		/* lists may have blanks that were not there */
		{ "To: *@a,*@a,*@a,*@a\r\n", "To: *@a,*@a,\r\n *@a,*@a\r\n" },
		{ "cc:<*@a>,<*@a>,<*@a>\r\n", "cc:<*@a>,<*@a>,\r\n <*@a>\r\n" },
		{ "Content-Type:a/b;c*;d*;e*\r\n", "Content-Type:a/b;c*;d*;\r\n e*\r\n" },
		/* of the line that has one, as long as any */
		{ "To:a,**~~a,**~~=,b\r\n", "To:a,**~~a,\r\n **~~=,b\r\n" },
		{ "To:a,**~~a,**~~=a,b\r\n", "To:a,**~~a,\r\n **~~=a,\r\n b\r\n" },
		{ "To:a,**~~a,**~~=ab,c\r\n", NULL },
		/* but not within what is one thing */
		{ "To:*,\"*,*\\\",*\"@a,*\r\n", NULL },
		{ "To:*,(*,(*),*),*\r\n", NULL },
		{ "To:\"*,*\"@a,*,*\r\n", "To:\"*,*\"@a,\r\n *,*\r\n" },
		{ "List-Post:<*,*,*,*>\r\n", NULL },
		{ "X-Own:*,*,*,*\r\n", NULL },
		{ "To:*,*,   \r\n", "To:*,*,   \r\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf raw, want, out;
		struct header_field field;
		struct cur c;
		bool folded;

		buf_init(&raw, 8192);
		buf_init(&want, 8192);
		buf_init(&out, 8192);
		wide_put(&raw, rows[i].field);
		c = cur_of(buf_str(&raw));
		assert_true(header_next(&c, &field));
		folded = fold_field_put(&out, &field);
		check_at(i, folded == (rows[i].want != NULL));
		if (folded && rows[i].want != NULL) {
			wide_put(&want, rows[i].want);
			check_str_at(i, buf_str(&out), buf_str(&want));
			check_at(i, lines_text_fit(buf_str(&out)));
		}
		buf_deinit(&raw);
		buf_deinit(&want);
		buf_deinit(&out);
	}
}

/* However long the words are, each line is within the limit and the field the same. */
static void test_each_length(void **state)
{
	(void)state;
	for (size_t word = 1; word <= LINES_MAX_BYTES; word++) {
		struct buf raw, out, back;
		struct header_field field, folded;
		struct cur c;

		buf_init(&raw, 16384);
		buf_init(&out, 16384);
		buf_init(&back, 16384);
		buf_put(&raw, STR("S:"));
		for (size_t n = 0; n < 4000; n += word + 1) {
			buf_byte(&raw, ' ');
			for (size_t i = 1; i < word; i++)
				buf_byte(&raw, 'x');
			buf_byte(&raw, 'x');
		}
		buf_put(&raw, STR("\r\n"));
		c = cur_of(buf_str(&raw));
		assert_true(header_next(&c, &field));
		/* a word of 998 has no room for the blank before it */
		check_at(word, fold_field_put(&out, &field) == (word < LINES_MAX_BYTES));
		if (word < LINES_MAX_BYTES) {
			check_at(word, lines_text_fit(buf_str(&out)));
			c = cur_of(buf_str(&out));
			assert_true(header_next(&c, &folded));
			assert_true(cur_done(&c));
			header_unfold_put(&back, folded.value);
			check_str_at(word, buf_str(&back), field.value);
		}
		buf_deinit(&raw);
		buf_deinit(&out);
		buf_deinit(&back);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_each_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
