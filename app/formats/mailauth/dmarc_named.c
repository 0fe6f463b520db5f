/* formats/mailauth/dmarc_named.c: the domains that mail clients might show as the author's when
 * From is ambiguous; see dmarc.h.
 *
 * Parsers treat such a field in different ways, so it is read in each common way: unchanged; with
 * encoded-words decoded; by formats/message/address.h, with comments and obsolete forms (RFC 5322
 * 4.4), as for our own users; and without all characters that are invisible or cannot be part of a
 * name. */
#include "formats/mailauth/dmarc.h"
#include "formats/message/address.h"
#include "formats/message/encword.h"
#include "formats/message/header.h"
#include "foundation/base/arena.h"
#include "foundation/text/fold.h"

enum { TEXT_MAX = 64 << 10, FOLDED_MAX = 4 * TEXT_MAX, ADDRESSES_MAX = 1000 };

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

struct naming {
	struct arena *a;
	struct str *out;
	size_t count;
};

/* More than the maximum. */
static void too_many(struct naming *n)
{
	n->count = DMARC_NAMED_MAX + 1;
}

static void name_add(struct naming *n, struct str domain)
{
	domain = mailaddr_domain_normal(n->a, domain);
	for (size_t i = 0; i < n->count && i < DMARC_NAMED_MAX; i++)
		if (str_eq(n->out[i], domain))
			return;
	if (n->count < DMARC_NAMED_MAX)
		n->out[n->count] = domain;
	n->count++;
}

static bool not_dot(unsigned char c)
{
	return c != '.';
}

/* A dot without a label before it is ignored by readers. */
static void labels_add(struct naming *n, struct str text)
{
	struct cur c = cur_of(text);
	struct buf name;

	if (text.n == 0)
		return;
	buf_init(&name, text.n);
	while (cur_left(&c) != 0) {
		struct str label = cur_while(&c, not_dot);

		cur_byte(&c, '.');
		if (label.n != 0 && name.n != 0)
			buf_byte(&name, '.');
		buf_put(&name, label);
	}
	if (name.n != 0)
		name_add(n, str_dup(n->a, buf_str(&name)));
	buf_deinit(&name);
}

static bool in_domain(unsigned char c)
{
	return ascii_alnum((char)c) || c == '-' || c == '.' || c == '_' || c >= 0x80;
}

/* The names after each "@". */
static void names_add(struct naming *n, struct str text)
{
	struct cur c = cur_of(text);

	while (cur_left(&c) != 0 && n->count <= DMARC_NAMED_MAX) {
		if (cur_byte(&c, '@'))
			labels_add(n, cur_while(&c, in_domain));
		else
			cur_skip(&c, 1);
	}
}

/* Characters that some parsers drop from a name: blanks, folding and other controls, quotes,
 * escapes, the brackets of a domain-literal, bytes of no charset. */
static bool steps_over(struct cur *c)
{
	int byte = cur_peek(c);

	if (cur_str(c, STR(REPLACEMENT)))
		return true;
	if (byte > ' ' && byte != 0x7f && byte != '"' && byte != '\\' && byte != '[' && byte != ']')
		return false;
	cur_skip(c, 1);
	return true;
}

static struct str run_together(struct arena *a, struct str text)
{
	char *to = arena_alloc(a, text.n);
	struct cur c = cur_of(text);
	size_t n = 0;

	while (cur_left(&c) != 0)
		if (!steps_over(&c))
			cur_any(&c, &to[n++]);
	return str_from(to, n);
}

static void addresses_add(struct naming *n, struct str text)
{
	struct address_list list;

	address_list_parse(n->a, text, ADDRESSES_MAX, &list);
	if (list.limited)
		too_many(n);
	for (size_t i = 0; i < list.n && n->count <= DMARC_NAMED_MAX; i++)
		labels_add(n, run_together(n->a, list.items[i].domain));
}

/* Wide letters count as letters, and invisible characters are dropped. */
static void readings_add(struct naming *n, struct str text)
{
	struct buf folded;

	names_add(n, text);
	buf_init(&folded, FOLDED_MAX);
	fold_put(&folded, text);
	if (buf_ok(&folded)) {
		text = str_dup(n->a, buf_str(&folded));
		addresses_add(n, text);
		names_add(n, run_together(n->a, text));
	} else {
		too_many(n);
	}
	buf_deinit(&folded);
}

size_t dmarc_named(const struct header_field *fields, size_t count, struct arena *a,
                   struct str out[static DMARC_NAMED_MAX])
{
	struct naming n = { .a = a, .out = out };

	for (size_t i = 0; i < count && n.count <= DMARC_NAMED_MAX; i++) {
		if (!str_eqi(fields[i].name, STR("From")))
			continue;
		readings_add(&n, fields[i].value);
		readings_add(&n, encword_text(a, fields[i].value, TEXT_MAX));
	}
	return n.count;
}
