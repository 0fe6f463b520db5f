/* str, buf, pack, arena and map: the containers of bytes. */
#include "harness/check.h"

#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/map.h"
#include "foundation/base/mem.h"
#include "foundation/base/pack.h"
#include "foundation/base/sparse.h"

#include <stdio.h>
#include <string.h>

static void str_compares(void **state)
{
	(void)state;
	assert_true(str_eqi(STR("InBox"), STR("INBOX")));
	assert_false(str_eqi(STR("INBO"), STR("INBOX")));
	/* Only ASCII letters fold: '@' and '`' differ by the same bit. */
	assert_false(str_eqi(STR("@"), STR("`")));
	assert_true(str_cmp(STR("a"), STR("ab")) < 0);
	assert_true(str_cmp(STR("\xff"), STR("a")) > 0);
	assert_true(str_eq_secret(STR("secret"), STR("secret")));
	assert_false(str_eq_secret(STR("secret"), STR("secreT")));
	assert_true(str_eq((struct str){ NULL, 0 }, STR("")));
}

static void str_finds(void **state)
{
	(void)state;
	assert_int_equal(str_find(STR("hello"), STR("llo")), 2);
	assert_int_equal(str_find(STR("hello"), STR("")), 0);
	assert_int_equal(str_find(STR("lo"), STR("hello")), -1);
	assert_int_equal(str_rfind_byte(STR("a.b.c"), '.'), 3);
	check_str(str_sub(STR("hello"), 3, 99), STR("lo"));
	check_str(str_sub(STR("hello"), 4, 2), STR(""));
	check_str(str_trim(STR(" \t x y\t ")), STR("x y"));
}

static void buf_overflow_is_sticky_and_keeps_a_prefix(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	buf_put(&b, STR("12345"));
	buf_fmt(&b, "%d", 678);
	assert_true(buf_ok(&b));
	buf_put(&b, STR("too long"));
	assert_false(buf_ok(&b));
	buf_byte(&b, 'x'); /* would fit, but is ignored after the overflow */
	check_str(buf_str(&b), STR("12345678"));
	buf_reset(&b);
	assert_true(buf_ok(&b));
	buf_deinit(&b);
}

static void buf_takes_exactly_its_maximum(void **state)
{
	(void)state;
	for (size_t max = 1; max < 700; max++) {
		struct buf b;

		buf_init(&b, max);
		for (size_t i = 0; i < max; i++)
			buf_byte(&b, 'x');
		check_at(max, buf_ok(&b) && b.n == max);
		buf_byte(&b, 'x');
		check_at(max, !buf_ok(&b) && b.n == max);
		buf_deinit(&b);
	}
}

static void buf_formats_long_text(void **state)
{
	char text[600];
	struct buf b;

	(void)state;
	memset(text, 'y', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	buf_init(&b, 1000);
	buf_fmt(&b, "<%s>", text);
	assert_true(buf_ok(&b));
	assert_int_equal(b.n, 601);
	buf_u64(&b, UINT64_MAX);
	assert_true(str_ends(buf_str(&b), STR(">18446744073709551615")));
	buf_fmt(&b, "%s", text);
	assert_false(buf_ok(&b));
	buf_deinit(&b);
}

static void records_come_back(void **state)
{
	static const uint64_t numbers[] = { 0, 1, 127, 128, 16383, 16384, UINT32_MAX,
		                            UINT64_MAX };
	struct unpack u;
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (size_t i = 0; i < COUNT(numbers); i++)
		pack_u64(&b, numbers[i]);
	pack_str(&b, STR("text"));
	pack_be32(&b, 0x01020304);
	pack_be64(&b, 5);
	u = unpack_of(buf_str(&b));
	for (size_t i = 0; i < COUNT(numbers); i++)
		check_at(i, unpack_u64(&u) == numbers[i]);
	check_str(unpack_str(&u), STR("text"));
	assert_int_equal(unpack_be32(&u), 0x01020304);
	assert_int_equal(unpack_be64(&u), 5);
	assert_true(unpack_ok(&u) && !unpack_more(&u));
	buf_deinit(&b);
}

static void a_cut_record_is_bad_and_stays_bad(void **state)
{
	struct unpack u = unpack_of(STR("\x05" "abc"));

	(void)state;
	check_str(unpack_str(&u), STR(""));
	assert_false(unpack_ok(&u));
	assert_int_equal(unpack_u64(&u), 0);
	u = unpack_of(STR("\xff\xff\xff\xff\x7f"));
	unpack_u32(&u);
	assert_false(unpack_ok(&u));
}

static void arena_zeroes_aligns_and_resets(void **state)
{
	struct arena a = { 0 };
	char *p;

	(void)state;
	for (size_t n = 0; n < 5000; n += 37) {
		p = arena_alloc(&a, n);
		check_at(n, (uintptr_t)p % ARENA_ALIGN == 0);
		for (size_t i = 0; i < n; i++)
			check_at(n, p[i] == 0);
		memset(p, 0xaa, n);
	}
	arena_reset(&a);
	assert_int_equal(a.used_bytes, 0);
	p = arena_alloc(&a, 100);
	assert_int_equal(p[99], 0);
	arena_deinit(&a);
	assert_null(a.block);
}

static bool keep_odd(struct str key, void *value, void *arg)
{
	(void)key;
	++*(int *)arg;
	return (uintptr_t)value % 2;
}

static void map_holds_many(void **state)
{
	enum { N = 3000 };
	struct map m = { 0 };
	char key[16];
	int seen = 0;

	(void)state;
	for (uintptr_t i = 1; i <= N; i++) {
		snprintf(key, sizeof key, "key%zu", (size_t)i);
		check_at(i, map_put(&m, str_of(key), (void *)i) == NULL);
	}
	assert_ptr_equal(map_put(&m, STR("key7"), (void *)7), (void *)7);
	map_filter(&m, keep_odd, &seen);
	assert_int_equal(seen, N);
	assert_int_equal(m.count, N / 2);
	for (uintptr_t i = 1; i <= N; i++) {
		snprintf(key, sizeof key, "key%zu", (size_t)i);
		check_at(i, map_get(&m, str_of(key)) == (i % 2 ? (void *)i : NULL));
	}
	assert_ptr_equal(map_remove(&m, STR("key9")), (void *)9);
	assert_null(map_remove(&m, STR("key9")));
	map_deinit(&m);
	assert_null(map_get(&m, STR("key1")));
}

/* Memory that was used before is zero all the same, at the edges and between. */
static void sparse_is_zero(void **state)
{
	static const size_t sizes[] = { 0, 1, 4095, 4096, 8191, 100000, 1 << 20 };

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		size_t n = sizes[i], set = 0;
		char *p = mem_resize(NULL, n);

		memset(p, 'x', n);
		mem_free(p);
		p = sparse_new(n);
		for (size_t k = 0; k < n; k++)
			set += p[k] != 0;
		check_at(i, set == 0);
		memset(p, 'x', n);
		mem_free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(str_compares),
		cmocka_unit_test(str_finds),
		cmocka_unit_test(buf_overflow_is_sticky_and_keeps_a_prefix),
		cmocka_unit_test(buf_takes_exactly_its_maximum),
		cmocka_unit_test(buf_formats_long_text),
		cmocka_unit_test(records_come_back),
		cmocka_unit_test(a_cut_record_is_bad_and_stays_bad),
		cmocka_unit_test(arena_zeroes_aligns_and_resets),
		cmocka_unit_test(map_holds_many),
		cmocka_unit_test(sparse_is_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
