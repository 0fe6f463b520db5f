/* formats/mailauth/dmarc_author.c: the author's domain of a message; see dmarc.h. */
#include "formats/mailauth/dmarc.h"
#include "formats/message/address.h"
#include "formats/message/authors.h"
#include "formats/message/header.h"
#include "foundation/base/arena.h"
#include "foundation/text/utf8.h"

/* The only From field. */
static enum err from_find(const struct header_field *fields, size_t count, struct str *value,
                          struct why *why)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		if (str_eqi(fields[i].name, STR("From"))) {
			*value = fields[i].value;
			n++;
		}
	if (n == 0)
		return fail(why, ERR_MISSING, "there is no From field");
	if (n > 1)
		return fail(why, ERR_CONFLICT, "there are %zu From fields", n);
	return OK;
}

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* Old mail may have names in old charsets, which must not hide its author: their bytes become
 * U+FFFD, which an address may not contain. But next to a backslash, such a byte may be half of a
 * character to some parsers, and keep a quote open for others. */
static struct str without_charsets(struct arena *a, struct str value)
{
	struct buf b;

	if (utf8_valid(value) || str_find_byte(value, '\\') >= 0)
		return value;
	buf_init(&b, 3 * value.n);
	utf8_put_clean(&b, value);
	value = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return value;
}

static enum err no_authors(struct arena *a, struct str value, enum err e, struct why *why)
{
	struct address_list list;

	if (e == ERR_LIMIT)
		return fail(why, e, "From has more than %d addresses", DMARC_AUTHORS_MAX);
	address_list_parse(a, value, 3, &list); /* a member, and both ends of its group */
	if (list.n != 0 && list.items[0].kind == ADDRESS_GROUP_BEGIN)
		return fail(why, e, "From is a group and no author");
	return fail(why, e, "From cannot be read for certain");
}

enum err dmarc_author(const struct header_field *fields, size_t count, struct arena *a,
                      struct str *domain, struct why *why)
{
	struct authors authors;
	struct str value;
	enum err e = from_find(fields, count, &value, why);

	if (e != OK)
		return e;
	e = authors_parse(a, without_charsets(a, value), DMARC_AUTHORS_MAX, &authors);
	if (e != OK)
		return no_authors(a, value, e, why);
	for (size_t i = 0; i < authors.n; i++) {
		if (str_starts(authors.items[i].domain, STR("[")))
			return fail(why, ERR_SYNTAX, "an address in From has no domain name");
		if (str_find(authors.items[i].local, STR(REPLACEMENT)) >= 0)
			return no_authors(a, value, ERR_SYNTAX, why);
	}
	for (size_t i = 1; i < authors.n; i++)
		if (!str_eqi(authors.items[i].domain, authors.items[0].domain))
			return fail(why, ERR_CONFLICT, "From has addresses of several domains");
	*domain = str_dup(a, authors.items[0].domain);
	return OK;
}
