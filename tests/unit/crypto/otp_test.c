/* One-time passwords against the vectors of their RFCs. */
#include "harness/check.h"

#include "foundation/crypto/otp.h"

/* RFC 4226 appendix D. */
static void by_counter(void **state)
{
	static const uint32_t values[] = { 755224, 287082, 359152, 969429, 338314,
		                           254676, 287922, 162583, 399871, 520489 };

	(void)state;
	for (size_t i = 0; i < COUNT(values); i++)
		check_at(i, otp_value(STR("12345678901234567890"), i, 6) == values[i]);
}

/* RFC 6238 appendix B, its SHA-1 rows. */
static void by_time(void **state)
{
	static const struct {
		int64_t time_s;
		uint64_t step;
		uint32_t value;
	} rows[] = {
		{ 59, 0x1, 94287082 },
		{ 1111111109, 0x23523ec, 7081804 },
		{ 1111111111, 0x23523ed, 14050471 },
		{ 1234567890, 0x273ef07, 89005924 },
		{ 2000000000, 0x3f940aa, 69279037 },
		{ 20000000000, 0x27bc86aa, 65353130 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t step = otp_step(rows[i].time_s * 1000);

		check_at(i, step == rows[i].step);
		check_at(i, otp_value(STR("12345678901234567890"), step, 8) == rows[i].value);
	}
	assert_int_equal(otp_step(-1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(by_counter),
		                            cmocka_unit_test(by_time) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
