/* formats/imap_wire/filter.c: see filter.h. */
#include "formats/imap_wire/filter.h"

static bool name_add(struct cur *c, struct arena *a, bool utf8, struct imap_strs *out)
{
	struct str name;

	if (out->n == IMAP_FILTER_NAMES || !imap_mailbox_parse(c, a, utf8, &name))
		return false;
	*(struct str *)imap_push(a, &out->items, &out->n, sizeof(name)) = name;
	return true;
}

/* one-or-more-mailbox = mailbox / "(" mailbox *(SP mailbox) ")" */
static bool names(struct cur *c, struct arena *a, bool utf8, struct imap_strs *out)
{
	if (!cur_byte(c, '('))
		return name_add(c, a, utf8, out);
	do {
		if (!name_add(c, a, utf8, out))
			return false;
	} while (imap_space(c));
	return cur_byte(c, ')');
}

bool imap_filter_parse(struct cur *c, struct arena *a, bool utf8, struct imap_filter *out)
{
	static const struct {
		struct str word;
		enum imap_filter_by by;
	} filters[] = {
		{ { "selected", 8 }, FILTER_SELECTED },
		{ { "selected-delayed", 16 }, FILTER_SELECTED_DELAYED },
		{ { "inboxes", 7 }, FILTER_INBOXES },
		{ { "personal", 8 }, FILTER_PERSONAL },
		{ { "subscribed", 10 }, FILTER_SUBSCRIBED },
		{ { "subtree", 7 }, FILTER_SUBTREE },
		{ { "subtree-one", 11 }, FILTER_SUBTREE_ONE },
		{ { "mailboxes", 9 }, FILTER_MAILBOXES },
	};

	*out = (struct imap_filter){ 0 };
	for (size_t i = 0; i < COUNT(filters); i++) {
		if (!imap_word(c, filters[i].word))
			continue;
		out->by = filters[i].by;
		return out->by < FILTER_SUBTREE ||
		       (imap_space(c) && names(c, a, utf8, &out->names));
	}
	return false;
}

static bool sources(struct cur *c, struct arena *a, bool utf8, struct imap_esearch *out)
{
	do {
		struct imap_filter f;

		if (out->n == IMAP_SOURCES || !imap_filter_parse(c, a, utf8, &f) ||
		    f.by == FILTER_SELECTED_DELAYED)
			return false;
		*(struct imap_filter *)imap_push(a, &out->filters, &out->n, sizeof(f)) = f;
	} while (imap_space(c));
	return cur_byte(c, ')');
}

bool imap_esearch_parse(struct cur *c, struct arena *a, bool utf8, unsigned depth,
                        struct imap_esearch *out)
{
	static const struct imap_filter selected = { .by = FILTER_SELECTED };
	struct cur at = *c;

	*out = (struct imap_esearch){ 0 };
	if (imap_space(&at) && imap_word(&at, STR("IN"))) {
		*c = at;
		if (!imap_space(c) || !cur_byte(c, '(') || !sources(c, a, utf8, out))
			return false;
	} else {
		*(struct imap_filter *)imap_push(a, &out->filters, &out->n, sizeof(selected)) =
			selected;
	}
	if (!imap_search_parse(c, a, depth, &out->search))
		return false;
	if (!out->search.extended) /* RFC 7377 2.1 */
		out->search.returns = RETURN_ALL;
	return out->search.extended = true;
}
