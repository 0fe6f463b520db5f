/* console/cli/sieve.c: `roost sieve check FILE [--stage S]` and
 * `roost sieve run FILE [--message M] [--trace]`: Sieve scripts without a server. */
#include "console/cli/command.h"

#include "console/cli/cli_private.h"
#include "formats/sieve/sieve.h"
#include "foundation/base/clock.h"

#include <stdlib.h>
#include <string.h>

enum { SCRIPT_BYTES = 1 << 20, MESSAGE_BYTES = 64 << 20 };

/* All of a file; "-" is standard input. */
static bool sieve_file_read(const char *path, struct buf *out)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
	struct why why = { "" };
	char piece[8192];
	size_t n;

	if (f == NULL) {
		(void)fail_errno(&why, "%s", path);
		(void)command_failed("sieve", &why);
		return false;
	}
	while ((n = fread(piece, 1, sizeof piece, f)) != 0)
		buf_bytes(out, piece, n);
	if (f != stdin)
		(void)fclose(f);
	if (buf_ok(out))
		return true;
	(void)fail(&why, ERR_LIMIT, "%s is too large", path);
	(void)command_failed("sieve", &why);
	return false;
}

/* The program of a file; its errors on standard error, one a line. */
static bool sieve_file_compile(const char *path, enum sieve_stage stage, struct arena *a,
                               struct buf *program)
{
	struct sieve_options options = { .limits = SIEVE_LIMITS_DEFAULT, .stage = stage };
	struct sieve_errors errors = { 0 };
	struct buf script;
	bool ok;

	buf_init(&script, SCRIPT_BYTES);
	ok = sieve_file_read(path, &script) &&
	     sieve_compile(a, buf_str(&script), &options, program, &errors);
	for (size_t i = 0; i < errors.n; i++)
		fprintf(stderr, "%s:%u:%u: %.*s\n", path, errors.items[i].line,
		        errors.items[i].column, STR_ARG(errors.items[i].text));
	if (errors.more)
		fprintf(stderr, "%s: there are more errors\n", path);
	buf_deinit(&script);
	return ok;
}

int cli_sieve_check(const struct settings *s, int argc, char **argv)
{
	enum sieve_stage stage = SIEVE_DELIVERY;
	struct arena a = { 0 };
	struct buf program;
	bool ok;

	(void)s;
	if (argc > 1 && (argc == 2 || strcmp(argv[1], "--stage") != 0 ||
	                 (stage = sieve_stage_find(str_of(argv[2]))) == SIEVE_DELIVERY))
		return EXIT_USAGE;
	buf_init(&program, SIEVE_PROGRAM_MAX);
	ok = sieve_file_compile(argv[0], stage, &a, &program);
	if (ok)
		printf("%s: %zu bytes compiled\n", argv[0], program.n);
	buf_deinit(&program);
	arena_deinit(&a);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* --- run ---------------------------------------------------------------------------------- */

struct sieve_trial {
	const char *script, *message, *from, *to;
	bool trace;
};

static bool trial_envelope(void *arg, struct str part, size_t i, struct str *out)
{
	const struct sieve_trial *t = arg;
	const char *value = str_eq(part, STR("from")) ? t->from
	                    : str_eq(part, STR("to")) ? t->to
	                                              : NULL;

	*out = str_of(value);
	return value != NULL && i == 0;
}

static int64_t trial_clock(void *arg)
{
	(void)arg;
	return clock_mono_ms();
}

static void trial_trace(void *arg, uint32_t line, struct str word, bool test, bool result,
                        struct str why)
{
	if (!((const struct sieve_trial *)arg)->trace)
		return;
	printf("line %u: %.*s", line, STR_ARG(word));
	if (test)
		printf(" is %s", result ? "true" : "false");
	printf(why.n != 0 ? ": %.*s\n" : "%.*s\n", STR_ARG(why));
}

static void trial_print_part(const char *name, struct str value)
{
	if (value.n != 0)
		printf(" %s %.*s", name, STR_ARG(value));
}

static void trial_print_action(const struct sieve_action *a)
{
	static const char *const names[SIEVE_ACTION_KINDS] = {
		"keep",   "fileinto", "redirect", "discard",
		"reject", "ereject",  "vacation", "notify", "defer",
	};

	printf("%s", names[a->kind]);
	if (a->target.n != 0)
		printf(" %.*s", STR_ARG(a->target));
	trial_print_part("to", a->recipient);
	trial_print_part("flags", a->flags);
	trial_print_part("subject", a->subject);
	trial_print_part("reason", a->text);
	trial_print_part("not sent:", a->suppressed);
	printf("%s (line %u)\n", a->copy ? " copy" : "", a->line);
}

static int trial_print(const char *script, const struct sieve_result *result)
{
	for (const struct sieve_action *a = result->actions; a != NULL; a = a->next)
		trial_print_action(a);
	for (const struct sieve_edit *e = result->edits; e != NULL; e = e->next)
		if (e->name.n != 0)
			printf("add field %.*s: %.*s (line %u)\n", STR_ARG(e->name),
			       STR_ARG(e->value), e->line);
		else
			printf("delete field %u (line %u)\n", e->field + 1, e->line);
	if (result->implicit_keep)
		printf("implicit keep\n");
	if (result->error.n == 0)
		return EXIT_SUCCESS;
	fprintf(stderr, "%s:%u: %.*s\n", script, result->error_line, STR_ARG(result->error));
	return EXIT_FAILURE;
}

/* The message with CRLF line ends. */
static bool trial_message_read(const char *path, struct buf *out)
{
	struct message_read *r = NULL;
	struct why why = { "" };
	struct str piece;
	enum err e = message_read_open(path, &r, &piece, &why);

	while (e == OK && piece.n != 0) {
		buf_put(out, piece);
		e = message_read_next(r, &piece, &why);
	}
	message_read_close(&r);
	if (e == OK && !buf_ok(out))
		e = fail(&why, ERR_LIMIT, "the message is too large");
	if (e != OK)
		(void)command_failed("sieve", &why);
	return e == OK;
}

static int trial_run(struct sieve_trial *t)
{
	struct sieve_limits limits = SIEVE_LIMITS_DEFAULT;
	struct sieve_host host = { .envelope = trial_envelope,
		                   .clock_ms = trial_clock,
		                   .trace = trial_trace,
		                   .arg = t,
		                   .now_ms = clock_real_ms() };
	struct arena a = { 0 }, run = { 0 };
	struct sieve_message m;
	struct sieve_result result;
	struct buf program, message;
	int status = EXIT_FAILURE;

	buf_init(&program, SIEVE_PROGRAM_MAX);
	buf_init(&message, MESSAGE_BYTES);
	if (sieve_file_compile(t->script, SIEVE_DELIVERY, &a, &program) &&
	    trial_message_read(t->message, &message)) {
		m = (struct sieve_message){ .raw = buf_str(&message) };
		sieve_run(&run, buf_str(&program), &m, &host, &limits, &result);
		status = trial_print(t->script, &result);
	}
	buf_deinit(&message);
	buf_deinit(&program);
	arena_deinit(&run);
	arena_deinit(&a);
	return status;
}

int cli_sieve_run(const struct settings *s, int argc, char **argv)
{
	struct sieve_trial t = { .script = argv[0] };

	(void)s;
	for (int i = 1; i < argc; i++) {
		const char **value = strcmp(argv[i], "--message") == 0 ? &t.message
		                     : strcmp(argv[i], "--from") == 0  ? &t.from
		                     : strcmp(argv[i], "--to") == 0    ? &t.to
		                                                       : NULL;

		if (strcmp(argv[i], "--trace") == 0)
			t.trace = true;
		else if (value == NULL || i + 1 == argc)
			return EXIT_USAGE;
		else
			*value = argv[++i];
	}
	return trial_run(&t);
}
