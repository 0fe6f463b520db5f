/* formats/message/address_put.c: addresses as text; see address.h. */
#include "formats/message/address.h"

#include <string.h>

/* atext of RFC 5322 3.2.3, and 8-bit by RFC 6532 3.2. */
bool address_is_atext(unsigned char c)
{
	return ascii_alnum((char)c) || c >= 0x80 || (c != 0 && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

/* dot-atom, or with spaces a phrase of atoms */
static bool is_atoms(struct str s, char separator)
{
	char before = separator;

	for (size_t i = 0; i < s.n; i++) {
		char ch = s.p[i];

		if (ch == separator ? before == separator : !address_is_atext((unsigned char)ch))
			return false;
		before = ch;
	}
	return s.n != 0 && before != separator;
}

static void quoted_put(struct buf *out, struct str s)
{
	buf_byte(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		char ch = s.p[i];

		if (ch == '"' || ch == '\\')
			buf_byte(out, '\\');
		buf_byte(out, ch == '\r' || ch == '\n' || ch == '\0' ? ' ' : ch);
	}
	buf_byte(out, '"');
}

void address_put_local(struct buf *out, struct str local)
{
	if (is_atoms(local, '.'))
		buf_put(out, local);
	else
		quoted_put(out, local);
}

void address_put_name(struct buf *out, struct str name)
{
	if (is_atoms(name, ' '))
		buf_put(out, name);
	else
		quoted_put(out, name);
}

void address_put_spec(struct buf *out, const struct address *addr)
{
	address_put_local(out, addr->local);
	if (addr->domain.n != 0) {
		buf_byte(out, '@');
		buf_put(out, addr->domain);
	}
}

void address_put(struct buf *out, const struct address *addr)
{
	if (addr->name.n == 0) {
		address_put_spec(out, addr);
		return;
	}
	address_put_name(out, addr->name);
	buf_put(out, STR(" <"));
	address_put_spec(out, addr);
	buf_byte(out, '>');
}
