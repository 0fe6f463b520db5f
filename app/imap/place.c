/* imap/place.c: see place.h. */
#include "imap/place.h"

static bool below(struct str prefix, struct str name, struct str *owner, struct str *rest)
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

	if (below(STR(PLACE_OTHERS), name, &p.owner, &p.name))
		p.kind = PLACE_OTHER;
	else if (below(STR(PLACE_GROUPS), name, &p.owner, &p.name))
		p.kind = PLACE_GROUP;
	return p;
}

bool imap_place_same(const struct imap_place *a, const struct imap_place *b)
{
	return a->kind == b->kind && str_eqi(a->owner, b->owner);
}
