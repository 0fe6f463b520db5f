/* tests/bench/sieve_bench.c: what Sieve scripts cost without a server.
 *
 *	find FOLDER -type f | sieve_bench SCRIPT [TIMES]
 *
 * Reads each message from its file, as sieve-filter of Pigeonhole does, and runs the script on it.
 * Prints: messages, seconds in total, seconds of the runs alone, bytes of the largest run,
 * microseconds of a compile. CPU of this thread only, so a busy machine counts less. */
#include "formats/sieve/sieve.h"
#include "foundation/base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FILE_BYTES = 64 << 20, COMPILES = 20 };

static double cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool file_read(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "rb");
	char piece[65536];
	size_t n;

	buf_reset(out);
	if (f == NULL)
		return false;
	while ((n = fread(piece, 1, sizeof piece, f)) != 0)
		buf_bytes(out, piece, n);
	fclose(f);
	return buf_ok(out);
}

static double compile(struct str script, struct buf *program)
{
	struct sieve_options options = { .limits = SIEVE_LIMITS_DEFAULT };
	double start = cpu_s();

	for (int i = 0; i < COMPILES; i++) {
		struct arena a = { 0 };
		struct sieve_errors errors;

		buf_reset(program);
		if (!sieve_compile(&a, script, &options, program, &errors)) {
			fprintf(stderr, "sieve_bench: line %u: %.*s\n", errors.items[0].line,
			        STR_ARG(errors.items[0].text));
			exit(1);
		}
		arena_deinit(&a);
	}
	return (cpu_s() - start) / COMPILES;
}

static bool envelope(void *arg, struct str part, size_t i, struct str *out)
{
	(void)arg;
	*out = str_eq(part, STR("from")) ? STR("sender@example.com") : STR("me@example.org");
	return i == 0;
}

int main(int argc, char **argv)
{
	struct sieve_limits limits = SIEVE_LIMITS_DEFAULT;
	struct sieve_host host = { .envelope = envelope, .now_ms = 1764038400000 };
	struct buf script, program, raw;
	double compile_s, start, runs_s = 0;
	size_t messages = 0, memory = 0;
	char path[4096];

	buf_init(&script, FILE_BYTES);
	buf_init(&program, SIEVE_PROGRAM_MAX);
	buf_init(&raw, FILE_BYTES);
	if (argc < 2 || !file_read(argv[1], &script))
		return 1;
	compile_s = compile(buf_str(&script), &program);
	start = cpu_s();
	while (fgets(path, sizeof path, stdin) != NULL) {
		struct arena a = { 0 };
		struct sieve_message m;
		struct sieve_result result;
		double before;

		path[strcspn(path, "\n")] = '\0';
		if (!file_read(path, &raw))
			continue;
		m = (struct sieve_message){ .raw = buf_str(&raw) };
		before = cpu_s();
		sieve_run(&a, buf_str(&program), &m, &host, &limits, &result);
		runs_s += cpu_s() - before;
		memory = MAX(memory, result.memory_bytes);
		messages++;
		arena_deinit(&a);
	}
	printf("%zu %.4f %.4f %zu %.1f\n", messages, cpu_s() - start, runs_s, memory,
	       compile_s * 1e6);
	return 0;
}
