/* formats/sieve/date_tests.c: date and currentdate (RFC 5260 4 and 5). */
#include "formats/sieve/match.h"
#include "formats/sieve/parser.h"

#include "foundation/text/date.h"

enum { DATE_BYTES = 64, MJD_OF_1970 = 40587, MINUTE_MS = 60000 };

enum date_part {
	YEAR,
	MONTH,
	DAY,
	DATE,
	JULIAN,
	HOUR,
	MINUTE,
	SECOND,
	TIME,
	ISO8601,
	STD11,
	ZONE,
	WEEKDAY
};
static const char *const parts[] = {
	"year",   "month", "day",     "date",  "julian", "hour",    "minute",
	"second", "time",  "iso8601", "std11", "zone",   "weekday",
};

static size_t date_part_find(struct str name)
{
	size_t i = 0;

	while (i < COUNT(parts) && !str_eqi(name, str_of(parts[i])))
		i++;
	return i;
}

static void zone_put(struct buf *out, int zone_min, const char *between)
{
	int minutes = zone_min < 0 ? -zone_min : zone_min;

	buf_fmt(out, "%c%02d%s%02d", zone_min < 0 ? '-' : '+', minutes / 60, between, minutes % 60);
}

/* The clock of the zone at the time; c is that of time_ms + zone. */
static void date_part_put(struct buf *out, enum date_part part, int64_t time_ms, int zone_min)
{
	struct date_civil c = date_civil_of(time_ms + (int64_t)zone_min * MINUTE_MS);

	switch (part) {
	case YEAR:
		return buf_fmt(out, "%04d", c.year);
	case MONTH:
		return buf_fmt(out, "%02d", c.month);
	case DAY:
		return buf_fmt(out, "%02d", c.day);
	case HOUR:
		return buf_fmt(out, "%02d", c.hour);
	case MINUTE:
		return buf_fmt(out, "%02d", c.minute);
	case SECOND:
		return buf_fmt(out, "%02d", c.second);
	case WEEKDAY:
		return buf_fmt(out, "%d", c.weekday);
	case DATE:
		return buf_fmt(out, "%04d-%02d-%02d", c.year, c.month, c.day);
	case TIME:
		return buf_fmt(out, "%02d:%02d:%02d", c.hour, c.minute, c.second);
	case JULIAN:
		return buf_fmt(out, "%" PRId64, date_days(c.year, c.month, c.day) + MJD_OF_1970);
	case STD11:
		return date_put_mail(out, time_ms, zone_min);
	case ZONE:
		return zone_put(out, zone_min, "");
	case ISO8601:
	default:
		buf_fmt(out, "%04d-%02d-%02dT%02d:%02d:%02d", c.year, c.month, c.day, c.hour,
		        c.minute, c.second);
		if (zone_min == 0)
			buf_byte(out, 'Z');
		else
			zone_put(out, zone_min, ":");
	}
}

bool sieve_date_put(struct sieve_run *r, int64_t time_ms, int zone_min, struct str *out)
{
	char *room = arena_try(&r->scratch, DATE_BYTES);
	struct buf text;

	if (room == NULL)
		return sieve_fail(r, "The script needs too much memory");
	buf_init_in(&text, room, DATE_BYTES);
	date_part_put(&text, ISO8601, time_ms, zone_min);
	*out = buf_str(&text);
	return true;
}

bool sieve_zone(struct sieve_run *r, const struct sieve_op *op, int *zone_min)
{
	struct str zone = sieve_str(r, op, ARG_ZONE);
	struct cur c = cur_of(zone);

	*zone_min = r->host->zone_min;
	if (sieve_has(op, ARG_ZONE) && (!date_zone_parse(&c, zone_min) || !cur_done(&c)))
		return sieve_fail(r, "\"%.*s\" is not an offset as \"+0100\"", STR_ARG(zone));
	return true;
}

static bool date_matches(struct sieve_run *r, struct sieve_matcher *m, struct str part,
                         int64_t time_ms, int zone_min)
{
	size_t i = date_part_find(part);
	char room[DATE_BYTES];
	struct buf text;

	if (i == COUNT(parts))
		return sieve_fail(r, "A date has no part \"%.*s\"", STR_ARG(part));
	buf_init_in(&text, room, sizeof room);
	date_part_put(&text, (enum date_part)i, time_ms, zone_min);
	return sieve_matcher_value(m, buf_str(&text));
}

/* The date is all of the field, or after its last semicolon (RFC 5260 4). */
bool sieve_test_date(struct sieve_run *r, const struct sieve_op *op)
{
	struct sieve_picked fields;
	struct sieve_matcher m;
	struct sieve_list name = sieve_list(op, ARG_1);
	struct date date;
	struct str value;
	ptrdiff_t semicolon;
	int zone_min;

	sieve_matcher_init(&m, r, op, ARG_3);
	if (!sieve_zone(r, op, &zone_min))
		return false;
	sieve_picked_init(r, &fields, op, name);
	if (!sieve_picked_next(r, &fields, &value))
		return sieve_matcher_end(&m);
	semicolon = str_rfind_byte(value, ';');
	if (!date_parse_mail(str_sub(value, (size_t)(semicolon + 1), value.n), &date))
		return sieve_matcher_end(&m);
	if (sieve_has(op, ARG_ORIGINAL_ZONE))
		zone_min = date.zone_min;
	return date_matches(r, &m, sieve_str(r, op, ARG_2), date.time_ms, zone_min) ||
	       sieve_matcher_end(&m);
}

bool sieve_test_currentdate(struct sieve_run *r, const struct sieve_op *op)
{
	struct sieve_matcher m;
	int zone_min;

	sieve_matcher_init(&m, r, op, ARG_2);
	return sieve_zone(r, op, &zone_min) &&
	       (date_matches(r, &m, sieve_str(r, op, ARG_1), r->host->now_ms, zone_min) ||
	        sieve_matcher_end(&m));
}

void sieve_check_zone(struct sieve_parser *p, struct sieve_command *c)
{
	const struct sieve_value *zone = sieve_value_of(c, ARG_ZONE);
	struct cur text;
	int zone_min;

	if (zone == NULL || !sieve_constant(p, zone, 0))
		return;
	text = cur_of(zone->items[0]);
	if (!date_zone_parse(&text, &zone_min) || !cur_done(&text))
		sieve_report_value(p, zone, "\"%.*s\" is not an offset as \"+0100\"",
		                   STR_ARG(zone->items[0]));
}

void sieve_check_date(struct sieve_parser *p, struct sieve_command *c)
{
	bool current = sieve_word_code(c->word) == OP_CURRENTDATE;
	const struct sieve_value *part = sieve_value_of(c, current ? ARG_1 : ARG_2);
	const struct sieve_value *zone = sieve_value_of(c, ARG_ZONE);

	sieve_check_match(p, c);
	sieve_check_zone(p, c);
	if (sieve_constant(p, part, 0) && date_part_find(part->items[0]) == COUNT(parts))
		sieve_report_value(p, part, "A date has no part \"%.*s\"", STR_ARG(part->items[0]));
	if (zone != NULL && sieve_value_of(c, ARG_ORIGINAL_ZONE) != NULL)
		sieve_report_value(p, zone, "\":zone\" and \":originalzone\" exclude each other");
}
