/* formats/sieve/sieve.h: the Sieve mail filtering language (RFC 5228): compile and run.
 *
 *   script --sieve_compile--> program --sieve_run--> list of actions
 *
 * A program is bytes without pointers, made to be stored: sieve_run checks it before use. A run
 * changes nothing: it asks the host about the world and returns actions, which the caller
 * carries out. Reading order: words.c (commands and tests as a table), tags.c, lexer.h, parser.h,
 * program.h, run.h, match.h.
 *
 * A new extension is a row in extensions.c, rows in words.c and tags.c, and a function for each
 * new command or test. */
#ifndef SIEVE_SIEVE_H
#define SIEVE_SIEVE_H
#include "formats/message/mailaddr.h"
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"

struct message;
struct sieve_suite;

struct sieve_limits {
	uint32_t script_bytes; /* of a script                                                  */
	uint32_t errors;       /* that a compile collects                                      */
	uint32_t steps;        /* of a run: 1 for each operation, and for 64 bytes compared    */
	uint32_t actions;      /* of a run                                                     */
	uint32_t redirects;    /* of a run                                                     */
	uint32_t string_bytes; /* of a string with variables in it; a longer one is cut        */
	uint32_t includes;     /* scripts that a run includes                                  */
	uint32_t memory_bytes; /* of all arenas of a run                                       */
	uint32_t time_ms;      /* of a run, by the clock of the host                           */
};
#define SIEVE_LIMITS_DEFAULT                                                                     \
	{                                                                                        \
		.script_bytes = 1u << 20, .errors = 50, .steps = 1u << 20, .actions = 500,       \
		.redirects = 100, .string_bytes = 32768, .includes = 100,                        \
		.memory_bytes = 192u << 10, .time_ms = 10000                                     \
	}

enum {
	SIEVE_NESTING = 32,      /* blocks and tests in each other (RFC 5228 2.10.7: 15)  */
	SIEVE_VARIABLES = 128,   /* of a script (RFC 5229 3: at least 128)                */
	SIEVE_VARIABLE_MAX = 4096, /* bytes of a value (RFC 5229 3: at least 4000)          */
	SIEVE_INCLUDES = 10,     /* scripts in each other                                 */
	SIEVE_REGEX_MAX = 56 << 10, /* bytes of memory of a regular expression            */
	SIEVE_PROGRAM_MAX = 4 << 20,
};

/* --- Compiling ------------------------------------------------------------------------- */

struct sieve_error {
	uint32_t line, column; /* from 1; a column is a character */
	struct str text;       /* one sentence, without a full stop */
};

struct sieve_errors {
	struct sieve_error *items;
	size_t n;
	bool more; /* than limits->errors */
};

/* Where a script runs: when a message is delivered, or at a stage of an SMTP session before that
 * (docs/reference/sieve-smtp.md). */
enum sieve_stage {
	SIEVE_DELIVERY,
	SIEVE_CONNECT,
	SIEVE_EHLO,
	SIEVE_MAIL,
	SIEVE_RCPT,
	SIEVE_DATA,
	SIEVE_END, /* of the data: the message is there */
	SIEVE_STAGES,
};
/* "rcpt"; static storage. */
const char *sieve_stage_name(enum sieve_stage stage);
/* SIEVE_DELIVERY: it is not the name of an SMTP stage. */
enum sieve_stage sieve_stage_find(struct str name);

struct sieve_options {
	struct sieve_limits limits;
	enum sieve_stage stage;
	bool testsuite; /* accept vnd.dovecot.testsuite: only for the command that runs tests */
};

/* Compile script, with CRLF or LF line ends. program (with a maximum of SIEVE_PROGRAM_MAX or
 * less) gets the program when there is no error. All errors up to limits.errors are collected in
 * the order of their place, in a. Returns true without an error. Linear. */
bool sieve_compile(struct arena *a, struct str script, const struct sieve_options *options,
                   struct buf *program, struct sieve_errors *errors);

/* The bytes are a program of this version, in which each operation is well-formed and each jump
 * leads to an operation. Linear. */
bool sieve_program_check(struct str program);
/* The bytes begin as a program of this version: else it must be compiled anew before a run, which
 * checks the rest. */
bool sieve_program_current(struct str program);

/* The names that `require` accepts, one at an index; NULL past the last. */
const char *sieve_extension(size_t i);

/* --- Running --------------------------------------------------------------------------- */

struct sieve_message {
	struct str raw;              /* the whole message                                    */
	const struct message *parts; /* of raw; NULL: the run parses it when a test needs it */
	struct str flags;            /* that it has, separated by spaces (RFC 6785 3.8); empty at
	                              * delivery */
};

/* Arguments of the duplicate test (RFC 7352). */
struct sieve_duplicate {
	struct str handle, id;
	uint64_t seconds;
	bool last;
};

/* Arguments of the seen test (vnd.roost.smtp). */
struct sieve_seen {
	struct str key;
	uint64_t seconds, expire;
};

enum sieve_score { SIEVE_SPAM, SIEVE_VIRUS };

/* The world as a run sees it. A member may be NULL: then nothing exists and nothing is known.
 * Strings that come back are borrowed until the run ends. */
struct sieve_host {
	/* Value i of a part of the envelope ("from", "to", "orcpt", "auth", ...; lower case). An
	 * address is without angle brackets, the null reverse-path is empty. */
	bool (*envelope)(void *arg, struct str part, size_t i, struct str *out);
	/* Is it an address of the user, also one of another form than that of the envelope? */
	bool (*own_address)(void *arg, struct str address);
	/* An item of RFC 5183, in lower case. */
	bool (*environment)(void *arg, struct str item, struct str *out);
	bool (*mailbox_exists)(void *arg, struct str mailbox);
	/* A mailbox has this special use; with an empty mailbox: any of the user's has. */
	bool (*special_use)(void *arg, struct str mailbox, struct str use);
	bool (*mailbox_id)(void *arg, struct str id);
	/* The value of an annotation; with an empty mailbox one of the server. */
	bool (*metadata)(void *arg, struct str mailbox, struct str name, struct str *out);
	/* Was a message with this id seen before? The host notes it after the run. */
	bool (*duplicate)(void *arg, const struct sieve_duplicate *d);
	/* Was the key seen before, seconds ago or earlier, and has it not expired? The host
	 * remembers it at once. */
	bool (*seen)(void *arg, const struct sieve_seen *s);
	/* The program of a script to include. */
	bool (*script)(void *arg, bool global, struct str name, struct str *program);
	/* value is in an externally stored list (RFC 6134). False for an unknown list in known;
	 * with an empty value only that is wanted. */
	bool (*list_has)(void *arg, struct str list, struct str value, bool *known);
	/* 0 to 100 as RFC 5235 2 scales it; false when the message was not checked. */
	bool (*score)(void *arg, enum sieve_score of, unsigned *percent);
	/* Milliseconds that never go back. */
	int64_t (*clock_ms)(void *arg);
	/* A test with its result, or an action, as it is evaluated. why has what was compared. */
	void (*trace)(void *arg, uint32_t line, struct str word, bool test, bool result,
	              struct str why);
	void *arg;
	struct sieve_suite *suite; /* of vnd.dovecot.testsuite (suite.h); NULL in a mail server */
	int64_t now_ms;  /* the current time, milliseconds since 1970 */
	int zone_min;    /* the local zone, minutes east of UTC       */
	/* The script runs for an event of IMAP (RFC 6785). There is no envelope, and reject,
	 * ereject and vacation are errors; environment answers imap.cause, imap.mailbox, imap.user,
	 * imap.email and imap.changedflags. */
	bool imap_event;
};

enum sieve_action_kind {
	SIEVE_KEEP,
	SIEVE_FILEINTO,
	SIEVE_REDIRECT,
	SIEVE_DISCARD,
	SIEVE_REJECT,
	SIEVE_EREJECT,
	SIEVE_VACATION,
	SIEVE_NOTIFY,
	SIEVE_DEFER, /* at an SMTP stage: refuse for now */
	SIEVE_ACTION_KINDS,
};

/* Empty strings: not given. */
struct sieve_action {
	enum sieve_action_kind kind;
	uint32_t line;
	/* The message is as after so many of result->edits and of result->changes: see
	 * sieve_message_put. */
	size_t edits, changes;
	struct str target;    /* mailbox, address, list of addresses or URI                  */
	struct str text;      /* reason of a refusal or vacation, :message of a notification  */
	bool has_flags;       /* KEEP, FILEINTO: flags replace those of the delivery          */
	struct str flags;     /* separated by spaces                                          */
	struct str special_use, mailbox_id; /* of FILEINTO                                    */
	bool copy, create, list;            /* :copy, :create; target names a list            */
	/* of REDIRECT (RFC 6009); empty or 0: not given */
	struct str notify, ret; /* "NEVER" or "SUCCESS,FAILURE"; "FULL" or "HDRS"; upper case */
	int64_t by_ms;          /* the delivery must end by then, milliseconds since 1970     */
	bool by_notify, by_trace; /* notify the sender then instead of returning the message  */
	/* of VACATION and NOTIFY */
	struct str subject, from, handle, recipient;
	struct str fcc, fcc_flags, fcc_special_use, fcc_mailbox_id;
	bool fcc_create;
	bool mime;            /* text is a MIME entity                                        */
	uint64_t seconds;     /* until the same sender gets another answer                    */
	/* of NOTIFY; target is the URI of its method: see sieve_mailto_parse */
	unsigned importance;  /* 1 is high, 2 normal, 3 low                                   */
	struct str options;   /* one a line                                                   */
	/* VACATION, NOTIFY: why no message must be sent, as a sentence; empty: send it. */
	struct str suppressed;
	struct sieve_action *next;
};

/* A change to the header (RFC 5293). An edit that adds has a name. Fields are numbered: those of
 * the message in their order from 0, then one for each edit. */
struct sieve_edit {
	uint32_t line;
	bool last;             /* add at the end of the header */
	bool all;              /* all fields before field are deleted, and not field */
	struct str name, value;
	uint32_t field;        /* that is deleted              */
	struct sieve_edit *next;
};

/* A change to the body (RFC 5703). Those of the header that belong to it are edits. */
struct sieve_change {
	uint32_t line;
	enum { SIEVE_REPLACE_PART, SIEVE_REPLACE_BODY, SIEVE_ENCLOSE } kind;
	bool mime;        /* REPLACE_PART: text has a header of its own                     */
	size_t off, len;  /* REPLACE_PART: the part in the message as received, with header */
	struct str text;
	size_t edits;     /* ENCLOSE: the header of the enclosed message is as after so many */
	struct str boundary; /* of ENCLOSE */
	struct sieve_change *next;
};

struct sieve_result {
	struct sieve_action *actions; /* in the order of execution, without the implicit keep */
	struct sieve_edit *edits;
	size_t edits_n;
	struct sieve_change *changes;
	size_t changes_n;
	bool implicit_keep;           /* keep it: no action cancelled that, or there was an error */
	bool implicit_has_flags;      /* the implicit keep sets these flags (RFC 5232 5)      */
	struct str implicit_flags;
	uint32_t error_line;          /* 0: none                                              */
	struct str error;             /* one sentence, empty: none                            */
	uint32_t steps;
	size_t memory_bytes;          /* of all arenas at their maximum                       */
};

/* Run a program. Everything in out lives in a, which should be empty: it gets a maximum.
 * After an error, out->actions has those before it, and only the implicit keep may be carried
 * out (RFC 5228 2.10.6). */
void sieve_run(struct arena *a, struct str program, const struct sieve_message *m,
               const struct sieve_host *host, const struct sieve_limits *limits,
               struct sieve_result *out);

/* Append the header of m, up to and with its empty line, after the first n edits. */
void sieve_header_put(struct buf *out, const struct sieve_message *m,
                      const struct sieve_result *result, size_t n);
/* Append the whole message after so many edits and changes. When there are no changes, it is
 * that header and the body of m. */
void sieve_message_put(struct buf *out, const struct sieve_message *m,
                       const struct sieve_result *result, size_t edits, size_t changes);

enum { SIEVE_MAILTO_MAX = 10 }; /* addresses of a notification */

/* A notification by mail (RFC 5436 2.1, RFC 6068). */
struct sieve_mailto {
	struct mailaddr *addresses; /* all of "to", "cc" and "bcc"; no address twice              */
	size_t n;
	struct str subject, body; /* empty: not given                                             */
	struct str fields; /* other fields of the URI, as header lines with CRLF: those that RFC
	                    * 5436 2.7 forbids are left out                                       */
};
/* Everything lives in a. False: uri is no mailto URI with a valid recipient. */
bool sieve_mailto_parse(struct arena *a, struct str uri, struct sieve_mailto *out);

#endif
