/* formats/message/msgid.c: see msgid.h. */
#include "formats/message/msgid.h"

static bool is_inside(unsigned char c)
{
	return c > ' ' && c != '<' && c != '>' && c != 127;
}

/* msg-id = "<" id-left "@" id-right ">" RFC 5322 3.6.4 Not validated: identifiers are only
 * compared. */
bool msgid_next(struct cur *c, struct str *out)
{
	struct str skipped;

	while (cur_until(c, '<', &skipped)) {
		cur_skip(c, 1);
		*out = cur_while(c, is_inside);
		if (out->n != 0 && out->n <= MSGID_MAX && cur_byte(c, '>'))
			return true;
	}
	return false;
}
