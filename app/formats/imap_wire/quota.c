/* formats/imap_wire/quota.c: see quota.h. */
#include "formats/imap_wire/quota.h"

static const struct str names[RESOURCES] = {
	[RESOURCE_STORAGE] = { "STORAGE", 7 },
	[RESOURCE_MESSAGE] = { "MESSAGE", 7 },
	[RESOURCE_MAILBOX] = { "MAILBOX", 7 },
};

struct str imap_resource_name(enum imap_resource resource)
{
	return names[resource];
}

/* setquota-resource = resource-name SP resource-limit */
static bool resource(struct cur *c, struct imap_setquota *out)
{
	struct str name;
	uint64_t limit;

	if (!imap_atom_parse(c, &name) || !imap_space(c) || !cur_u64(c, &limit) ||
	    limit > INT64_MAX)
		return false;
	for (size_t i = 0; i < RESOURCES; i++)
		if (str_eqi(names[i], name)) {
			out->given[i] = true;
			out->limit[i] = limit;
			return true;
		}
	out->unknown = true;
	return true;
}

bool imap_setquota_parse(struct cur *c, struct arena *a, struct imap_setquota *out)
{
	*out = (struct imap_setquota){ .root = STR_EMPTY };
	if (!imap_astring_parse(c, a, &out->root) || !imap_space(c) || !cur_byte(c, '('))
		return false;
	if (cur_byte(c, ')'))
		return true;
	do {
		if (!resource(c, out))
			return false;
	} while (imap_space(c));
	return cur_byte(c, ')');
}
