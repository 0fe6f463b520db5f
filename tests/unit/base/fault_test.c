/* Fault points and the clock: the test tools that live in the product. */
#include "harness/check.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/base/err.h"
#include "foundation/base/fault.h"
#include "foundation/base/random.h"

#include <errno.h>
#include <string.h>

static void the_nth_point_fires_once(void **state)
{
	(void)state;
	assert_false(fault("a"));
	fault_arm(2);
	assert_false(fault("a"));
	assert_true(fault("b"));
	assert_int_equal(errno, EIO);
	assert_string_equal(fault_name(), "b");
	assert_false(fault("c"));
	assert_true(fault_fired());
	fault_arm(0);
	assert_false(fault("a"));
	assert_false(fault_fired());
}

static void a_named_point_stays_broken(void **state)
{
	(void)state;
	fault_arm_point("disk", 2, ENOSPC);
	assert_false(fault("net"));
	assert_false(fault("disk"));
	assert_true(fault("disk"));
	assert_true(fault("disk"));
	assert_int_equal(errno, ENOSPC);
	fault_arm(0);
	assert_false(fault("disk"));
}

static void clocks_can_be_turned(void **state)
{
	int64_t real = clock_real_ms(), mono = clock_mono_ms();

	(void)state;
	clock_shift_real(-3600000);
	clock_shift_mono(5000);
	assert_true(clock_real_ms() < real - 3000000);
	assert_true(clock_mono_ms() >= mono + 5000);
	clock_shift_real(3600000);
	clock_shift_mono(-5000);
}

static void failures_carry_a_sentence(void **state)
{
	struct why why;

	(void)state;
	assert_int_equal(fail(&why, ERR_LIMIT, "more than %d", 3), ERR_LIMIT);
	assert_string_equal(why.text, "more than 3");
	errno = ENOSPC;
	assert_int_equal(fail_errno(&why, "write"), ERR_FULL);
	assert_non_null(strstr(why.text, "write: No space"));
	assert_int_equal(fail(NULL, ERR_IO, "nobody reads this"), ERR_IO);
	fail(&why, ERR_IO, "it broke");
	assert_int_equal(fail_about(&why, ERR_IO, "THING"), ERR_IO);
	assert_string_equal(why.text, "THING: it broke");
	fail(&why, ERR_IO, "%s", "");
	fail_about(&why, ERR_IO, "THING");
	assert_string_equal(why.text, "THING: io");
	assert_string_equal(err_words(ERR_IO, &why), "THING: io");
	fail(&why, ERR_IO, "%s", "");
	assert_string_equal(err_words(ERR_FULL, &why), "full");
	assert_int_equal(fail_about(NULL, ERR_IO, "THING"), ERR_IO);
}

static void random_is_in_range(void **state)
{
	unsigned seen = 0;
	struct arena a = { 0 };

	(void)state;
	for (int i = 0; i < 1000; i++)
		seen |= BIT(random_below(5));
	assert_int_equal(seen, 31);
	assert_false(str_eq(random_name(&a, 20), random_name(&a, 20)));
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_nth_point_fires_once),
		cmocka_unit_test(a_named_point_stays_broken),
		cmocka_unit_test(clocks_can_be_turned),
		cmocka_unit_test(failures_carry_a_sentence),
		cmocka_unit_test(random_is_in_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
