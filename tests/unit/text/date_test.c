/* Dates: the calendar, what is written, what is read. */
#include "harness/check.h"
#include "harness/exact.h"

#include "foundation/text/date.h"

#define S(literal)                           \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

/* Every day for 800 years goes there and back, and the weekdays run on. */
static void calendar(void **state)
{
	int64_t first = date_days(1600, 1, 1), last = date_days(2400, 1, 1);
	int weekday = 6; /* 1 January 1600 was a Saturday */

	(void)state;
	assert_true(date_days(1970, 1, 1) == 0);
	assert_true(date_days(2000, 3, 1) == 11017);
	for (int64_t day = first; day < last; day++, weekday = (weekday + 1) % 7) {
		struct date_civil d = date_civil_of(day * 86400000);

		check_at(day - first, date_days(d.year, d.month, d.day) == day);
		check_at(day - first, d.weekday == weekday);
		check_at(day - first, d.hour == 0 && d.minute == 0 && d.second == 0);
	}
}

static const struct {
	struct str in;
	bool ok;
	const char *iso; /* in UTC */
	int zone_min;
	bool zone_known;
} mail_rows[] = {
	/* RFC 5322 appendix A */
	{ S("Fri, 21 Nov 1997 09:55:06 -0600"), true, "1997-11-21T15:55:06Z", -360, true },
	{ S("Thu,\r\n      13\r\n        Feb\r\n          1969\r\n      23:32\r\n"
	    "               -0330 (Newfoundland Time)"),
	  true, "1969-02-14T03:02:00Z", -210, true },
	{ S("21 Nov 97 09:55:06 GMT"), true, "1997-11-21T09:55:06Z", 0, true },
	{ S("Fri, 21 Nov 1997 09(comment):   55  :  06 -0600"), true, "1997-11-21T15:55:06Z", -360,
	  true },
	/* RFC 5322 4.3 */
	{ S("1 Jan 49 00:00 EST"), true, "2049-01-01T05:00:00Z", -300, true },
	{ S("1 Jan 50 00:00 PDT"), true, "1950-01-01T07:00:00Z", -420, true },
	{ S("1 Jan 103 00:00 UT"), true, "2003-01-01T00:00:00Z", 0, true },
	{ S("1 Jan 2003 00:00:00 A"), true, "2003-01-01T00:00:00Z", 0, false },
	{ S("1 Jan 2003 00:00:00 -0000"), true, "2003-01-01T00:00:00Z", 0, false },
	{ S("31 Dec 2016 23:59:60 +0000"), true, "2017-01-01T00:00:00Z", 0, true },
	/* what real mail does */
	{ S("Mon, 4 March 2002 10:11:12 +01:00"), true, "2002-03-04T09:11:12Z", 60, true },
	{ S("Mon Mar  4 10:11:12 2002"), true, "2002-03-04T10:11:12Z", 0, false },
	{ S("Mon Mar  4 10:11:12 CET 2002"), true, "2002-03-04T09:11:12Z", 60, true },
	{ S("04-Mar-2002 10:11:12 +0100"), true, "2002-03-04T09:11:12Z", 60, true },
	{ S("2002-03-04T10:11:12.345Z"), true, "2002-03-04T10:11:12Z", 0, true },
	{ S("2002-03-04 10:11:12 +0100"), true, "2002-03-04T09:11:12Z", 60, true },
	{ S("Mon, 04 Mar 2002 10:11:12 GMT+0200"), true, "2002-03-04T08:11:12Z", 120, true },
	{ S("Mon, 04 Mar 2002 01:11 PM"), true, "2002-03-04T13:11:00Z", 0, false },
	{ S("Mon, 04 Mar 2002 12:11 AM"), true, "2002-03-04T00:11:00Z", 0, false },
	{ S("4 Mar 2002"), true, "2002-03-04T00:00:00Z", 0, false },
	{ S("Mon, 04 Mar 2002 10:11:12 +9999"), true, "2002-03-04T10:11:12Z", 0, false },
	{ S("Mon, 04 Mar 2002 10:11:12 -0700 (never (ends"), true, "2002-03-04T17:11:12Z", -420,
	  true },
	/* nothing can be made of these */
	{ S(""), false, "", 0, false },
	{ S("yesterday"), false, "", 0, false },
	{ S("30 Feb 2002 10:11:12 +0000"), false, "", 0, false },
	{ S("4 Mar 2002 24:00:00 +0000"), false, "", 0, false },
	{ S("4 Mar 2002 10:60:00 +0000"), false, "", 0, false },
	{ S("4 Mar 99999999999999999999 10:00"), false, "", 0, false },
	{ S("0 Mar 2002 10:00"), false, "", 0, false },
	{ S("29 Feb 1900 10:00"), false, "", 0, false },
};

static void mail_prefix(struct str in, void *arg)
{
	struct date d;

	(void)arg;
	if (date_parse_mail(in, &d))
		assert_true(d.time_ms % 1000 == 0 && d.zone_min > -1440 && d.zone_min < 1440);
}

static void mail_dates(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(mail_rows); i++) {
		struct date d;
		struct buf iso;

		exact_each(mail_rows[i].in, true, mail_prefix, NULL);
		check_at(i, date_parse_mail(mail_rows[i].in, &d) == mail_rows[i].ok);
		if (!mail_rows[i].ok)
			continue;
		buf_init(&iso, 64);
		date_put_iso(&iso, d.time_ms);
		check_str_at(i, buf_str(&iso), str_of(mail_rows[i].iso));
		check_at(i, d.zone_min == mail_rows[i].zone_min);
		check_at(i, d.zone_known == mail_rows[i].zone_known);
		buf_deinit(&iso);
	}
}

static void written(void **state)
{
	struct buf out;
	struct date d;
	struct cur c;

	(void)state;
	buf_init(&out, 256);
	date_put_mail(&out, 1795237085000, 0);
	check_str(buf_str(&out), STR("Sat, 21 Nov 2026 04:58:05 +0000"));
	buf_reset(&out);
	date_put_mail(&out, 1795237085000, -210);
	check_str(buf_str(&out), STR("Sat, 21 Nov 2026 01:28:05 -0330"));
	buf_reset(&out);
	date_put_mail(&out, -1, 0);
	check_str(buf_str(&out), STR("Wed, 31 Dec 1969 23:59:59 +0000"));
	buf_reset(&out);
	date_put_imap(&out, 837596665000, -420);
	check_str(buf_str(&out), STR("17-Jul-1996 02:44:25 -0700"));
	c = cur_of(buf_str(&out));
	assert_true(date_parse_imap(&c, &d) && cur_done(&c));
	assert_true(d.time_ms == 837596665000 && d.zone_min == -420);
	assert_true(date_day(&d) == date_days(1996, 7, 17));
	buf_deinit(&out);
}

/* RFC 9051 section 9, date-time */
static void imap_dates(void **state)
{
	static const struct {
		struct str in;
		bool ok;
	} rows[] = {
		{ S("17-Jul-1996 02:44:25 -0700"), true },
		{ S(" 7-Jul-1996 02:44:25 +0000"), true },
		{ S("07-jul-1996 02:44:25 +0000"), true },
		{ S("7-Jul-1996 02:44:25 +0000"), true },
		{ S(" 17-Jul-1996 02:44:25 +0000"), false },
		{ S("017-Jul-1996 02:44:25 +0000"), false },
		{ S("17-Jul-96 02:44:25 +0000"), false },
		{ S("17-Jux-1996 02:44:25 +0000"), false },
		{ S("31-Jun-1996 02:44:25 +0000"), false },
		{ S("17-Jul-1996 2:44:25 +0000"), false },
		{ S("17-Jul-1996 02:44:25"), false },
		{ S("17-Jul-1996 02:44:25 0700"), false },
		{ S("17-Jul-1996 02:44:25 +0070"), false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct date d;

		for (size_t n = 0; n <= rows[i].in.n; n++) {
			struct cur c = cur_of(str_sub(rows[i].in, 0, n));
			const char *before = c.p;
			bool ok = date_parse_imap(&c, &d);

			check_at(i, ok == (rows[i].ok && n == rows[i].in.n));
			check_at(i, ok ? cur_done(&c) : c.p == before);
		}
	}
}

static void imap_days(void **state)
{
	struct cur c = cur_of(STR("1-Feb-1994)"));
	int64_t day;

	(void)state;
	assert_true(date_parse_imap_day(&c, &day) && cur_peek(&c) == ')');
	assert_true(day == date_days(1994, 2, 1));
	c = cur_of(STR("01-Feb-1994"));
	assert_true(date_parse_imap_day(&c, &day) && day == date_days(1994, 2, 1));
	c = cur_of(STR("29-Feb-1994"));
	assert_false(date_parse_imap_day(&c, &day));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calendar),  cmocka_unit_test(mail_dates),
		cmocka_unit_test(written),   cmocka_unit_test(imap_dates),
		cmocka_unit_test(imap_days),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
