/* protocols/imap/search/filter.c: see filter.h. */
#include "model/mailbox/name.h"
#include "protocols/imap/place.h"
#include "protocols/imap/search/filter.h"

bool imap_filter_same(struct str a, struct str b)
{
	struct imap_place x, y;

	if (a.n != b.n) /* the usual case */
		return false;
	x = imap_place(a);
	y = imap_place(b);
	return imap_place_same(&x, &y) && name_eq(x.name, y.name);
}

/* Is name a parent of child, any number of levels up? */
static bool is_above(struct str name, struct str child)
{
	struct imap_place x = imap_place(name), y = imap_place(child);

	if (imap_place_same(&x, &y)) {
		name = x.name;
		child = y.name;
	}
	return name.n == 0 || (child.n > name.n && child.p[name.n] == '/' &&
	                       name_eq(name, str_sub(child, 0, name.n)));
}

static struct str parent_of(struct str name)
{
	ptrdiff_t slash = str_rfind_byte(name, '/');

	return str_sub(name, 0, slash < 0 ? 0 : (size_t)slash);
}

static bool has_name(enum imap_filter_by by, struct str asked, struct str name)
{
	if (imap_filter_same(asked, name))
		return true;
	if (by == FILTER_SUBTREE_ONE)
		return imap_filter_same(asked, parent_of(name));
	return by == FILTER_SUBTREE && is_above(asked, name);
}

bool imap_filter_has(const struct imap_filter *f, const struct imap_filtered *box)
{
	switch (f->by) {
	case FILTER_SELECTED:
	case FILTER_SELECTED_DELAYED:
		return false;
	case FILTER_INBOXES: /* a script may deliver into any mailbox (RFC 5465 6.3) */
	case FILTER_PERSONAL:
		return !box->foreign;
	case FILTER_SUBSCRIBED:
		return box->subscribed;
	case FILTER_SUBTREE:
	case FILTER_SUBTREE_ONE:
	case FILTER_MAILBOXES:
		break;
	}
	for (size_t i = 0; i < f->names.n; i++)
		if (has_name(f->by, f->names.items[i], box->name))
			return true;
	return false;
}
