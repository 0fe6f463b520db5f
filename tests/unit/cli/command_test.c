/* Which command is meant, and what the help says. */
#include "harness/check.h"

#include "console/cli/command.h"

#include <stdlib.h>
#include <string.h>

static void test_find(void **state)
{
	static const struct {
		const char *argv[4], *words; /* words NULL: no such command */
		int n;
	} rows[] = {
		{ { "settings" }, "settings", 1 },
		{ { "account", "add", "a@b" }, "account add", 2 },
		{ { "account", "rm" }, "account rm", 2 },
		{ { "account" }, NULL, 0 },
		{ { "account", "ad" }, NULL, 0 },
		{ { "account", "added" }, NULL, 0 },
		{ { "accoun", "add" }, NULL, 0 },
		{ { "account", "", "add" }, NULL, 0 },
		{ { "" }, NULL, 0 },
		{ { "add", "account" }, NULL, 0 },
		{ { "Settings" }, NULL, 0 },
		{ { "serve" }, NULL, 0 },
		{ { "-x" }, NULL, 0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *argv[5] = { NULL };
		const struct command *c;
		int argc = 0, n = 0;

		for (; argc < 4 && rows[i].argv[argc] != NULL; argc++)
			argv[argc] = (char *)(uintptr_t)rows[i].argv[argc];
		c = command_find(argc, argv, &n);
		check_at(i, (c == NULL) == (rows[i].words == NULL));
		if (c != NULL)
			check_at(i, strcmp(c->words, rows[i].words) == 0 && n == rows[i].n);
	}
	(void)state;
}

static struct str help_text(char *out, size_t size)
{
	FILE *f = fmemopen(out, size, "w");

	assert_non_null(f);
	assert_int_equal(command_help(f, 0, NULL), EXIT_SUCCESS);
	fclose(f);
	return str_of(out);
}

/* Each command once; what it is for stands in a column of its own. */
static void test_help(void **state)
{
	static const char *const words[] = {
		"account add",   "account list",   "account owner", "account passwd",
		"account quota", "account rm",     "account role",  "account totp off",
		"list set",      "alias add",      "alias list",    "alias rm",
		"backup check",  "domain add",     "domain list",   "domain rm",
		"fsck",          "healthcheck",    "licenses",      "queue drop",
		"queue list",    "queue retry",    "restore",       "settings get",
		"settings set",  "settings unset", "version",
	};
	static char out[20000];
	struct str text = help_text(out, sizeof out);

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++) {
		char line[80];
		const char *at;

		snprintf(line, sizeof line, "\n  roost %s ", words[i]);
		at = strstr(out, line);
		check_at(i, at != NULL);
		check_at(i, strstr(at + 1, line) == NULL);
	}
	assert_true(str_starts(text, STR("roost: ")));
	assert_true(str_ends(text, STR("\n")));
	for (char *line = strtok(out, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		bool words_alone = strlen(line) < 70;

		if (strlen(line) > 110 ||
		    (line[0] == ' ' && !words_alone && (line[34] != ' ' || line[35] == ' ')))
			fail_msg("too long, or not in its column: %s", line);
	}
}

static void test_help_on_words(void **state)
{
	static const struct {
		const char *argv[3];
		int status;
		size_t lines;
	} rows[] = {
		{ { "fsck" }, EXIT_SUCCESS, 1 },
		{ { "alias" }, EXIT_SUCCESS, 4 },
		{ { "alias", "rm" }, EXIT_SUCCESS, 1 },
		{ { "nonsense" }, EXIT_USAGE, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *argv[] = { (char *)(uintptr_t)rows[i].argv[0],
			         (char *)(uintptr_t)rows[i].argv[1], NULL };
		char out[2000] = "";
		FILE *f = fmemopen(out, sizeof out, "w");
		size_t lines = 0;

		assert_non_null(f);
		check_at(i, command_help(f, argv[1] != NULL ? 2 : 1, argv) == rows[i].status);
		fclose(f);
		for (const char *p = out; (p = strstr(p, "  roost ")) != NULL; p++)
			lines++;
		check_at(i, lines == rows[i].lines);
	}
}

/* Wrong usage says so on standard error and touches nothing. */
static void test_usage(void **state)
{
	static const char *const rows[][4] = {
		{ "nonsense" },      { "account", "add" },          { "domain", "add", "a", "b" },
		{ "queue", "drop" }, { "queue", "drop", "x" },      { "restore" },
		{ "settings", "x" }, { "account", "quota", "a@b" }, { "restore", "a", "b" },
		{ "backup", "-x" },  { "restore", "--replace" },    { "restore", "a", "--r" },
	};
	struct settings s = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *argv[5] = { NULL };
		int argc = 0;

		for (; argc < 4 && rows[i][argc] != NULL; argc++)
			argv[argc] = (char *)(uintptr_t)rows[i][argc];
		check_at(i, command_run(&s, argc, argv) == EXIT_USAGE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_help_on_words),
		cmocka_unit_test(test_usage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
