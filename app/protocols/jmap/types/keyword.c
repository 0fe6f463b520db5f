/* protocols/jmap/types/keyword.c: see keyword.h. */
#include "protocols/jmap/types/keyword.h"

#include "foundation/base/arena.h"

#include <string.h>

enum { NAME_MAX_BYTES = 255 };

/* "Their first character changed from \ in IMAP to $ in JMAP." */
static const struct {
	struct str name;
	enum flag flag;
} system_flags[] = {
	{ { "$seen", 5 }, FLAG_SEEN },
	{ { "$draft", 6 }, FLAG_DRAFT },
	{ { "$flagged", 8 }, FLAG_FLAGGED },
	{ { "$answered", 9 }, FLAG_ANSWERED },
};

static int system_find(struct str name)
{
	for (size_t i = 0; i < COUNT(system_flags); i++)
		if (str_eqi(name, system_flags[i].name))
			return (int)system_flags[i].flag;
	return -1;
}

bool jmap_keyword_valid(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] < 0x21 || name.p[i] > 0x7e || strchr("(){]%*\"\\", name.p[i]) != NULL)
			return false;
	return name.n != 0 && name.n <= NAME_MAX_BYTES && !str_eqi(name, STR("$deleted")) &&
	       !str_eqi(name, STR("$recent"));
}

int jmap_keyword_find(const struct keywords *k, struct str name)
{
	int flag = system_find(name);

	if (flag >= 0 || str_starts(name, STR("\\")))
		return flag;
	return keywords_find(k, name);
}

enum err jmap_keyword_intern(const struct mail_txn *m, struct str name, unsigned *flag)
{
	int known = system_find(name);
	enum err e;

	if (known >= 0) {
		*flag = (unsigned)known;
		return OK;
	}
	e = keyword_intern(m, name, flag);
	return e == ERR_SYNTAX ? ERR_LIMIT : e; /* IMAP's atoms allow the same bytes */
}

struct str jmap_keyword_name(const struct keywords *k, unsigned flag, struct arena *a)
{
	for (size_t i = 0; i < COUNT(system_flags); i++)
		if (system_flags[i].flag == flag)
			return system_flags[i].name;
	if (flag >= FLAG_MAX || flag == FLAG_DELETED)
		return STR_EMPTY;
	return str_lower(a, k->names[flag]);
}
