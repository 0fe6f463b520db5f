/* formats/smtp_wire/param.c: see param.h. */
#include "formats/smtp_wire/param.h"

#include "foundation/base/buf.h"
#include "foundation/text/date.h"

enum { DIGITS_MAX = 9 }; /* of RFC 2852 and RFC 4865 alike */

static bool param_is_digit(unsigned char c)
{
	return ascii_digit((char)c);
}

/* 1*9digit */
static bool seconds_parse(struct cur *c, uint32_t *out)
{
	struct str digits = cur_while(c, param_is_digit);
	struct cur number = cur_of(digits);

	return digits.n <= DIGITS_MAX && cur_u32(&number, out);
}

/* size-value = 1*20DIGIT					RFC 1870 3 */
bool smtp_size_parse(struct str value, uint64_t *out)
{
	enum { SIZE_DIGITS_MAX = 20 };
	struct cur c = cur_of(value), number = c;

	if (cur_while(&c, param_is_digit).n == 0 || !cur_done(&c) || value.n > SIZE_DIGITS_MAX)
		return false;
	if (!cur_u64(&number, out))
		*out = UINT64_MAX;
	return true;
}

/* by-value = by-time ";" by-mode [by-trace]		RFC 2852 4
 * by-time  = ["-" / "+"] 1*9digit */
bool smtp_by_parse(struct str value, struct smtp_by *out)
{
	struct cur c = cur_of(value);
	bool minus = cur_byte(&c, '-');
	uint32_t seconds;

	if (!minus)
		(void)cur_byte(&c, '+');
	if (!seconds_parse(&c, &seconds) || !cur_byte(&c, ';'))
		return false;
	out->seconds = minus ? -(int32_t)seconds : (int32_t)seconds;
	out->give_back = cur_stri(&c, STR("R"));
	if (!out->give_back && !cur_stri(&c, STR("N")))
		return false;
	out->trace = cur_stri(&c, STR("T"));
	/* "a negative or zero value is not allowed with a by-mode of R" */
	return cur_done(&c) && (!out->give_back || out->seconds > 0);
}

void smtp_by_put(struct buf *out, const struct smtp_by *by)
{
	buf_fmt(out, "%" PRId32 ";%s%s", by->seconds, by->give_back ? "R" : "N",
	        by->trace ? "T" : "");
}

/* priority-value = (["-"] NONZERO-DIGIT) / "0"		RFC 6710 7 */
bool smtp_priority_parse(struct str value, int *out)
{
	struct cur c = cur_of(value);
	bool minus = cur_byte(&c, '-');
	char digit;

	if (!cur_any(&c, &digit) || !ascii_digit(digit) || !cur_done(&c))
		return false;
	*out = minus ? -(digit - '0') : digit - '0';
	return !minus || digit != '0';
}

/* future-release-integer = %x31-39 *8DIGIT		RFC 4865 3 */
bool smtp_hold_for_parse(struct str value, uint32_t *seconds)
{
	struct cur c = cur_of(value);

	return cur_peek(&c) != '0' && seconds_parse(&c, seconds) && cur_done(&c);
}

bool smtp_hold_until_parse(struct str value, int64_t *time_ms)
{
	struct cur c = cur_of(value);

	return date_parse_iso(&c, time_ms) && cur_done(&c) &&
	       (str_ends(value, STR("Z")) || str_ends(value, STR("z")));
}

static bool param_not_blank(unsigned char c)
{
	return c != ' ' && c != '\t';
}

/* "RCPTMAX=100"; numbers have at most 6 digits, none is 0	RFC 9422 3 */
static void limit_take(struct str word, struct smtp_limits *out)
{
	const struct {
		struct str name;
		uint32_t *to;
	} rows[] = {
		{ STR("MAILMAX="), &out->mail_max },
		{ STR("RCPTMAX="), &out->rcpt_max },
		{ STR("RCPTDOMAINMAX="), &out->rcpt_domain_max },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct cur c = cur_of(word);
		uint32_t n;

		if (cur_stri(&c, rows[i].name) && cur_peek(&c) != '0' && cur_u32(&c, &n) &&
		    cur_done(&c) && n < 1000000)
			*rows[i].to = n;
	}
}

void smtp_limits_parse(struct str value, struct smtp_limits *out)
{
	struct cur c = cur_of(value);

	*out = (struct smtp_limits){ 0 };
	while (!cur_done(&c)) {
		cur_blank(&c);
		limit_take(cur_while(&c, param_not_blank), out);
	}
}
