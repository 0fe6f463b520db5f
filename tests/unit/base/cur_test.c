/* Every bounds check of every parser is in foundation/base/cur.c: this is its test. */
#include "harness/check.h"

#include "foundation/base/cur.h"
#include "foundation/base/pack.h"

#include <string.h>

static void reads_bytes_in_order(void **state)
{
	struct cur c = cur_of(STR("ab"));
	char byte;

	(void)state;
	assert_int_equal(cur_peek(&c), 'a');
	assert_int_equal(cur_peek_at(&c, 1), 'b');
	assert_int_equal(cur_peek_at(&c, 2), -1);
	assert_false(cur_byte(&c, 'b'));
	assert_true(cur_byte(&c, 'a'));
	assert_true(cur_any(&c, &byte));
	assert_int_equal(byte, 'b');
	assert_false(cur_any(&c, &byte));
	assert_true(cur_done(&c));
}

static void null_is_the_empty_string(void **state)
{
	struct cur c = cur_of((struct str){ NULL, 0 });
	struct str line;

	(void)state;
	assert_true(cur_done(&c));
	assert_int_equal(cur_peek(&c), -1);
	assert_false(cur_line(&c, &line));
}

static void numbers(void **state)
{
	static const struct {
		const char *in;
		bool ok;
		uint64_t n;
		size_t left;
	} rows[] = {
		{ "0", true, 0, 0 },
		{ "007x", true, 7, 1 },
		{ "4294967295", true, UINT32_MAX, 0 },
		{ "4294967296", false, 0, 10 }, /* one past uint32_t: the cursor stays */
		{ "99999999999999999999", false, 0, 20 },
		{ "", false, 0, 0 },
		{ "-1", false, 0, 2 },
		{ "+1", false, 0, 2 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct cur c = cur_of(str_of(rows[i].in));
		uint32_t n = 0;

		check_at(i, cur_u32(&c, &n) == rows[i].ok);
		check_at(i, n == rows[i].n);
		check_at(i, cur_left(&c) == rows[i].left);
	}
}

static void u64_takes_its_whole_range(void **state)
{
	struct cur top = cur_of(STR("18446744073709551615"));
	struct cur past = cur_of(STR("18446744073709551616"));
	uint64_t n;

	(void)state;
	assert_true(cur_u64(&top, &n));
	assert_true(n == UINT64_MAX);
	assert_false(cur_u64(&past, &n));
}

static void lines(void **state)
{
	struct cur c = cur_of(STR("one\r\ntwo\n\r\nlast\r"));
	static const char *const want[] = { "one", "two", "", "last\r" };
	struct str line;

	(void)state;
	for (size_t i = 0; i < COUNT(want); i++) {
		check_at(i, cur_line(&c, &line));
		check_str_at(i, line, str_of(want[i]));
	}
	assert_false(cur_line(&c, &line));
}

static void take_and_until_stay_put_on_false(void **state)
{
	struct cur c = cur_of(STR("key=value"));
	struct str s;

	(void)state;
	assert_false(cur_take(&c, 10, &s));
	assert_false(cur_until(&c, '!', &s));
	assert_int_equal(cur_left(&c), 9);
	assert_true(cur_until(&c, '=', &s));
	check_str(s, STR("key"));
	assert_true(cur_stri(&c, STR("=VAL")));
	check_str(cur_rest(&c), STR("ue"));
	cur_skip(&c, 100);
	assert_true(cur_done(&c));
}

/* At every place in words and in what is left behind the last word. */
static void ascii_ends_at_the_first_high_byte(void **state)
{
	char bytes[27];

	(void)state;
	for (size_t n = 0; n <= sizeof bytes; n++) {
		for (size_t at = 0; at <= n; at++) {
			struct cur c = cur_of(str_from(bytes, n));

			memset(bytes, 0x7f, sizeof bytes);
			if (at < n)
				bytes[at] = (char)0x80;
			check_at(n, cur_ascii(&c).n == at && cur_left(&c) == n - at);
		}
	}
}

/* Each length, with each number of bytes behind it: eight and more are read at once. */
static void varints_are_read_at_any_place(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits <= 64; bits++)
		for (size_t behind = 0; behind < 12; behind++) {
			uint64_t want = bits == 0 ? 0 : UINT64_MAX >> (64 - bits), n = 0;
			struct buf b;
			struct cur c;

			want ^= want / 3; /* not all ones */
			buf_init(&b, 64);
			pack_u64(&b, want);
			for (size_t i = 0; i < behind; i++)
				buf_byte(&b, (char)(i % 2 ? 0x7f : 0xff));
			c = cur_of(buf_str(&b));
			check_at(bits, cur_varint(&c, &n) && n == want && cur_left(&c) == behind);
			buf_deinit(&b);
		}
}

static void varints_are_refused_when_too_long(void **state)
{
	static const struct {
		struct str in;
		bool ok;
		uint64_t n;
	} rows[] = {
		{ STR("\x00"), true, 0 },
		{ STR("\x7f"), true, 127 },
		{ STR("\x80\x01"), true, 128 },
		{ STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), true, UINT64_MAX },
		{ STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"), false, 0 }, /* bit 64 */
		{ STR("\x80"), false, 0 },
		{ STR(""), false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct cur c = cur_of(rows[i].in);
		uint64_t n = 0;

		check_at(i, cur_varint(&c, &n) == rows[i].ok);
		check_at(i, n == rows[i].n);
	}
}

static void words_of_a_list(void **state)
{
	static const struct {
		struct str in;
		struct str out[3];
		size_t count;
	} rows[] = {
		{ STR("a,bc,d"), { STR("a"), STR("bc"), STR("d") }, 3 },
		{ STR(" a , b c ,"), { STR("a"), STR("b c") }, 2 },
		{ STR(",, ,a"), { STR("a") }, 1 },
		{ STR("a"), { STR("a") }, 1 },
		{ STR(" , "), { { 0 } }, 0 },
		{ STR(""), { { 0 } }, 0 },
		{ STR_EMPTY, { { 0 } }, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct cur c = cur_of(rows[i].in);
		struct str word;
		size_t n = 0;

		for (; cur_listed(&c, &word); n++)
			check_at(i, n < rows[i].count && str_eq(word, rows[i].out[n]));
		check_at(i, n == rows[i].count && cur_done(&c));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_bytes_in_order),
		cmocka_unit_test(null_is_the_empty_string),
		cmocka_unit_test(numbers),
		cmocka_unit_test(u64_takes_its_whole_range),
		cmocka_unit_test(lines),
		cmocka_unit_test(words_of_a_list),
		cmocka_unit_test(take_and_until_stay_put_on_false),
		cmocka_unit_test(ascii_ends_at_the_first_high_byte),
		cmocka_unit_test(varints_are_read_at_any_place),
		cmocka_unit_test(varints_are_refused_when_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
