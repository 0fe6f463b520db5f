/* formats/message/param.c: see param.h. */
#include "formats/message/param.h"

#include "formats/message/encword.h"
#include "formats/message/header.h"
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/text/charset.h"

#include <stdio.h>
#include <string.h>

enum { PARAM_VALUE_MAX = 16384, PARAM_PIECES_MAX = 100 };

static bool param_is_space(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0';
}

/* White space and comments; comments may nest and may never end. */
static void cfws(struct cur *c)
{
	unsigned depth = 0;
	char byte;

	for (;;) {
		cur_while(c, param_is_space);
		if (cur_peek(c) != '(')
			return;
		do {
			if (!cur_any(c, &byte))
				return;
			if (byte == '\\')
				cur_skip(c, 1);
			depth += byte == '(';
			depth -= byte == ')';
		} while (depth != 0);
	}
}

/* token of RFC 2045 5.1, 8-bit bytes allowed. */
static bool param_is_token(unsigned char c)
{
	switch (c) {
	case '(':
	case ')':
	case '<':
	case '>':
	case '@':
	case ',':
	case ';':
	case ':':
	case '\\':
	case '"':
	case '/':
	case '[':
	case ']':
	case '?':
	case '=':
	case 127:
		return false;
	default:
		return c > ' ';
	}
}

bool param_head_parse(struct cur *c, struct str *first, struct str *second)
{
	struct str rest;

	*second = STR_EMPTY;
	cfws(c);
	*first = cur_while(c, param_is_token);
	cfws(c);
	if (first->n != 0 && cur_byte(c, '/')) {
		cfws(c);
		*second = cur_while(c, param_is_token);
	}
	cfws(c);
	if (cur_peek(c) != ';' && !cur_until(c, ';', &rest))
		c->p = c->end;
	return first->n != 0;
}

/* --- one parameter ------------------------------------------------------------------ */

/* Remove the backslashes of a quoted-string and its folding; s itself when there are none. */
static struct str unescape(struct arena *a, struct str s)
{
	struct cur c;
	char *to;
	size_t n = 0;

	s = header_unfold(a, s);
	if (str_find_byte(s, '\\') < 0)
		return s;
	if ((to = arena_try(a, s.n)) == NULL)
		return STR_EMPTY;
	c = cur_of(s);
	while (!cur_done(&c)) {
		if (cur_peek(&c) == '\\' && cur_left(&c) > 1)
			cur_skip(&c, 1);
		cur_any(&c, &to[n++]);
	}
	return str_from(to, n);
}

/* quoted-string; without a closing quote it takes all. */
static struct str quoted(struct cur *c, struct arena *a)
{
	const char *start;
	size_t n;
	char byte;

	cur_skip(c, 1);
	start = c->p;
	while (!cur_done(c) && cur_peek(c) != '"') {
		cur_any(c, &byte);
		if (byte == '\\')
			cur_skip(c, 1);
	}
	n = (size_t)(c->p - start);
	cur_byte(c, '"');
	return unescape(a, str_from(start, n));
}

static bool in_value(unsigned char c)
{
	return !param_is_space(c) && c != ';';
}

static bool in_rest(unsigned char c)
{
	return c != ';' && c != '=';
}

/* A value without quotes. The grammar allows a token only, but programs write other text, spaces
 * too ("filename=my report.pdf"), and some omit the ";" before the next parameter. The search for
 * that stops at the next "=", because many short parameters would take quadratic time. */
static struct str bare(struct cur *c, struct arena *a)
{
	struct str value = cur_while(c, in_value), rest;
	struct cur try = *c;

	cfws(&try);
	rest = cur_while(&try, in_rest);
	if (rest.n == 0 || cur_peek(&try) == '=')
		return value;
	*c = try;
	value.n = (size_t)(rest.p + rest.n - value.p);
	while (value.n != 0 && param_is_space((unsigned char)value.p[value.n - 1]))
		value.n--;
	return header_unfold(a, value);
}

bool param_next(struct cur *c, struct arena *a, struct param *out)
{
	while (!cur_done(c)) {
		cfws(c);
		out->name = cur_while(c, param_is_token);
		if (out->name.n == 0) {
			if (cur_peek(c) == '"')
				quoted(c, a);
			else
				cur_skip(c, 1); /* ";" or malformed text */
			continue;
		}
		cfws(c);
		if (!cur_byte(c, '='))
			continue;
		cfws(c);
		out->value = cur_peek(c) == '"' ? quoted(c, a) : bare(c, a);
		return true;
	}
	return false;
}

/* False when the arena is full. */
static bool list_grow(struct arena *a, size_t cap, struct param_list *list)
{
	struct param *items = arena_try_array(a, struct param, cap);

	for (size_t i = 0; items != NULL && i < list->n; i++)
		items[i] = list->items[i];
	if (items != NULL)
		list->items = items;
	return items != NULL;
}

void param_list_parse(struct arena *a, struct str params, size_t max, struct param_list *out)
{
	struct cur c = cur_of(params);
	struct param one;
	size_t cap = 0;

	*out = (struct param_list){ NULL, 0 };
	while (out->n < max && param_next(&c, a, &one)) {
		if (out->n == cap) {
			cap = MIN(MAX(cap * 2, (size_t)4), max);
			if (!list_grow(a, cap, out))
				return;
		}
		out->items[out->n++] = one;
	}
}

/* --- RFC 2231 ----------------------------------------------------------------------- */

static int param_hex_value(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Percent-decoding of an extended value; a "%" without two digits is literal. */
static void percent_decode(struct buf *out, struct cur *c)
{
	char byte;

	while (cur_any(c, &byte)) {
		int high = param_hex_value(cur_peek(c)), low = param_hex_value(cur_peek_at(c, 1));

		if (byte == '%' && high >= 0 && low >= 0) {
			byte = (char)(high << 4 | low);
			cur_skip(c, 2);
		}
		buf_byte(out, byte);
	}
}

/* initial: charset "'" language "'" before the text. Without both quotes, all is text. */
static struct str charset_take(struct cur *c)
{
	struct cur try = *c;
	struct str charset, language;

	if (!cur_until(&try, '\'', &charset) || !cur_byte(&try, '\'') ||
	    !cur_until(&try, '\'', &language) || !cur_byte(&try, '\''))
		return STR_EMPTY;
	*c = try;
	return charset;
}

static const struct param *list_find(const struct param_list *list, struct str name,
                                     const char *suffix)
{
	struct str end = str_of(suffix);

	for (size_t i = 0; i < list->n; i++) {
		struct str s = list->items[i].name;

		if (s.n == name.n + end.n && str_startsi(s, name) && str_ends(s, end))
			return &list->items[i];
	}
	return NULL;
}

/* The pieces name*0, name*1*, ... in numeric order, for any order in the field. */
static bool pieces_join(struct buf *out, const struct param_list *list, struct str name,
                        struct str *charset)
{
	char suffix[16];
	int n = 0;

	for (; n < PARAM_PIECES_MAX; n++) {
		const struct param *p;
		struct cur c;

		snprintf(suffix, sizeof suffix, "*%d", n);
		if ((p = list_find(list, name, suffix)) != NULL) {
			buf_put(out, p->value);
			continue;
		}
		snprintf(suffix, sizeof suffix, "*%d*", n);
		if ((p = list_find(list, name, suffix)) == NULL)
			break;
		c = cur_of(p->value);
		if (n == 0)
			*charset = charset_take(&c);
		percent_decode(out, &c);
	}
	return n != 0;
}

/* A plain value: bytes, and encoded-words although RFC 2047 5 forbids them. */
static void plain_decode(struct buf *out, struct str value)
{
	if (str_find(value, STR("=?")) >= 0)
		encword_text_put(out, value);
	else
		charset_decode(out, STR_EMPTY, value);
}

/* A copy in a; false when a is full. */
static bool value_dup(struct arena *a, struct str value, struct str *out)
{
	char *to = arena_try(a, value.n);

	if (to == NULL)
		return false;
	if (value.n != 0)
		memcpy(to, value.p, value.n);
	*out = str_from(to, value.n);
	return true;
}

bool param_get(struct arena *a, const struct param_list *list, struct str name, struct str *out)
{
	const struct param *whole = list_find(list, name, "*");
	const struct param *plain = list_find(list, name, "");
	struct str charset = STR_EMPTY;
	struct buf bytes, text;
	bool found = true;

	buf_init(&bytes, PARAM_VALUE_MAX);
	buf_init(&text, CHARSET_GROWTH * PARAM_VALUE_MAX);
	if (whole != NULL) {
		struct cur c = cur_of(whole->value);

		charset = charset_take(&c);
		percent_decode(&bytes, &c);
		charset_decode(&text, charset, buf_str(&bytes));
	} else if (pieces_join(&bytes, list, name, &charset)) {
		if (charset.n == 0)
			plain_decode(&text, buf_str(&bytes));
		else
			charset_decode(&text, charset, buf_str(&bytes));
	} else if (plain != NULL) {
		plain_decode(&text, str_sub(plain->value, 0, PARAM_VALUE_MAX));
	} else {
		found = false;
	}
	found = found && value_dup(a, buf_str(&text), out);
	buf_deinit(&bytes);
	buf_deinit(&text);
	return found;
}

bool param_find(struct arena *a, struct str params, struct str name, struct str *out)
{
	struct param_list list;

	param_list_parse(a, params, PARAM_PIECES_MAX, &list);
	return param_get(a, &list, name, out);
}
