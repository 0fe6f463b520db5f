/* tests/unit/store/spool_test.c: a message of any size comes back as it was put. */
#include "foundation/base/fault.h"
#include "foundation/base/mem.h"
#include "foundation/base/random.h"
#include "harness/check.h"
#include "harness/temp_store.h"
#include "model/store/spool.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

static struct temp_store ts;

static int setup(void **state)
{
	(void)state;
	temp_store_open(&ts, STORE_LMDB);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fault_arm(0);
	temp_store_remove(&ts);
	return 0;
}

static struct str noise(size_t n)
{
	char *p = mem_new(n + 1);

	random_bytes(p, n);
	return str_from(p, n);
}

/* Put in steps of the given length. */
static enum err put_steps(struct spool *sp, struct str bytes, size_t step)
{
	enum err e = OK;

	for (size_t at = 0; at < bytes.n; at += step)
		e = spool_put(sp, str_sub(bytes, at, at + step));
	return e;
}

static void test_round_trip(void **state)
{
	static const size_t sizes[] = { 0,      1, SPOOL_MEMORY - 1, SPOOL_MEMORY, SPOOL_MEMORY + 1,
		                        1000000 };
	static const size_t steps[] = { 1000, 65536, 1 << 20 };
	struct spool sp;

	(void)state;
	spool_init(&sp, ts.store, 1 << 20);
	for (size_t i = 0; i < COUNT(sizes) * COUNT(steps); i++) {
		struct str bytes = noise(sizes[i % COUNT(sizes)]), view;

		check_at(i, put_steps(&sp, bytes, steps[i / COUNT(sizes)]) == OK);
		check_at(i, sp.size == bytes.n);
		check_at(i, (sp.fd >= 0) == (bytes.n > SPOOL_MEMORY));
		check_at(i, spool_view(&sp, &view) == OK);
		check_at(i, str_eq(view, bytes));
		/* A view does not end the message. */
		check_at(i, spool_put(&sp, STR("more")) == OK);
		check_at(i, spool_view(&sp, &view) == OK);
		check_at(i, view.n == bytes.n + 4 && str_ends(view, STR("more")));
		check_at(i, str_starts(view, bytes));
		spool_reset(&sp);
		str_free(&bytes);
	}
	spool_deinit(&sp);
	spool_deinit(&sp);
}

static unsigned files(void)
{
	DIR *d = opendir(ts.folder.path);
	unsigned n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static void test_leaves_nothing(void **state)
{
	struct str bytes = noise(SPOOL_MEMORY + 1);
	struct spool sp;
	unsigned before = files();

	(void)state;
	spool_init(&sp, ts.store, 1 << 20);
	assert_int_equal(spool_put(&sp, bytes), OK);
	assert_int_equal(files(), before); /* the file has no name even while in use */
	spool_deinit(&sp);
	str_free(&bytes);
}

static void test_maximum(void **state)
{
	static const size_t maxima[] = { 10, SPOOL_MEMORY + 10 };
	struct str bytes = noise(SPOOL_MEMORY + 11), view;

	(void)state;
	for (size_t i = 0; i < COUNT(maxima); i++) {
		struct spool sp;

		spool_init(&sp, ts.store, maxima[i]);
		check_at(i, spool_put(&sp, str_sub(bytes, 0, maxima[i])) == OK);
		check_at(i, spool_put(&sp, STR("x")) == ERR_LIMIT);
		check_at(i, spool_put(&sp, STR_EMPTY) == ERR_LIMIT); /* it sticks */
		check_at(i, spool_view(&sp, &view) == ERR_LIMIT);
		spool_reset(&sp);
		check_at(i, spool_put(&sp, STR("again")) == OK);
		check_at(i, spool_view(&sp, &view) == OK && str_eq(view, STR("again")));
		spool_deinit(&sp);
	}
	str_free(&bytes);
}

static void test_failures(void **state)
{
	static const struct {
		const char *point;
		int number;
		enum err want;
	} rows[] = {
		{ "spool_open", ENOSPC, ERR_FULL },  { "spool_open", EMFILE, ERR_IO },
		{ "spool_write", ENOSPC, ERR_FULL }, { "spool_write", EIO, ERR_IO },
		{ "spool_map", ENOMEM, ERR_IO },
	};
	struct str bytes = noise(SPOOL_MEMORY + 1), view;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct spool sp;
		enum err e;

		spool_init(&sp, ts.store, 1 << 20);
		fault_arm_point(rows[i].point, 1, rows[i].number);
		e = spool_put(&sp, bytes);
		if (e == OK)
			e = spool_view(&sp, &view);
		fault_arm(0);
		check_at(i, e == rows[i].want);
		spool_reset(&sp);
		check_at(i, spool_put(&sp, bytes) == OK);
		spool_deinit(&sp);
	}
	str_free(&bytes);
}

static void test_without_folder(void **state)
{
	struct store_config config = { .backend = STORE_MEMORY };
	struct str bytes = noise(SPOOL_MEMORY + 1), view;
	struct store *s = NULL;
	struct spool sp;

	(void)state;
	assert_int_equal(store_open(&s, &config, NULL), OK);
	spool_init(&sp, s, 1 << 20);
	assert_int_equal(spool_put(&sp, bytes), OK);
	assert_int_equal(spool_view(&sp, &view), OK);
	assert_true(str_eq(view, bytes));
	spool_deinit(&sp);
	store_close(&s);
	str_free(&bytes);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_round_trip), TEST(test_leaves_nothing), TEST(test_maximum),
		TEST(test_failures),   TEST(test_without_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
