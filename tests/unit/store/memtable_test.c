/* tests/unit/store/memtable_test.c: versions of rows beside a simple model, and readers beside
 * the writer (this test also runs under the thread sanitizer). */
#include "model/store/backend/memtable.h"

#include "foundation/base/random.h"
#include "harness/check.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum { KEYS = 40, COMMITS = 200 };

/* What each key held after each commit: 0 nothing known, 1 gone, else a number. */
static unsigned model[COMMITS + 1][KEYS];

static struct str key_of(char space[16], unsigned k)
{
	return str_from(space, (size_t)snprintf(space, 16, "key%03u", k));
}

static struct str value_of(char space[16], unsigned n)
{
	return str_from(space, (size_t)snprintf(space, 16, "%u", n));
}

static unsigned value_at(const struct memtable *m, uint32_t at, unsigned k)
{
	char space[16];
	struct str val;
	unsigned n = 0;

	switch (memtable_get(m, at, key_of(space, k), &val)) {
	case MEMTABLE_NOTHING:
		return 0;
	case MEMTABLE_GONE:
		return 1;
	case MEMTABLE_VALUE:
		break;
	}
	for (size_t i = 0; i < val.n; i++)
		n = n * 10 + (unsigned)(val.p[i] - '0');
	return n;
}

static void change_some(struct memtable *m, unsigned *row)
{
	for (uint64_t i = random_below(8); i-- > 0;) {
		unsigned k = (unsigned)random_below(KEYS), n = 2 + (unsigned)random_below(100000);
		char key[16], val[16];

		if (random_below(3) == 0) {
			memtable_del(m, key_of(key, k));
			n = 1;
		} else {
			memtable_put(m, key_of(key, k), value_of(val, n));
		}
		row[k] = n;
	}
}

static void check_walks(const struct memtable *m, uint32_t at, const unsigned *row)
{
	struct memtable_iter it;
	char space[16];
	unsigned k = 0;

	memtable_iter_init(&it, m, at);
	for (bool more = memtable_seek(&it, STR_EMPTY); more; more = memtable_next(&it)) {
		while (row[k] == 0)
			k++;
		check_str(it.key, key_of(space, k));
		assert_int_equal(it.gone, row[k] == 1);
		k++;
	}
	while (k < KEYS)
		assert_int_equal(row[k++], 0);
	for (bool more = memtable_below(&it, STR("z")); more; more = memtable_prev(&it)) {
		while (row[k - 1] == 0)
			k--;
		check_str(it.key, key_of(space, --k));
	}
	while (k > 0)
		assert_int_equal(row[--k], 0);
}

/* Every commit stays visible as it was, undone changes never are, and the writer sees its
 * own. */
static void test_model(void **state)
{
	struct memtable *m = memtable_new();

	(void)state;
	for (unsigned c = 1; c <= COMMITS; c++) {
		unsigned undone[KEYS];

		memcpy(undone, model[c - 1], sizeof undone);
		change_some(m, undone);
		check_walks(m, c, undone);
		memtable_undo(m);
		memcpy(model[c], model[c - 1], sizeof model[c]);
		change_some(m, model[c]);
		check_walks(m, c, model[c]);
		check_walks(m, c - 1, model[c - 1]);
		memtable_commit(m);
		assert_int_equal(memtable_last(m), c);
	}
	for (unsigned c = 0; c <= COMMITS; c++) {
		for (unsigned k = 0; k < KEYS; k++)
			assert_int_equal(value_at(m, c, k), model[c][k]);
		check_walks(m, c, model[c]);
	}
	memtable_unref(&m);
	assert_null(m);
}

struct seen {
	unsigned count;
	char rows[64];
};

static void see(void *arg, struct str key, struct str val, bool gone)
{
	struct seen *s = arg;
	size_t n = strlen(s->rows);

	s->count++;
	snprintf(s->rows + n, sizeof s->rows - n, "%.*s=%.*s%s ", STR_ARG(key), STR_ARG(val),
	         gone ? "gone" : "");
}

/* A row that is changed twice in a commit is told once, as it ended. */
static void test_changes(void **state)
{
	struct memtable *m = memtable_new();
	struct seen s = { 0 };

	(void)state;
	memtable_put(m, STR("a"), STR("1"));
	memtable_commit(m);
	memtable_put(m, STR("a"), STR("2"));
	memtable_put(m, STR("b"), STR("3"));
	memtable_put(m, STR("a"), STR("4"));
	memtable_del(m, STR("b"));
	memtable_changes(m, see, &s);
	assert_int_equal(s.count, 2);
	assert_string_equal(s.rows, "b=gone a=4 ");
	memtable_undo(m);
	s = (struct seen){ 0 };
	memtable_changes(m, see, &s);
	assert_int_equal(s.count, 0);
	assert_true(memtable_bytes(m) > 0);
	assert_int_equal(memtable_rows(m), 2);
	memtable_unref(&m);
}

/* --- Readers beside the writer ---------------------------------------------------------- */

enum { READERS = 3, ROUNDS = 1000 };

struct race {
	struct memtable *table;
	atomic_bool over;
};

/* All keys hold the number of the commit that is looked at. */
static void *read_all(void *arg)
{
	struct race *r = arg;
	struct memtable *m = memtable_ref(r->table);

	do {
		uint32_t at = memtable_last(m);
		struct memtable_iter it;
		unsigned rows = 0;

		memtable_iter_init(&it, m, at);
		for (bool more = memtable_seek(&it, STR_EMPTY); more; more = memtable_next(&it))
			rows += it.key.n == 6;
		if (at != 0 && rows != KEYS)
			return "a row is missing";
		for (unsigned k = 0; k < KEYS && at != 0; k++) {
			if (value_at(m, at, k) != at + 1)
				return "a row of another commit";
		}
	} while (!atomic_load(&r->over));
	memtable_unref(&m);
	return NULL;
}

static void put_all(struct memtable *m, unsigned value)
{
	char key[16], val[16];

	for (unsigned k = 0; k < KEYS; k++)
		memtable_put(m, key_of(key, (k * 7) % KEYS), value_of(val, value));
}

/* A new key before each of the others: a reader that looks for those must not stop there. */
static void put_between(struct memtable *m, unsigned commit)
{
	char key[24];

	for (unsigned k = 0; k < KEYS; k++) {
		int n = snprintf(key, sizeof key, "key%03u-%08u", k, commit);

		memtable_put(m, str_from(key, (size_t)n), STR("between"));
	}
}

static void test_readers(void **state)
{
	struct race r = { .table = memtable_new() };
	pthread_t readers[READERS];
	void *complaint;

	(void)state;
	for (unsigned i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&readers[i], NULL, read_all, &r), 0);
	for (unsigned c = 1; c <= ROUNDS; c++) {
		put_all(r.table, 7);
		if (c % 3 == 0)
			memtable_undo(r.table);
		put_all(r.table, c + 1);
		put_between(r.table, c);
		memtable_commit(r.table);
	}
	atomic_store(&r.over, true);
	for (unsigned i = 0; i < READERS; i++) {
		pthread_join(readers[i], &complaint);
		if (complaint != NULL)
			fail_msg("%s", (char *)complaint);
	}
	memtable_unref(&r.table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_model),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_readers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
