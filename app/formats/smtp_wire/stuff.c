/* formats/smtp_wire/stuff.c: see stuff.h. */
#include "formats/smtp_wire/stuff.h"

static enum smtp_stuff_state state_after(struct str sent)
{
	if (str_ends(sent, STR("\r\n")))
		return STUFF_LINE_START;
	return str_ends(sent, STR("\r")) ? STUFF_CR : STUFF_TEXT;
}

void smtp_stuff_next(struct smtp_stuff *s, struct str *in, struct str *out, bool *dot)
{
	ptrdiff_t at;

	assert(in->n != 0);
	*dot = s->state == STUFF_LINE_START && in->p[0] == '.';
	if (s->state == STUFF_CR && in->p[0] == '\n') {
		/* A line end that was split between pieces. */
		*out = str_sub(*in, 0, 1);
		*in = str_sub(*in, 1, in->n);
		s->state = STUFF_LINE_START;
		return;
	}
	at = str_find(*in, STR("\r\n."));
	*out = at >= 0 ? str_sub(*in, 0, (size_t)at + 2) : *in;
	*in = str_sub(*in, out->n, in->n);
	s->state = state_after(*out);
}

struct str smtp_stuff_end(const struct smtp_stuff *s)
{
	return s->state == STUFF_LINE_START ? STR(".\r\n") : STR("\r\n.\r\n");
}
