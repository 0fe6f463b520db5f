/* formats/sieve/tags.c: tagged arguments; see words.h. */
#include "formats/sieve/words.h"

static const struct sieve_tag tags[] = {
	/* clang-format off */
	/* name         argument        extension     number         operand   and its argument */
	{ "comparator", ARG_COMPARATOR, EXT_BASE,     0,              's', 0 },
	{ "is",         ARG_MATCH,      EXT_BASE,     MATCH_IS,       '-', 0 },
	{ "contains",   ARG_MATCH,      EXT_BASE,     MATCH_CONTAINS, '-', 0 },
	{ "matches",    ARG_MATCH,      EXT_BASE,     MATCH_MATCHES,  '-', 0 },
	{ "all",        ARG_PART,       EXT_BASE,     PART_ALL,       '-', 0 },
	{ "localpart",  ARG_PART,       EXT_BASE,     PART_LOCALPART, '-', 0 },
	{ "domain",     ARG_PART,       EXT_BASE,     PART_DOMAIN,    '-', 0 },
	{ "over",       ARG_OVER,       EXT_BASE,     1,              '-', 0 },
	{ "under",      ARG_OVER,       EXT_BASE,     0,              '-', 0 },
	/* clang-format on */
};

const struct sieve_tag *sieve_tag_find(struct str name, uint64_t args)
{
	for (size_t i = 0; i < COUNT(tags); i++)
		if ((args & sieve_bit(tags[i].arg)) != 0 && str_eqi(str_of(tags[i].name), name))
			return &tags[i];
	return NULL;
}

char sieve_arg_type(enum sieve_arg arg)
{
	for (size_t i = 0; i < COUNT(tags); i++) {
		if (tags[i].arg == arg && tags[i].operand_arg == 0)
			return tags[i].operand == VALUE_NONE ? VALUE_NUMBER : tags[i].operand;
		if (tags[i].operand_arg == arg && tags[i].operand_arg != 0)
			return tags[i].operand;
	}
	return VALUE_NUMBER;
}
