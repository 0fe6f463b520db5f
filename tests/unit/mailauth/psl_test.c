/* The public suffix list: the examples that are published with it, and what they do not say. */
#include "harness/check.h"

#include "formats/mailauth/psl.h"
#include "foundation/base/arena.h"
#include "foundation/text/idna.h"

#include <public_suffix_tests.h>

/* As DNS has it; what is no name stays as it is. */
static struct str ascii(struct arena *a, const char *name)
{
	struct str s = str_of(name);

	(void)idna_ascii(a, s, &s);
	return s;
}

static void test_published(void **state)
{
	struct arena a = { 0 };

	(void)state;
	assert_true(COUNT(public_suffix_tests) > 70);
	for (size_t i = 0; i < COUNT(public_suffix_tests); i++) {
		struct str name = ascii(&a, public_suffix_tests[i].name);
		struct str want = ascii(&a, public_suffix_tests[i].registered);

		check_at(i, str_eq(psl_organization(name), want));
	}
	arena_deinit(&a);
}

static void test_rows(void **state)
{
	static const struct {
		const char *name, *suffix, *organization;
	} rows[] = {
		{ "", "", "" },
		{ "com", "com", "" },
		{ "a.b.Example.COM", "COM", "Example.COM" },
		{ "a.example.co.uk", "co.uk", "example.co.uk" },
		{ "a.sch.uk", "a.sch.uk", "" }, /* *.sch.uk */
		{ "sch.uk", "uk", "sch.uk" },
		{ "x.a.sch.uk", "a.sch.uk", "x.a.sch.uk" },
		{ "me.github.io", "github.io", "me.github.io" }, /* a private rule */
		{ "a.www.ck", "ck", "www.ck" },                  /* !www.ck        */
		{ "a.city.kobe.jp", "kobe.jp", "city.kobe.jp" },
		{ "a.b.unlisted", "unlisted", "b.unlisted" },
		{ "a.example.xn--fiqs8s", "xn--fiqs8s", "example.xn--fiqs8s" },
		{ "a.example.XN--FIQS8S", "XN--FIQS8S", "example.XN--FIQS8S" },
		{ "example.com.", "", "" },
		{ "a..com", "", "" },
		{ ".com", "", "" },
		{ "..", "", "" },
		{ ".", "", "" },
		{ "\xff.com", "com", "\xff.com" },
		{ "a.\xff", "\xff", "a.\xff" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str name = str_of(rows[i].name);

		check_at(i, str_eq(psl_suffix(name), str_of(rows[i].suffix)));
		check_at(i, str_eq(psl_organization(name), str_of(rows[i].organization)));
	}
}

static void test_date(void **state)
{
	(void)state;
	assert_int_equal(str_of(psl_date()).n, STR("2025-03-28").n);
	assert_true(str_starts(str_of(psl_date()), STR("20")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_date),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
