/* Values of rows, compressed. */
#include "store/packed.h"
#include "fixture.h"

#include "base/buf.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static void packed_of(struct buf *out, struct str value)
{
	buf_init(out, PACKED_MAX + 1);
	packed_put(ts.store, value, out);
	assert_true(buf_ok(out));
	assert_true(out->n <= value.n + 1);
}

static void check_round_trip(struct str value)
{
	struct buf packed;
	char *room = mem_new(value.n + 1);
	size_t n;

	packed_of(&packed, value);
	assert_true(packed_size(buf_str(&packed), &n));
	assert_int_equal(n, value.n);
	assert_true(packed_get(ts.store, buf_str(&packed), room, n));
	assert_memory_equal(room, value.p, n);
	mem_free(room);
	buf_deinit(&packed);
}

static void test_round_trip(void **state)
{
	size_t most = PACKED_MAX;
	char *bytes = mem_new(most);

	(void)state;
	for (size_t n = 0; n < 300; n++) /* the same byte */
		check_round_trip(str_from(bytes, n));
	check_round_trip(str_from(bytes, most));
	srandom(1);
	for (size_t i = 0; i < most; i++)
		bytes[i] = (char)random();
	for (size_t n = 0; n < 300; n++)
		check_round_trip(str_from(bytes, n));
	check_round_trip(str_from(bytes, most - 1));
	mem_free(bytes);
}

static void test_shorter(void **state)
{
	char text[5000];
	struct buf packed;

	(void)state;
	memset(text, 'a', sizeof(text));
	packed_of(&packed, str_from(text, sizeof(text)));
	assert_true(packed.n < 100);
	buf_deinit(&packed);
}

static void test_damage(void **state)
{
	static const struct str no_values[] = { { "", 0 }, { "\1", 1 }, { "\2abc", 4 } };
	char text[500], room[sizeof(text)];
	struct buf packed;
	size_t n;

	(void)state;
	for (size_t i = 0; i < COUNT(no_values); i++)
		check_at(i, !packed_size(no_values[i], &n));
	memset(text, 'a', sizeof(text));
	packed_of(&packed, str_from(text, sizeof(text)));
	for (size_t cut = 0; cut < packed.n; cut++)
		check_at(cut, !packed_get(ts.store, str_sub(buf_str(&packed), 0, cut), room,
		                          sizeof(room)));
	assert_false(packed_get(ts.store, buf_str(&packed), room, sizeof(room) - 1));
	buf_deinit(&packed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_MEMORY(test_round_trip),
		ON_MEMORY(test_shorter),
		ON_MEMORY(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
