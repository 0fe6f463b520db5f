/* foundation/text/date.h: dates of mail and IMAP, without time zone data and locale.
 *
 * Times are milliseconds since 1970 (UTC), as everywhere in Roost. Years 0 to 9999. */
#ifndef TEXT_DATE_H
#define TEXT_DATE_H
#include "foundation/base/buf.h"
#include "foundation/base/cur.h"

struct date {
	int64_t time_ms;
	int zone_min;    /* minutes east of UTC, as written           */
	bool zone_known; /* false for "-0000", none, or an odd name   */
};

/* Parse the value of a Date field (RFC 5322 3.3 and 4.3): comments, folding, obsolete zones and
 * years, and common errors: missing weekday or zone, full names, "-" between the parts, asctime
 * order, ISO 8601. False when the value is not a date. */
bool date_parse_mail(struct str value, struct date *out);

/* IMAP date-time without its quotes: "17-Jul-1996 02:44:25 -0700" (RFC 9051 section 9,
 * date-time). Strict, but a day of one digit needs no space before it. */
bool date_parse_imap(struct cur *c, struct date *out);
/* IMAP date of SEARCH, "1-Feb-1994" (RFC 9051 section 9, date-text), as days since 1970. */
bool date_parse_imap_day(struct cur *c, int64_t *day);

/* "Sat, 21 Nov 2026 04:58:05 +0000" (RFC 5322 3.3). */
void date_put_mail(struct buf *out, int64_t time_ms, int zone_min);
/* "21-Nov-2026 04:58:05 +0000", two-character day as date-day-fixed, no quotes. */
void date_put_imap(struct buf *out, int64_t time_ms, int zone_min);
/* "2026-11-21T04:58:05Z" (RFC 3339). */
void date_put_iso(struct buf *out, int64_t time_ms);
/* Take an RFC 3339 date-time: with "Z" or an offset; fractions of a second are dropped. */
bool date_parse_iso(struct cur *c, int64_t *time_ms);

/* Day since 1970 of d in the zone in which it was written, for SENTON and the like (RFC 9051 6.4.4:
 * "disregarding time and timezone"). */
int64_t date_day(const struct date *d);

struct date_civil {
	int year, month, day; /* month 1-12, day 1-31  */
	int hour, minute, second;
	int weekday; /* 0 is Sunday           */
};
struct date_civil date_civil_of(int64_t time_ms);
/* Days since 1970 of a proleptic Gregorian date. */
int64_t date_days(int year, int month, int day);
/* False when there is no such day or time. The weekday is ignored. */
bool date_of_civil(const struct date_civil *d, int zone_min, int64_t *time_ms);

/* 1 to 12 for a name that begins like an English month, in any case; 0 otherwise. */
int date_month_of(struct str name);
/* Take "+hhmm" or "-hhmm". */
bool date_zone_parse(struct cur *c, int *zone_min);

#endif
