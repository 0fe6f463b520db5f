/* The helper that runs the program of ROOST_DNS_UPDATE_HOOK. */
#include "harness/check.h"
#include "harness/temp_store.h"

#include "operations/dns_update/program.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct temp_folder folder;
static char path[TEMP_PATH_MAX + 16];

static enum err prepare(void *arg)
{
	*(int *)arg = 1; /* in the helper only */
	return OK;
}

static bool go_on(void *arg, int64_t ms)
{
	(void)arg, (void)ms;
	return true;
}

static bool stop_soon(void *arg, int64_t ms)
{
	(void)ms;
	return ++*(int *)arg < 3;
}

static void program_write(const char *text)
{
	FILE *to;

	unlink(path);
	to = fopen(path, "w");
	assert_non_null(to);
	fputs(text, to);
	assert_int_equal(fclose(to), 0);
	assert_int_equal(chmod(path, 0700), 0);
}

static enum err run(const char *action, const char *value, struct why *why)
{
	const char *const argv[] = { path, action, "name.example.org", value, "TXT", NULL };

	return program_run(argv, go_on, NULL, why);
}

static void test_runs(void **state)
{
	struct why why = { "" };

	(void)state;
	program_write("#!/bin/sh\n[ \"$1 $2 $3 $4\" = 'add name.example.org a b TXT' ]\n");
	assert_int_equal(run("add", "a b", &why), OK);
	assert_int_equal(run("add", "another", &why), ERR_DENIED);
	program_write("#!/bin/sh\necho 'no such zone' >&2\nexit 1\n");
	assert_int_equal(run("add", "a b", &why), ERR_DENIED);
	assert_non_null(strstr(why.text, "failed: no such zone"));
	unlink(path);
	assert_int_equal(run("add", "a b", &why), ERR_MISSING);
}

static void test_is_cancelled(void **state)
{
	const char *const argv[] = { path, "add", "n", "v", "TXT", NULL };
	struct why why = { "" };
	int asked = 0;

	(void)state;
	program_write("#!/bin/sh\nexec sleep 1000\n");
	assert_int_equal(program_run(argv, stop_soon, &asked, &why), ERR_RETRY);
	program_write("#!/bin/sh\n"); /* what was sent to cancel is not left for the next one */
	assert_int_equal(run("add", "v", &why), OK);
}

static void test_runs_nothing_else(void **state)
{
	const char *const argv[] = { "/bin/true", NULL };
	struct why why = { "" };

	(void)state;
	assert_int_equal(program_run(argv, go_on, NULL, &why), ERR_DENIED);
	assert_non_null(strstr(why.text, "not the one of the start"));
}

static void test_needs_the_helper(void **state)
{
	const char *const argv[] = { "/bin/true", NULL };
	struct why why = { "" };

	(void)state;
	assert_int_equal(program_run(argv, go_on, NULL, &why), ERR_IO);
	assert_non_null(strstr(why.text, "before the start"));
}

static int helper_start(void **state)
{
	int prepared = 0;

	(void)state;
	temp_folder_make(&folder);
	snprintf(path, sizeof path, "%s/hook", folder.path);
	assert_int_equal(program_helper_start(path, prepare, &prepared, NULL), OK);
	return prepared;
}

static int folder_remove(void **state)
{
	(void)state;
	temp_folder_remove(&folder);
	return 0;
}

int main(void)
{
	const struct CMUnitTest without[] = { cmocka_unit_test(test_needs_the_helper) };
	const struct CMUnitTest with[] = {
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_is_cancelled),
		cmocka_unit_test(test_runs_nothing_else),
	};

	return cmocka_run_group_tests(without, NULL, NULL) +
	       cmocka_run_group_tests(with, helper_start, folder_remove);
}
