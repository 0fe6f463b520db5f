/* Tests of mailauth/dane: which TLSA records count. */
#include "harness/check.h"
#include "harness/hex.h"

#include "formats/mailauth/dane.h"

#include <string.h>

#define D32 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define D64 D32 D32

static void test_parse(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		unsigned usage, selector, matching;
		size_t n;
	} rows[] = {
		{ "3 1 1 " D32, true, 3, 1, 1, 32 },
		{ "255 255 255 AbCd", true, 255, 255, 255, 2 },
		{ "2 0 0 ", true, 2, 0, 0, 0 },
		{ "256 1 1 00", false, 0, 0, 0, 0 },
		{ "3 1 1 0", false, 0, 0, 0, 0 },
		{ "3 1 1 0g", false, 0, 0, 0, 0 },
		{ "3 1 00", false, 0, 0, 0, 0 },
		{ "3 1 1", false, 0, 0, 0, 0 },
		{ "", false, 0, 0, 0, 0 },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct tlsa t;

		check_at(i, dane_record_parse(str_of(rows[i].text), &a, &t) == rows[i].ok);
		check_at(i, !rows[i].ok ||
		                    (t.usage == rows[i].usage && t.selector == rows[i].selector &&
		                     t.matching == rows[i].matching && t.data.n == rows[i].n));
	}
	arena_deinit(&a);
}

static void test_usable(void **state)
{
	static const struct {
		const char *text;
		bool usable;
	} rows[] = {
		{ "3 1 1 " D32, true },   { "3 0 2 " D64, true },   { "2 0 1 " D32, true },
		{ "2 1 0 00", true },     { "3 0 0 00", true },
		{ "0 1 1 " D32, false },  /* RFC 7672 3.1.3 */
		{ "1 1 1 " D32, false },  { "4 1 1 " D32, false },  { "255 1 1 " D32, false },
		{ "3 2 1 " D32, false },  { "3 1 3 " D32, false },  { "3 1 1 " D64, false },
		{ "3 1 2 " D32, false },  { "3 1 1 00", false },    { "3 1 0 ", false },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct tlsa t;

		check_at(i, dane_record_parse(str_of(rows[i].text), &a, &t));
		check_at(i, dane_usable(&t) == rows[i].usable);
	}
	arena_deinit(&a);
}

/* RFC 7671 9: of one usage and selector the strongest digest counts, and whole ones. */
static void test_choose(void **state)
{
	static const struct {
		const char *in, *out; /* usage, selector, matching of each */
	} rows[] = {
		{ "", "" },
		{ "311", "311" },
		{ "311 312", "312" },
		{ "312 311", "312" },
		{ "311 310 312", "310 312" },
		{ "311 302", "311 302" },
		{ "211 312", "211 312" },
		{ "011 112 311", "311" },
		{ "311 311 312 312", "312 312" },
		{ "101 319", "" },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct tlsa items[8];
		size_t n = 0, kept;
		char got[64] = "";

		for (const char *p = rows[i].in; *p != '\0'; p += p[3] == ' ' ? 4 : 3, n++) {
			items[n] = (struct tlsa){ (uint8_t)(p[0] - '0'), (uint8_t)(p[1] - '0'),
				                  (uint8_t)(p[2] - '0'), STR_EMPTY };
			items[n].data = hex_of(&a, p[2] == '2' ? D64 : D32);
		}
		kept = dane_choose(items, n);
		for (size_t k = 0; k < kept; k++) {
			char one[] = { (char)('0' + items[k].usage),
				       (char)('0' + items[k].selector),
				       (char)('0' + items[k].matching), '\0' };

			strcat(got, k == 0 ? "" : " ");
			strcat(got, one);
		}
		check_str_at(i, str_of(got), str_of(rows[i].out));
	}
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_usable),
		cmocka_unit_test(test_choose),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
