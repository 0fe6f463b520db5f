/* formats/sieve/tags.c: tagged arguments; see words.h. */
#include "formats/sieve/words.h"

static const struct sieve_tag tags[] = {
	/* clang-format off */
	/* name         argument        extension     number         operand   and its argument */
	{ "comparator", ARG_COMPARATOR, EXT_BASE,     0,              's', 0 },
	{ "is",         ARG_MATCH,      EXT_BASE,     MATCH_IS,       '-', 0 },
	{ "contains",   ARG_MATCH,      EXT_BASE,     MATCH_CONTAINS, '-', 0 },
	{ "matches",    ARG_MATCH,      EXT_BASE,     MATCH_MATCHES,  '-', 0 },
	{ "regex",      ARG_MATCH,      EXT_REGEX,    MATCH_REGEX,    '-', 0 },
	{ "list",       ARG_MATCH,      EXT_EXTLISTS, MATCH_LIST,     '-', 0 },
	{ "all",        ARG_PART,       EXT_BASE,     PART_ALL,       '-', 0 },
	{ "localpart",  ARG_PART,       EXT_BASE,     PART_LOCALPART, '-', 0 },
	{ "domain",     ARG_PART,       EXT_BASE,     PART_DOMAIN,    '-', 0 },
	{ "count",      ARG_MATCH,      EXT_RELATIONAL, MATCH_COUNT,  's', ARG_RELATION },
	{ "value",      ARG_MATCH,      EXT_RELATIONAL, MATCH_VALUE,  's', ARG_RELATION },
	{ "user",       ARG_PART,       EXT_SUBADDRESS, PART_USER,    '-', 0 },
	{ "detail",     ARG_PART,       EXT_SUBADDRESS, PART_DETAIL,  '-', 0 },
	{ "index",      ARG_INDEX,      EXT_INDEX,    0,              'n', 0 },
	{ "last",       ARG_LAST,       EXT_INDEX,    0,              '-', 0 },
	{ "zone",       ARG_ZONE,       EXT_BASE,     0,              's', 0 },
	{ "originalzone", ARG_ORIGINAL_ZONE, EXT_BASE, 0,             '-', 0 },
	{ "raw",        ARG_TRANSFORM,  EXT_BASE,     TRANSFORM_RAW,  '-', 0 },
	{ "content",    ARG_TRANSFORM,  EXT_BASE,     TRANSFORM_CONTENT, 'l', ARG_CONTENT },
	{ "text",       ARG_TRANSFORM,  EXT_BASE,     TRANSFORM_TEXT, '-', 0 },
	{ "copy",       ARG_COPY,       EXT_COPY,     0,              '-', 0 },
	{ "create",     ARG_CREATE,     EXT_MAILBOX,  0,              '-', 0 },
	{ "flags",      ARG_FLAGS,      EXT_IMAP4FLAGS, 0,            'l', 0 },
	{ "specialuse", ARG_SPECIAL_USE, EXT_SPECIAL_USE, 0,          's', 0 },
	{ "mailboxid",  ARG_MAILBOX_ID, EXT_MAILBOXID, 0,             's', 0 },
	{ "fcc",        ARG_FCC,        EXT_FCC,      0,              's', 0 },
	{ "lower",      ARG_CASE,       EXT_BASE,     0,              '-', 0 },
	{ "upper",      ARG_CASE,       EXT_BASE,     1,              '-', 0 },
	{ "lowerfirst", ARG_FIRST,      EXT_BASE,     0,              '-', 0 },
	{ "upperfirst", ARG_FIRST,      EXT_BASE,     1,              '-', 0 },
	{ "quotewildcard", ARG_QUOTE,   EXT_BASE,     0,              '-', 0 },
	{ "quoteregex", ARG_QUOTE,      EXT_REGEX,    1,              '-', 0 },
	{ "encodeurl",  ARG_ENCODE,     EXT_ENOTIFY,  0,              '-', 0 },
	{ "length",     ARG_LENGTH,     EXT_BASE,     0,              '-', 0 },
	{ "days",       ARG_DAYS,       EXT_BASE,     0,              'n', 0 },
	{ "seconds",    ARG_SECONDS,    EXT_VACATION_SECONDS, 0,      'n', 0 },
	{ "seconds",    ARG_TIMEOUT,    EXT_BASE,     0,              'n', 0 },
	{ "expire",     ARG_EXPIRE,     EXT_SMTP,     0,              'n', 0 },
	{ "subject",    ARG_SUBJECT,    EXT_BASE,     0,              's', 0 },
	{ "from",       ARG_FROM,       EXT_BASE,     0,              's', 0 },
	{ "addresses",  ARG_ADDRESSES,  EXT_BASE,     0,              'l', 0 },
	{ "mime",       ARG_MIME,       EXT_BASE,     0,              '-', 0 },
	{ "handle",     ARG_HANDLE,     EXT_BASE,     0,              's', 0 },
	{ "header",     ARG_HEADER,     EXT_BASE,     0,              's', 0 },
	{ "uniqueid",   ARG_UNIQUE_ID,  EXT_BASE,     0,              's', 0 },
	{ "percent",    ARG_PERCENT,    EXT_SPAMTESTPLUS, 0,          '-', 0 },
	{ "personal",   ARG_LOCATION,   EXT_BASE,     0,              '-', 0 },
	{ "global",     ARG_LOCATION,   EXT_BASE,     1,              '-', 0 },
	{ "once",       ARG_ONCE,       EXT_BASE,     0,              '-', 0 },
	{ "optional",   ARG_OPTIONAL,   EXT_BASE,     0,              '-', 0 },
	{ "over",       ARG_OVER,       EXT_BASE,     1,              '-', 0 },
	{ "under",      ARG_OVER,       EXT_BASE,     0,              '-', 0 },
	{ "importance", ARG_IMPORTANCE, EXT_BASE,     0,              's', 0 },
	{ "options",    ARG_OPTIONS,    EXT_BASE,     0,              'l', 0 },
	{ "message",    ARG_MESSAGE,    EXT_BASE,     0,              's', 0 },
	{ "mime",       ARG_MIME_TEST,  EXT_MIME,     0,              '-', 0 },
	{ "anychild",   ARG_ANYCHILD,   EXT_MIME,     0,              '-', 0 },
	{ "type",       ARG_MIME_PART,  EXT_MIME,     MIME_TYPE,      '-', 0 },
	{ "subtype",    ARG_MIME_PART,  EXT_MIME,     MIME_SUBTYPE,   '-', 0 },
	{ "contenttype", ARG_MIME_PART, EXT_MIME,     MIME_CONTENTTYPE, '-', 0 },
	{ "param",      ARG_MIME_PART,  EXT_MIME,     MIME_PARAM,     'l', ARG_MIME_PARAMS },
	{ "first",      ARG_FIRST_N,    EXT_BASE,     0,              'n', 0 },
	{ "headers",    ARG_HEADERS,    EXT_BASE,     0,              'l', 0 },
	{ "name",       ARG_NAME,       EXT_BASE,     0,              's', 0 },
	{ "list",       ARG_LIST,       EXT_EXTLISTS, 0,              '-', 0 },
	{ "notify",     ARG_NOTIFY,     EXT_REDIRECT_DSN, 0,          's', 0 },
	{ "ret",        ARG_RET,        EXT_REDIRECT_DSN, 0,          's', 0 },
	{ "bytimerelative", ARG_BY_RELATIVE, EXT_REDIRECT_DELIVERBY, 0, 'n', 0 },
	{ "bytimeabsolute", ARG_BY_ABSOLUTE, EXT_REDIRECT_DELIVERBY, 0, 's', 0 },
	{ "bymode",     ARG_BY_MODE,    EXT_REDIRECT_DELIVERBY, 0,    's', 0 },
	{ "bytrace",    ARG_BY_TRACE,   EXT_REDIRECT_DELIVERBY, 0,    '-', 0 },
	{ "append_result", ARG_APPEND,  EXT_BASE,     0,              '-', 0 },
	{ "smtp",       ARG_SMTP,       EXT_BASE,     0,              '-', 0 },
	{ "mailbox",    ARG_MAILBOX,    EXT_BASE,     0,              's', 0 },
	{ "extension",  ARG_EXTENSION,  EXT_BASE,     0,              's', 0 },
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
