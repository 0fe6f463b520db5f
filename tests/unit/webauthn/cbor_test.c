/* CBOR one head at a time, and items passed over whole. */
#include "harness/check.h"
#include "harness/hex.h"

#include "formats/webauthn/cbor.h"

/* RFC 8949 appendix A, and what is no such form. */
static const struct {
	const char *hex;
	bool ok;
	enum cbor_kind kind;
	uint64_t n;
	const char *text;
} heads[] = {
	{ "00", true, CBOR_UINT, 0, "" },
	{ "17", true, CBOR_UINT, 23, "" },
	{ "1818", true, CBOR_UINT, 24, "" },
	{ "1903e8", true, CBOR_UINT, 1000, "" },
	{ "1a000f4240", true, CBOR_UINT, 1000000, "" },
	{ "1bffffffffffffffff", true, CBOR_UINT, UINT64_MAX, "" },
	{ "20", true, CBOR_NEGATIVE, 0, "" },
	{ "3903e7", true, CBOR_NEGATIVE, 999, "" },
	{ "40", true, CBOR_BYTES, 0, "" },
	{ "4401020304", true, CBOR_BYTES, 4, "\1\2\3\4" },
	{ "6161", true, CBOR_TEXT, 1, "a" },
	{ "62c3bc", true, CBOR_TEXT, 2, "\xc3\xbc" },
	{ "83010203", true, CBOR_ARRAY, 3, "" },
	{ "a201020304", true, CBOR_MAP, 2, "" },
	{ "c11a514b67b0", true, CBOR_TAG, 1, "" },
	{ "f4", true, CBOR_OTHER, 20, "" },
	{ "f6", true, CBOR_OTHER, 22, "" },
	{ "f8ff", true, CBOR_OTHER, 255, "" },
	{ "f90000", true, CBOR_OTHER, 0, "" },
	{ "fb3ff199999999999a", true, CBOR_OTHER, 0x3ff199999999999a, "" },
	/* longer heads than needed: RFC 8949 4.2.1 */
	{ "1800", false, 0, 0, "" },
	{ "1817", false, 0, 0, "" },
	{ "190018", false, 0, 0, "" },
	{ "1a0000ffff", false, 0, 0, "" },
	{ "1b00000000ffffffff", false, 0, 0, "" },
	{ "f81f", false, 0, 0, "" },
	/* of indefinite length, reserved */
	{ "5f42010243030405ff", false, 0, 0, "" },
	{ "9fff", false, 0, 0, "" },
	{ "bfff", false, 0, 0, "" },
	{ "ff", false, 0, 0, "" },
	{ "1c", false, 0, 0, "" },
	{ "1f", false, 0, 0, "" },
	/* more than there is */
	{ "", false, 0, 0, "" },
	{ "19", false, 0, 0, "" },
	{ "1903", false, 0, 0, "" },
	{ "44010203", false, 0, 0, "" },
	{ "5bffffffffffffffff", false, 0, 0, "" },
	{ "830102", false, 0, 0, "" },
	{ "9bffffffffffffffff00", false, 0, 0, "" },
	{ "a2010203", false, 0, 0, "" },
	{ "bb8000000000000000", false, 0, 0, "" },
	{ "c1", false, 0, 0, "" },
	{ "61ff", false, 0, 0, "" }, /* no UTF-8 */
};

static void heads_are_taken(void **state)
{
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(heads); i++) {
		struct cur c = cur_of(hex_of(&a, heads[i].hex));
		struct cur before = c;
		struct cbor item;

		check_at(i, cbor_take(&c, &item) == heads[i].ok);
		if (!heads[i].ok) {
			check_at(i, c.p == before.p);
			continue;
		}
		check_at(i, item.kind == heads[i].kind && item.n == heads[i].n);
		if (item.kind == CBOR_BYTES || item.kind == CBOR_TEXT)
			check_str_at(i, item.s, str_of(heads[i].text));
	}
	arena_deinit(&a);
}

/* Whole items: one is passed over to its last byte, and no beginning of one is an item. */
static void items_are_passed(void **state)
{
	static const char *const whole[] = {
		"00",
		"8301820203820405",
		"a26161016162820203",
		"826161a161626163",
		"98190102030405060708090a0b0c0d0e0f101112131415161718181819",
		"c074323031332d30332d32315432303a30343a30305a",
		"82a1a1c2420100f681f5f93c00", /* a map as a key */
		"80",
		"a0",
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(whole); i++) {
		struct str s = hex_of(&a, whole[i]);
		struct cur c = cur_of(s);

		check_at(i, cbor_skip(&c) && cur_done(&c));
		for (size_t n = 0; n < s.n; n++) {
			c = cur_of(str_sub(s, 0, n));
			check_at(i, !cbor_skip(&c) && c.p == s.p);
		}
	}
	arena_deinit(&a);
}

/* A megabyte of arrays in arrays, of tags on tags: passed over, or refused at the end, in no more
 * stack than any other. */
static void depth_is_no_matter(void **state)
{
	enum { DEEP = 1 << 20 };
	static char deep[DEEP + 1];
	static const char opens[] = { '\x81', '\xc1' };

	(void)state;
	for (size_t i = 0; i < COUNT(opens); i++) {
		struct cur c = cur_of(str_from(deep, sizeof deep));

		for (size_t at = 0; at < DEEP; at++)
			deep[at] = opens[i];
		deep[DEEP] = 0;
		check_at(i, cbor_skip(&c) && cur_done(&c));
		c = cur_of(str_from(deep, DEEP));
		check_at(i, !cbor_skip(&c));
	}
}

static void integers(void **state)
{
	static const struct {
		const char *hex;
		bool ok;
		int32_t n;
	} rows[] = {
		{ "00", true, 0 },
		{ "26", true, -7 },
		{ "390100", true, -257 },
		{ "1a7fffffff", true, INT32_MAX },
		{ "3a7fffffff", true, INT32_MIN },
		{ "1a80000000", false, 0 },
		{ "3a80000000", false, 0 },
		{ "6131", false, 0 },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct cur c = cur_of(hex_of(&a, rows[i].hex));
		int32_t n = 0;

		check_at(i, cbor_take_int(&c, &n) == rows[i].ok && n == rows[i].n);
		check_at(i, cur_done(&c) == rows[i].ok);
	}
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heads_are_taken),
		cmocka_unit_test(items_are_passed),
		cmocka_unit_test(depth_is_no_matter),
		cmocka_unit_test(integers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
