/* foundation/text/date.c: see date.h. */
#include "foundation/text/date.h"

enum { DAY_S = 86400 };

static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
	                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
static const char weekdays[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };

/* --- the calendar ------------------------------------------------------------------ */

/* Years are counted from 1 March, so that the leap day is the last one. */
int64_t date_days(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

struct date_civil date_civil_of(int64_t time_ms)
{
	int64_t s = floor_div(time_ms, 1000), days = floor_div(s, DAY_S);
	int64_t of_day = s - days * DAY_S, z = days + 719468;
	int64_t era = floor_div(z, 146097), of_era = z - era * 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153; /* 0 is March */

	return (struct date_civil){
		.year = (int)(year + era * 400 + (month >= 10)),
		.month = (int)(month < 10 ? month + 3 : month - 9),
		.day = (int)(of_year - (153 * month + 2) / 5 + 1),
		.hour = (int)(of_day / 3600),
		.minute = (int)(of_day / 60 % 60),
		.second = (int)(of_day % 60),
		.weekday = (int)(((days + 4) % 7 + 7) % 7), /* 1970 began on a Thursday */
	};
}

int64_t date_day(const struct date *d)
{
	return floor_div(d->time_ms + (int64_t)d->zone_min * 60000, DAY_S * 1000LL);
}

int date_month_of(struct str name)
{
	for (int i = 0; i < 12; i++)
		if (name.n >= 3 && str_eqi(str_sub(name, 0, 3), str_from(months[i], 3)))
			return i + 1;
	return 0;
}

static int month_length(int year, int month)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return lengths[month - 1] + (month == 2 && leap);
}

bool date_of_civil(const struct date_civil *d, int zone_min, int64_t *time_ms)
{
	if (d->year < 0 || d->year > 9999 || d->month < 1 || d->month > 12 || d->day < 1 ||
	    d->day > month_length(d->year, d->month) || d->hour < 0 || d->hour > 23 ||
	    d->minute < 0 || d->minute > 59 || d->second < 0 || d->second > 60)
		return false; /* a 60th second is a leap second (RFC 5322 3.3) */
	*time_ms = ((date_days(d->year, d->month, d->day) * 24 + d->hour) * 60 + d->minute -
	            zone_min) *
	                   60000 +
	           d->second * 1000;
	return true;
}

/* --- writing ----------------------------------------------------------------------- */

/* Years of more than four digits come from broken clocks only. */
static struct date_civil civil_in(int64_t time_ms, int zone_min)
{
	struct date_civil d = date_civil_of(time_ms + (int64_t)zone_min * 60000);

	d.year = d.year < 0 ? 0 : MIN(d.year, 9999);
	return d;
}

static void zone_put(struct buf *out, int zone_min)
{
	unsigned minutes = (unsigned)(zone_min < 0 ? -zone_min : zone_min);

	buf_fmt(out, " %c%02u%02u", zone_min < 0 ? '-' : '+', minutes / 60 % 100, minutes % 60);
}

void date_put_mail(struct buf *out, int64_t time_ms, int zone_min)
{
	struct date_civil d = civil_in(time_ms, zone_min);

	buf_fmt(out, "%s, %d %s %04d %02d:%02d:%02d", weekdays[d.weekday], d.day,
	        months[d.month - 1], d.year, d.hour, d.minute, d.second);
	zone_put(out, zone_min);
}

void date_put_imap(struct buf *out, int64_t time_ms, int zone_min)
{
	struct date_civil d = civil_in(time_ms, zone_min);

	buf_fmt(out, "%2d-%s-%04d %02d:%02d:%02d", d.day, months[d.month - 1], d.year, d.hour,
	        d.minute, d.second);
	zone_put(out, zone_min);
}

void date_put_iso(struct buf *out, int64_t time_ms)
{
	struct date_civil d = civil_in(time_ms, 0);

	buf_fmt(out, "%04d-%02d-%02dT%02d:%02d:%02dZ", d.year, d.month, d.day, d.hour, d.minute,
	        d.second);
}

/* --- IMAP -------------------------------------------------------------------------- */

static bool digits(struct cur *c, unsigned n, int *out)
{
	int value = 0;

	for (unsigned i = 0; i < n; i++) {
		int byte = cur_peek_at(c, i);

		if (byte < '0' || byte > '9')
			return false;
		value = value * 10 + (byte - '0');
	}
	cur_skip(c, n);
	*out = value;
	return true;
}

/* "-" date-month "-" date-year */
static bool month_year(struct cur *c, struct date_civil *d)
{
	struct str name;

	if (!cur_byte(c, '-') || !cur_take(c, 3, &name))
		return false;
	d->month = date_month_of(name);
	return d->month != 0 && cur_byte(c, '-') && digits(c, 4, &d->year);
}

/* zone = ("+" / "-") 4DIGIT			RFC 9051 section 9 */
bool date_zone_parse(struct cur *c, int *zone_min)
{
	struct cur try = *c;
	bool west = cur_byte(&try, '-');
	int hours, minutes;

	if ((!west && !cur_byte(&try, '+')) || !digits(&try, 2, &hours) ||
	    !digits(&try, 2, &minutes) || minutes > 59)
		return false;
	*zone_min = (hours * 60 + minutes) * (west ? -1 : 1);
	*c = try;
	return true;
}

/* date-time = date-day-fixed "-" date-month "-" date-year SP time SP zone
 *						RFC 9051 section 9 */
bool date_parse_imap(struct cur *c, struct date *out)
{
	struct cur try = *c;
	struct date_civil d = { 0 };
	bool ok = (!cur_byte(&try, ' ') && digits(&try, 2, &d.day)) || digits(&try, 1, &d.day);

	ok = ok && month_year(&try, &d) && cur_byte(&try, ' ') && digits(&try, 2, &d.hour) &&
	     cur_byte(&try, ':') && digits(&try, 2, &d.minute) && cur_byte(&try, ':') &&
	     digits(&try, 2, &d.second) && cur_byte(&try, ' ') &&
	     date_zone_parse(&try, &out->zone_min) &&
	     date_of_civil(&d, out->zone_min, &out->time_ms);
	if (!ok)
		return false;
	out->zone_known = true;
	*c = try;
	return true;
}

/* date-text = date-day "-" date-month "-" date-year, date-day = 1*2DIGIT */
bool date_parse_imap_day(struct cur *c, int64_t *day)
{
	struct cur try = *c;
	struct date_civil d = { 0 };
	int64_t time_ms;

	if (!digits(&try, 2, &d.day) && !digits(&try, 1, &d.day))
		return false;
	if (!month_year(&try, &d) || !date_of_civil(&d, 0, &time_ms))
		return false;
	*day = date_days(d.year, d.month, d.day);
	*c = try;
	return true;
}

/* --- RFC 3339 ---------------------------------------------------------------------- */

/* full-date "T" partial-time without its fraction		RFC 3339 5.6 */
static bool iso_civil(struct cur *c, struct date_civil *d)
{
	return digits(c, 4, &d->year) && cur_byte(c, '-') && digits(c, 2, &d->month) &&
	       cur_byte(c, '-') && digits(c, 2, &d->day) && cur_stri(c, STR("T")) &&
	       digits(c, 2, &d->hour) && cur_byte(c, ':') && digits(c, 2, &d->minute) &&
	       cur_byte(c, ':') && digits(c, 2, &d->second);
}

static bool date_is_digit(unsigned char c)
{
	return ascii_digit((char)c);
}

/* time-offset = "Z" / ("+" / "-") time-hour ":" time-minute	RFC 3339 5.6 */
static bool iso_zone(struct cur *c, int *zone_min)
{
	bool west = cur_peek(c) == '-';
	int hours, minutes;

	*zone_min = 0;
	if (cur_stri(c, STR("Z")))
		return true;
	if ((!west && cur_peek(c) != '+') || cur_left(c) < 6)
		return false;
	cur_skip(c, 1);
	if (!digits(c, 2, &hours) || !cur_byte(c, ':') || !digits(c, 2, &minutes) || hours > 23 ||
	    minutes > 59)
		return false;
	*zone_min = (west ? -1 : 1) * (hours * 60 + minutes);
	return true;
}

bool date_parse_iso(struct cur *c, int64_t *time_ms)
{
	struct cur at = *c;
	struct date_civil d = { 0 };
	int zone_min;

	if (!iso_civil(&at, &d))
		return false;
	if (cur_byte(&at, '.') && cur_while(&at, date_is_digit).n == 0)
		return false;
	if (!iso_zone(&at, &zone_min) || !date_of_civil(&d, zone_min, time_ms))
		return false;
	*c = at;
	return true;
}
