/* formats/imap_wire/search_returns.c: the RETURN options of SEARCH and SORT (RFC 4731 3.1), see
 * search.h. */
#include "formats/imap_wire/fetch.h"
#include "formats/imap_wire/search.h"
#include "foundation/base/arena.h"

/* modifier-update = "UPDATE" [ "(" fetch-att *(SP fetch-att) ")" ] (RFC 5465 8), where its section
 * 7 has a space before the parenthesis. */
static bool update_atts(struct cur *c, struct arena *a, struct imap_search *out)
{
	struct imap_fetch *atts;
	struct cur at = *c;

	(void)imap_space(&at);
	if (cur_peek(&at) != '(')
		return true;
	*c = at;
	atts = arena_new(a, struct imap_fetch);
	out->update = atts;
	return imap_fetch_atts_parse(c, a, atts);
}

static bool return_option(struct cur *c, struct arena *a, struct imap_search *out)
{
	static const struct {
		struct str name;
		unsigned bit;
	} options[] = {
		{ { "MIN", 3 }, RETURN_MIN },   { { "MAX", 3 }, RETURN_MAX },
		{ { "ALL", 3 }, RETURN_ALL },   { { "COUNT", 5 }, RETURN_COUNT },
		{ { "SAVE", 4 }, RETURN_SAVE },
		{ { "UPDATE", 6 }, RETURN_UPDATE }, { { "CONTEXT", 7 }, RETURN_CONTEXT },
		{ { "RELEVANCY", 9 }, RETURN_RELEVANCY },
	};

	for (size_t i = 0; i < COUNT(options); i++)
		if (imap_word(c, options[i].name)) {
			out->returns |= options[i].bit;
			return options[i].bit != RETURN_UPDATE || update_atts(c, a, out);
		}
	out->returns |= RETURN_PARTIAL;
	return !out->partial.from && imap_partial_parse(c, &out->partial);
}

/* search-return-opts = SP "RETURN" SP "(" [option *(SP option)] ")" */
bool imap_search_returns_parse(struct cur *c, struct arena *a, struct imap_search *out)
{
	struct cur at = *c;

	if (!imap_space(&at) || !imap_word(&at, STR("RETURN")))
		return true;
	*c = at;
	out->extended = true;
	if (!imap_space(c) || !cur_byte(c, '('))
		return false;
	if (cur_byte(c, ')')) {
		out->returns = RETURN_ALL; /* RFC 4731 3.1 */
		return true;
	}
	do {
		if (!return_option(c, a, out))
			return false;
	} while (imap_space(c));
	/* RFC 9394 3.1: at most one of the two. */
	return cur_byte(c, ')') && !(out->returns & RETURN_ALL && out->returns & RETURN_PARTIAL);
}
