/* formats/imap_wire/token.c: see token.h. */
#include "formats/imap_wire/token.h"
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/text/utf7imap.h"
#include "foundation/text/utf8.h"
#include <string.h>

enum { CLASS_ATOM = 1, CLASS_ASTRING = 2 };
enum { OBJECTID_MAX = 255 };

/* atom-specials = "(" / ")" / "{" / SP / CTL / list-wildcards / quoted-specials /
 *                 resp-specials */
static unsigned char_class(unsigned char c)
{
	if (c <= 0x20 || c >= 0x7f || strchr("(){%*\"\\", c))
		return 0;
	return c == ']' ? CLASS_ASTRING : CLASS_ATOM | CLASS_ASTRING;
}

bool imap_is_atom_char(unsigned char c)
{
	/* "}" is an ATOM-CHAR by the grammar, "{" is not. */
	return char_class(c) & CLASS_ATOM;
}

bool imap_is_astring_char(unsigned char c)
{
	return char_class(c) & CLASS_ASTRING;
}

static bool is_tag_char(unsigned char c)
{
	return c != '+' && imap_is_astring_char(c);
}

bool imap_space(struct cur *c)
{
	return cur_byte(c, ' ');
}

bool imap_word(struct cur *c, struct str word)
{
	struct cur at = *c;

	if (!cur_stri(&at, word) || (!cur_done(&at) && imap_is_atom_char((unsigned char)*at.p)))
		return false;
	*c = at;
	return true;
}

static bool word_parse(struct cur *c, bool (*is)(unsigned char), struct str *out)
{
	*out = cur_while(c, is);
	return out->n != 0;
}

bool imap_atom_parse(struct cur *c, struct str *out)
{
	return word_parse(c, imap_is_atom_char, out);
}

bool imap_tag_parse(struct cur *c, struct str *out)
{
	return word_parse(c, is_tag_char, out);
}

/* A run of quoted text that needs no change. */
static bool is_quoted_plain(unsigned char c)
{
	return c != 0 && c != '"' && c != '\\' && c != '\r' && c != '\n';
}

static struct str token_joined(struct arena *a, struct str x, struct str y)
{
	char *p = arena_alloc(a, x.n + y.n);

	if (x.n)
		memcpy(p, x.p, x.n);
	if (y.n)
		memcpy(p + x.n, y.p, y.n);
	return str_from(p, x.n + y.n);
}

/* The rest of a quoted string with escapes; plain is the text before the first one. */
static bool quoted_escaped(struct cur *c, struct arena *a, struct str plain, struct str *out)
{
	/* The rest of the text is an upper bound; the command's limit applies to it. */
	struct str rest;
	struct cur scan = *c;
	size_t bound = plain.n;
	char *p;
	size_t n = plain.n;

	for (char byte; cur_any(&scan, &byte) && byte != '"'; bound++)
		if (byte == '\\')
			cur_skip(&scan, 1);
	p = arena_alloc(a, bound + cur_left(c) - cur_left(&scan));
	if (plain.n)
		memcpy(p, plain.p, plain.n);
	while (cur_byte(c, '\\')) {
		/* quoted-specials = DQUOTE / "\" */
		if (cur_peek(c) != '"' && cur_peek(c) != '\\')
			return false;
		cur_any(c, &p[n++]);
		rest = cur_while(c, is_quoted_plain);
		if (rest.n)
			memcpy(p + n, rest.p, rest.n);
		n += rest.n;
	}
	*out = str_from(p, n);
	return cur_byte(c, '"');
}

/* quoted = DQUOTE *QUOTED-CHAR DQUOTE */
static bool quoted_parse(struct cur *c, struct arena *a, struct str *out)
{
	if (!cur_byte(c, '"'))
		return false;
	*out = cur_while(c, is_quoted_plain);
	return cur_byte(c, '"') || quoted_escaped(c, a, *out, out);
}

/* literal = "{" number64 ["+"] "}" CRLF *CHAR8, where CHAR8 is not NUL */
static bool literal_parse(struct cur *c, struct str *out)
{
	uint64_t n;

	if (!cur_byte(c, '{') || !cur_u64(c, &n))
		return false;
	cur_byte(c, '+');
	return cur_byte(c, '}') && cur_crlf(c) && n <= cur_left(c) && cur_take(c, (size_t)n, out) &&
	       str_find_byte(*out, '\0') < 0;
}

bool imap_string_parse(struct cur *c, struct arena *a, struct str *out)
{
	return cur_peek(c) == '"' ? quoted_parse(c, a, out) : literal_parse(c, out);
}

bool imap_astring_parse(struct cur *c, struct arena *a, struct str *out)
{
	return word_parse(c, imap_is_astring_char, out) || imap_string_parse(c, a, out);
}

bool imap_nstring_parse(struct cur *c, struct arena *a, struct str *out, bool *nil)
{
	*out = STR_EMPTY;
	*nil = imap_word(c, STR("NIL"));
	return *nil || imap_string_parse(c, a, out);
}

static bool is_objectid_char(unsigned char c)
{
	return ascii_alnum((char)c) || c == '_' || c == '-';
}

bool imap_objectid_parse(struct cur *c, struct str *out)
{
	struct cur at = *c;

	if (!word_parse(&at, is_objectid_char, out) || out->n > OBJECTID_MAX)
		return false;
	*c = at;
	return true;
}

bool imap_nz_parse(struct cur *c, uint32_t *out)
{
	struct cur at = *c;

	if (!cur_u32(&at, out) || *out == 0)
		return false;
	*c = at;
	return true;
}

bool imap_end(struct cur *c)
{
	struct cur at = *c;

	imap_space(&at);
	if (!cur_done(&at))
		return false;
	*c = at;
	return true;
}

bool imap_mailbox_decode_strict(struct arena *a, bool utf8, struct str raw, struct str *out)
{
	struct buf name;
	bool ok;

	/* INBOX is case-insensitive, other names are not (RFC 9051 5.1); the same for the INBOX
	 * above its children. */
	if (str_startsi(raw, STR("INBOX")) && (raw.n == 5 || raw.p[5] == '/'))
		raw = raw.n == 5 ? STR("INBOX")
		                 : token_joined(a, STR("INBOX"), str_sub(raw, 5, raw.n));
	if (utf8 || str_find_byte(raw, '&') < 0) {
		*out = raw;
		return utf8 ? utf8_valid(raw) : utf8_ascii(raw);
	}
	buf_init(&name, 4 * raw.n + 1);
	ok = utf7imap_parse(raw, &name) && buf_ok(&name);
	if (ok)
		*out = str_dup(a, buf_str(&name));
	buf_deinit(&name);
	return ok;
}

struct str imap_mailbox_decode(struct arena *a, bool utf8, struct str raw)
{
	struct str name;

	if (imap_mailbox_decode_strict(a, utf8, raw, &name))
		return name;
	return token_joined(a, STR("\xff"), raw); /* names are UTF-8, which has no such byte */
}

bool imap_mailbox_parse(struct cur *c, struct arena *a, bool utf8, struct str *out)
{
	struct str raw;

	if (!imap_astring_parse(c, a, &raw))
		return false;
	*out = imap_mailbox_decode(a, utf8, raw);
	return true;
}

bool imap_flag_parse(struct cur *c, struct str *out)
{
	struct cur at = *c;
	struct str word;

	cur_byte(&at, '\\');
	if (!imap_atom_parse(&at, &word))
		return false;
	*out = str_from(c->p, (size_t)(at.p - c->p));
	*c = at;
	return true;
}

bool imap_flag_list_parse(struct cur *c, struct arena *a, struct imap_strs *out)
{
	struct str flag;

	*out = (struct imap_strs){ 0 };
	if (!cur_byte(c, '('))
		return false;
	if (cur_byte(c, ')'))
		return true;
	do {
		if (!imap_flag_parse(c, &flag))
			return false;
		*(struct str *)imap_push(a, &out->items, &out->n, sizeof(flag)) = flag;
	} while (imap_space(c));
	return cur_byte(c, ')');
}

bool imap_literal_at_end(struct str line, struct imap_literal *out)
{
	ptrdiff_t open = str_rfind_byte(line, '{');
	struct cur c;

	if (open < 0)
		return false;
	*out = (struct imap_literal){ .sync = true, .at = (size_t)open };
	c = cur_of(str_sub(line, out->at + 1, line.n));
	if (!cur_u64(&c, &out->size))
		return false;
	out->sync = !cur_byte(&c, '+');
	if (out->at > 0 && line.p[out->at - 1] == '~') {
		out->binary = true;
		out->at--;
	}
	return cur_byte(&c, '}') && cur_done(&c);
}

void *imap_push(struct arena *a, void *items, size_t *n, size_t size)
{
	char *old, *array;

	memcpy(&old, items, sizeof(old)); /* a pointer of any type */
	array = old;
	if ((*n & (*n - 1)) == 0) { /* 0, 1, 2, 4, ...: full */
		array = arena_alloc_array(a, *n ? 2 * *n : 1, size);
		if (*n)
			memcpy(array, old, *n * size);
		memcpy(items, &array, sizeof(array));
	}
	return array + (*n)++ * size;
}
