/* console/cli/sieve_test.c: `roost sieve test FILE...`: tests of scripts; the language is described
 * in formats/sieve/suite.h. */
#include "console/cli/command.h"

#include "console/cli/cli_private.h"
#include "formats/sieve/suite.h"
#include "foundation/base/clock.h"

#include <stdlib.h>
#include <string.h>

enum { TEST_FILE_BYTES = 4 << 20 };

struct sieve_test {
	const char *path, *folder;
	unsigned passed, failed;
};

static bool test_file_read(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "rb");
	char piece[8192];
	size_t n;

	if (f == NULL)
		return false;
	while ((n = fread(piece, 1, sizeof piece, f)) != 0)
		buf_bytes(out, piece, n);
	(void)fclose(f);
	return buf_ok(out);
}

static bool test_read(void *arg, struct str path, struct buf *out)
{
	const struct sieve_test *t = arg;
	struct arena a = { 0 };
	const char *whole = str_starts(path, STR("/"))
	                        ? str_z(&a, path)
	                        : str_z(&a, str_fmt(&a, "%s/%.*s", t->folder, STR_ARG(path)));
	bool ok = test_file_read(whole, out);

	arena_deinit(&a);
	return ok;
}

static void test_ended(void *arg, uint32_t line, struct str name, struct str reason)
{
	struct sieve_test *t = arg;

	if (reason.n == 0) {
		t->passed++;
		printf("passed %s:%u: %.*s\n", t->path, line, STR_ARG(name));
	} else {
		t->failed++;
		printf("failed %s:%u: %.*s: %.*s\n", t->path, line, STR_ARG(name),
		       STR_ARG(reason));
	}
}

static void test_print(void *arg, struct str text)
{
	(void)arg;
	printf("%.*s", STR_ARG(text));
}

static void errors_print(const char *path, const struct sieve_errors *errors)
{
	for (size_t i = 0; i < errors->n; i++)
		fprintf(stderr, "%s:%u:%u: %.*s\n", path, errors->items[i].line,
		        errors->items[i].column, STR_ARG(errors->items[i].text));
	if (errors->more)
		fprintf(stderr, "%s: there are more errors\n", path);
}

/* False: the file cannot be read, or does not compile. */
static bool test_file_run(struct sieve_test *t)
{
	struct arena a = { 0 };
	struct sieve_errors errors = { 0 };
	const char *slash = strrchr(t->path, '/');
	struct sieve_suite_host host = { .read = test_read,
		                         .ended = test_ended,
		                         .print = test_print,
		                         .arg = t,
		                         .now_ms = clock_real_ms() };
	struct why why = { "" };
	struct buf script;
	bool ok;

	host.folder = slash != NULL ? str_from(t->path, (size_t)(slash - t->path)) : STR(".");
	t->folder = str_z(&a, host.folder);
	buf_init(&script, TEST_FILE_BYTES);
	ok = test_file_read(t->path, &script);
	if (!ok) {
		(void)fail(&why, ERR_IO, "%s cannot be read", t->path);
		(void)command_failed("sieve", &why);
	} else {
		ok = sieve_suite_run(&a, buf_str(&script), &host, &errors);
		errors_print(t->path, &errors);
	}
	buf_deinit(&script);
	arena_deinit(&a);
	return ok;
}

int cli_sieve_test(const struct settings *s, int argc, char **argv)
{
	struct sieve_test t = { 0 };
	bool ok = true;

	(void)s;
	for (int i = 0; i < argc; i++) {
		t.path = argv[i];
		ok = test_file_run(&t) && ok;
	}
	printf("%u passed, %u failed\n", t.passed, t.failed);
	return ok && t.failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
