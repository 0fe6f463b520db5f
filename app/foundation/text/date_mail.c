/* foundation/text/date_mail.c: a lenient parser of the Date field; see date.h.
 *
 * It accepts more than the grammar of RFC 5322 3.3: words, numbers, times and zones, each
 * recognised by its form and plain numbers by the parts that are still missing. So the order may be
 * wrong and parts may be missing, which is common. */
#include "foundation/text/date.h"

struct scan {
	struct cur c;
	struct date_civil d;
	bool day, month, year, time;
	int zone_min;
	bool zone_known;
};

/* RFC 5322 4.3, and further unambiguous ones. Military letters have no meaning (4.3 too). */
static const struct {
	struct str name;
	int zone_min;
} zones[] = {
	{ { "UT", 2 }, 0 },     { { "GMT", 3 }, 0 },    { { "UTC", 3 }, 0 },
	{ { "Z", 1 }, 0 },      { { "EST", 3 }, -300 }, { { "EDT", 3 }, -240 },
	{ { "CST", 3 }, -360 }, { { "CDT", 3 }, -300 }, { { "MST", 3 }, -420 },
	{ { "MDT", 3 }, -360 }, { { "PST", 3 }, -480 }, { { "PDT", 3 }, -420 },
	{ { "WET", 3 }, 0 },    { { "WEST", 4 }, 60 },  { { "CET", 3 }, 60 },
	{ { "CEST", 4 }, 120 }, { { "MET", 3 }, 60 },   { { "MEST", 4 }, 120 },
	{ { "EET", 3 }, 120 },  { { "EEST", 4 }, 180 }, { { "MSK", 3 }, 180 },
	{ { "JST", 3 }, 540 },  { { "KST", 3 }, 540 },  { { "AEST", 4 }, 600 },
};

static bool is_alpha(unsigned char c)
{
	return ascii_alpha((char)c);
}

static bool date_mail_is_digit(unsigned char c)
{
	return ascii_digit((char)c);
}

/* Comments may nest and may contain anything; without an end it takes the rest. */
static void date_comment(struct cur *c)
{
	unsigned depth = 0;
	char byte;

	while (cur_any(c, &byte)) {
		if (byte == '\\')
			cur_skip(c, 1);
		else if (byte == '(')
			depth++;
		else if (byte == ')' && --depth == 0)
			return;
	}
}

static bool date_mail_is_space(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void cfws(struct cur *c)
{
	for (;;) {
		cur_while(c, date_mail_is_space);
		if (cur_peek(c) != '(')
			return;
		date_comment(c);
	}
}

static void date_word(struct scan *s)
{
	struct str name = cur_while(&s->c, is_alpha);
	int month = date_month_of(name);

	if (month != 0 && !s->month) {
		s->d.month = month;
		s->month = true;
		return;
	}
	if (s->time && str_eqi(name, STR("PM")) && s->d.hour < 12)
		s->d.hour += 12;
	else if (s->time && str_eqi(name, STR("AM")) && s->d.hour == 12)
		s->d.hour = 0;
	if (!s->time || s->zone_known)
		return;
	for (size_t i = 0; i < COUNT(zones); i++) {
		if (str_eqi(zones[i].name, name)) {
			s->zone_min = zones[i].zone_min;
			s->zone_known = true;
		}
	}
}

/* Take ":" with the white space and comments that RFC 5322 4.3 allows around it. */
static bool colon(struct cur *c)
{
	struct cur try = *c;

	cfws(&try);
	if (!cur_byte(&try, ':'))
		return false;
	cfws(&try);
	*c = try;
	return true;
}

/* The rest of hour ":" minute [":" second ["." fraction]]; the first ":" has been taken. */
static bool clock(struct scan *s, uint32_t hour)
{
	uint32_t minute, second = 0;

	if (s->time || !cur_u32(&s->c, &minute))
		return false;
	if (colon(&s->c) && !cur_u32(&s->c, &second))
		return false;
	if (cur_byte(&s->c, '.') || cur_byte(&s->c, ','))
		cur_while(&s->c, date_mail_is_digit);
	if (hour > 23 || minute > 59 || second > 60)
		return false;
	s->d.hour = (int)hour;
	s->d.minute = (int)minute;
	s->d.second = (int)second;
	s->time = true;
	return true;
}

/* The rest of year "-" month "-" day. */
static bool iso(struct scan *s, uint32_t year)
{
	struct cur try = s->c;
	uint32_t month, day;

	if (!cur_byte(&try, '-') || !cur_u32(&try, &month) || !cur_byte(&try, '-') ||
	    !cur_u32(&try, &day) || month > 12 || day > 31)
		return false;
	s->d.year = (int)year;
	s->d.month = (int)month;
	s->d.day = (int)day;
	s->year = s->month = s->day = true;
	s->c = try;
	return true;
}

/* RFC 5322 4.3: two digits up to 49 are 20xx, the others and three digits count from 1900. */
static void year_set(struct scan *s, uint32_t n, size_t digits)
{
	if (digits == 2 && n < 50)
		n += 2000;
	else if (digits < 4)
		n += 1900;
	s->d.year = (int)MIN(n, 10000u);
	s->year = true;
}

static bool date_number(struct scan *s)
{
	const char *start = s->c.p;
	uint32_t n;
	size_t digits;

	if (!cur_u32(&s->c, &n))
		return false;
	digits = (size_t)(s->c.p - start);
	if (colon(&s->c))
		return clock(s, n);
	if (digits == 4 && !s->year && iso(s, n))
		return true;
	if (digits <= 2 && !s->day) {
		s->d.day = (int)n;
		s->day = true;
	} else if (digits >= 2 && !s->year) {
		year_set(s, n, digits);
	}
	return true;
}

/* A sign: a zone when a time has been read, else a separator as in "1-Feb-94". */
static void date_sign(struct scan *s)
{
	struct cur try = s->c;
	bool west = cur_byte(&try, '-');
	struct str text;
	uint32_t n, minutes;

	if (!west)
		cur_byte(&try, '+');
	text = cur_while(&try, date_mail_is_digit);
	if (!s->time || text.n == 0 || text.n > 4) {
		cur_skip(&s->c, 1);
		return;
	}
	s->c = try;
	n = 0;
	for (size_t i = 0; i < text.n; i++)
		n = n * 10 + (uint32_t)(text.p[i] - '0');
	if (text.n <= 2) { /* "+02:00", "+2" */
		minutes = 0;
		if (cur_byte(&s->c, ':') && !cur_u32(&s->c, &minutes))
			return;
		n = n * 100 + minutes;
	}
	if (n / 100 > 23 || n % 100 > 59)
		return;
	s->zone_min = (int)(n / 100 * 60 + n % 100) * (west ? -1 : 1);
	s->zone_known = !west || n != 0; /* "-0000" has no zone (RFC 5322 3.3) */
}

bool date_parse_mail(struct str value, struct date *out)
{
	struct scan s = { .c = cur_of(value) };
	int byte;

	while ((byte = cur_peek(&s.c)) != -1) {
		if (byte == '(')
			date_comment(&s.c);
		else if (ascii_alpha((char)byte))
			date_word(&s);
		else if (byte == '+' || byte == '-')
			date_sign(&s);
		else if (!ascii_digit((char)byte))
			cur_skip(&s.c, 1);
		else if (!date_number(&s))
			return false;
	}
	if (!s.day || !s.month || !s.year || !date_of_civil(&s.d, s.zone_min, &out->time_ms))
		return false;
	out->zone_min = s.zone_min;
	out->zone_known = s.zone_known;
	return true;
}
