/* flow/policy/reply_code.c: see reply_code.h. */
#include "flow/policy/reply_code.h"

#include "foundation/base/cur.h"

enum { STATUS_MAX = 9 }; /* "5.999.999" */

bool reply_code_is(uint64_t code, unsigned class)
{
	return code / 100 == class && code / 10 % 10 <= 5;
}

unsigned reply_code_parse(struct str word)
{
	struct cur c = cur_of(word);
	uint32_t code;

	if (!cur_u32(&c, &code) || !cur_done(&c) || word.n != 3)
		return 0;
	return reply_code_is(code, 4) || reply_code_is(code, 5) ? code : 0;
}

/* Without the signs and blanks that number parsing allows. */
static bool status_byte(unsigned char c)
{
	return ascii_digit((char)c) || c == '.';
}

bool reply_status_is(struct str status, unsigned class)
{
	struct cur c = cur_of(status);
	uint32_t first, subject, detail;

	if (status.n > STATUS_MAX || cur_while(&c, status_byte).n != status.n)
		return false;
	c = cur_of(status);
	return cur_u32(&c, &first) && first == class && cur_byte(&c, '.') &&
	       cur_u32(&c, &subject) && subject <= 999 && cur_byte(&c, '.') &&
	       cur_u32(&c, &detail) && detail <= 999 && cur_done(&c);
}
