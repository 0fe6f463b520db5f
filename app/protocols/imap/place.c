/* protocols/imap/place.c: see place.h. */
#include "foundation/base/arena.h"
#include "foundation/base/cur.h"
#include "model/directory/normal.h"
#include "model/mailbox/name.h"
#include "protocols/imap/place.h"

static bool place_below(struct str prefix, struct str name, struct str *owner, struct str *rest)
{
	struct str tail = str_sub(name, prefix.n, name.n);
	ptrdiff_t slash = str_find_byte(tail, '/');
	size_t end = slash < 0 ? tail.n : (size_t)slash;

	if (!str_starts(name, prefix) || str_find_byte(str_sub(tail, 0, end), '@') < 0)
		return false;
	*owner = str_sub(tail, 0, end);
	*rest = str_sub(tail, end + 1, tail.n);
	return true;
}

struct imap_place imap_place(struct str name)
{
	struct imap_place p = { .kind = PLACE_OWN, .name = name };

	if (place_below(STR(PLACE_OTHERS), name, &p.owner, &p.name))
		p.kind = PLACE_OTHER;
	else if (place_below(STR(PLACE_GROUPS), name, &p.owner, &p.name))
		p.kind = PLACE_GROUP;
	return p;
}

/* INBOX and its children, in any case (RFC 9051 5.1). */
static struct str inbox_put(struct arena *a, struct str name)
{
	struct cur rest = cur_of(name);
	struct str level = STR_EMPTY;

	(void)name_level(&rest, true, &level);
	return str_fmt(a, "%.*s%.*s", STR_ARG(level), STR_ARG(str_sub(name, level.n, name.n)));
}

struct str imap_place_listed(struct arena *a, struct str name)
{
	struct imap_place p = imap_place(name);
	struct str prefix = p.kind == PLACE_OTHER ? STR(PLACE_OTHERS) : STR(PLACE_GROUPS), own;
	struct mailaddr address;

	if (p.kind == PLACE_OWN || !normal_address(a, p.owner, &address))
		return name;
	address = normal_fold(a, address);
	own = str_fmt(a, "%.*s%.*s@%.*s", STR_ARG(prefix), STR_ARG(address.local),
	              STR_ARG(address.domain));
	if (!p.name.n)
		return own;
	return str_fmt(a, "%.*s/%.*s", STR_ARG(own), STR_ARG(inbox_put(a, p.name)));
}

bool imap_place_same(const struct imap_place *a, const struct imap_place *b)
{
	return a->kind == b->kind && str_eqi(a->owner, b->owner);
}
