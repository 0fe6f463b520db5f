/* A script. Laws: a program passes the check of stored programs, and no part of it does that ends
 * earlier; without a program there is an error with a place in the script; the same again gives
 * the same. */
#include "formats/sieve/sieve.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const struct sieve_options options = { .limits = SIEVE_LIMITS_DEFAULT, .testsuite = true };
static const struct sieve_options at_end = { .limits = SIEVE_LIMITS_DEFAULT, .stage = SIEVE_END };

static void errors_check(const struct sieve_errors *errors)
{
	for (size_t i = 0; i < errors->n; i++)
		assert(errors->items[i].line != 0 && errors->items[i].column != 0 &&
		       errors->items[i].text.n != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str script = str_from((const char *)data, n);
	struct arena a = { 0 };
	struct sieve_errors errors;
	struct buf program, again;

	buf_init(&program, SIEVE_PROGRAM_MAX);
	buf_init(&again, SIEVE_PROGRAM_MAX);
	if (sieve_compile(&a, script, &options, &program, &errors)) {
		struct str whole = buf_str(&program);

		assert(sieve_program_check(whole));
		for (size_t cut = 0; cut < MIN(whole.n, 64u); cut++)
			(void)sieve_program_check(str_sub(whole, 0, whole.n - 1 - cut));
	} else {
		assert(errors.n != 0);
	}
	errors_check(&errors);
	(void)sieve_compile(&a, script, &options, &again, &errors);
	assert(str_eq(buf_str(&program), buf_str(&again)));
	buf_reset(&again);
	if (sieve_compile(&a, script, &at_end, &again, &errors))
		assert(sieve_program_check(buf_str(&again)));
	errors_check(&errors);
	buf_deinit(&again);
	buf_deinit(&program);
	arena_deinit(&a);
	return 0;
}
