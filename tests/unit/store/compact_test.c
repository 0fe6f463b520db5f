/* tests/unit/store/compact_test.c: a file that is written anew holds the same, and so does the old
 * one when that fails or is killed halfway. */
#include "foundation/base/random.h"
#include "model/store/compact.h"
#include "model/store/kv.h"
#include "unit/store/fixture.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROWS = 3000, ROW_BYTES = 1500, KEPT = 10 };

static struct str row_key(char room[8], unsigned i)
{
	snprintf(room, 8, "%06u", i);
	return str_of(room);
}

static enum err rows_put(struct txn *t, void *arg)
{
	static const char bytes[ROW_BYTES] = "a row";
	enum err e = OK;
	char room[8];

	(void)arg;
	for (unsigned i = 0; i < ROWS && e == OK; i++)
		e = kv_put(t, SPACE_LOOKUP, row_key(room, i), str_from(bytes, ROW_BYTES));
	return e;
}

static enum err rows_drop(struct txn *t, void *arg)
{
	enum err e = OK;
	char room[8];

	(void)arg;
	for (unsigned i = KEPT; i < ROWS && e == OK; i++)
		e = kv_del(t, SPACE_LOOKUP, row_key(room, i));
	return e;
}

static enum err rows_count(struct txn *t, void *arg)
{
	struct kv_iter it;

	kv_iter_prefix(&it, t, SPACE_LOOKUP, STR_EMPTY);
	while (kv_iter_next(&it))
		*(unsigned *)arg += it.val.n == ROW_BYTES;
	return kv_iter_end(&it);
}

static void fill(void)
{
	assert_int_equal(store_write(ts.store, rows_put, NULL, NULL), OK);
	assert_int_equal(store_write(ts.store, rows_drop, NULL, NULL), OK);
}

/* The store is closed before and after. */
static enum err compact(struct compacted *done, struct why *why)
{
	return store_compact(ts.folder.path, done, why);
}

static void check_rows(unsigned at)
{
	unsigned rows = 0;

	temp_store_reopen(&ts);
	check_at(at, store_read(ts.store, rows_count, &rows) == OK);
	check_at(at, rows == KEPT);
	store_close(&ts.store);
}

static uint64_t file_bytes(void)
{
	struct stat st;

	assert_int_equal(stat(temp_path(&ts.folder, "roost.mdb"), &st), 0);
	return (uint64_t)st.st_size;
}

static void test_smaller(void **state)
{
	struct compacted done;
	struct why why = { "" };
	uint64_t before;

	(void)state;
	fill();
	store_close(&ts.store);
	before = file_bytes();
	assert_int_equal(compact(&done, &why), OK);
	assert_int_equal(done.before, before);
	assert_int_equal(done.after, file_bytes());
	assert_true(done.after * 20 < before);
	check_rows(0);
	temp_store_reopen(&ts);
}

static void test_server_runs(void **state)
{
	struct compacted done;
	struct why why = { "" };

	(void)state;
	fill();
	assert_int_equal(compact(&done, &why), ERR_CONFLICT);
	assert_non_null(strstr(why.text, "already serves"));
}

static void test_command_works(void **state)
{
	struct store_config config = { .role = STORE_TOOL, .folder = ts.folder.path };
	struct store *tool = NULL;
	struct compacted done;
	struct why why = { "" };

	(void)state;
	fill();
	store_close(&ts.store);
	assert_int_equal(store_open(&tool, &config, &why), OK);
	assert_int_equal(compact(&done, &why), ERR_CONFLICT);
	store_close(&tool);
	assert_int_equal(compact(&done, &why), OK);
	temp_store_reopen(&ts);
}

static void test_nothing_there(void **state)
{
	struct temp_folder empty;
	struct compacted done;
	struct why why = { "" };

	(void)state;
	temp_folder_make(&empty);
	assert_int_equal(store_compact(empty.path, &done, &why), ERR_MISSING);
	temp_folder_remove(&empty);
}

/* A full disk, and each other failure, leaves the store as it was, and no file beside it. */
static void test_fails(void **state)
{
	static const char *const points[] = { "compact_open", "compact_copy", "compact_sync",
		                              "compact_rename" };
	struct compacted done;
	struct why why = { "" };

	(void)state;
	fill();
	store_close(&ts.store);
	for (unsigned i = 0; i < COUNT(points); i++) {
		uint64_t before = file_bytes();

		fault_arm_point(points[i], 1, ENOSPC);
		check_at(i, compact(&done, &why) == ERR_FULL);
		fault_arm(0);
		check_at(i, file_bytes() == before);
		check_rows(i);
	}
	temp_store_reopen(&ts);
}

static void compact_killed(unsigned after_us)
{
	struct compacted done;
	struct why why = { "" };
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0)
		_exit(compact(&done, &why) == OK ? EXIT_SUCCESS : EXIT_FAILURE);
	usleep(after_us);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void test_killed(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		temp_store_reopen(&ts);
		fill();
		store_close(&ts.store);
		compact_killed((unsigned)random_below(40000));
		check_rows(i);
	}
	temp_store_reopen(&ts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_LMDB(test_smaller),       ON_JOURNALED(test_smaller),
		ON_LMDB(test_server_runs),   ON_JOURNALED(test_command_works),
		ON_LMDB(test_nothing_there), ON_LMDB(test_fails),
		ON_JOURNALED(test_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
