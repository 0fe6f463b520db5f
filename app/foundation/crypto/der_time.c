/* foundation/crypto/der_time.c: the two forms of time in certificates (RFC 5280 4.1.2.5).
 *
 * UTCTime has two digits of the year and stands for 1950 to 2049, GeneralizedTime has
 * four; both have seconds and end in Z. */
#include "foundation/crypto/der.h"

#include <stdio.h>

enum { DAY_S = 86400, YEAR_MIN = 1950, YEAR_GENERAL = 2050 };

/* Days from 1970-01-01 to a day of the Gregorian calendar. Years are counted from March,
 * so that the leap day is the last of its year; eras are 400 years of 146097 days. */
static int64_t days_of(int64_t year, unsigned month, unsigned day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = y / 400, in_era = y % 400;
	int64_t in_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

/* The inverse. */
static void date_of(int64_t days, unsigned *year, unsigned *month, unsigned *day)
{
	int64_t z = days + 719468;
	int64_t era = z / 146097, in_era = z % 146097;
	int64_t y = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	int64_t in_year = in_era - (365 * y + y / 4 - y / 100);
	int64_t m = (5 * in_year + 2) / 153;

	*day = (unsigned)(in_year - (153 * m + 2) / 5 + 1);
	*month = (unsigned)(m < 10 ? m + 3 : m - 9);
	*year = (unsigned)(y + era * 400 + (*month <= 2));
}

/* Exactly this many digits, at most max. */
static bool digits(struct cur *c, size_t count, unsigned max, unsigned *out)
{
	struct str s;

	*out = 0;
	if (!cur_take(c, count, &s))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (!ascii_digit(s.p[i]))
			return false;
		*out = *out * 10 + (unsigned)(s.p[i] - '0');
	}
	return *out <= max;
}

static bool year_take(struct cur *c, uint8_t tag, unsigned *year)
{
	if (tag == DER_GENERAL_TIME)
		return digits(c, 4, 9999, year) && *year >= YEAR_MIN;
	if (tag != DER_UTC_TIME || !digits(c, 2, 99, year))
		return false;
	*year += *year >= 50 ? 1900 : 2000;
	return true;
}

bool der_time(struct cur *c, int64_t *ms)
{
	unsigned year, month, day, hour, minute, second;
	struct cur at = *c, in;
	struct str contents;
	uint8_t tag;

	if (!der_any(&at, &tag, &contents))
		return false;
	in = cur_of(contents);
	if (!year_take(&in, tag, &year) || !digits(&in, 2, 12, &month) || month == 0 ||
	    !digits(&in, 2, 31, &day) || day == 0 || !digits(&in, 2, 23, &hour) ||
	    !digits(&in, 2, 59, &minute) || !digits(&in, 2, 59, &second) ||
	    !cur_byte(&in, 'Z') || !cur_done(&in))
		return false;
	*ms = (days_of(year, month, day) * DAY_S + hour * 3600 + minute * 60 + second) * 1000;
	*c = at;
	return true;
}

void der_put_time(struct der_writer *w, int64_t ms)
{
	int64_t s = MAX(ms, 0) / 1000;
	unsigned in_day = (unsigned)(s % DAY_S);
	unsigned year, month, day;
	char text[48];
	struct str t;

	date_of(s / DAY_S, &year, &month, &day);
	assert(year <= 9999);
	snprintf(text, sizeof text, "%04u%02u%02u%02u%02u%02uZ", year, month, day,
	         in_day / 3600, in_day / 60 % 60, in_day % 60);
	t = str_of(text);
	if (year >= YEAR_GENERAL)
		der_put(w, DER_GENERAL_TIME, t);
	else
		der_put(w, DER_UTC_TIME, str_sub(t, 2, t.n));
}
