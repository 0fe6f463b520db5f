/* tests/unit/store/journaled_test.c: the journal in front of the tree, as the store's users and
 * the commands beside it see it.
 * Slow: it opens and closes stores on the disk many times. */
#include "foundation/base/clock.h"
#include "foundation/base/fault.h"
#include "foundation/base/mem.h"
#include "foundation/base/pack.h"
#include "model/store/backup/backup.h"
#include "model/store/backend/journal.h"
#include "model/store/kv.h"
#include "unit/store/fixture.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- Rows numbered from 0 --------------------------------------------------------------- */

struct row {
	unsigned number;
	struct str val;
};

static enum err row_put(struct txn *t, void *arg)
{
	const struct row *r = arg;
	struct buf key;
	enum err e;

	buf_init(&key, 8);
	pack_be32(&key, r->number);
	e = kv_put(t, SPACE_LOOKUP, buf_str(&key), r->val);
	buf_deinit(&key);
	return e;
}

static void put(struct store *s, unsigned number, struct str val)
{
	struct row r = { number, val };
	struct why why = { "" };

	if (store_write(s, row_put, &r, &why) != OK)
		fail_msg("put %u: %s", number, why.text);
}

static enum err rows_count(struct txn *t, void *arg)
{
	struct kv_iter it;

	kv_iter_prefix(&it, t, SPACE_LOOKUP, STR_EMPTY);
	while (kv_iter_next(&it))
		++*(unsigned *)arg;
	return kv_iter_end(&it);
}

static unsigned count(struct store *s)
{
	unsigned n = 0;

	assert_int_equal(store_read(s, rows_count, &n), OK);
	return n;
}

static enum err row_hidden(struct txn *t, void *arg)
{
	(void)arg;
	return kv_get(t, SPACE_META, STR("journal"), NULL) == ERR_MISSING ? OK : ERR_CONFLICT;
}

/* --- The folder ------------------------------------------------------------------------- */

static struct store *tool_open(void)
{
	struct store_config config = { .role = STORE_TOOL, .folder = ts.folder.path };
	struct store *s = NULL;
	struct why why = { "" };

	if (store_open(&s, &config, &why) != OK)
		fail_msg("tool: %s", why.text);
	return s;
}

static void copy(const char *name, const char *to)
{
	char *bytes = mem_new(64 << 20);
	int in = open(temp_path(&ts.folder, name), O_RDONLY), out;
	ssize_t n = read(in, bytes, 64 << 20);

	assert_true(n >= 0);
	out = open(to, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_int_equal(write(out, bytes, (size_t)n), n);
	close(in);
	close(out);
	mem_free(bytes);
}

/* The folder as it would be found after a power cut now. */
static void cut_power(struct temp_folder *f, bool journal)
{
	temp_folder_make(f);
	copy("roost.mdb", temp_path(f, "roost.mdb"));
	if (journal)
		copy("roost.journal", temp_path(f, "roost.journal"));
}

static enum err found(struct temp_folder *f, unsigned *rows, struct why *why)
{
	struct store_config config = { .role = STORE_SERVER, .folder = f->path };
	struct store *s = NULL;
	enum err e = store_open(&s, &config, why);

	*rows = e == OK ? count(s) : 0;
	store_close(&s);
	return e;
}

static enum err recovered(struct txn *t, void *arg)
{
	return store_recovered_take(t, arg);
}

/* The first time only, and only when there was a journal to take. */
static void check_recovered(struct temp_folder *f, bool want)
{
	struct store_config config = { .role = STORE_SERVER, .folder = f->path };
	struct store *s = NULL;
	bool got = !want;

	assert_int_equal(store_open(&s, &config, NULL), OK);
	assert_int_equal(store_write(s, recovered, &got, NULL), OK);
	assert_true(got == want);
	assert_int_equal(store_write(s, recovered, &got, NULL), OK);
	assert_false(got);
	store_close(&s);
}

static void check_found(bool journal, unsigned want)
{
	struct temp_folder f;
	struct why why = { "" };
	unsigned rows;

	cut_power(&f, journal);
	if (found(&f, &rows, &why) != OK)
		fail_msg("open: %s", why.text);
	assert_int_equal(rows, want);
	assert_int_equal(found(&f, &rows, &why), OK); /* and again */
	assert_int_equal(rows, want);
	temp_folder_remove(&f);
}

/* The file of this name that a restore set aside. */
static const char *aside_path(const struct temp_folder *f, const char *name)
{
	static char path[TEMP_PATH_MAX + 64];
	char prefix[64];
	DIR *d = opendir(f->path);

	snprintf(prefix, sizeof prefix, "%s.before-restore-", name);
	for (struct dirent *entry; (entry = readdir(d)) != NULL;) {
		if (str_starts(str_of(entry->d_name), str_of(prefix)))
			snprintf(path, sizeof path, "%s", temp_path(f, entry->d_name));
	}
	closedir(d);
	return path;
}

/* Is the journal's row in the tree of the file? */
static bool behind(void)
{
	struct temp_folder f;
	struct why why = { "" };
	unsigned rows;
	enum err e;

	cut_power(&f, false);
	e = found(&f, &rows, &why);
	temp_folder_remove(&f);
	assert_true(e == OK || e == ERR_MISSING);
	return e == ERR_MISSING;
}

static void wait_direct(void)
{
	for (int i = 0; i < 500 && behind(); i++)
		clock_sleep_ms(10);
	assert_false(behind());
}

/* --- Tests ------------------------------------------------------------------------------ */

/* Each commit that was acknowledged is in the two files. */
static void test_power(void **state)
{
	bool seen;

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		put(ts.store, i, STR("value"));
		check_found(true, i + 1);
	}
	/* On a machine that is so busy that these did not follow each other quickly, more do; and
	 * there it may be over by the time that one looks again. */
	seen = behind();
	for (unsigned i = 0; i < 20000 && !seen; i++) {
		put(ts.store, i % 20, STR("value"));
		seen = behind();
	}
	assert_true(seen);
	assert_int_equal(store_read(ts.store, row_hidden, NULL), OK);
}

/* Until somebody has handled it, whoever opens the store meanwhile. */
static void test_recovered(void **state)
{
	struct temp_folder f;
	struct why why = { "" };
	unsigned rows;

	(void)state;
	cut_power(&f, true);
	check_recovered(&f, false);
	temp_folder_remove(&f);
	for (unsigned i = 0; i < 20000 && !behind(); i++)
		put(ts.store, i % 20, STR("value"));
	cut_power(&f, true);
	assert_int_equal(found(&f, &rows, &why), OK);
	check_recovered(&f, true);
	temp_folder_remove(&f);
}

static void put_soon(unsigned number)
{
	struct row r = { number, STR("value") };

	assert_int_equal(store_write_soon(ts.store, row_put, &r, NULL), OK);
}

/* It does not wait for the disk. The keeper does later, and brings all into the tree when the
 * journal's sync fails. */
static void test_soon(void **state)
{
	(void)state;
	put(ts.store, 0, STR("value"));
	assert_true(behind());
	fault_arm_point("journal_sync", 1, EIO);
	for (unsigned i = 1; i < 10; i++)
		put_soon(i);
	wait_direct();
	assert_true(fault_fired());
	fault_arm(0);
	check_found(false, 10);
}

/* Nor is one synced where the next one that waits takes it along. */
static void test_soon_and_then(void **state)
{
	(void)state;
	put(ts.store, 0, STR("value"));
	put_soon(1);
	put(ts.store, 2, STR("value"));
	fault_arm_point("journal_sync", 1, EIO);
	clock_sleep_ms(2 * STORE_SOON_MS);
	assert_false(fault_fired());
	fault_arm(0);
	check_found(true, 3);
}

static void test_quiet(void **state)
{
	(void)state;
	put(ts.store, 1, STR("value"));
	put(ts.store, 2, STR("value"));
	assert_true(behind());
	clock_shift_mono(2000);
	wait_direct();
	check_found(false, 2);
}

static void test_close(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 5; i++)
		put(ts.store, i, STR("value"));
	assert_true(behind());
	store_close(&ts.store);
	check_found(false, 5);
	temp_store_reopen(&ts);
	assert_int_equal(count(ts.store), 5);
}

/* LMDB wants one environment for a file in each process, so a command is a process here, as
 * it is in life. It takes a step whenever it is told to. */
struct visitor {
	pid_t pid;
	int to, from;
};

enum { GO = 1000000 };

/* Each step says how many rows there are, and puts one; GO ends it. */
static void visit_steps(int in, int out)
{
	struct store *tool = tool_open();
	unsigned number;

	while (read(in, &number, sizeof number) == sizeof number && number != GO) {
		unsigned n = count(tool);

		put(tool, number, STR("by a command"));
		if (write(out, &n, sizeof n) != sizeof n)
			break;
	}
	store_close(&tool);
	_exit(0);
}

static void visitor_come(struct visitor *v)
{
	int to[2], from[2];

	assert_int_equal(pipe2(to, O_CLOEXEC), 0);
	assert_int_equal(pipe2(from, O_CLOEXEC), 0);
	v->pid = fork();
	if (v->pid == 0) {
		close(to[1]);
		visit_steps(to[0], from[1]);
	}
	close(to[0]);
	close(from[1]);
	v->to = to[1];
	v->from = from[0];
}

/* How many rows it saw before it put this one. */
static unsigned visitor_put(struct visitor *v, unsigned number)
{
	unsigned n = 0;

	assert_int_equal(write(v->to, &number, sizeof number), sizeof number);
	assert_int_equal(read(v->from, &n, sizeof n), sizeof n);
	return n;
}

static void visitor_go(struct visitor *v)
{
	unsigned number = GO;
	int status;

	assert_int_equal(write(v->to, &number, sizeof number), sizeof number);
	close(v->to);
	close(v->from);
	assert_int_equal(waitpid(v->pid, &status, 0), v->pid);
	assert_int_equal(status, 0);
}

/* A command sees all, and each sees what the other writes as long as both are there. */
static void test_guest(void **state)
{
	struct visitor a, b;

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		put(ts.store, i, STR("value"));
	visitor_come(&a);
	assert_int_equal(visitor_put(&a, 5), 5);
	assert_int_equal(count(ts.store), 6);
	for (unsigned i = 6; i < 10; i++)
		put(ts.store, i, STR("value"));
	assert_int_equal(visitor_put(&a, 10), 10);
	assert_false(behind());
	visitor_come(&b);
	assert_int_equal(visitor_put(&b, 11), 11);
	visitor_go(&a);
	put(ts.store, 12, STR("value"));
	assert_int_equal(visitor_put(&b, 13), 13);
	visitor_go(&b);
	put(ts.store, 14, STR("value"));
	put(ts.store, 15, STR("value"));
	assert_true(behind());
	assert_int_equal(count(ts.store), 16);
	check_found(true, 16);
}

/* Where the kernel lacks the locks no server is ever behind, so a command may go on. */
static void test_guest_without_locks(void **state)
{
	struct store_config config = { .role = STORE_TOOL, .folder = ts.folder.path };
	struct store *tool;

	(void)state;
	put(ts.store, 1, STR("value"));
	store_close(&ts.store);
	fault_arm_point("guests_lock", 1, EINVAL);
	tool = tool_open();
	assert_int_equal(count(tool), 1);
	store_close(&tool);
	fault_arm_point("guests_lock", 1, EIO);
	assert_int_equal(store_open(&tool, &config, NULL), ERR_IO);
}

/* More than a record, a table and a file can hold. */
static void test_big(void **state)
{
	struct str big = { mem_new(3 << 20), 3 << 20 };

	(void)state;
	put(ts.store, 0, STR("small"));
	put(ts.store, 1, STR("small"));
	put(ts.store, 2, big);
	check_found(true, 3);
	big.n = 900 << 10;
	for (unsigned i = 3; i < 40; i++)
		put(ts.store, i, big);
	assert_int_equal(count(ts.store), 40);
	check_found(true, 40);
	mem_free((char *)big.p);
}

/* A journal that fails is done without. */
static void test_faults(void **state)
{
	static const char *const points[] = { "journal_write", "journal_sync", "journal_reserve",
		                              "journal_reserve_sync", "guests_lock" };

	(void)state;
	for (unsigned i = 0; i < COUNT(points); i++) {
		put(ts.store, 3 * i, STR("value"));
		fault_arm_point(points[i], 1, EIO);
		put(ts.store, 3 * i + 1, STR("value"));
		fault_arm(0);
		put(ts.store, 3 * i + 2, STR("value"));
		check_found(true, 3 * i + 3);
	}
}

static void test_journal_missing(void **state)
{
	struct restore_params p = { .replace = true };
	struct temp_folder f;
	struct why why = { "" };
	unsigned rows;

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		put(ts.store, i, STR("value"));
	cut_power(&f, false);
	assert_int_equal(found(&f, &rows, &why), ERR_MISSING);
	assert_non_null(strstr(why.text, "roost.journal"));
	/* The way out that it names. */
	p.folder = f.path;
	p.file = temp_path(&ts.folder, "roost.mdb");
	if (store_restore(&p, &why) != OK)
		fail_msg("restore: %s", why.text);
	assert_int_equal(found(&f, &rows, &why), OK);
	assert_in_range(rows, 0, 4);
	temp_folder_remove(&f);
}

static void test_journal_damaged(void **state)
{
	struct temp_folder f;
	struct why why = { "" };
	unsigned rows;
	int fd;

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		put(ts.store, i, STR("value"));
	cut_power(&f, true);
	fd = open(temp_path(&f, "roost.journal"), O_WRONLY);
	assert_int_equal(pwrite(fd, "?", 1, 60), 1);
	close(fd);
	assert_int_equal(found(&f, &rows, &why), ERR_CORRUPT);
	assert_non_null(strstr(why.text, "journal"));
	temp_folder_remove(&f);
}

/* What is replaced by a restore is kept whole, with what was only in its journal. */
static void test_restore_aside(void **state)
{
	struct restore_params p = { .replace = true };
	struct temp_folder f;
	struct why why = { "" };
	unsigned rows;

	(void)state;
	assert_int_equal(store_backup(ts.store, temp_path(&ts.folder, "backup"), STR_EMPTY,
	                              &why), OK);
	for (unsigned i = 0; i < 5; i++)
		put(ts.store, i, STR("value"));
	cut_power(&f, true);
	p.folder = f.path;
	p.file = temp_path(&ts.folder, "backup");
	if (store_restore(&p, &why) != OK)
		fail_msg("restore: %s", why.text);
	assert_int_equal(found(&f, &rows, &why), OK);
	assert_int_equal(rows, 0);
	p.file = aside_path(&f, "roost.mdb");
	clock_shift_real(2000); /* the name of what is set aside has seconds */
	if (store_restore(&p, &why) != OK)
		fail_msg("restore: %s", why.text);
	assert_int_equal(found(&f, &rows, &why), OK);
	assert_int_equal(rows, 5);
	temp_folder_remove(&f);
}

/* An old store that cannot be opened is kept with its journal. */
static void test_restore_over_damage(void **state)
{
	struct restore_params p = { .replace = true };
	struct temp_folder f;
	struct why why = { "" };
	char mdb[TEMP_PATH_MAX + 64], was;
	unsigned rows;
	int fd;

	(void)state;
	assert_int_equal(store_backup(ts.store, temp_path(&ts.folder, "backup"), STR_EMPTY,
	                              &why), OK);
	for (unsigned i = 0; i < 5; i++)
		put(ts.store, i, STR("value"));
	cut_power(&f, true);
	fd = open(temp_path(&f, "roost.journal"), O_RDWR);
	assert_int_equal(pread(fd, &was, 1, 60), 1);
	assert_int_equal(pwrite(fd, "?", 1, 60), 1);
	p.folder = f.path;
	p.file = temp_path(&ts.folder, "backup");
	if (store_restore(&p, &why) != OK)
		fail_msg("restore: %s", why.text);
	assert_int_equal(found(&f, &rows, &why), OK);
	assert_int_equal(rows, 0);
	/* Mended, both are the old store again. */
	assert_int_equal(pwrite(fd, &was, 1, 60), 1);
	close(fd);
	snprintf(mdb, sizeof mdb, "%s", aside_path(&f, "roost.mdb"));
	assert_int_equal(rename(mdb, temp_path(&f, "roost.mdb")), 0);
	assert_int_equal(rename(aside_path(&f, "roost.journal"), temp_path(&f, "roost.journal")),
	                 0);
	assert_int_equal(found(&f, &rows, &why), OK);
	assert_int_equal(rows, 5);
	temp_folder_remove(&f);
}

/* --- Readers and a copy beside the changes of state -------------------------------------- */

enum { PAIRS = 400 };

struct race {
	struct store *store;
	atomic_bool over;
};

static enum err pair_put(struct txn *t, void *arg)
{
	struct row r = *(struct row *)arg;
	enum err e = row_put(t, &r);

	r.number += PAIRS;
	return e == OK ? row_put(t, &r) : e;
}

static enum err pairs_whole(struct txn *t, void *arg)
{
	unsigned n = 0;
	enum err e = rows_count(t, &n);

	(void)arg;
	return e == OK && n % 2 != 0 ? ERR_CONFLICT : e;
}

static void *read_pairs(void *arg)
{
	struct race *r = arg;

	do {
		if (store_read(r->store, pairs_whole, NULL) != OK)
			return "half a commit";
		if (store_read(r->store, row_hidden, NULL) != OK)
			return "the journal's own row";
	} while (!atomic_load(&r->over));
	return NULL;
}

/* Commands that come and go until the input ends. */
static pid_t visits(int in)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	for (char end; read(in, &end, 1) < 0;) {
		struct store *tool = tool_open();

		if (store_read(tool, pairs_whole, NULL) != OK)
			_exit(1);
		store_close(&tool);
		clock_sleep_ms(5);
	}
	_exit(0);
}

static void test_race(void **state)
{
	struct race r = { .store = ts.store };
	struct str big = { mem_new(1 << 20), 1 << 20 };
	pthread_t threads[2];
	void *complaint;
	int ends[2], status;
	pid_t visitor;

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	visitor = visits(ends[0]);
	for (size_t i = 0; i < COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_pairs, &r), 0);
	for (unsigned i = 0; i < PAIRS; i++) {
		/* The big ones go into the tree although they are behind. */
		struct row row = { i, i % 50 == 7 ? big : STR("small") };

		assert_int_equal(store_write(ts.store, pair_put, &row, NULL), OK);
	}
	atomic_store(&r.over, true);
	assert_int_equal(write(ends[1], "", 1), 1);
	assert_int_equal(waitpid(visitor, &status, 0), visitor);
	assert_int_equal(status, 0);
	close(ends[0]);
	close(ends[1]);
	for (size_t i = 0; i < COUNT(threads); i++) {
		pthread_join(threads[i], &complaint);
		if (complaint != NULL)
			fail_msg("%s", (char *)complaint);
	}
	assert_int_equal(count(ts.store), 2 * PAIRS);
	mem_free((char *)big.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_JOURNALED(test_power),
		ON_JOURNALED(test_soon),
		ON_JOURNALED(test_soon_and_then),
		ON_JOURNALED(test_quiet),
		ON_JOURNALED(test_close),
		ON_JOURNALED(test_guest),
		ON_JOURNALED(test_guest_without_locks),
		ON_JOURNALED(test_big),
		ON_JOURNALED(test_faults),
		ON_JOURNALED(test_recovered),
		ON_JOURNALED(test_journal_missing),
		ON_JOURNALED(test_journal_damaged),
		ON_JOURNALED(test_restore_aside),
		ON_JOURNALED(test_restore_over_damage),
		ON_JOURNALED(test_race),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
