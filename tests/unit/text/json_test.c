/* JSON: what is read, what is refused, what is written. */
#include "harness/check.h"
#include "harness/exact.h"

#include "foundation/text/json.h"

#include <string.h>

#define S(literal)                           \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

static const struct {
	struct str in;
	bool ok;
} rows[] = {
	{ S("{}"), true },
	{ S(" [1, 2.5e3, \"x\", null, true, {\"a\": [[]]}] \r\n\t"), true },
	{ S("\"alone\""), true }, /* RFC 8259 2: any value may be a document */
	{ S("-0"), true },
	{ S("\"\\u0000\\ud83d\\ude00\""), true },
	{ S(""), false },
	{ S("{"), false },
	{ S("{} {}"), false },
	{ S("[1,]"), false },
	{ S("[1] // no"), false },
	{ S("{a: 1}"), false },
	{ S("{'a': 1}"), false },
	{ S("NaN"), false },
	{ S("01"), false },
	{ S("+1"), false },
	{ S("\"\x01\""), false },
	{ S("\"\xff\""), false },         /* RFC 8259 8.1: UTF-8 */
	{ S("\"\xed\xa0\x80\""), false }, /* a surrogate is none */
	{ S("\"\\ud83d\""), false },      /* half a pair         */
	{ S("\xef\xbb\xbf{}"), false },   /* RFC 8259 8.1: no byte order mark */
	{ S("{\"a\":1,\"b\":2,\"a\":3}"), false },
	{ S("[{\"x\":{\"a\":1,\"a\":1}}]"), false },
	{ S("{\"a\":1,\"\\u0061\":1}"), false }, /* the same name in other letters */
	{ S("[{\"a\":1},{\"a\":1}]"), true },
};

static void reads(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct json v = { NULL };

		check_at(i, json_parse(&a, rows[i].in, &v) == rows[i].ok);
		check_at(i, (json_kind(v) != JSON_MISSING) == rows[i].ok);
		arena_deinit(&a);
	}
}

/* A document cut anywhere is none, and is read within its bounds. */
static void check_cut(struct str text, void *whole)
{
	struct arena a = { 0 };
	struct json v;

	check_at(text.n, json_parse(&a, text, &v) == (text.n == ((struct str *)whole)->n));
	arena_deinit(&a);
}

static void cut_short(void **state)
{
	struct str whole = STR("{\"a\":[1,-2,\"\\u00e9\",{\"b\":null}],\"c\":1.5e-3}");

	(void)state;
	exact_each(whole, true, check_cut, &whole);
}

static bool nested(unsigned depth)
{
	static char text[2 * (JSON_DEPTH_MAX + 1)];
	struct arena a = { 0 };
	struct json v;
	bool ok;

	memset(text, '[', depth);
	memset(text + depth, ']', depth);
	ok = json_parse(&a, str_from(text, 2 * (size_t)depth), &v);
	arena_deinit(&a);
	return ok;
}

static void maxima(void **state)
{
	static char text[JSON_BYTES_MAX + 1];
	struct arena a = { 0 };
	struct json v;

	(void)state;
	assert_true(nested(JSON_DEPTH_MAX));
	assert_false(nested(JSON_DEPTH_MAX + 1));
	/* brackets in a string are no nesting */
	assert_true(json_parse(&a, STR("\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[\""), &v));
	memset(text, ' ', sizeof text);
	text[0] = '1';
	assert_true(json_parse(&a, str_from(text, JSON_BYTES_MAX), &v));
	assert_false(json_parse(&a, str_from(text, JSON_BYTES_MAX + 1), &v));
	arena_deinit(&a);
}

static void values(void **state)
{
	struct arena a = { 0 };
	struct json v, none = { NULL };
	struct str s = STR_EMPTY;
	int64_t i = 7;
	uint64_t u = 7;
	bool b = false;

	(void)state;
	assert_true(json_parse(&a,
	                       STR("{\"s\":\"a\\u0000b\",\"i\":-5,\"u\":18446744073709551615,"
	                           "\"big\":18446744073709551616,\"r\":1.0,\"b\":true,"
	                           "\"n\":null,\"t\":\"2026-11-21T04:58:05.25+01:00\"}"),
	                       &v));
	assert_true(json_str(json_get(v, "s"), &s));
	check_str(s, STR("a\0b"));
	assert_true(json_i64(json_get(v, "i"), &i) && i == -5);
	assert_false(json_u64(json_get(v, "i"), &u));
	assert_false(json_i64(json_get(v, "u"), &i));
	assert_true(json_u64(json_get(v, "u"), &u) && u == UINT64_MAX);
	assert_false(json_u64(json_get(v, "big"), &u));
	assert_false(json_i64(json_get(v, "r"), &i));
	assert_true(json_bool(json_get(v, "b"), &b) && b);
	assert_true(json_time(json_get(v, "t"), &i) && i == 1795233485000);
	assert_false(json_time(json_get(v, "s"), &i));
	assert_int_equal(json_kind(json_get(v, "n")), JSON_NULL);
	assert_int_equal(json_kind(json_get(v, "absent")), JSON_MISSING);
	assert_int_equal(json_kind(json_get(json_get(v, "absent"), "deeper")), JSON_MISSING);
	assert_false(json_str(none, &s) || json_bool(none, &b) || json_u64(none, &u));
	assert_int_equal(json_count(v), 8);
	assert_int_equal(json_count(none) + json_count(json_get(v, "s")), 0);
	arena_deinit(&a);
}

static void walks(void **state)
{
	static const char *const names[] = { "a", "b", "c" };
	struct arena a = { 0 };
	struct json v;
	struct json_iter it;
	int64_t n;
	size_t i = 0;

	(void)state;
	assert_true(json_parse(&a, STR("{\"a\":[[1],{}],\"b\":\"x\",\"c\":[10,11,12]}"), &v));
	for (it = json_iter(v); json_next(&it); i++)
		check_str_at(i, it.name, str_of(names[i]));
	assert_int_equal(i, 3);
	i = 0;
	for (it = json_iter(json_get(v, "c")); json_next(&it); i++)
		check_at(i, it.name.n == 0 && json_i64(it.value, &n) && n == 10 + (int64_t)i);
	assert_int_equal(i, 3);
	it = json_iter(json_get(v, "b"));
	assert_false(json_next(&it));
	arena_deinit(&a);
}

static void writes(void **state)
{
	struct json_writer w;
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	json_writer_init(&w, &out);
	json_open(&w, NULL, '{');
	json_put_str(&w, "s", STR("a\"\\\n\xff\xc3\xa9\x7f"));
	json_open(&w, "list", '[');
	json_put_u64(&w, NULL, UINT64_MAX);
	json_put_i64(&w, NULL, INT64_MIN);
	json_open(&w, NULL, '{');
	json_close(&w);
	json_put_raw(&w, NULL, STR("[1]"));
	json_close(&w);
	json_put_name(&w, STR("own\t"));
	json_open(&w, NULL, '[');
	json_close(&w);
	json_put_bool(&w, "b", false);
	json_put_time(&w, "never", 0);
	json_put_time(&w, "then", 1795233485000);
	json_close(&w);
	check_str(buf_str(&out), STR("{\"s\":\"a\\\"\\\\\\u000a\xef\xbf\xbd\xc3\xa9\x7f\","
	                             "\"list\":[18446744073709551615,-9223372036854775808,{},[1]],"
	                             "\"own\\u0009\":[],\"b\":false,\"never\":null,"
	                             "\"then\":\"2026-11-21T03:58:05Z\"}"));
	buf_deinit(&out);
}

/* "[1,1,...,1]": the shortest values, which need the most memory for each byte. */
static bool numbers_read(size_t values, size_t *memory, size_t *bytes)
{
	static char text[JSON_BYTES_MAX];
	struct arena a = { 0 };
	struct json v;
	bool ok;

	for (size_t i = 0; i < values; i++) {
		text[2 * i] = i == 0 ? '[' : ',';
		text[2 * i + 1] = '1';
	}
	text[2 * values] = ']';
	*bytes = 2 * values + 1;
	ok = json_parse(&a, str_from(text, *bytes), &v);
	*memory = a.used_bytes;
	arena_deinit(&a);
	return ok;
}

static void many_values(void **state)
{
	size_t memory, bytes;

	(void)state;
	assert_true(numbers_read(10000, &memory, &bytes));
	assert_true(memory <= 8 * bytes + (1 << 20));
	assert_false(numbers_read(20000, &memory, &bytes));
	assert_false(numbers_read(500000, &memory, &bytes));
	assert_int_equal(memory, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),  cmocka_unit_test(cut_short),
		cmocka_unit_test(maxima), cmocka_unit_test(many_values),
		cmocka_unit_test(values), cmocka_unit_test(walks),
		cmocka_unit_test(writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
