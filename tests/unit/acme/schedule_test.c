/* When certificates are renewed and failures tried again. */
#include "harness/check.h"

#include "operations/acme/acme_private.h"

static const int64_t day = INT64_C(86400000), minute = 60000;

static void renewal(void **state)
{
	static const struct {
		int64_t life_days, left_days;
	} rows[] = { { 90, 30 }, { 398, 132 }, { 30, 10 }, { 6, 3 }, { 10, 5 } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t end = rows[i].life_days * day;
		int64_t latest = schedule_renewal_ms(0, end, 0);
		int64_t earliest = schedule_renewal_ms(0, end, 999);

		check_at(i, (end - latest) / day == rows[i].left_days);
		check_at(i, earliest < latest && latest - earliest <= end / 20);
	}
	assert_true(schedule_renewal_ms(5, 0, 500) <=
	            5); /* a nonsense certificate is due at once */
}

static void retries(void **state)
{
	static const struct {
		uint64_t failures;
		int64_t wait;
	} rows[] = { { 1, 10 }, { 2, 20 }, { 3, 40 }, { 8, 1280 }, { 9, 1440 }, { 1000, 1440 } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t want = rows[i].wait * minute;

		check_at(i, schedule_retry_ms(7, rows[i].failures, 0, 500) == 7 + want);
		check_at(i, schedule_retry_ms(7, rows[i].failures, 0, 0) == 7 + want - want / 5);
		check_at(i, schedule_retry_ms(7, rows[i].failures, 0, 999) > 7 + want);
	}
	/* not before what the authority asks for */
	assert_true(schedule_retry_ms(0, 1, 3 * day, 0) == 3 * day);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(renewal), cmocka_unit_test(retries) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
