/* Passwords as one form: RFC 8265 4.3 has the examples. */
#include "harness/check.h"

#include "foundation/text/opaque.h"

static void forms(void **state)
{
	static const struct {
		const char *in, *out; /* NULL: refused */
	} rows[] = {
		{ "correct horse battery staple", "correct horse battery staple" },
		{ "Correct Horse Battery Staple", "Correct Horse Battery Staple" },
		{ "\xcf\x80\xc3\x9f\xc3\xa5", "\xcf\x80\xc3\x9f\xc3\xa5" },
		{ "Jack of \xe2\x99\xa6s", "Jack of \xe2\x99\xa6s" },
		{ "foo\xe1\x9a\x80"
		  "bar",
		  "foo bar" }, /* U+1680, a space of Ogham */
		{ "", NULL },
		{ "my cat is a \tby", NULL },
		{ "a\xc2\xa0"
		  "b",
		  "a b" },                          /* U+00A0 */
		{ "e\xcc\x81", "\xc3\xa9" },        /* NFC */
		{ "\xef\xac\x81", "\xef\xac\x81" }, /* U+FB01: NFC keeps it, NFKC would not */
		{ "a\xe2\x80\x8b"
		  "b",
		  NULL }, /* U+200B */
		{ "a\xe2\x80\x8d"
		  "b",
		  NULL },                 /* U+200D, a joiner */
		{ "\xc2\xad", NULL },     /* U+00AD */
		{ "\xee\x80\x80", NULL }, /* private use */
		{ "\xe1\x84\x80", NULL }, /* old Hangul jamo */
		{ "\xcd\xb8", NULL },     /* U+0378, unassigned */
		{ "\xef\xbf\xbe", NULL }, /* U+FFFE, no character */
		{ "\xc3", NULL },         /* no UTF-8 */
		{ "a\x1f", NULL },
		{ "\xc2\x85", NULL }, /* U+0085, a control */
	};
	struct buf out;

	(void)state;
	buf_init(&out, 200);
	for (size_t i = 0; i < COUNT(rows); i++) {
		buf_reset(&out);
		check_at(i, opaque_put(&out, str_of(rows[i].in)) == (rows[i].out != NULL));
		if (rows[i].out != NULL)
			check_str_at(i, buf_str(&out), str_of(rows[i].out));
	}
	buf_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(forms) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
