/* formats/message/authors.c: see authors.h. */
#include "formats/message/authors.h"

#include "formats/message/address.h"
#include "formats/message/cfws.h"
#include "formats/message/header.h"
#include "foundation/base/arena.h"
#include "foundation/text/opaque.h"
#include "foundation/text/utf8.h"

/* display-name = phrase; phrase = 1*word / word *(word / "." / CFWS) RFC 5322 3.2.5, 4.1 Unquoted
 * brackets, which some programs write, are unambiguous. */
static bool phrase(struct cur *c)
{
	struct str ignored;

	for (;;) {
		if (!cfws_skip(c))
			return false;
		if (cur_peek(c) == '<')
			return true;
		if (cur_peek(c) == '"') {
			if (!cfws_quoted(c, &ignored))
				return false;
		} else if (cur_while(c, address_is_atext).n == 0 && !cur_byte(c, '.') &&
		           !cur_byte(c, '[') && !cur_byte(c, ']')) {
			return false;
		}
	}
}

/* Is the text the same for every reader? */
static bool is_plain(struct arena *a, struct str local)
{
	struct str seen;

	if (str_find(local, STR("=?")) >= 0) /* RFC 2047 5 (3) */
		return false;
	if (utf8_ascii(local))
		return true;
	return opaque_dup(a, local, 4 * MAILADDR_LOCAL_MAX, &seen) &&
	       str_find_byte(seen, ' ') < 0;
}

/* addr-spec							RFC 5322 3.4.1 */
static bool spec(struct cur *c, struct arena *a, struct mailaddr *out)
{
	return mailaddr_parse(c, a, MAILADDR_UTF8 | MAILADDR_LITERAL, out) &&
	       is_plain(a, out->local);
}

static bool at_comma_or_end(const struct cur *c)
{
	return cur_done(c) || cur_peek(c) == ',';
}

/* angle-addr							RFC 5322 3.4 */
static bool angle(struct cur *c, struct arena *a, struct mailaddr *out)
{
	return cur_byte(c, '<') && cfws_skip(c) && spec(c, a, out) && cfws_skip(c) &&
	       cur_byte(c, '>') && cfws_skip(c);
}

/* mailbox = name-addr / addr-spec RFC 5322 3.4 An address as display name, which should be quoted,
 * must be the same author. */
static bool mailbox(struct cur *c, struct arena *a, struct mailaddr *out)
{
	struct mailaddr same;
	struct cur try;

	if (!cfws_skip(c))
		return false;
	try = *c;
	if (spec(&try, a, out) && cfws_skip(&try) &&
	    (at_comma_or_end(&try) || (angle(&try, a, &same) && mailaddr_equal(out, &same) &&
	                               at_comma_or_end(&try)))) {
		*c = try;
		return true;
	}
	return phrase(c) && angle(c, a, out) && at_comma_or_end(c);
}

static bool not_line_end(unsigned char c)
{
	return c != '\r' && c != '\n' && c != '\0';
}

/* Are all its line ends part of folding (RFC 5322 2.2.3)? */
static bool is_folded(struct str value)
{
	struct cur c = cur_of(value);

	for (;;) {
		cur_while(&c, not_line_end);
		if (cur_done(&c))
			return true;
		if (!cur_crlf(&c) || !cur_blank(&c))
			return false;
	}
}

enum err authors_parse(struct arena *a, struct str value, size_t max, struct authors *out)
{
	struct str line = header_unfold(a, value);
	struct cur c = cur_of(line);
	size_t cap = 0;

	*out = (struct authors){ NULL, 0 };
	if (!utf8_valid(value) || !is_folded(value))
		return ERR_SYNTAX;
	do {
		struct mailaddr one;

		if (!mailbox(&c, a, &one))
			return ERR_SYNTAX;
		if (out->n == max)
			return ERR_LIMIT;
		if (out->n == cap) {
			struct mailaddr *old = out->items;

			cap = MAX(cap * 2, (size_t)2);
			out->items = arena_array(a, struct mailaddr, cap);
			for (size_t i = 0; i < out->n; i++)
				out->items[i] = old[i];
		}
		out->items[out->n++] = one;
	} while (cur_byte(&c, ','));
	return OK;
}
