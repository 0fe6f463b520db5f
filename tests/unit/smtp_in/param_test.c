/* The values of MAIL's parameters, and the tables that name them. */
#include "harness/check.h"

#include "formats/smtp_wire/param.h"
#include "foundation/base/buf.h"
#include "foundation/config/limits.h"
#include "protocols/smtp_in/extensions.h"
#include "protocols/smtp_in/params.h"

static void sizes(void **state)
{
	static const struct {
		const char *in;
		bool ok;
		uint64_t size;
	} rows[] = {
		{ "0", true, 0 },
		{ "007", true, 7 },
		{ "18446744073709551615", true, UINT64_MAX },
		{ "18446744073709551616", true, UINT64_MAX }, /* more than any limit */
		{ "99999999999999999999", true, UINT64_MAX },
		{ "100000000000000000000", false, 0 }, /* RFC 1870 3: 20 digits at most */
		{ "-1", false, 0 },
		{ "1k", false, 0 },
		{ "", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t got = 1;

		check_at(i, smtp_size_parse(str_of(rows[i].in), &got) == rows[i].ok);
		check_at(i, !rows[i].ok || got == rows[i].size);
	}
}

static void by(void **state)
{
	static const struct {
		const char *in;
		bool ok;
		int32_t seconds;
		bool give_back, trace;
	} rows[] = {
		{ "120;R", true, 120, true, false },
		{ "+120;rt", true, 120, true, true },
		{ "-15;N", true, -15, false, false }, /* RFC 2852 4: no error */
		{ "0;NT", true, 0, false, true },
		{ "999999999;N", true, 999999999, false, false },
		{ "9999999999;N", false, 0, false, false }, /* one digit more */
		{ "0;R", false, 0, false, false },
		{ "-1;R", false, 0, false, false },
		{ "1;", false, 0, false, false },
		{ ";R", false, 0, false, false },
		{ "1R", false, 0, false, false },
		{ "1;X", false, 0, false, false },
		{ "1;NX", false, 0, false, false },
		{ "1;TN", false, 0, false, false },
		{ "+-1;N", false, 0, false, false },
		{ "", false, 0, false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct smtp_by got, again;
		struct buf b;

		check_at(i, smtp_by_parse(str_of(rows[i].in), &got) == rows[i].ok);
		if (!rows[i].ok)
			continue;
		check_at(i, got.seconds == rows[i].seconds && got.give_back == rows[i].give_back &&
		                    got.trace == rows[i].trace);
		buf_init(&b, 100);
		smtp_by_put(&b, &got);
		check_at(i, smtp_by_parse(buf_str(&b), &again) && again.seconds == got.seconds &&
		                    again.give_back == got.give_back && again.trace == got.trace);
		buf_deinit(&b);
	}
}

static void by_cut(void **state)
{
	struct str whole = STR("-120;NT");
	struct smtp_by got;

	(void)state;
	for (size_t n = 0; n <= whole.n; n++)
		check_at(n, smtp_by_parse(str_sub(whole, 0, n), &got) == (n >= 6));
}

static void priorities(void **state)
{
	static const struct {
		const char *in;
		bool ok;
		int value;
	} rows[] = {
		{ "0", true, 0 },    { "9", true, 9 },    { "-9", true, -9 },  { "-0", false, 0 },
		{ "10", false, 0 },  { "-10", false, 0 }, { "+3", false, 0 },  { "", false, 0 },
		{ "-", false, 0 },   { "x", false, 0 },   { "3 ", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int got = 99;

		check_at(i, smtp_priority_parse(str_of(rows[i].in), &got) == rows[i].ok);
		check_at(i, !rows[i].ok || got == rows[i].value);
	}
}

static void holds(void **state)
{
	int64_t time_ms;
	uint32_t seconds;

	(void)state;
	assert_true(smtp_hold_for_parse(STR("1"), &seconds) && seconds == 1);
	assert_true(smtp_hold_for_parse(STR("999999999"), &seconds) && seconds == 999999999);
	assert_false(smtp_hold_for_parse(STR("1000000000"), &seconds));
	assert_false(smtp_hold_for_parse(STR("0"), &seconds));
	assert_false(smtp_hold_for_parse(STR("01"), &seconds));
	assert_false(smtp_hold_for_parse(STR("-1"), &seconds));
	assert_false(smtp_hold_for_parse(STR("1s"), &seconds));
	assert_false(smtp_hold_for_parse(STR(""), &seconds));
	assert_true(smtp_hold_until_parse(STR("1970-01-02T00:00:00Z"), &time_ms));
	assert_int_equal(time_ms, 86400000);
	assert_false(smtp_hold_until_parse(STR("1970-01-02T00:00:00"), &time_ms));
	assert_false(smtp_hold_until_parse(STR("1970-01-02"), &time_ms));
	assert_false(smtp_hold_until_parse(STR("tomorrow"), &time_ms));
	assert_false(smtp_hold_until_parse(STR("1970-01-02T00:00:00Zx"), &time_ms));
	/* "normalized to UTC" */
	assert_false(smtp_hold_until_parse(STR("1970-01-02T00:00:00+00:00"), &time_ms));
	assert_false(smtp_hold_until_parse(STR("1970-01-02T01:00:00+01:00"), &time_ms));
	assert_true(smtp_hold_until_parse(STR("1970-01-02t00:00:00.5z"), &time_ms));
}

/* RFC 4865 4.2: no later than EHLO tells; and it tells a whole day the same. */
static void hold_last(void **state)
{
	const int64_t day_ms = 86400000, now_ms = 20000 * day_ms + 5;
	int64_t last_ms = in_hold_last_ms(now_ms);

	(void)state;
	assert_true(last_ms % day_ms == 0 && last_ms <= now_ms + LIMIT_smtp_hold_s * 1000LL);
	assert_true(last_ms > now_ms + LIMIT_smtp_hold_s * 1000LL - day_ms);
	assert_true(in_hold_last_ms(now_ms + day_ms - 6) == last_ms);
	assert_true(in_hold_last_ms(now_ms + day_ms - 5) == last_ms + day_ms);
}

static void limits(void **state)
{
	static const struct {
		const char *in;
		uint32_t mail, rcpt, domain;
	} rows[] = {
		{ "RCPTMAX=100", 0, 100, 0 },
		{ "mailmax=5 RCPTDOMAINMAX=1 RCPTMAX=999999", 5, 999999, 1 },
		{ "  MAILMAX=5  ", 5, 0, 0 },
		{ "RCPTMAX=1000000", 0, 0, 0 }, /* RFC 9422 4: six digits at most */
		{ "RCPTMAX= RCPTMAX=x MAILMAX", 0, 0, 0 },
		{ "XRCPTMAX=4 OTHER=7 NEWER", 0, 0, 0 },
		{ "RCPTMAX=0", 0, 0, 0 },
		{ "RCPTMAX=01 MAILMAX=00", 0, 0, 0 },
		{ "", 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct smtp_limits got;

		smtp_limits_parse(str_of(rows[i].in), &got);
		check_at(i, got.mail_max == rows[i].mail && got.rcpt_max == rows[i].rcpt &&
		                    got.rcpt_domain_max == rows[i].domain);
	}
}

static void check_sorted(const struct in_param *rows, size_t count)
{
	for (size_t i = 1; i < count; i++)
		check_at(i, str_cmp(str_of(rows[i - 1].keyword), str_of(rows[i].keyword)) < 0);
}

static void tables(void **state)
{
	(void)state;
	check_sorted(in_mail_params, in_mail_param_count);
	check_sorted(in_rcpt_params, in_rcpt_param_count);
	/* the end of the reply to EHLO hangs on it */
	assert_string_equal(in_extensions[in_extension_count - 1].keyword, "ENHANCEDSTATUSCODES");
	assert_null(in_extensions[in_extension_count - 1].offered);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),
		cmocka_unit_test(by),
		cmocka_unit_test(by_cut),
		cmocka_unit_test(priorities),
		cmocka_unit_test(holds),
		cmocka_unit_test(hold_last),
		cmocka_unit_test(limits),
		cmocka_unit_test(tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
