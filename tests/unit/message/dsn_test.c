/* The words of delivery status notifications: RFC 3461 4 and RFC 6533 3. */
#include "harness/check.h"

#include "formats/message/dsn.h"

#include <string.h>

static void notify(void **state)
{
	static const struct {
		const char *in;
		bool ok;
		unsigned bits;
		const char *out;
	} rows[] = {
		{ "NEVER", true, DSN_NEVER, "NEVER" },
		{ "never", true, DSN_NEVER, "NEVER" },
		{ "SUCCESS", true, DSN_SUCCESS, "SUCCESS" },
		{ "delay,FAILURE", true, DSN_DELAY | DSN_FAILURE, "FAILURE,DELAY" },
		{ "SUCCESS,FAILURE,DELAY", true, DSN_SUCCESS | DSN_FAILURE | DSN_DELAY,
		  "SUCCESS,FAILURE,DELAY" },
		{ "SUCCESS,SUCCESS", true, DSN_SUCCESS, "SUCCESS" },
		{ "NEVER,DELAY", false, 0, "" }, /* RFC 3461 4.1: by itself */
		{ "SUCCESS,NEVER", false, 0, "" },
		{ "", false, 0, "" },
		{ ",", false, 0, "" },
		{ "SUCCESS,", false, 0, "" },
		{ ",SUCCESS", false, 0, "" },
		{ "SUCCESS FAILURE", false, 0, "" },
		{ "ALWAYS", false, 0, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned bits = 0;
		struct buf b;

		check_at(i, dsn_notify_parse(str_of(rows[i].in), &bits) == rows[i].ok);
		if (!rows[i].ok)
			continue;
		check_at(i, bits == rows[i].bits);
		buf_init(&b, 100);
		dsn_notify_put(&b, bits);
		check_str_at(i, buf_str(&b), str_of(rows[i].out));
		buf_deinit(&b);
	}
}

static void notify_cut(void **state)
{
	struct str whole = STR("SUCCESS,FAILURE");
	unsigned bits;

	(void)state;
	for (size_t n = 0; n <= whole.n; n++)
		check_at(n, dsn_notify_parse(str_sub(whole, 0, n), &bits) == (n == 7 || n == 15));
}

static void xtext(void **state)
{
	static const struct {
		const char *in;
		bool ok;
		const char *out;
	} rows[] = {
		{ "", true, "" },
		{ "QQ314159", true, "QQ314159" },
		{ "a+2Bb+3Dc+20d", true, "a+b=c d" },
		{ "+09", true, "\t" },
		{ "a b", false, "" },
		{ "a=b", false, "" },
		{ "+2b", false, "" }, /* upper case only */
		{ "+2", false, "" },
		{ "+", false, "" },
		{ "+0D+0A", false, "" }, /* nothing that could begin a field of its own */
		{ "+00", false, "" },
		{ "+7F", false, "" },
		{ "+E9", false, "" },
		{ "\xc3\xa9", false, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf b, again;

		check_at(i, dsn_xtext_check(str_of(rows[i].in)) == rows[i].ok);
		if (!rows[i].ok)
			continue;
		buf_init(&b, 100);
		buf_init(&again, 100);
		dsn_xtext_decode(&b, str_of(rows[i].in));
		check_str_at(i, buf_str(&b), str_of(rows[i].out));
		dsn_xtext_put(&again, buf_str(&b));
		check_str_at(i, buf_str(&again), str_of(rows[i].in));
		buf_deinit(&again);
		buf_deinit(&b);
	}
}

static void original_recipients(void **state)
{
	static const struct {
		const char *in;
		bool ok, ok_utf8;
		const char *envelope, *ascii, *utf8;
	} rows[] = {
		{ "rfc822;Bob@example.org", true, true, "rfc822;Bob@example.org",
		  "rfc822; Bob@example.org", "rfc822; Bob@example.org" },
		{ "rfc822;a+2Bb@c.d", true, true, "rfc822;a+2Bb@c.d", "rfc822; a+b@c.d",
		  "rfc822; a+b@c.d" },
		{ "X400;/S=x/", false, false, "", "", "" },
		{ "X400;/S+3Dx/", true, true, "X400;/S+3Dx/", "X400; /S=x/", "X400; /S=x/" },
		{ "utf-8;\\x{4E2D}@c.d", true, true, "utf-8;\\x{4E2D}@c.d",
		  "utf-8; \\x{4E2D}@c.d", "utf-8; \xe4\xb8\xad@c.d" },
		{ "UTF-8;\xe4\xb8\xad@c.d", false, true, "UTF-8;\\x{4E2D}@c.d",
		  "UTF-8; \\x{4E2D}@c.d", "UTF-8; \xe4\xb8\xad@c.d" },
		{ "utf-8;a\\x{2B}b@c.d", true, true, "utf-8;a\\x{2B}b@c.d",
		  "utf-8; a\\x{2B}b@c.d", "utf-8; a+b@c.d" },
		/* RFC 6533 3: not of the form: copied as it is */
		{ "utf-8;a+2Bb@c.d", true, true, "utf-8;a+2Bb@c.d", "utf-8; a+2Bb@c.d",
		  "utf-8; a+2Bb@c.d" },
		{ "utf-8;\xe4\xb8", false, false, "", "", "" },
		{ "rfc822;\xe4\xb8\xad@c.d", false, false, "", "", "" },
		{ "rfc822;", false, false, "", "", "" },
		{ ";a@b", false, false, "", "", "" },
		{ "rfc822", false, false, "", "", "" },
		{ "a@b", false, false, "", "", "" },
		{ "rf c;a@b", false, false, "", "", "" },
		{ "", false, false, "", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *forms[] = { rows[i].envelope, rows[i].ascii, rows[i].utf8 };
		struct str in = str_of(rows[i].in);

		check_at(i, dsn_orcpt_check(in, false) == rows[i].ok);
		check_at(i, dsn_orcpt_check(in, true) == rows[i].ok_utf8);
		for (size_t form = 0; rows[i].ok_utf8 && form < COUNT(forms); form++) {
			struct buf b;

			buf_init(&b, 1000);
			dsn_orcpt_put(&b, in, (enum dsn_form)form);
			check_str_at(i, buf_str(&b), str_of(forms[form]));
			buf_deinit(&b);
		}
	}
}

static void lengths(void **state)
{
	char text[DSN_ORCPT_MAX + 2];

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "rfc822;", 7);
	assert_true(dsn_orcpt_check(str_from(text, DSN_ORCPT_MAX), false));
	assert_false(dsn_orcpt_check(str_from(text, DSN_ORCPT_MAX + 1), false));
}

static void embedded_characters(void **state)
{
	static const struct {
		const char *in;
		bool ok;
	} rows[] = {
		{ "\\x{E9}", true },	{ "\\x{10FFFF}", true }, { "\\x{20}", true },
		{ "\\x{110000}", false }, { "\\x{D800}", false },	 { "\\x{0E9}", false },
		{ "\\x{41}", false },	/* stands for itself */
		{ "\\x{}", false },	{ "\\x{1F600}", true },	 { "\\x{1f600}", false },
		{ "\\x{E9", false },	{ "\\", false },	 { "a b", false },
		{ "\\x{0D}", false },	{ "\\x{0A}", false },	 { "\\x{7F}", false },
		{ "a=b", false },	{ "\\x{0000E9}", false }, { "\\x{00}", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf b, again;

		buf_init(&b, 100);
		buf_init(&again, 100);
		check_at(i, dsn_utf8_decode(&b, str_of(rows[i].in)) == rows[i].ok);
		check_at(i, rows[i].ok || b.n == 0);
		dsn_utf8_put(&again, buf_str(&b));
		if (rows[i].ok)
			check_str_at(i, buf_str(&again), str_of(rows[i].in));
		buf_deinit(&again);
		buf_deinit(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notify),
		cmocka_unit_test(notify_cut),
		cmocka_unit_test(xtext),
		cmocka_unit_test(original_recipients),
		cmocka_unit_test(lengths),
		cmocka_unit_test(embedded_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
