/* The audit trail: newest first, page by page, never more than is kept. */
#include "harness/check.h"
#include "harness/temp_store.h"

#include "console/api/access/audit.h"
#include "foundation/base/arena.h"
#include "foundation/config/limits.h"
#include "model/store/kv.h"

static struct temp_store ts;

static enum err add_many(struct txn *t, void *arg)
{
	enum err e = OK;

	for (size_t i = 0; e == OK && i < *(size_t *)arg; i++) {
		const struct audit entry = { .time_ms = (int64_t)i,
			                     .who = STR("owner@example.org"),
			                     .what = i % 2 ? STR("odd") : STR("even") };

		e = audit_add(t, &entry);
	}
	return e;
}

struct page {
	uint64_t before;
	struct str q;
	size_t limit;
	struct arena a;
	struct audit_list list;
};

static enum err read(struct txn *t, void *arg)
{
	struct page *p = arg;

	return audit_list(t, p->before, p->q, p->limit, &p->a, &p->list);
}

static enum err count(struct txn *t, void *arg)
{
	struct kv_iter it;

	kv_iter_prefix(&it, t, SPACE_AUDIT, STR_EMPTY);
	while (kv_iter_next(&it))
		++*(size_t *)arg;
	return kv_iter_end(&it);
}

static void pages(void **state)
{
	struct page p = { .limit = 3 };
	size_t n = 10;

	(void)state;
	temp_store_open(&ts, STORE_MEMORY);
	assert_int_equal(store_write(ts.store, add_many, &n, NULL), OK);
	assert_int_equal(store_read(ts.store, read, &p), OK);
	assert_true(p.list.count == 3 && p.list.items[0].id == 10 && p.list.items[2].id == 8);
	p.before = 8;
	p.q = STR("ODD");
	assert_int_equal(store_read(ts.store, read, &p), OK);
	assert_true(p.list.count == 3 && p.list.items[0].id == 6 && p.list.items[2].id == 2);
	check_str(p.list.items[0].who, STR("owner@example.org"));
	p.q = STR("nothing has this");
	assert_int_equal(store_read(ts.store, read, &p), OK);
	assert_int_equal(p.list.count, 0);
	arena_deinit(&p.a);
	temp_store_remove(&ts);
}

static void maximum(void **state)
{
	size_t n = LIMIT_audit_kept + 1, rows = 0;

	(void)state;
	temp_store_open(&ts, STORE_MEMORY);
	assert_int_equal(store_write(ts.store, add_many, &n, NULL), OK);
	assert_int_equal(store_read(ts.store, count, &rows), OK);
	assert_int_equal(rows, LIMIT_audit_kept);
	temp_store_remove(&ts);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(pages), cmocka_unit_test(maximum) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
