/* Values of rows, compressed. */
#include "fixture.h"
#include "model/store/packed.h"

#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/mem.h"
#include "model/store/blob_dictionary.h"
#include "model/store/store_body.h"

#include <stdlib.h>
#include <string.h>

static void packed_of(struct buf *out, enum packed_kind kind, struct str value)
{
	buf_init(out, PACKED_MAX + 1);
	packed_put(ts.store, kind, value, out);
	assert_true(buf_ok(out));
	assert_true(out->n <= value.n + 1);
}

struct getting {
	struct str packed;
	char *room;
	size_t n;
};

static enum err get_in(struct txn *t, void *arg)
{
	struct getting *g = arg;

	return packed_get(t, g->packed, g->room, g->n);
}

static enum err get(struct str packed, char *room, size_t n)
{
	return store_read(ts.store, get_in, &(struct getting){ packed, room, n });
}

static void check_round_trip(struct str value)
{
	struct buf packed;
	char *room = mem_new(value.n + 1);
	size_t n;

	packed_of(&packed, PACKED_PLAIN, value);
	assert_true(packed_size(buf_str(&packed), &n));
	assert_int_equal(n, value.n);
	assert_int_equal(get(buf_str(&packed), room, n), OK);
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
	packed_of(&packed, PACKED_PLAIN, str_from(text, sizeof(text)));
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
	packed_of(&packed, PACKED_PLAIN, str_from(text, sizeof(text)));
	for (size_t cut = 0; cut < packed.n; cut++)
		check_at(cut, get(str_sub(buf_str(&packed), 0, cut), room, sizeof(room)) ==
		                      ERR_CORRUPT);
	assert_int_equal(get(buf_str(&packed), room, sizeof(room) - 1), ERR_CORRUPT);
	buf_deinit(&packed);
}

static size_t record_put(unsigned i, struct buf *packed)
{
	struct arena a = { 0 };

	packed_of(packed, PACKED_RECORD,
	          str_fmt(&a, "From: Writer %u <writer.%u@some-domain.example>, about number %u", i,
	                  i * 7, i));
	arena_deinit(&a);
	return packed->n;
}

/* Values that are like others are packed with what they have in common, also by whoever opens the
 * store next. */
static void test_dictionary(void **state)
{
	enum { VALUES = 2 * DICTIONARY_FIRST };
	struct buf before, after;
	char room[200];
	size_t n;

	(void)state;
	for (unsigned i = 0; i < VALUES; i++) {
		(void)record_put(i, &before);
		buf_deinit(&before);
	}
	(void)record_put(VALUES, &before);
	dictionary_count(ts.store, VALUES);
	dictionary_keep_up(ts.store);
	assert_true(record_put(VALUES, &after) * 2 < before.n);
	if (ts.backend != STORE_MEMORY)
		temp_store_reopen(&ts);
	assert_true(packed_size(buf_str(&after), &n) && n < sizeof(room));
	assert_int_equal(get(buf_str(&after), room, n), OK);
	assert_memory_equal(room, "From: Writer 300 ", 17);
	buf_deinit(&after);
	assert_true(record_put(VALUES, &after) * 2 < before.n);
	buf_deinit(&before);
	buf_deinit(&after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_MEMORY(test_round_trip),
		ON_MEMORY(test_shorter),
		ON_MEMORY(test_damage),
		ON_ALL(test_dictionary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
