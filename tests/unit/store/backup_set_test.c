/* tests/unit/store/backup_set_test.c: names of dated backups, and which of them stay. */
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/base/fault.h"
#include "harness/check.h"
#include "harness/temp_store.h"
#include "model/store/backup/backup_set.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DAY(d) "roost-2026-11-" d "T033000Z.backup"

static struct temp_folder folder;

static int setup(void **state)
{
	(void)state;
	temp_folder_make(&folder);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fault_arm(0);
	temp_folder_remove(&folder);
	return 0;
}

static void make(const char *name)
{
	close(open(temp_path(&folder, name), O_CREAT | O_WRONLY, 0600));
}

static bool there(const char *name)
{
	return access(temp_path(&folder, name), F_OK) == 0;
}

static void test_names(void **state)
{
	static const struct {
		const char *name;
		bool ok;
	} rows[] = {
		{ "roost-2026-11-24T204452Z.backup", true },
		{ "roost-2026-11-24T204452Z.backup.age", false },
		{ "roost-2026-11-24T20445Z.backup", false },
		{ "roost-2026-11-24T20445xZ.backup", false },
		{ "roost-2026-11-24.backup", false }, /* a download of the console */
		{ "Roost-2026-11-24T204452Z.backup", false },
		{ "", false },
	};
	struct arena a = { 0 };
	const char *path = backup_set_path(&a, "/b", 1795552892000);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, backup_set_name(str_of(rows[i].name)) == rows[i].ok);
	assert_string_equal(path, "/b/roost-2026-11-24T204132Z.backup");
	assert_true(backup_set_name(str_of(path + 3)));
	arena_deinit(&a);
}

static enum err prune(const char *path, uint32_t keep, struct why *why)
{
	uint32_t later;

	return backup_set_prune(path, DAY("22"), keep, &later, why);
}

static void test_prune(void **state)
{
	struct why why = { "" };

	(void)state;
	make(DAY("20"));
	make(DAY("22"));
	make(DAY("21"));
	make("notes.txt");
	make("roost-2026-11-24.backup");
	assert_int_equal(prune(folder.path, 3, &why), OK);
	assert_true(there(DAY("20")));
	fault_arm(2);
	assert_int_equal(prune(folder.path, 2, &why), ERR_IO);
	fault_arm(0);
	assert_int_equal(prune(folder.path, 2, &why), OK);
	assert_true(!there(DAY("20")) && there(DAY("21")) && there(DAY("22")));
	assert_int_equal(prune(folder.path, 1, &why), OK);
	assert_true(!there(DAY("21")) && there(DAY("22")));
	assert_true(there("notes.txt") && there("roost-2026-11-24.backup"));
	assert_int_equal(prune("/no/where", 1, &why), ERR_MISSING);
}

/* The clock was wrong once: such files neither push the new one out nor are removed. */
static void test_prune_with_names_in_the_future(void **state)
{
	struct why why = { "" };
	uint32_t later = 0;

	(void)state;
	make(DAY("21"));
	make(DAY("22"));
	make("roost-2099-01-01T000000Z.backup");
	make("roost-2098-01-01T000000Z.backup");
	assert_int_equal(backup_set_prune(folder.path, DAY("22"), 1, &later, &why), OK);
	assert_int_equal(later, 2);
	assert_true(!there(DAY("21")) && there(DAY("22")));
	assert_true(there("roost-2099-01-01T000000Z.backup"));
}

/* A file that another run writes at this moment is kept; a file of a killed run is removed. */
static void test_interrupted(void **state)
{
	static const char partial[] = DAY("20") ".abcdefgh.partial";
	const struct timespec old[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
	struct why why = { "" };

	(void)state;
	make(DAY("21"));
	make(partial);
	assert_int_equal(prune(folder.path, 1, &why), OK);
	assert_true(there(partial));
	assert_int_equal(utimensat(AT_FDCWD, temp_path(&folder, partial), old, 0), 0);
	assert_int_equal(prune(folder.path, 1, &why), OK);
	assert_true(!there(partial) && there(DAY("21")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_prune, setup, teardown),
		cmocka_unit_test_setup_teardown(test_prune_with_names_in_the_future, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(test_interrupted, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
