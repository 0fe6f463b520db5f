/* formats/smtp_wire/reply.c: see reply.h. */
#include "formats/smtp_wire/reply.h"

bool smtp_reply_line_parse(struct str line, struct smtp_reply_line *out)
{
	struct cur c = cur_of(line), code;
	struct str digits;
	uint32_t n;

	if (!cur_take(&c, 3, &digits))
		return false;
	code = cur_of(digits);
	if (!cur_u32(&code, &n) || !cur_done(&code) || n < 200 || n > 599)
		return false;
	out->code = n;
	out->last = !cur_byte(&c, '-');
	if (out->last && !cur_done(&c) && !cur_byte(&c, ' '))
		return false;
	out->text = cur_rest(&c);
	return true;
}

void smtp_reply_status_take(unsigned code, struct str *text, struct str *status)
{
	struct cur c = cur_of(*text);
	uint32_t class, subject, detail;

	*status = STR_EMPTY;
	if (!cur_u32(&c, &class) || class != code / 100 || !cur_byte(&c, '.') ||
	    !cur_u32(&c, &subject) || subject > 999 || !cur_byte(&c, '.') ||
	    !cur_u32(&c, &detail) || detail > 999)
		return;
	if (!cur_done(&c) && cur_peek(&c) != ' ')
		return;
	*status = str_sub(*text, 0, text->n - cur_left(&c));
	cur_byte(&c, ' ');
	*text = cur_rest(&c);
}
