/* formats/sieve/words.h: the vocabulary: extensions, commands, tests and their arguments as tables.
 *
 * Codes are stored in programs: append to the enums, and raise PROGRAM_VERSION (program.h) for any
 * other change. Private to formats/sieve. */
#ifndef SIEVE_WORDS_H
#define SIEVE_WORDS_H
#include "foundation/base/str.h"

struct sieve_run;
struct sieve_op;
struct sieve_parser;
struct sieve_command;

/* A row of extensions.c for each but the first. */
enum sieve_ext {
	EXT_BASE,
	EXT_FILEINTO,
	EXT_REJECT,
	EXT_EREJECT,
	EXT_ENVELOPE,
	EXT_ENCODED_CHARACTER,
	EXT_OCTET,
	EXT_CASEMAP,
	EXT_NUMERIC,
	EXT_UNICODE,
	EXT_COPY,
	EXT_VARIABLES,
	EXT_IMAP4FLAGS,
	EXT_RELATIONAL,
	EXT_SUBADDRESS,
	EXT_BODY,
	EXT_DATE,
	EXT_INDEX,
	EXT_VACATION,
	EXT_VACATION_SECONDS,
	EXT_EDITHEADER,
	EXT_DUPLICATE,
	EXT_MAILBOX,
	EXT_MBOXMETADATA,
	EXT_SERVERMETADATA,
	EXT_SPECIAL_USE,
	EXT_MAILBOXID,
	EXT_ENVIRONMENT,
	EXT_IHAVE,
	EXT_INCLUDE,
	EXT_ENOTIFY,
	EXT_FCC,
	EXT_SPAMTEST,
	EXT_SPAMTESTPLUS,
	EXT_VIRUSTEST,
	EXT_REGEX,
	EXT_MIME,
	EXT_FOREVERYPART,
	EXT_EXTRACTTEXT,
	EXT_REPLACE,
	EXT_ENCLOSE,
	EXT_EXTLISTS,
	EXT_ENVELOPE_DSN,
	EXT_ENVELOPE_DELIVERBY,
	EXT_REDIRECT_DSN,
	EXT_REDIRECT_DELIVERBY,
	EXT_IMAPSIEVE,
	EXT_TESTSUITE, /* from here on not for scripts of deliveries */
	EXT_SMTP,
	EXT_COUNT,
};

struct sieve_extension {
	const char *name;
	uint64_t with; /* extensions that come with it */
};
extern const struct sieve_extension sieve_extensions[EXT_COUNT];

/* EXT_COUNT: there is none. */
enum sieve_ext sieve_extension_find(struct str name);

/* An argument of an operation. Tags that exclude each other share one. */
enum sieve_arg {
	ARG_COMPARATOR,
	ARG_MATCH,    /* enum sieve_match         */
	ARG_RELATION, /* operand of :count, :value */
	ARG_PART,     /* enum sieve_part          */
	ARG_OVER,     /* of size: 1 is :over      */
	ARG_TRANSFORM,
	ARG_CONTENT,
	ARG_COPY,
	ARG_CREATE,
	ARG_FLAGS,
	ARG_SPECIAL_USE,
	ARG_MAILBOX_ID,
	ARG_FCC,
	ARG_INDEX,
	ARG_LAST,
	ARG_ZONE,
	ARG_ORIGINAL_ZONE,
	ARG_DAYS,
	ARG_SECONDS,
	ARG_TIMEOUT, /* :seconds of duplicate */
	ARG_SUBJECT,
	ARG_FROM,
	ARG_ADDRESSES,
	ARG_MIME,
	ARG_HANDLE,
	ARG_HEADER,
	ARG_UNIQUE_ID,
	ARG_CASE, /* modifiers of set, by their precedence */
	ARG_FIRST,
	ARG_QUOTE,
	ARG_ENCODE,
	ARG_LENGTH,
	ARG_IMPORTANCE,
	ARG_OPTIONS,
	ARG_MESSAGE,
	ARG_PERCENT,
	ARG_LOCATION,
	ARG_ONCE,
	ARG_OPTIONAL,
	ARG_MIME_TEST, /* :mime of header, address and exists */
	ARG_ANYCHILD,
	ARG_MIME_PART,
	ARG_MIME_PARAMS,
	ARG_FIRST_N, /* :first of extracttext */
	ARG_HEADERS,
	ARG_LIST,
	ARG_NAME,
	ARG_NOTIFY,
	ARG_RET,
	ARG_BY_RELATIVE,
	ARG_BY_ABSOLUTE,
	ARG_BY_MODE,
	ARG_BY_TRACE,
	ARG_APPEND, /* and the next three: of vnd.dovecot.testsuite */
	ARG_SMTP,
	ARG_MAILBOX,
	ARG_EXTENSION,
	ARG_EXPIRE,
	ARG_1,      /* positional ones */
	ARG_2,
	ARG_3,
	ARG_COUNT,
};

enum sieve_match { MATCH_IS, MATCH_CONTAINS, MATCH_MATCHES, MATCH_COUNT, MATCH_VALUE, MATCH_REGEX,
	           MATCH_LIST, MATCH_TYPES };
enum sieve_part { PART_ALL, PART_LOCALPART, PART_DOMAIN, PART_USER, PART_DETAIL, PART_CHOICES };
enum sieve_transform { TRANSFORM_RAW, TRANSFORM_CONTENT, TRANSFORM_TEXT };
enum sieve_mime_part { MIME_TYPE, MIME_SUBTYPE, MIME_CONTENTTYPE, MIME_PARAM };

/* In the order of the rows of words.c. Those before OP_WORDS have no row: they are made of the
 * control structures. */
enum sieve_code {
	OP_STOP,       /* end of the program   */
	OP_JUMP,
	OP_JUMP_FALSE, /* when the last test was false */
	OP_JUMP_TRUE,
	OP_NOT,
	OP_LOOP,       /* of foreverypart; jumps behind the loop when there is no part */
	OP_NEXT,       /* part; jumps back to the begin of the loop's block */
	OP_LEAVE,      /* a loop               */
	OP_WORDS,
	OP_REQUIRE = OP_WORDS,
	OP_IF,
	OP_ELSIF,
	OP_ELSE,
	OP_END, /* stop */
	OP_ANYOF,
	OP_ALLOF,
	OP_NEGATE, /* not */
	OP_TRUE,
	OP_FALSE,
	OP_ADDRESS,
	OP_ENVELOPE,
	OP_EXISTS,
	OP_HEADER,
	OP_SIZE,
	OP_KEEP,
	OP_FILEINTO,
	OP_REDIRECT,
	OP_DISCARD,
	OP_REJECT,
	OP_EREJECT,
	OP_SET,
	OP_STRING,
	OP_SETFLAG,
	OP_ADDFLAG,
	OP_REMOVEFLAG,
	OP_HASFLAG,
	OP_BODY,
	OP_DATE,
	OP_CURRENTDATE,
	OP_VACATION,
	OP_ADDHEADER,
	OP_DELETEHEADER,
	OP_DUPLICATE,
	OP_MAILBOXEXISTS,
	OP_METADATA,
	OP_METADATAEXISTS,
	OP_SERVERMETADATA,
	OP_SERVERMETADATAEXISTS,
	OP_SPECIALUSE_EXISTS,
	OP_MAILBOXIDEXISTS,
	OP_ENVIRONMENT,
	OP_IHAVE,
	OP_ERROR,
	OP_INCLUDE,
	OP_GLOBAL,
	OP_RETURN,
	OP_NOTIFY,
	OP_VALID_NOTIFY_METHOD,
	OP_NOTIFY_METHOD_CAPABILITY,
	OP_SPAMTEST,
	OP_VIRUSTEST,
	OP_FOREVERYPART,
	OP_BREAK,
	OP_EXTRACTTEXT,
	OP_REPLACE,
	OP_ENCLOSE,
	OP_VALID_EXT_LIST,
	OP_TEST, /* the first word of vnd.dovecot.testsuite */
	OP_TEST_FAIL,
	OP_TEST_SET,
	OP_TEST_CONFIG_SET,
	OP_TEST_CONFIG_UNSET,
	OP_TEST_CONFIG_RELOAD,
	OP_TEST_RESULT_RESET,
	OP_TEST_RESULT_PRINT,
	OP_TEST_MESSAGE_PRINT,
	OP_TEST_MESSAGE,
	OP_TEST_HAS_MESSAGE, /* the same as a test */
	OP_TEST_MAILBOX_CREATE,
	OP_TEST_BINARY_SAVE,
	OP_TEST_BINARY_LOAD,
	OP_TEST_IMAP_METADATA_SET,
	OP_TEST_SCRIPT_COMPILE,
	OP_TEST_SCRIPT_RUN,
	OP_TEST_RESULT_EXECUTE,
	OP_TEST_MULTISCRIPT,
	OP_TEST_RESULT_ACTION,
	OP_TEST_ERROR,
	OP_DEFER,
	OP_SEEN,
	OP_COUNT,
};

enum sieve_word_kind {
	WORD_TEST = BIT(0),
	WORD_COMMAND = BIT(1),
	WORD_CONTROL = BIT(2) | WORD_COMMAND, /* the parser translates it itself */
};

/* Types of values: one letter each in types. */
enum { VALUE_NUMBER = 'n', VALUE_STRING = 's', VALUE_LIST = 'l', VALUE_NONE = '-' };

struct sieve_word {
	const char *name;
	uint8_t kind;
	uint8_t ext;
	uint64_t tags;     /* bits of the arguments that its tags may fill      */
	/* Positional arguments have these; "?": the first, or the last, may be missing. */
	const char *types;
	/* At run time: the result of a test; an action returns true. */
	bool (*run)(struct sieve_run *r, const struct sieve_op *op);
	/* At compile time, after the types: report what else is wrong. May be NULL. */
	void (*check)(struct sieve_parser *p, struct sieve_command *c);
	uint64_t must; /* arguments without which the word means nothing */
};
extern const struct sieve_word sieve_words[OP_COUNT - OP_WORDS];

/* The types without "?", and which arguments there must be of them. */
struct sieve_types {
	const char *types;
	size_t n;
	bool first_optional, last_optional;
};
struct sieve_types sieve_types_of(const struct sieve_word *w);

/* A command or test of that name, in any case; NULL for none. */
const struct sieve_word *sieve_word_find(struct str name, unsigned kind);
static inline enum sieve_code sieve_word_code(const struct sieve_word *w)
{
	return (enum sieve_code)(OP_WORDS + (w - sieve_words));
}
const struct sieve_word *sieve_word_of(enum sieve_code code);

struct sieve_tag {
	const char *name;
	uint8_t arg;
	uint8_t ext;
	uint8_t number;    /* the value when the tag has no operand: one of a choice */
	char operand;      /* VALUE_*                                     */
	uint8_t operand_arg; /* of the operand when the tag is also a choice; 0: it is arg */
};

/* The tag of that name that fills one of the arguments; NULL for none. */
const struct sieve_tag *sieve_tag_find(struct str name, uint64_t args);

static inline uint64_t sieve_bit(unsigned n)
{
	return (uint64_t)1 << n;
}

/* The type of each argument, for the check of stored programs: VALUE_*, or VALUE_NONE when it
 * depends on the word. */
char sieve_arg_type(enum sieve_arg arg);

/* --- the functions of the rows, by file --- */

bool sieve_test_true(struct sieve_run *r, const struct sieve_op *op);
bool sieve_test_false(struct sieve_run *r, const struct sieve_op *op);
bool sieve_test_size(struct sieve_run *r, const struct sieve_op *op);
bool sieve_test_header(struct sieve_run *r, const struct sieve_op *op);
bool sieve_test_exists(struct sieve_run *r, const struct sieve_op *op);
bool sieve_test_address(struct sieve_run *r, const struct sieve_op *op);
bool sieve_test_envelope(struct sieve_run *r, const struct sieve_op *op);
bool sieve_act_keep(struct sieve_run *r, const struct sieve_op *op);
bool sieve_act_fileinto(struct sieve_run *r, const struct sieve_op *op);
bool sieve_act_redirect(struct sieve_run *r, const struct sieve_op *op);
bool sieve_act_discard(struct sieve_run *r, const struct sieve_op *op);
bool sieve_act_stop(struct sieve_run *r, const struct sieve_op *op);
bool sieve_act_reject(struct sieve_run *r, const struct sieve_op *op);
bool sieve_act_set(struct sieve_run *r, const struct sieve_op *op);
bool sieve_test_string(struct sieve_run *r, const struct sieve_op *op);
bool sieve_act_flags(struct sieve_run *r, const struct sieve_op *op);
bool sieve_test_hasflag(struct sieve_run *r, const struct sieve_op *op);
bool sieve_test_body(struct sieve_run *r, const struct sieve_op *op);
bool sieve_test_date(struct sieve_run *r, const struct sieve_op *op);
bool sieve_test_currentdate(struct sieve_run *r, const struct sieve_op *op);
bool sieve_act_vacation(struct sieve_run *r, const struct sieve_op *op);
bool sieve_act_addheader(struct sieve_run *r, const struct sieve_op *op);
bool sieve_act_deleteheader(struct sieve_run *r, const struct sieve_op *op);
bool sieve_test_duplicate(struct sieve_run *r, const struct sieve_op *op);
bool sieve_test_mailboxexists(struct sieve_run *r, const struct sieve_op *op);
bool sieve_test_metadata(struct sieve_run *r, const struct sieve_op *op);
bool sieve_test_metadataexists(struct sieve_run *r, const struct sieve_op *op);
bool sieve_test_specialuse(struct sieve_run *r, const struct sieve_op *op);
bool sieve_test_mailboxidexists(struct sieve_run *r, const struct sieve_op *op);
bool sieve_test_environment(struct sieve_run *r, const struct sieve_op *op);
bool sieve_test_ihave(struct sieve_run *r, const struct sieve_op *op);
bool sieve_act_error(struct sieve_run *r, const struct sieve_op *op);
bool sieve_act_include(struct sieve_run *r, const struct sieve_op *op);
bool sieve_act_global(struct sieve_run *r, const struct sieve_op *op);
bool sieve_act_return(struct sieve_run *r, const struct sieve_op *op);
bool sieve_test_score(struct sieve_run *r, const struct sieve_op *op);
bool sieve_act_defer(struct sieve_run *r, const struct sieve_op *op);
bool sieve_test_seen(struct sieve_run *r, const struct sieve_op *op);
bool sieve_act_notify(struct sieve_run *r, const struct sieve_op *op);
bool sieve_test_notify_method(struct sieve_run *r, const struct sieve_op *op);
bool sieve_test_notify_capability(struct sieve_run *r, const struct sieve_op *op);
bool sieve_test_ext_list(struct sieve_run *r, const struct sieve_op *op);
bool sieve_act_extracttext(struct sieve_run *r, const struct sieve_op *op);
bool sieve_act_replace(struct sieve_run *r, const struct sieve_op *op);
bool sieve_act_enclose(struct sieve_run *r, const struct sieve_op *op);
/* All of vnd.dovecot.testsuite: suite.c. */
bool sieve_suite_word(struct sieve_run *r, const struct sieve_op *op);

void sieve_check_match(struct sieve_parser *p, struct sieve_command *c);
void sieve_check_address(struct sieve_parser *p, struct sieve_command *c);
void sieve_check_envelope(struct sieve_parser *p, struct sieve_command *c);
void sieve_check_fileinto(struct sieve_parser *p, struct sieve_command *c);
void sieve_check_redirect(struct sieve_parser *p, struct sieve_command *c);
void sieve_check_variable(struct sieve_parser *p, struct sieve_command *c);
void sieve_check_hasflag(struct sieve_parser *p, struct sieve_command *c);
void sieve_check_zone(struct sieve_parser *p, struct sieve_command *c);
void sieve_check_date(struct sieve_parser *p, struct sieve_command *c);
void sieve_check_vacation(struct sieve_parser *p, struct sieve_command *c);
void sieve_check_edit(struct sieve_parser *p, struct sieve_command *c);
void sieve_check_duplicate(struct sieve_parser *p, struct sieve_command *c);
void sieve_check_global(struct sieve_parser *p, struct sieve_command *c);
void sieve_check_header(struct sieve_parser *p, struct sieve_command *c);
void sieve_check_exists(struct sieve_parser *p, struct sieve_command *c);
void sieve_check_notify(struct sieve_parser *p, struct sieve_command *c);
void sieve_check_replace(struct sieve_parser *p, struct sieve_command *c);
void sieve_check_extracttext(struct sieve_parser *p, struct sieve_command *c);

#endif
