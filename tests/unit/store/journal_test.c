/* tests/unit/store/journal_test.c: what was written is replayed, up to the first record that is
 * not whole; and what is missing in the middle is told. */
#include "model/store/backend/journal.h"

#include "foundation/base/fault.h"
#include "foundation/base/mem.h"
#include "harness/check.h"
#include "harness/temp_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { EPOCH = 77, RECORDS = 3 };

static struct temp_folder folder;
static struct journal journal;

static int setup(void **state)
{
	(void)state;
	temp_folder_make(&folder);
	journal_init(&journal);
	assert_int_equal(journal_open(&journal, temp_path(&folder, "j"), NULL), OK);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fault_arm(0);
	journal_deinit(&journal);
	temp_folder_remove(&folder);
	return 0;
}

/* --- What a replay hands out, as text ---------------------------------------------------- */

static enum err log_put(void *arg, struct str key, struct str val)
{
	buf_fmt(arg, "%.*s=%.*s ", STR_ARG(key), STR_ARG(val));
	return OK;
}

static enum err log_del(void *arg, struct str key)
{
	buf_fmt(arg, "-%.*s ", STR_ARG(key));
	return OK;
}

static enum err replayed(uint64_t epoch, struct buf *log)
{
	struct journal_target to = { .put = log_put, .del = log_del, .arg = log };

	buf_reset(log);
	return journal_replay(&journal, epoch, &to, NULL);
}

static void check_replay(uint64_t epoch, const char *want)
{
	struct buf log;

	buf_init(&log, 1000);
	assert_int_equal(replayed(epoch, &log), OK);
	check_str(buf_str(&log), str_of(want));
	buf_deinit(&log);
}

static const char *const first[RECORDS + 1] = { "", "a=1 b= ", "a=1 b= -a ", "a=1 b= -a c=three " };

/* Where each record begins, and where its changes end: up to 7 zeros follow. */
struct places {
	uint64_t start[RECORDS + 1], end[RECORDS];
};

static void write_records(struct places *p)
{
	journal_begin(&journal, EPOCH);
	for (unsigned i = 0; i < RECORDS; i++) {
		p->start[i] = journal.at;
		if (i == 0) {
			journal_put(&journal, STR("a"), STR("1"));
			journal_put(&journal, STR("b"), STR_EMPTY);
		} else if (i == 1) {
			journal_del(&journal, STR("a"));
		} else {
			journal_put(&journal, STR("c"), STR("three"));
		}
		p->end[i] = journal.at + journal.record.n;
		assert_true(journal_fits(&journal) && journal_room(&journal));
		assert_int_equal(journal_append(&journal, false, NULL), OK);
	}
	p->start[RECORDS] = journal.at;
}

/* --- Tests ------------------------------------------------------------------------------ */

static void test_epochs(void **state)
{
	struct places p;

	(void)state;
	assert_true(journal_empty(&journal));
	assert_int_equal(journal_reserve(&journal, NULL), OK);
	assert_false(journal_empty(&journal));
	check_replay(EPOCH, "");
	write_records(&p);
	check_replay(EPOCH, first[RECORDS]);
	check_replay(EPOCH + 1, "");
	/* The next epoch begins in front, where old records follow. */
	journal_begin(&journal, EPOCH + 1);
	check_replay(EPOCH + 1, "");
	journal_put(&journal, STR("new"), STR("1"));
	assert_int_equal(journal_append(&journal, false, NULL), OK);
	check_replay(EPOCH + 1, "new=1 ");
}

static void test_cut(void **state)
{
	struct places p;
	unsigned whole = RECORDS;

	(void)state;
	write_records(&p);
	for (uint64_t n = p.start[RECORDS]; n-- > 0;) {
		assert_int_equal(ftruncate(journal.fd, (off_t)n), 0);
		while (whole > 0 && n < p.end[whole - 1])
			whole--;
		check_replay(EPOCH, first[whole]);
	}
}

/* Any damage to the last record ends the replay before it, to an earlier one is told. */
static void test_damage(void **state)
{
	struct places p;
	struct buf log;

	(void)state;
	buf_init(&log, 1000);
	write_records(&p);
	for (uint64_t at = 0; at < p.start[RECORDS]; at++) {
		unsigned in = at < p.start[1] ? 0 : at < p.start[2] ? 1 : 2;
		char was, is;
		enum err e;

		if (pread(journal.fd, &was, 1, (off_t)at) != 1)
			break; /* nobody writes the last zeros */
		is = (char)(was ^ 0x10);
		assert_int_equal(pwrite(journal.fd, &is, 1, (off_t)at), 1);
		e = replayed(EPOCH, &log);
		if (e == OK && str_eq(buf_str(&log), str_of(first[RECORDS])))
			check_at(at, was == 0); /* padding */
		else if (in == RECORDS - 1)
			check_at(at, e == OK && str_eq(buf_str(&log), str_of(first[in])));
		else
			check_at(at, e == ERR_CORRUPT);
		assert_int_equal(pwrite(journal.fd, &was, 1, (off_t)at), 1);
	}
	check_replay(EPOCH, first[RECORDS]);
	buf_deinit(&log);
}

/* A record that failed does not count, and is followed by one in its place. */
static void test_failed_append(void **state)
{
	static const char *const points[] = { "journal_write", "journal_sync" };
	struct places p;

	(void)state;
	for (size_t i = 0; i < COUNT(points); i++) {
		write_records(&p);
		journal_put(&journal, STR("lost"), STR("a longer one that fails"));
		fault_arm_point(points[i], 1, EIO);
		check_at(i, journal_append(&journal, false, NULL) == ERR_IO);
		fault_arm(0);
		check_replay(EPOCH, first[RECORDS]);
		journal_drop(&journal);
		journal_put(&journal, STR("d"), STR("4"));
		check_at(i, journal_append(&journal, false, NULL) == OK);
		check_replay(EPOCH, "a=1 b= -a c=three d=4 ");
	}
}

/* What a power cut leaves of a record: sectors that were never written. */
static void lose(uint64_t from, uint64_t to)
{
	static const char zeros[1000];

	assert_true(to - from <= sizeof zeros);
	assert_int_equal(pwrite(journal.fd, zeros, (size_t)(to - from), (off_t)from),
	                 (ssize_t)(to - from));
}

/* "k=N ", N being the record's number; where it begins. */
static uint64_t write_number(unsigned number, bool soon)
{
	uint64_t at = journal.at;
	char digit = (char)('0' + number);

	journal_put(&journal, STR("k"), str_from(&digit, 1));
	assert_int_equal(journal_append(&journal, soon, NULL), OK);
	return at;
}

/* The disk may keep a later record and not the one before, as long as neither was synced. */
static void test_gap(void **state)
{
	uint64_t at[6];

	(void)state;
	journal_begin(&journal, EPOCH);
	write_number(1, false);
	assert_false(journal_lags(&journal));
	for (unsigned i = 2; i < 6; i++)
		at[i] = write_number(i, true);
	assert_true(journal_lags(&journal));
	check_replay(EPOCH, "k=1 k=2 k=3 k=4 k=5 ");
	lose(at[3], at[4]);
	check_replay(EPOCH, "k=1 k=2 ");
	lose(at[2], at[3]);
	check_replay(EPOCH, "k=1 ");
}

/* A sync takes along what was not: then a gap is damage. */
static void test_gap_after_sync(void **state)
{
	(void)state;
	for (unsigned how = 0; how < 2; how++) {
		uint64_t second, third;
		struct buf log;

		buf_init(&log, 1000);
		journal_begin(&journal, EPOCH + how);
		write_number(1, true);
		second = write_number(2, true);
		third = journal.at;
		if (how == 0)
			assert_int_equal(journal_sync(&journal, NULL), OK);
		else
			write_number(3, false);
		assert_false(journal_lags(&journal));
		write_number(4, true); /* who knows of it */
		check_at(how, replayed(EPOCH + how, &log) == OK);
		lose(second, third);
		check_at(how, replayed(EPOCH + how, &log) == ERR_CORRUPT);
		buf_deinit(&log);
	}
}

/* After a sync that failed nobody knows which of the records before the disk has. */
static void test_failed_sync(void **state)
{
	(void)state;
	journal_begin(&journal, EPOCH);
	write_number(1, true);
	fault_arm_point("journal_sync", 1, EIO);
	assert_int_equal(journal_sync(&journal, NULL), ERR_IO);
	fault_arm(0);
	assert_false(journal_room(&journal));
	journal_begin(&journal, EPOCH + 1);
	assert_true(journal_room(&journal));
}

/* Whoever wanted that commit hears that it failed, also where others before it wait for a sync. */
static void test_failed_append_after_others(void **state)
{
	(void)state;
	journal_begin(&journal, EPOCH);
	write_number(1, true);
	journal_put(&journal, STR("k"), STR("lost"));
	fault_arm_point("journal_sync", 1, EIO);
	assert_int_equal(journal_append(&journal, false, NULL), ERR_IO);
	fault_arm(0);
	check_replay(EPOCH, "k=1 ");
}

static void test_sizes(void **state)
{
	struct str big = { mem_new(JOURNAL_RECORD_MAX), JOURNAL_RECORD_MAX };
	unsigned records = 0;

	(void)state;
	journal_begin(&journal, EPOCH);
	journal_put(&journal, STR("k"), big);
	assert_false(journal_fits(&journal));
	journal_drop(&journal);
	big.n = JOURNAL_RECORD_MAX - 100;
	for (; journal_room(&journal); records++) {
		journal_put(&journal, STR("k"), big);
		assert_true(journal_fits(&journal));
		assert_int_equal(journal_append(&journal, false, NULL), OK);
	}
	assert_in_range(records, JOURNAL_BYTES / JOURNAL_RECORD_MAX - 1,
	                JOURNAL_BYTES / JOURNAL_RECORD_MAX);
	assert_true(journal.at <= JOURNAL_BYTES);
	mem_free((char *)big.p);
}

static enum err refuse(void *arg, struct str key, struct str val)
{
	(void)arg;
	(void)key;
	(void)val;
	return ERR_FULL;
}

static void test_target_fails(void **state)
{
	struct journal_target to = { .put = refuse };
	struct places p;

	(void)state;
	write_records(&p);
	assert_int_equal(journal_replay(&journal, EPOCH, &to, NULL), ERR_FULL);
	fault_arm_point("journal_read", 1, EIO);
	assert_int_equal(journal_replay(&journal, EPOCH, &to, NULL), ERR_IO);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_epochs),        TEST(test_cut),   TEST(test_damage),
		TEST(test_failed_append), TEST(test_sizes), TEST(test_target_fails),
		TEST(test_gap),           TEST(test_gap_after_sync), TEST(test_failed_sync),
		TEST(test_failed_append_after_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
