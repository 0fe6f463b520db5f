/* tests/unit/store/backup_test.c: a backup is whole or not there, and comes back.
 * Slow: it makes and reads backups with a fault at each write. */
#include "foundation/base/fault.h"
#include "harness/check.h"
#include "harness/temp_store.h"
#include "model/store/backup/backup.h"
#include "model/store/blob.h"
#include "model/store/fsck.h"
#include "model/store/kv.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct temp_store ts;
static struct temp_folder other; /* backups, and the folder they are restored into */
static char file[TEMP_PATH_MAX + 64], data[TEMP_PATH_MAX + 64]; /* in it */

static int setup(void **state)
{
	(void)state;
	temp_store_open(&ts, STORE_LMDB);
	temp_folder_make(&other);
	snprintf(file, sizeof file, "%s/backup", other.path);
	snprintf(data, sizeof data, "%s/data", other.path);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fault_arm(0);
	temp_store_remove(&ts);
	temp_folder_remove(&other);
	return 0;
}

/* --- Something to keep ------------------------------------------------------------------ */

static enum err put_all(struct txn *t, void *arg)
{
	enum err e = blob_put(t, arg, NULL);

	for (char i = 'a'; i <= 'z' && e == OK; i++)
		e = kv_put(t, SPACE_ACCOUNT, str_from(&i, 1), STR("an account"));
	return e;
}

static void fill(void)
{
	static char bytes[3 << 20];
	struct str part = str_from(bytes, sizeof bytes);
	struct blob_draft *d = NULL;

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * i >> 5);
	assert_int_equal(blob_prepare(ts.store, &part, 1, &d, NULL), OK);
	assert_int_equal(store_write(ts.store, put_all, d, NULL), OK);
	blob_draft_free(&d);
}

static enum err count_accounts(struct txn *t, void *arg)
{
	struct kv_iter it;

	kv_iter_prefix(&it, t, SPACE_ACCOUNT, STR_EMPTY);
	while (kv_iter_next(&it))
		++*(unsigned *)arg;
	return kv_iter_end(&it);
}

/* Open the folder's store and see that all is there. */
static void check_restored(const char *folder)
{
	struct store_config config = { .role = STORE_SERVER, .folder = folder };
	struct fsck_report r = { .say = NULL };
	struct store *s = NULL;
	unsigned n = 0;

	assert_int_equal(store_open(&s, &config, NULL), OK);
	assert_int_equal(store_read(s, count_accounts, &n), OK);
	assert_int_equal(n, 26);
	assert_int_equal(fsck_run(s, NULL, 0, &r, NULL), OK);
	assert_int_equal(r.findings, 0);
	store_close(&s);
}

static unsigned entries(const char *path)
{
	DIR *d = opendir(path);
	unsigned n = 0;

	if (d == NULL)
		return 0;
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static enum err restore(const char *from, bool replace, struct why *why)
{
	struct restore_params p = { .file = from, .folder = data, .replace = replace };

	return store_restore(&p, why);
}

/* --- Tests ------------------------------------------------------------------------------ */

static void test_round_trip(void **state)
{
	struct why why = { "" };
	struct stat st;

	(void)state;
	fill();
	assert_int_equal(store_backup(ts.store, file, STR_EMPTY, &why), OK);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	/* The second run of a timer replaces the copy of the first. */
	assert_int_equal(store_backup(ts.store, file, STR_EMPTY, &why), OK);
	assert_int_equal(entries(other.path), 2 + 1);
	assert_int_equal(store_backup(ts.store, other.path, STR_EMPTY, &why), ERR_CONFLICT);
	assert_int_equal(store_backup(ts.store, temp_path(&ts.folder, "roost.mdb"), STR_EMPTY,
	                              &why),
	                 ERR_CONFLICT);
	assert_int_equal(store_backup(ts.store, temp_path(&other, "no/where"), STR_EMPTY,
	                              &why), ERR_MISSING);
	assert_int_equal(restore(file, false, &why), OK);
	check_restored(data);
	/* The second time there is a store. */
	assert_int_equal(restore(file, false, &why), ERR_CONFLICT);
	assert_int_equal(entries(data), 2 + 3);
	assert_int_equal(restore(file, true, &why), OK);
	check_restored(data);
	assert_int_equal(entries(data), 2 + 4); /* and the old one */
}

/* A backup can be used as roost.mdb, and a roost.mdb as a backup. */
static void test_plain_copy(void **state)
{
	struct why why = { "" };

	(void)state;
	fill();
	assert_int_equal(mkdir(temp_path(&other, "plain"), 0700), 0);
	assert_int_equal(store_backup(ts.store, temp_path(&other, "plain/roost.mdb"), STR_EMPTY,
	                              &why), OK);
	check_restored(temp_path(&other, "plain"));
	store_close(&ts.store);
	assert_int_equal(restore(temp_path(&ts.folder, "roost.mdb"), false, &why), OK);
	check_restored(data);
}

static void append(const char *path, const char *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_APPEND);

	assert_int_equal(write(fd, bytes, n), n);
	close(fd);
}

/* What follows a backup, or is missing at its end, is told. */
static void test_tail(void **state)
{
	static const char bytes[5000];
	struct why why = { "" };
	struct stat st;

	(void)state;
	fill();
	for (size_t i = 0; i < 3; i++) {
		static const size_t more[] = { 1, 4096, 5000 };

		assert_int_equal(store_backup(ts.store, file, STR_EMPTY, &why), OK);
		append(file, bytes, more[i]);
		check_at(i, restore(file, false, &why) == ERR_CORRUPT);
		unlink(file);
	}
	assert_int_equal(store_backup(ts.store, file, STR_EMPTY, &why), OK);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(truncate(file, st.st_size - 4096 - 1), 0);
	assert_int_equal(restore(file, false, &why), ERR_CORRUPT);
	assert_int_equal(truncate(file, 0), 0);
	assert_int_equal(restore(file, false, &why), ERR_CORRUPT);
	assert_int_equal(access(temp_path(&other, "data/roost.mdb"), F_OK), -1);
}

/* --- Encrypted --------------------------------------------------------------------------- */

static const char passphrase[] = "correct horse";

static enum err restore_sealed(const char *from, const char *with, struct why *why)
{
	struct restore_params p = { .file = from,
		                    .folder = data,
		                    .passphrase = str_of(with),
		                    .replace = true };

	return store_restore(&p, why);
}

static void byte_flip(const char *path, off_t at)
{
	int fd = open(path, O_RDWR);
	char c;

	assert_int_equal(pread(fd, &c, 1, at), 1);
	c ^= 1;
	assert_int_equal(pwrite(fd, &c, 1, at), 1);
	close(fd);
}

static bool file_has(const char *path, struct str text)
{
	static char bytes[16 << 20];
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, bytes, sizeof bytes);

	close(fd);
	assert_true(n > 0 && n < (ssize_t)sizeof bytes);
	return str_find(str_from(bytes, (size_t)n), text) >= 0;
}

static void test_sealed(void **state)
{
	struct why why = { "" };

	(void)state;
	fill();
	assert_int_equal(store_backup(ts.store, file, STR("short"), &why), ERR_SYNTAX);
	assert_int_equal(entries(other.path), 2);
	assert_int_equal(store_backup(ts.store, temp_path(&other, "plain"), STR_EMPTY,
	                              &why), OK);
	assert_true(file_has(temp_path(&other, "plain"), STR("an account")));
	assert_int_equal(store_backup(ts.store, file, str_of(passphrase), &why), OK);
	assert_false(file_has(file, STR("an account")));
	assert_int_equal(store_backup_check(file, other.path, str_of(passphrase), &why), OK);
	assert_int_equal(store_backup_check(file, other.path, STR_EMPTY, &why), ERR_DENIED);
	assert_true(str_find(str_of(why.text), STR("--passphrase-file")) >= 0);
	assert_int_equal(restore_sealed(file, "correct horsf", &why), ERR_DENIED);
	assert_true(str_find(str_of(why.text), STR("the passphrase is wrong")) >= 0);
	assert_int_equal(access(temp_path(&other, "data/roost.mdb"), F_OK), -1);
	assert_int_equal(restore_sealed(file, passphrase, &why), OK);
	check_restored(data);
	/* A passphrase that nobody needs is not looked at. */
	assert_int_equal(restore_sealed(temp_path(&other, "plain"), passphrase, &why), OK);
	check_restored(data);
}

/* Bytes that do not compress, so that there are several chunks. */
static enum err rows_put(struct txn *t, void *arg)
{
	static const char row[1000];
	enum err e = OK;

	(void)arg;
	for (unsigned i = 0; i < 300 && e == OK; i++)
		e = kv_put(t, SPACE_LOOKUP, str_from((const char *)&i, sizeof i),
		           str_from(row, sizeof row));
	return e;
}

/* Each part of it is seen to be changed, and a missing end to be missing. */
static void test_sealed_damage(void **state)
{
	const off_t chunk = 65536 + 17, begin = 64;
	struct why why = { "" };
	struct stat st;

	(void)state;
	fill();
	assert_int_equal(store_write(ts.store, rows_put, NULL, NULL), OK);
	assert_int_equal(store_backup(ts.store, file, str_of(passphrase), &why), OK);
	assert_int_equal(stat(file, &st), 0);
	assert_true(st.st_size > begin + 2 * chunk);
	{
		const off_t places[] = { 16, 20, 24, 63, begin, begin + chunk + 5,
			                 st.st_size - 1 };
		enum err e;

		for (size_t i = 0; i < COUNT(places); i++) {
			byte_flip(file, places[i]);
			e = store_backup_check(file, other.path, str_of(passphrase), &why);
			check_at(i, e != OK);
			byte_flip(file, places[i]);
		}
	}
	assert_int_equal(store_backup_check(file, other.path, str_of(passphrase), &why), OK);
	append(file, "x", 1);
	assert_int_equal(restore_sealed(file, passphrase, &why), ERR_CORRUPT);
	/* At the end of a chunk: only its tag tells that more was to come. */
	assert_int_equal(truncate(file, begin + 2 * chunk), 0);
	assert_int_equal(restore_sealed(file, passphrase, &why), ERR_CORRUPT);
	assert_true(str_find(str_of(why.text), STR("its end is missing")) >= 0);
	assert_int_equal(truncate(file, begin + chunk + 100), 0);
	assert_int_equal(restore_sealed(file, passphrase, &why), ERR_CORRUPT);
	assert_int_equal(truncate(file, begin), 0);
	assert_int_equal(restore_sealed(file, passphrase, &why), ERR_CORRUPT);
	assert_int_equal(access(temp_path(&other, "data/roost.mdb"), F_OK), -1);
}

static void test_server_runs(void **state)
{
	struct restore_params p = { .folder = ts.folder.path, .replace = true };
	struct why why = { "" };

	(void)state;
	fill();
	p.file = file;
	assert_int_equal(store_backup(ts.store, p.file, STR_EMPTY, &why), OK);
	assert_int_equal(store_restore(&p, &why), ERR_CONFLICT);
	store_close(&ts.store);
	assert_int_equal(store_restore(&p, &why), OK);
	check_restored(ts.folder.path);
}

/* --- While others write ----------------------------------------------------------------- */

static atomic_bool writing, stop;

/* Two rows that always change together. */
static enum err put_pair(struct txn *t, void *arg)
{
	struct str val = str_from(arg, sizeof(uint64_t));
	enum err e = kv_put(t, SPACE_LOOKUP, STR("first"), val);

	return e == OK ? kv_put(t, SPACE_QUEUE, STR("second"), val) : e;
}

static void *keep_writing(void *arg)
{
	for (uint64_t n = 0; !atomic_load(&stop); n++) {
		enum err e = store_write(ts.store, put_pair, &n, NULL);

		assert(e == OK);
		writing = true;
	}
	return arg;
}

static enum err see_pair(struct txn *t, void *arg)
{
	struct str first, second;

	(void)arg;
	assert_int_equal(kv_get(t, SPACE_LOOKUP, STR("first"), &first), OK);
	assert_int_equal(kv_get(t, SPACE_QUEUE, STR("second"), &second), OK);
	check_str(first, second);
	return OK;
}

static void test_while_writing(void **state)
{
	struct store_config config = { .role = STORE_VIEW, .folder = other.path };
	pthread_t thread;

	(void)state;
	fill();
	writing = stop = false;
	pthread_create(&thread, NULL, keep_writing, NULL);
	while (!writing)
		usleep(1000);
	for (char i = 'a'; i < 'f'; i++) {
		char name[] = { i, '\0' };
		struct store *s = NULL;

		check_at(i, store_backup(ts.store, temp_path(&other, name), STR_EMPTY,
		                         NULL) == OK);
		config.file = name;
		check_at(i, store_open(&s, &config, NULL) == OK);
		check_at(i, store_read(s, see_pair, NULL) == OK);
		store_close(&s);
	}
	stop = true;
	pthread_join(thread, NULL);
}

static void flip(long at)
{
	int fd = open(file, O_RDWR);
	char c;

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &c, 1, at), 1);
	c ^= 1;
	assert_int_equal(pwrite(fd, &c, 1, at), 1);
	close(fd);
}

static void test_damage(void **state)
{
	struct why why = { "" };
	struct stat st;

	(void)state;
	fill();
	assert_int_equal(store_backup(ts.store, file, STR_EMPTY, &why), OK);
	assert_int_equal(stat(file, &st), 0);
	for (unsigned i = 0; i < 8; i++) {
		/* The pages from first to last, and the trailer's checksum. */
		long at = i == 7 ? st.st_size - 4096 + 30 : (st.st_size - 4097) * (long)i / 6;

		flip(at);
		check_at(i, restore(file, false, &why) == ERR_CORRUPT);
		check_at(i, entries(data) == 2);
		flip(at);
	}
	assert_int_equal(restore(temp_path(&other, "none"), false, &why), ERR_MISSING);
	assert_int_equal(restore(file, false, &why), OK);
}

static void test_cut(void **state)
{
	static const long cuts[] = { 0, 1, 100, 4096, 8192, 100000 };
	struct why why = { "" };

	(void)state;
	fill();
	for (size_t i = COUNT(cuts); i-- > 0;) {
		if (i == COUNT(cuts) - 1)
			assert_int_equal(store_backup(ts.store, file, STR_EMPTY, &why), OK);
		assert_int_equal(truncate(file, cuts[i]), 0);
		check_at(i, restore(file, false, &why) == ERR_CORRUPT);
		check_at(i, entries(data) == 2);
	}
}

/* What other folders' checks find stops a restore. */
static enum err finds_fault(struct txn *t, struct fsck_report *r)
{
	(void)t;
	fsck_found(r, "something is wrong");
	return OK;
}

static void test_findings(void **state)
{
	const struct fsck_check check = { "test", finds_fault, NULL };
	struct restore_params p = { .checks = &check, .check_count = 1 };
	struct why why = { "" };

	(void)state;
	fill();
	p.file = file;
	p.folder = data;
	assert_int_equal(store_backup(ts.store, p.file, STR_EMPTY, &why), OK);
	assert_int_equal(store_restore(&p, &why), ERR_CORRUPT);
	assert_int_equal(entries(p.folder), 2);
}

static enum err mark(struct txn *t, void *arg)
{
	(void)arg;
	return kv_put(t, SPACE_SETTING, STR("adopted"), STR("yes"));
}

static enum err mark_and_fail(struct txn *t, void *arg)
{
	enum err e = mark(t, arg);

	return e == OK ? ERR_LIMIT : e;
}

static enum err find_mark(struct txn *t, void *arg)
{
	(void)arg;
	return kv_get(t, SPACE_SETTING, STR("adopted"), NULL);
}

/* The store is never seen without what adopting changed in it. */
static void test_adopted(void **state)
{
	struct restore_params p = { .file = file, .folder = data, .adopt = mark_and_fail };
	struct store_config config = { .role = STORE_SERVER, .folder = data };
	struct why why = { "" };
	struct store *s = NULL;

	(void)state;
	fill();
	assert_int_equal(store_backup(ts.store, file, STR_EMPTY, &why), OK);
	assert_int_equal(store_restore(&p, &why), ERR_LIMIT);
	assert_int_equal(entries(data), 2);
	p.adopt = mark;
	assert_int_equal(store_restore(&p, &why), OK);
	assert_int_equal(entries(data), 2 + 1);
	assert_int_equal(store_open(&s, &config, &why), OK);
	assert_int_equal(store_read(s, find_mark, NULL), OK);
	store_close(&s);
	check_restored(data);
}

static void leave(const char *name)
{
	close(open(temp_path(&ts.folder, name), O_RDWR | O_CREAT, 0600));
}

/* What a killed restore leaves is gone after the next start, and nothing else. */
static void test_leftovers(void **state)
{
	unsigned before = entries(ts.folder.path);

	(void)state;
	leave("restore-abc.mdb");
	leave("restore-abc.mdb-lock");
	leave("restore-notes.txt");
	leave("roost.mdb.before-restore-1");
	temp_store_reopen(&ts);
	assert_int_equal(entries(ts.folder.path), before + 2);
	assert_int_equal(access(temp_path(&ts.folder, "restore-notes.txt"), F_OK), 0);
}

static void test_faults(void **state)
{
	struct why why = { "" };
	bool fired = true;
	enum err e;

	(void)state;
	fill();
	for (unsigned n = 1; fired; n++) {
		fault_arm(n);
		e = store_backup(ts.store, file, STR_EMPTY, &why);
		fired = fault_fired();
		fault_arm(0);
		check_at(n, (e == OK) == !fired);
		check_at(n, entries(other.path) == 2u + !fired);
	}
	fired = true;
	for (unsigned n = 1; fired; n++) {
		fault_arm(n);
		e = restore(file, false, &why);
		fired = fault_fired();
		fault_arm(0);
		/* Only the last step, the sync, may fail with the store in place. */
		if (e == OK || access(temp_path(&other, "data/roost.mdb"), F_OK) == 0)
			break;
		check_at(n, entries(data) <= 2);
	}
	check_restored(data);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_round_trip),  TEST(test_plain_copy), TEST(test_tail),
		TEST(test_sealed),      TEST(test_sealed_damage),
		TEST(test_server_runs), TEST(test_damage),     TEST(test_cut),
		TEST(test_findings),    TEST(test_faults),     TEST(test_while_writing),
		TEST(test_adopted),     TEST(test_leftovers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
