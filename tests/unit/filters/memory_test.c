/* The memory of filters, its end and its maximum; and the rows of filters. */
#include "unit/filters/fixture.h"

#include "foundation/base/pack.h"
#include "foundation/config/limits.h"

#include <stdio.h>
#include <string.h>

struct note {
	uint32_t account;
	const char *key;
	int64_t now_ms, until_ms;
	bool known;
};

static enum err note_put(struct txn *t, void *arg)
{
	const struct note *n = arg;

	return filter_memory_put(t, n->account, str_of(n->key), n->now_ms, n->until_ms);
}

static enum err note_known(struct txn *t, void *arg)
{
	struct note *n = arg;

	return filter_memory_known(t, n->account, str_of(n->key), n->now_ms, &n->known);
}

static enum err note_once(struct txn *t, void *arg)
{
	struct note *n = arg;

	return filter_memory_once(t, n->account, str_of(n->key), n->now_ms, 1, &n->known);
}

static enum err note_clear(struct txn *t, void *arg)
{
	return filter_memory_clear(t, *(uint32_t *)arg);
}

static void put(struct fixture *f, const char *key, int64_t now_ms, int64_t until_ms)
{
	struct note n = { f->ada, key, now_ms, until_ms, false };

	assert_int_equal(fixture_write(f, note_put, &n), OK);
}

static bool known(struct fixture *f, uint32_t account, const char *key, int64_t now_ms)
{
	struct note n = { account, key, now_ms, 0, false };

	assert_int_equal(store_read(f->ts.store, note_known, &n), OK);
	return n.known;
}

static enum err rows_count(struct txn *t, void *arg)
{
	size_t *n = arg;
	struct kv_iter it;

	*n = 0;
	kv_iter_prefix(&it, t, SPACE_FILTER_MEMORY, STR_EMPTY);
	while (kv_iter_next(&it))
		++*n;
	return kv_iter_end(&it);
}

static size_t rows(struct fixture *f)
{
	size_t n;

	assert_int_equal(store_read(f->ts.store, rows_count, &n), OK);
	return n;
}

static void test_known(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f);
	assert_false(known(&f, f.ada, "bob@example.net", 10));
	put(&f, "bob@example.net", 10, 20);
	assert_true(known(&f, f.ada, "bob@example.net", 19));
	assert_false(known(&f, f.ada, "bob@example.net", 20));
	assert_false(known(&f, f.ada, "eve@example.net", 19));
	assert_false(known(&f, f.bob, "bob@example.net", 19));
	put(&f, "bob@example.net", 11, 15); /* an earlier end replaces it too */
	assert_false(known(&f, f.ada, "bob@example.net", 15));
	put(&f, "bob@example.net", 11, 30);
	assert_true(known(&f, f.ada, "bob@example.net", 29));
	assert_int_equal(rows(&f), 3);
	assert_int_equal(fixture_write(&f, note_clear, &f.ada), OK);
	assert_false(known(&f, f.ada, "bob@example.net", 12));
	assert_int_equal(rows(&f), 0);
	fixture_close(&f);
}

static bool once(struct fixture *f, const char *key, int64_t now_ms)
{
	struct note n = { f->ada, key, now_ms, 0, false };

	assert_int_equal(fixture_write(f, note_once, &n), OK);
	return n.known;
}

static void test_once(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f);
	assert_false(once(&f, "key", 1000));
	assert_true(once(&f, "key", 1999));
	assert_false(once(&f, "key", 2000)); /* the second call did not prolong it */
	assert_true(once(&f, "key", 2999));
	assert_false(once(&f, "", 0));
	assert_false(once(&f, "", 0));
	assert_int_equal(rows(&f), 3);
	fixture_close(&f);
}

/* Rows past their time go with later writes, some at a time. */
static void test_sweep(void **state)
{
	struct fixture f;
	char key[16];

	(void)state;
	fixture_open(&f);
	for (int i = 0; i < 10; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		put(&f, key, 0, 100 + i);
	}
	assert_int_equal(rows(&f), 21);
	put(&f, "later", 105, 1000); /* k0 to k3 go */
	assert_int_equal(rows(&f), 1 + 2 * (6 + 1));
	put(&f, "more", 105, 1000); /* k4, k5 */
	assert_int_equal(rows(&f), 1 + 2 * (4 + 2));
	assert_true(known(&f, f.ada, "k6", 105));
	fixture_close(&f);
}

/* Pretends that the account has this many keys. */
static enum err count_set(struct txn *t, void *arg)
{
	const struct note *n = arg;
	char key[4] = { 0, 0, 0, (char)n->account }, room[16];
	struct buf b;

	buf_init_in(&b, room, sizeof(room));
	pack_u64(&b, (uint64_t)n->until_ms);
	return kv_put(t, SPACE_FILTER_MEMORY, str_from(key, 4), buf_str(&b));
}

static void test_too_many(void **state)
{
	struct fixture f;
	struct note n = { .until_ms = LIMIT_filter_memory };

	(void)state;
	fixture_open(&f);
	put(&f, "first", 0, 100);
	put(&f, "second", 0, 50);
	n.account = f.ada;
	n.until_ms = LIMIT_filter_memory - 1;
	assert_int_equal(fixture_write(&f, count_set, &n), OK);
	put(&f, "third", 0, 70); /* the last that fits */
	assert_true(known(&f, f.ada, "second", 0));
	put(&f, "fourth", 0, 80);
	assert_false(known(&f, f.ada, "second", 0));
	assert_true(known(&f, f.ada, "first", 0) && known(&f, f.ada, "third", 0) &&
	            known(&f, f.ada, "fourth", 0));
	assert_int_equal(fixture_fsck(&f), 1); /* the number is false */
	assert_int_equal(fixture_write(&f, note_clear, &f.ada), OK);
	fixture_close(&f);
}

/* --- filter.h --- */

static enum err filters_put(struct txn *t, void *arg)
{
	const struct fixture *f = arg;
	static char large[FILTER_SETTINGS_MAX + 1];
	struct filter filter = { STR("{}"), STR("keep;"), STR("program") };
	struct filter too_large = { .settings = { large, sizeof(large) } };
	enum err e = filter_put(t, f->ada, FILTER_RULES, &filter);

	assert_int_equal(filter_put(t, f->ada, FILTER_VACATION, &too_large), ERR_LIMIT);
	return e;
}

static enum err filters_get(struct txn *t, void *arg)
{
	const struct fixture *f = arg;
	struct filter filter;

	assert_int_equal(filter_get(t, f->bob, FILTER_RULES, &filter), ERR_MISSING);
	assert_int_equal(filter_get(t, f->ada, FILTER_VACATION, &filter), ERR_MISSING);
	assert_int_equal(filter_get(t, f->ada, FILTER_RULES, &filter), OK);
	check_str(filter.settings, STR("{}"));
	check_str(filter.script, STR("keep;"));
	check_str(filter.program, STR("program"));
	return OK;
}

static enum err account_end(struct txn *t, void *arg)
{
	const struct fixture *f = arg;
	struct script_owner owner = { .account = f->ada };

	return scripts_delete_all(t, &owner);
}

static enum err filters_gone(struct txn *t, void *arg)
{
	const struct fixture *f = arg;
	struct filter filter;

	assert_int_equal(filter_get(t, f->ada, FILTER_RULES, &filter), ERR_MISSING);
	return OK;
}

static void test_filters(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f);
	assert_int_equal(fixture_write(&f, filters_put, &f), OK);
	assert_int_equal(store_read(f.ts.store, filters_get, &f), OK);
	put(&f, "key", 0, 100);
	assert_int_equal(fixture_fsck(&f), 0);
	assert_int_equal(fixture_write(&f, account_end, &f), OK);
	assert_int_equal(store_read(f.ts.store, filters_gone, &f), OK);
	assert_int_equal(rows(&f), 0);
	fixture_close(&f);
}

static enum err strays(struct txn *t, void *arg)
{
	const struct fixture *f = arg;
	struct filter filter = { STR("{}"), STR_EMPTY, STR_EMPTY };
	struct script_owner owner = { .domain = STR("example.com") };
	enum err e = filter_put(t, f->bob + 7, FILTER_RULES, &filter);

	if (e == OK)
		e = filter_memory_put(t, f->bob + 7, STR("key"), 0, 100);
	if (e == OK)
		e = script_put(t, &owner, STR("before"), STR("keep;"), STR("program"), 0);
	if (e == OK)
		e = kv_put(t, SPACE_FILTER, STR("\0\0"), STR_EMPTY);
	return e == OK ? kv_put(t, SPACE_FILTER_MEMORY, STR("\xff"), STR_EMPTY) : e;
}

/* Rows of accounts and domains that do not exist, and rows that cannot be read. */
static void test_fsck(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f);
	assert_int_equal(fixture_write(&f, strays, &f), OK);
	assert_int_equal(fixture_fsck(&f), 5);
	temp_store_remove(&f.ts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),    cmocka_unit_test(test_once),
		cmocka_unit_test(test_sweep),
		cmocka_unit_test(test_too_many), cmocka_unit_test(test_filters),
		cmocka_unit_test(test_fsck),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
