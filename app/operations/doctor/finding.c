/* operations/doctor/finding.c: see finding.h. */
#include "operations/doctor/finding.h"

const char *view_of_name(enum view_of of)
{
	return of == VIEW_RESOLVER ? "resolver" : "authority";
}

struct finding *finding_add(struct findings *out, struct str id, const char *type,
                            const char *purpose)
{
	struct finding *f = &out->items[MIN(out->count, (size_t)FINDINGS_MAX - 1)];

	*f = (struct finding){ .id = id, .type = type, .purpose = purpose };
	out->count = MIN(out->count + 1, (size_t)FINDINGS_MAX);
	return f;
}

size_t findings_count(const struct findings *all, enum dns_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < all->count; i++)
		n += all->items[i].state == state;
	return n;
}

enum dns_state findings_state(const struct findings *all)
{
	static const enum dns_state worst_first[] = { DNS_STATE_FAIL, DNS_STATE_WARN,
		                                      DNS_STATE_UNKNOWN };

	for (size_t i = 0; i < COUNT(worst_first); i++)
		if (findings_count(all, worst_first[i]) != 0)
			return worst_first[i];
	return all->count != 0 ? DNS_STATE_OK : DNS_STATE_UNKNOWN;
}
