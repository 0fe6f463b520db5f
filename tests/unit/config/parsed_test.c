/* Texts of settings are taken apart once, and what came out goes with them. */
#include "harness/check.h"

#include "foundation/config/parsed.h"

#include <pthread.h>

static int parsings, freeings;

static void *letters_take(struct str text, struct arena *a)
{
	struct str *out = arena_new(a, struct str);

	parsings++;
	*out = str_lower(a, text);
	return str_eq(text, STR("bad")) ? NULL : out;
}

static void letters_free(void *parsed)
{
	assert_non_null(parsed);
	freeings++;
}

static const struct parsed_kind letters = { .parse = letters_take, .free = letters_free };
static const struct parsed_kind others = { .parse = letters_take };

static void test_once(void **state)
{
	struct settings s = { .rewrite = STR("One"), .access = STR("Two"), .limits = STR("bad") };
	const struct str *first;

	(void)state;
	parsings = freeings = 0;
	first = settings_parsed(&s, s.rewrite, &letters);
	assert_true(str_eq(*first, STR("one")));
	assert_ptr_equal(settings_parsed(&s, s.rewrite, &letters), first);
	assert_int_equal(parsings, 1);
	assert_true(str_eq(*(const struct str *)settings_parsed(&s, s.access, &letters),
	                   STR("two")));
	assert_ptr_not_equal(settings_parsed(&s, s.rewrite, &others), first);
	assert_int_equal(parsings, 3);
	/* Also what cannot be read is not tried again. */
	assert_null(settings_parsed(&s, s.limits, &letters));
	assert_null(settings_parsed(&s, s.limits, &letters));
	assert_int_equal(parsings, 4);
	assert_ptr_equal(settings_parsed(&s, s.rewrite, &letters), first);
	settings_parsed_free(&s);
	assert_int_equal(freeings, 2);
	settings_parsed_free(&s);
	assert_int_equal(freeings, 2);
}

static void *ask(void *arg)
{
	const struct settings *s = arg;

	return (void *)(uintptr_t)settings_parsed(s, s->rewrite, &letters);
}

static void test_threads(void **state)
{
	enum { THREADS = 8 };
	struct settings s = { .rewrite = STR("text") };
	pthread_t ids[THREADS];
	void *got[THREADS];

	(void)state;
	parsings = 0;
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&ids[i], NULL, ask, &s), 0);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(ids[i], &got[i]), 0);
	for (size_t i = 1; i < THREADS; i++)
		assert_ptr_equal(got[i], got[0]);
	assert_int_equal(parsings, 1);
	settings_parsed_free(&s);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
