/* transfer/wire_imap.c: see wire_imap.h. */
#include "transfer/wire_imap.h"

#include "text/date.h"
#include "text/utf7imap.h"
#include "text/utf8.h"

enum { NAME_MAX_BYTES = 4096 };

static bool is_atom(unsigned char c)
{
	return c > ' ' && c != 0x7f && c != '(' && c != ')' && c != '{' && c != '"';
}
static bool is_digit(unsigned char c)
{
	return ascii_digit((char)c);
}

static bool space(struct cur *c)
{
	return cur_byte(c, ' ');
}

static bool atom(struct cur *c, struct str *out)
{
	*out = cur_while(c, is_atom);
	return out->n != 0;
}

/* quoted = DQUOTE *QUOTED-CHAR DQUOTE					RFC 9051 section 9 */
static bool quoted(struct cur *c, struct arena *a, struct str *out)
{
	const char *begin;
	size_t n = 0, escapes = 0;
	char *p;

	if (!cur_byte(c, '"'))
		return false;
	begin = c->p;
	for (char byte;;) {
		if (!cur_any(c, &byte) || byte == '\r' || byte == '\n')
			return false;
		if (byte == '"')
			break;
		if (byte == '\\') {
			escapes++;
			if (!cur_any(c, &byte))
				return false;
		}
	}
	*out = str_from(begin, (size_t)(c->p - 1 - begin));
	if (escapes == 0)
		return true;
	p = arena_alloc(a, out->n);
	for (size_t i = 0; i < out->n; i++)
		p[n++] = out->p[i] == '\\' ? out->p[++i] : out->p[i];
	*out = str_from(p, n);
	return true;
}

/* literal = "{" number64 ["+"] "}" CRLF *CHAR8; "~" before it (RFC 3516) */
static bool literal(struct cur *c, struct str *out)
{
	uint64_t n;

	cur_byte(c, '~');
	if (!cur_byte(c, '{') || !cur_u64(c, &n))
		return false;
	cur_byte(c, '+');
	return cur_byte(c, '}') && cur_crlf(c) && n <= cur_left(c) && cur_take(c, (size_t)n, out);
}

static bool at_literal(const struct cur *c)
{
	return cur_peek(c) == '{' || (cur_peek(c) == '~' && cur_peek_at(c, 1) == '{');
}

/* string, astring, nstring: NIL comes out as the atom it is. */
static bool string(struct cur *c, struct arena *a, struct str *out)
{
	if (cur_peek(c) == '"')
		return quoted(c, a, out);
	return at_literal(c) ? literal(c, out) : atom(c, out);
}

/* Any value, lists in lists too. */
static bool value_skip(struct cur *c, struct arena *a)
{
	unsigned depth = 0;
	struct str s;

	do {
		while (space(c))
			;
		if (cur_byte(c, '('))
			depth++;
		else if (depth != 0 && cur_byte(c, ')'))
			depth--;
		else if (!string(c, a, &s))
			return false;
	} while (depth != 0 && depth <= SAID_NESTED);
	return depth == 0;
}

/* --- status ------------------------------------------------------------------------------- */

/* resp-text = ["[" resp-text-code "]" SP] text				RFC 9051 section 9 */
static bool status(struct cur *c, struct said *out)
{
	out->kind = SAID_STATUS;
	space(c);
	if (cur_byte(c, '[') && !cur_until(c, ']', &out->code))
		return false;
	cur_byte(c, ']');
	space(c);
	out->text = cur_rest(c);
	return true;
}

static bool status_word(struct str word, enum said_result *out)
{
	static const char *const words[] = { "OK", "NO", "BAD", "BYE", "PREAUTH" };

	for (size_t i = 0; i < COUNT(words); i++)
		if (str_eqi(word, str_of(words[i]))) {
			*out = (enum said_result)i;
			return true;
		}
	return false;
}

/* --- LIST --------------------------------------------------------------------------------- */

static void attribute(struct str word, struct said *out)
{
	static const struct {
		const char *said, *role;
	} roles[] = {
		{ "\\All", "\\All" }, /* RFC 6154 2 */
		{ "\\Archive", "\\Archive" },
		{ "\\Drafts", "\\Drafts" },
		{ "\\Flagged", "\\Flagged" },
		{ "\\Junk", "\\Junk" },
		{ "\\Sent", "\\Sent" },
		{ "\\Trash", "\\Trash" },
		{ "\\Important", "\\Important" }, /* RFC 8457 3 */
		{ "\\AllMail", "\\All" }, /* XLIST's words */
		{ "\\Inbox", "\\Inbox" },
		{ "\\Spam", "\\Junk" },
		{ "\\Starred", "\\Flagged" },
	};

	if (str_eqi(word, STR("\\Noselect")) || str_eqi(word, STR("\\NonExistent")))
		out->selectable = false;
	for (size_t i = 0; i < COUNT(roles); i++)
		if (str_eqi(word, str_of(roles[i].said)))
			out->role = str_of(roles[i].role);
}

/* mailbox-list = "(" [mbx-list-flags] ")" SP (DQUOTE QUOTED-CHAR DQUOTE / nil) SP mailbox */
static bool list(struct cur *c, struct arena *a, struct said *out)
{
	struct str word;

	out->kind = SAID_LIST;
	out->selectable = true;
	if (!space(c) || !cur_byte(c, '('))
		return false;
	while (!cur_byte(c, ')')) {
		if (space(c))
			continue;
		if (!atom(c, &word))
			return false;
		attribute(word, out);
	}
	if (!space(c))
		return false;
	if (cur_peek(c) == '"') {
		if (!quoted(c, a, &word) || word.n != 1)
			return false;
		out->separator = word.p[0];
	} else if (!cur_stri(c, STR("NIL"))) {
		return false;
	}
	return space(c) && string(c, a, &out->name) && out->name.n != 0;
}

/* mailbox SP "(" [status-att-list] ")" */
static bool count(struct cur *c, struct arena *a, struct said *out)
{
	struct str word, value;

	out->kind = SAID_COUNT;
	if (!space(c) || !string(c, a, &out->name) || !space(c) || !cur_byte(c, '('))
		return false;
	while (!cur_byte(c, ')')) {
		if (space(c))
			continue;
		if (!atom(c, &word) || !space(c))
			return false;
		if (str_eqi(word, STR("MESSAGES")) ? !cur_u32(c, &out->number)
		                                   : !string(c, a, &value))
			return false;
	}
	return true;
}

/* One namespace: nil / "(" 1*( "(" string SP (<"> QUOTED_CHAR <"> / nil) *ext ")" ) ")" */
static bool namespace(struct cur *c, struct arena *a, struct said *out, bool own)
{
	struct str prefix;

	if (!space(c))
		return false;
	if (!cur_byte(c, '('))
		return cur_stri(c, STR("NIL"));
	while (!cur_byte(c, ')')) {
		if (space(c))
			continue;
		if (!cur_byte(c, '(') || !string(c, a, &prefix))
			return false;
		if (!own && prefix.n != 0 && out->space_count < SAID_SPACES)
			out->spaces[out->space_count++] = prefix;
		while (!cur_byte(c, ')'))
			if (!space(c) || !value_skip(c, a))
				return false;
	}
	return true;
}

/* RFC 2342 5: the user's own, those of others, shared ones */
static bool namespaces(struct cur *c, struct arena *a, struct said *out)
{
	out->kind = SAID_SPACE;
	return namespace(c, a, out, true) && namespace(c, a, out, false) &&
	       namespace(c, a, out, false);
}

/* --- FETCH -------------------------------------------------------------------------------- */

static bool flags(struct cur *c, struct said *out)
{
	struct str word;

	out->has_flags = true;
	out->flag_count = 0;
	if (!cur_byte(c, '('))
		return false;
	while (!cur_byte(c, ')')) {
		if (space(c))
			continue;
		if (!atom(c, &word))
			return false;
		if (out->flag_count < SAID_FLAGS)
			out->flags[out->flag_count++] = word;
	}
	return true;
}

static bool date(struct cur *c, struct arena *a, struct said *out)
{
	struct str text;
	struct date d;
	struct cur t;

	if (!quoted(c, a, &text))
		return false;
	t = cur_of(text);
	out->has_date = date_parse_imap(&t, &d);
	out->date_ms = out->has_date ? d.time_ms : 0;
	return true;
}

/* "BODY[]", "RFC822"; "BODY[]<0>" does not come unasked. */
static bool body(struct cur *c, struct arena *a, struct said *out)
{
	bool nil = cur_peek(c) != '"' && !at_literal(c);

	if (!string(c, a, &out->body))
		return false;
	out->has_body = !nil;
	return true;
}

/* section = "[" ... "]" of a header, behind "BODY[HEADER.FIELDS" */
static bool header(struct cur *c, struct arena *a, struct said *out)
{
	struct str fields;

	return cur_until(c, ']', &fields) && cur_byte(c, ']') && space(c) &&
	       string(c, a, &out->header);
}

/* msg-att-static and msg-att-dynamic, in any order */
static bool item(struct cur *c, struct arena *a, struct said *out)
{
	struct str name;

	if (!atom(c, &name) || !space(c))
		return false;
	if (str_eqi(name, STR("BODY[HEADER.FIELDS")))
		return header(c, a, out);
	if (str_eqi(name, STR("X-GM-MSGID")))
		return cur_u64(c, &out->gmail_message);
	if (str_eqi(name, STR("UID")))
		return cur_u32(c, &out->uid);
	if (str_eqi(name, STR("FLAGS")))
		return flags(c, out);
	if (str_eqi(name, STR("INTERNALDATE")))
		return date(c, a, out);
	if (str_eqi(name, STR("RFC822.SIZE"))) {
		uint64_t n;

		if (!cur_u64(c, &n))
			return false;
		out->size = (uint32_t)MIN(n, UINT32_MAX);
		return true;
	}
	if (str_eqi(name, STR("BODY[]")) || str_eqi(name, STR("RFC822")))
		return body(c, a, out);
	return value_skip(c, a);
}

static bool fetch(struct cur *c, struct arena *a, struct said *out)
{
	out->kind = SAID_FETCH;
	if (!space(c) || !cur_byte(c, '('))
		return false;
	while (!cur_byte(c, ')'))
		if (!space(c) && !item(c, a, out))
			return false;
	return true;
}

/* --- responses ---------------------------------------------------------------------------- */

static bool numbered(struct cur *c, struct arena *a, struct said *out)
{
	struct str word;

	if (!cur_u32(c, &out->number) || !space(c) || !atom(c, &word))
		return false;
	if (str_eqi(word, STR("FETCH")))
		return fetch(c, a, out);
	out->kind = str_eqi(word, STR("EXISTS")) ? SAID_EXISTS : SAID_OTHER;
	return true;
}

static bool untagged(struct cur *c, struct arena *a, struct said *out)
{
	struct str word;

	if (cur_peek(c) >= 0 && is_digit((unsigned char)cur_peek(c)))
		return numbered(c, a, out);
	if (!atom(c, &word))
		return false;
	if (status_word(word, &out->result))
		return status(c, out);
	if (str_eqi(word, STR("LIST")) || str_eqi(word, STR("XLIST")))
		return list(c, a, out);
	if (str_eqi(word, STR("STATUS")))
		return count(c, a, out);
	if (str_eqi(word, STR("NAMESPACE")))
		return namespaces(c, a, out);
	if (str_eqi(word, STR("CAPABILITY"))) {
		out->kind = SAID_CAPABILITY;
		out->text = cur_rest(c);
	}
	return true;
}

bool said_parse(struct str response, struct arena *a, struct said *out)
{
	struct cur c = cur_of(response);
	struct str word;

	*out = (struct said){ .kind = SAID_OTHER };
	if (cur_byte(&c, '+')) {
		out->kind = SAID_GO_ON;
		space(&c);
		out->text = cur_rest(&c);
		return true;
	}
	if (cur_byte(&c, '*'))
		return space(&c) && untagged(&c, a, out);
	return atom(&c, &out->tag) && space(&c) && atom(&c, &word) &&
	       status_word(word, &out->result) && status(&c, out);
}

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

	return cur_stri(&c, name) && space(&c) && cur_u32(&c, n);
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
