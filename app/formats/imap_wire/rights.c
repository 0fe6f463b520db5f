/* formats/imap_wire/rights.c: see rights.h. */
#include "formats/imap_wire/rights.h"
#include "foundation/base/buf.h"
#include "foundation/text/utf8.h"

static const struct str letters = { "lrswipkxtea", IMAP_RIGHTS };

static unsigned bits(struct str of)
{
	unsigned all = 0;

	for (size_t i = 0; i < of.n; i++)
		all |= BIT(str_find_byte(letters, of.p[i]));
	return all;
}

/* RFC 4314 2.1.1 allows two readings of "c" and "d": here "c" includes the rights to create and
 * delete mailboxes. */
#define CREATE_MEMBERS STR("kx")
#define DELETE_MEMBERS STR("te")

bool imap_rights_parse(struct str text, enum imap_rights_op *op, unsigned *rights)
{
	struct cur c = cur_of(text);
	char letter;

	*rights = 0;
	*op = cur_byte(&c, '+') ? RIGHTS_ADD : cur_byte(&c, '-') ? RIGHTS_REMOVE : RIGHTS_REPLACE;
	while (cur_any(&c, &letter)) {
		ptrdiff_t at = str_find_byte(letters, letter);

		if (at >= 0)
			*rights |= BIT(at);
		else if (letter == 'c')
			*rights |= bits(CREATE_MEMBERS);
		else if (letter == 'd')
			*rights |= bits(DELETE_MEMBERS);
		else
			return false;
	}
	return true;
}

void imap_rights_put(struct buf *out, unsigned rights)
{
	for (size_t i = 0; i < letters.n; i++)
		if (rights & BIT(i))
			buf_byte(out, letters.p[i]);
	if (rights & bits(CREATE_MEMBERS))
		buf_byte(out, 'c');
	if (rights & bits(DELETE_MEMBERS))
		buf_byte(out, 'd');
	if (!rights)
		buf_put(out, STR("\"\""));
}

bool imap_identifier_parse(struct str text, struct imap_identifier *out)
{
	out->negative = str_starts(text, STR("-"));
	out->name = str_sub(text, out->negative, text.n);
	return out->name.n != 0 && utf8_valid(out->name);
}
