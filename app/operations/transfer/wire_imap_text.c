/* operations/transfer/wire_imap_text.c: contents of strings, and strings in commands; see
 * wire_imap.h. */
#include "foundation/text/utf7imap.h"
#include "foundation/text/utf8.h"
#include "operations/transfer/wire_imap_token.h"

enum { NAME_MAX_BYTES = 4096 };

bool said_capable(struct str text, struct str word)
{
	while ((text = str_trim(text)).n != 0) {
		ptrdiff_t at = str_find_byte(text, ' ');
		size_t n = at < 0 ? text.n : (size_t)at;

		if (str_eqi(str_sub(text, 0, n), word))
			return true;
		text = str_sub(text, n, text.n);
	}
	return false;
}

bool said_code_number(struct str code, struct str name, uint32_t *n)
{
	struct cur c = cur_of(code);

	return cur_stri(&c, name) && said_space(&c) && cur_u32(&c, n);
}

bool said_literal(struct str line, uint64_t *n)
{
	ptrdiff_t at = str_rfind_byte(line, '{');
	struct cur c;

	if (at < 0)
		return false;
	c = cur_of(str_sub(line, (size_t)at + 1, line.n));
	if (!cur_u64(&c, n))
		return false;
	cur_byte(&c, '+');
	return cur_byte(&c, '}') && cur_done(&c);
}

static bool can_be_quoted(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\r' || s.p[i] == '\n' || (s.p[i] & 0x80))
			return false;
	return true;
}

bool say_string(struct buf *out, struct str s)
{
	if (str_find_byte(s, '\0') >= 0)
		return false;
	if (!can_be_quoted(s)) {
		buf_fmt(out, "{%zu}\r\n", s.n);
		buf_put(out, s);
		return true;
	}
	buf_byte(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			buf_byte(out, '\\');
		buf_byte(out, s.p[i]);
	}
	buf_byte(out, '"');
	return true;
}

struct str said_message_id(struct str header)
{
	struct cur c = cur_of(header);
	struct str before, id;

	if (cur_until(&c, '<', &before) && cur_byte(&c, '<') && cur_until(&c, '>', &id))
		return str_trim(id);
	return STR_EMPTY;
}

bool said_mailbox(struct str name, char separator, struct arena *a, struct str *out)
{
	struct buf b;
	bool good;
	char *p;

	buf_init(&b, NAME_MAX_BYTES);
	if (!utf7imap_parse(name, &b))
		buf_put(&b, name);
	good = buf_ok(&b) && b.n != 0 && utf8_valid(buf_str(&b));
	p = arena_alloc(a, b.n);
	for (size_t i = 0; good && i < b.n; i++)
		p[i] = separator != 0 && b.p[i] == separator ? '/' : b.p[i] == '/' ? '_' : b.p[i];
	*out = str_from(p, b.n);
	buf_deinit(&b);
	return good;
}
