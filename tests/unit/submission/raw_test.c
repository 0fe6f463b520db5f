/* Messages that come whole: whom they name, what is left out of them, and what is refused. */
#include "harness/check.h"

#include "unit/submission/laws.h"

static void taken(void **state)
{
	static const struct {
		const char *raw, *out, *rcpts;
		bool utf8;
	} rows[] = {
		{ "From: a@b\nTo: c@d\n\nx\n", "From: a@b\r\nTo: c@d\r\n\r\nx\r\n", "c@d ", false },
		{ "From: a@b\r\nTo: c@d\r\n\r\nx", "From: a@b\r\nTo: c@d\r\n\r\nx\r\n", "c@d ",
		  false },
		{ "To: c@d,\n e@f\nBcc: g@h,\n i@j\nCc: c@d, G: k@l;\n\n.\n",
		  "To: c@d,\r\n e@f\r\nCc: c@d, G: k@l;\r\n\r\n.\r\n", "c@d e@f g@h i@j k@l ",
		  false },
		{ "bcc: g@h\nFrom: a@b\n", "From: a@b\r\n\r\n", "g@h ", false },
		{ "From: a@b\nResent-Bcc: x@y\n\n", "From: a@b\r\n\r\n", "", false },
		{ "From: \xc3\xa9@b\n\n", "From: \xc3\xa9@b\r\n\r\n", "", true },
		{ "From: a@b\n\n\xff\n", "From: a@b\r\n\r\n\xff\r\n", "", false },
	};
	struct buf out, rcpts;

	(void)state;
	buf_init(&out, LAWS_OUT_MAX);
	buf_init(&rcpts, 1000);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct why why = { "" };
		struct raw_letter l;

		if (!laws_raw(str_of(rows[i].raw), &a, &l, &out, &why))
			fail_msg("row %zu: %s", i, why.text);
		check_str_at(i, buf_str(&out), str_of(rows[i].out));
		buf_reset(&rcpts);
		for (size_t n = 0; n < l.rcpts.count; n++) {
			mailaddr_put(&rcpts, &l.rcpts.items[n].address);
			buf_byte(&rcpts, ' ');
		}
		check_str_at(i, buf_str(&rcpts), str_of(rows[i].rcpts));
		check_at(i, l.utf8 == rows[i].utf8);
		arena_deinit(&a);
	}
	buf_deinit(&rcpts);
	buf_deinit(&out);
}

static void refused(void **state)
{
	static const struct {
		struct str raw;
		const char *why;
	} rows[] = {
		{ STR(""), "no header" },
		{ STR("\n"), "no header" },
		{ STR("\r\nbody\r\n"), "no header" },
		{ STR("From: a@b\n\na\rb\n"), "lone CR" },
		{ STR("From: a@b\r\r\n\n"), "lone CR" },
		{ STR("From: a@b\n\na\0b\n"), "NUL" },
		{ STR("From me\nFrom: a@b\n\n"), "no field" },
		{ STR("From: a@b\nX: \xff\n\n"), "UTF-8" },
		{ STR("From: a@b\nTo: nobody\n\n"), "no address" },
		{ STR("From: a@b\nBcc: x@\n\n"), "no address" },
	};
	struct buf out;

	(void)state;
	buf_init(&out, LAWS_OUT_MAX);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct why why = { "" };
		struct raw_letter l;

		check_at(i, !laws_raw(rows[i].raw, &a, &l, &out, &why));
		if (str_find(str_of(why.text), str_of(rows[i].why)) < 0)
			fail_msg("row %zu: \"%s\"", i, why.text);
		arena_deinit(&a);
	}
	buf_deinit(&out);
}

static void too_many(void **state)
{
	struct arena a = { 0 };
	struct raw_letter l;
	struct why why = { "" };
	struct buf raw, out;

	(void)state;
	buf_init(&raw, 1 << 16);
	buf_init(&out, LAWS_OUT_MAX);
	buf_put(&raw, STR("To: "));
	for (size_t i = 0; i < laws_limits.rcpts; i++)
		buf_fmt(&raw, "%sr%zu@d", i == 0 ? "" : ",\r\n ", i);
	buf_put(&raw, STR("\r\n"));
	assert_true(laws_raw(buf_str(&raw), &a, &l, &out, &why));
	buf_put(&raw, STR("Bcc: one@more\r\n\r\n"));
	assert_false(laws_raw(buf_str(&raw), &a, &l, &out, &why));
	check_str(str_of(why.text), STR("at most 100 recipients"));
	buf_deinit(&raw);
	buf_deinit(&out);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(taken),
		cmocka_unit_test(refused),
		cmocka_unit_test(too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
