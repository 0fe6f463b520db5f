/* A script, a NUL and a message; or "\xff", a compiled program of a length in two bytes, and a
 * message. Laws: a run needs less than 256 KiB and its steps have a maximum; an error keeps the
 * message, and so does a run without an action that cancels that; a name in an edit has no line
 * end; the edited header parses again with as many fields as the edits say. */
#include "formats/message/header.h"
#include "formats/sieve/sieve.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool envelope(void *arg, struct str part, size_t i, struct str *out)
{
	(void)arg, (void)part;
	*out = STR("user+detail@example.com");
	return i == 0;
}

static bool answer(void *arg, struct str name, struct str *out)
{
	(void)arg;
	*out = name;
	return name.n % 2 == 0;
}

static bool includes(void *arg, bool global, struct str name, struct str *program)
{
	(void)global, (void)name;
	*program = *(const struct str *)arg;
	return true;
}

static bool list_has(void *arg, struct str list, struct str value, bool *known)
{
	(void)arg;
	*known = list.n % 2 == 0;
	return *known && value.n % 2 == 0;
}

static bool score(void *arg, enum sieve_score of, unsigned *percent)
{
	(void)arg;
	*percent = 50;
	return of == SIEVE_SPAM;
}

/* No action has more changes than there are, and the changed message can be written. */
static void changes_check(const struct sieve_message *m, const struct sieve_result *result)
{
	struct buf whole;

	buf_init(&whole, MIB(8));
	for (const struct sieve_action *a = result->actions; a != NULL; a = a->next)
		assert(a->edits <= result->edits_n && a->changes <= result->changes_n);
	sieve_message_put(&whole, m, result, result->edits_n, result->changes_n);
	buf_deinit(&whole);
}

static void run(struct str program, struct str message)
{
	struct sieve_limits limits = SIEVE_LIMITS_DEFAULT;
	struct sieve_message m = { .raw = message };
	struct sieve_host host = { .envelope = envelope, .environment = answer, .script = includes,
		                   .list_has = list_has, .score = score,
		                   .arg = &program };
	struct arena a = { 0 };
	struct sieve_result result;
	struct buf header;

	limits.steps = 20000;
	buf_init(&header, MIB(4));
	sieve_run(&a, program, &m, &host, &limits, &result);
	assert(result.memory_bytes <= KIB(256));
	assert(result.implicit_keep || result.actions != NULL);
	assert((result.error.n != 0) <= result.implicit_keep);
	for (const struct sieve_edit *e = result.edits; e != NULL; e = e->next)
		assert(str_find_byte(e->name, '\n') < 0);
	sieve_header_put(&header, &m, &result, result.edits_n);
	changes_check(&m, &result);
	buf_deinit(&header);
	arena_deinit(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct sieve_options options = { .limits = SIEVE_LIMITS_DEFAULT };
	struct cur c = cur_of(str_from((const char *)data, n));
	struct arena a = { 0 };
	struct sieve_errors errors;
	struct str script;
	struct buf program;

	if (cur_byte(&c, '\xff')) {
		uint64_t bytes = 0;

		if (cur_be(&c, 2, &bytes) && cur_take(&c, MIN(bytes, cur_left(&c)), &script))
			run(script, cur_rest(&c));
		return 0;
	}
	buf_init(&program, SIEVE_PROGRAM_MAX);
	if (!cur_until(&c, '\0', &script))
		script = cur_rest(&c);
	cur_skip(&c, 1);
	if (sieve_compile(&a, script, &options, &program, &errors))
		run(buf_str(&program), cur_rest(&c));
	buf_deinit(&program);
	arena_deinit(&a);
	return 0;
}
