/* The bounded memory of logins. */
#include "harness/check.h"

#include "foundation/base/clock.h"
#include "model/directory/seen.h"

static void forgets_with_time(void **state)
{
	struct seen *s = seen_new(10, 1000);

	(void)state;
	seen_put(s, STR("a"));
	assert_true(seen_has(s, STR("a")));
	assert_false(seen_has(s, STR("b")));
	clock_shift_mono(600);
	assert_true(seen_has(s, STR("a")));
	seen_put(s, STR("a")); /* a new life */
	seen_put(s, STR("b"));
	clock_shift_mono(600);
	assert_true(seen_has(s, STR("a")));
	clock_shift_mono(600);
	assert_false(seen_has(s, STR("a")));
	assert_false(seen_has(s, STR("b")));
	seen_free(&s);
	seen_free(&s);
	assert_null(s);
}

static void forgets_the_oldest(void **state)
{
	struct seen *s = seen_new(3, 1000);

	(void)state;
	seen_put(s, STR("a"));
	seen_put(s, STR("b"));
	seen_put(s, STR("c"));
	seen_put(s, STR("a")); /* now the newest */
	seen_put(s, STR("d"));
	assert_true(seen_has(s, STR("a")));
	assert_false(seen_has(s, STR("b")));
	assert_true(seen_has(s, STR("c")));
	assert_true(seen_has(s, STR("d")));
	seen_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forgets_with_time),
		cmocka_unit_test(forgets_the_oldest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
