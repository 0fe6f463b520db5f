/* tests/unit/store/health_test.c: what the log and server/ hear when the disk fails. */
#include "foundation/base/clock.h"
#include "foundation/base/fault.h"
#include "foundation/observe/event.h"
#include "harness/check.h"
#include "harness/temp_store.h"
#include "model/store/kv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct temp_folder folder;
static struct store *s;
static unsigned lost;
static int log_fd;

static void count_lost(void *arg)
{
	++*(unsigned *)arg;
}

static void open_store(unsigned burst)
{
	struct store_config config = { .role = STORE_SERVER,
		                       .burst = burst,
		                       .folder = folder.path,
		                       .on_lost = count_lost,
		                       .on_lost_arg = &lost };

	store_close(&s);
	assert_int_equal(store_open(&s, &config, NULL), OK);
}

static int setup(void **state)
{
	(void)state;
	temp_folder_make(&folder);
	lost = 0;
	open_store(0);
	log_fd = memfd_create("log", MFD_CLOEXEC);
	event_fd_set(log_fd);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fault_arm(0);
	event_fd_set(STDERR_FILENO);
	close(log_fd);
	store_close(&s);
	temp_folder_remove(&folder);
	return 0;
}

/* How many lines of the log have this event. */
static unsigned logged(const char *event)
{
	char text[8192], word[64];
	ssize_t n = pread(log_fd, text, sizeof text - 1, 0);
	unsigned count = 0;

	assert_true(n >= 0);
	text[n] = '\0';
	snprintf(word, sizeof word, " %s ", event);
	for (const char *p = text; (p = strstr(p, word)) != NULL; p++)
		count++;
	return count;
}

static enum err put(struct txn *t, void *arg)
{
	return kv_put(t, SPACE_SETTING, STR("n"), str_of(arg));
}

static enum err write_row(const char *value)
{
	return store_write(s, put, (void *)(uintptr_t)value, NULL);
}

static enum err get(struct txn *t, void *arg)
{
	struct str value;
	enum err e = kv_get(t, SPACE_SETTING, STR("n"), &value);

	return e != OK ? e : str_eq(value, str_of(arg)) ? OK : ERR_CONFLICT;
}

/* One line when it begins and one when it ends, however many writes it hits. */
static void test_once_per_change(void **state)
{
	static const struct {
		int number;
		enum err result;
		const char *event;
	} rows[] = {
		{ ENOSPC, ERR_FULL, "store_full" },
		{ EIO, ERR_IO, "store_failed" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(write_row("good"), OK);
		fault_arm_point("store_commit", 1, rows[i].number);
		for (int k = 0; k < 3; k++)
			check_at(i, write_row("bad") == rows[i].result);
		fault_arm(0);
		check_at(i, logged(rows[i].event) == 1 && logged("store_recovered") == i);
		for (int k = 0; k < 3; k++)
			check_at(i, write_row("good") == OK);
		check_at(i, logged("store_recovered") == i + 1);
	}
	assert_int_equal(lost, 0);
}

/* Make what is written through LMDB's synchronous descriptor, that of the meta pages, fail.
 * Returns whether it was found. */
static bool meta_break(void)
{
	char link[64], path[TEMP_PATH_MAX + 64], want[TEMP_PATH_MAX + 64];
	bool found = false;

	snprintf(want, sizeof want, "%s/roost.mdb", folder.path);
	for (int fd = 3; fd < 256; fd++) {
		ssize_t n;
		int dead;

		snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
		n = readlink(link, path, sizeof path - 1);
		if (n < 0 || (fcntl(fd, F_GETFL) & O_DSYNC) == 0)
			continue;
		path[n] = '\0';
		if (strcmp(path, want) != 0)
			continue;
		dead = open(path, O_RDONLY | O_CLOEXEC);
		found = dup2(dead, fd) == fd;
		close(dead);
	}
	return found;
}

/* After a meta page could not be written, LMDB refuses everything until it is opened anew. */
static void test_lost(void **state)
{
	(void)state;
	assert_int_equal(write_row("kept"), OK);
	assert_true(meta_break());
	assert_int_equal(lost, 0);
	assert_int_equal(write_row("gone"), ERR_IO);
	assert_int_equal(lost, 1);
	assert_int_equal(write_row("gone"), ERR_IO);
	assert_int_equal(store_read(s, get, "kept"), ERR_IO);
	assert_int_equal(lost, 1);
	assert_int_equal(logged("store_stopped"), 1);
	assert_int_equal(logged("store_failed"), 0);
	open_store(0);
	assert_int_equal(store_read(s, get, "kept"), OK);
	assert_int_equal(write_row("new"), OK);
}

/* The journal's keeper may be the one that meets it; then whoever reads next tells. */
static void test_lost_in_the_background(void **state)
{
	(void)state;
	open_store(1);
	assert_int_equal(write_row("old"), OK);
	assert_int_equal(write_row("kept"), OK);
	assert_true(meta_break());
	assert_int_equal(store_read(s, get, "kept"), OK);
	clock_shift_mono(2000); /* it is quiet */
	for (int i = 0; i < 500 && store_read(s, get, "kept") == OK; i++)
		clock_sleep_ms(10);
	assert_int_equal(store_read(s, get, "kept"), ERR_IO);
	assert_int_equal(lost, 1);
	assert_int_equal(write_row("gone"), ERR_IO);
	assert_int_equal(lost, 1);
	assert_int_equal(logged("store_stopped"), 1);
	open_store(1);
	assert_int_equal(store_read(s, get, "kept"), OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_once_per_change, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lost, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lost_in_the_background, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
