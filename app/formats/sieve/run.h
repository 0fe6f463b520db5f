/* formats/sieve/run.h: the state of a run, for tests and actions. Private to formats/sieve. */
#ifndef SIEVE_RUN_H
#define SIEVE_RUN_H
#include "formats/message/address.h"
#include "formats/message/mime.h"
#include "formats/sieve/program.h"

struct regex;
struct sieve_matcher;

/* Bytes that grow in place: the value of a variable. */
struct sieve_text {
	char *p;
	size_t n, cap;
};

struct sieve_global {
	struct str name;
	struct sieve_text value;
	struct sieve_global *next;
};

/* A script that runs: the first one, or one that is included. */
struct sieve_script {
	struct sieve_program program;
	struct cur c;
	struct sieve_text **variables;
	size_t loops; /* that were open before it */
};

enum { SIEVE_LOOPS = 8, FIELDS_INDEXED = 512, SIEVE_ADDRESSES = 8 };

/* A loop of foreverypart; part is an index into message.parts. */
struct sieve_loop {
	uint32_t part, end;
};

struct sieve_field_at {
	uint32_t name, value, value_bytes; /* offsets in the header, and a length */
	uint16_t hash, name_bytes;
};

/* The addresses of a field, parsed once: many tests of a script read the same fields. */
struct sieve_addresses {
	struct str value;
	struct address_list list;
};

struct sieve_included {
	struct str name;
	bool global;
	struct sieve_included *next;
};

struct sieve_run {
	const struct sieve_message *m;
	const struct sieve_host *host;
	const struct sieve_limits *limits;
	struct sieve_result *result;
	struct arena *arena;   /* until the caller is done: actions, edits, variables */
	struct arena scratch;  /* of one operation                                    */
	struct arena parsed;   /* the parts of the message                            */
	struct message message;
	const struct message *parts; /* NULL until a test needs them */
	struct str header;     /* of the message, with its empty line  */
	struct sieve_field_at *fields;
	uint32_t fields_n, field_count; /* indexed; all of the message */
	size_t fields_end;     /* where those begin that are not indexed */
	struct sieve_addresses addresses[SIEVE_ADDRESSES];
	size_t addresses_n;
	struct sieve_script scripts[SIEVE_INCLUDES + 1];
	size_t depth;          /* scripts that run */
	struct sieve_loop loops[SIEVE_LOOPS];
	size_t loops_n;
	struct sieve_global *globals;
	struct sieve_included *included;
	uint32_t includes;
	struct sieve_text match; /* the values of ${0} to ${31}: spans of it */
	struct span match_spans[MATCH_VALUES];
	size_t match_n;
	bool has_flags;
	struct sieve_text flags; /* the internal variable of RFC 5232 */
	struct sieve_action **actions_end;
	struct sieve_edit **edits_end;
	struct sieve_change **changes_end;
	bool enclosed;         /* redirects send the message as it was before (RFC 5703 6) */
	size_t enclosed_edits, enclosed_changes;
	uint32_t actions, redirects;
	struct regex *regex;   /* of the last pattern */
	struct str regex_of;
	struct sieve_text regex_text;
	bool regex_case;
	bool keeps;            /* the implicit keep is not cancelled */
	bool truth;            /* of the last test */
	bool stopped;
	uint64_t steps;
	uint64_t work;         /* bytes compared that are no step yet */
	int64_t deadline_ms;
	size_t memory_most;
	struct sieve_op op;
	char why[120];         /* for the trace: what the last test compared */
};

static inline struct sieve_script *sieve_script_top(struct sieve_run *r)
{
	return &r->scripts[r->depth - 1];
}
static inline bool sieve_uses(struct sieve_run *r, enum sieve_ext ext)
{
	return (sieve_script_top(r)->program.extensions & sieve_bit(ext)) != 0;
}

/* End the run with an error; text is one sentence. Returns false. */
bool sieve_fail(struct sieve_run *r, const char *fmt, ...) PRINTF(2, 3);
/* bytes were compared: counts steps. False: no more is allowed. */
bool sieve_work(struct sieve_run *r, size_t bytes);
/* From the arena, or the run fails and the result is NULL. */
void *sieve_alloc(struct sieve_run *r, size_t n) MUST_USE;
struct str sieve_keep_str(struct sieve_run *r, struct str s);
void sieve_explain(struct sieve_run *r, const char *fmt, ...) PRINTF(2, 3);

/* The global variable of that name (RFC 6609 3.4.1), made when it is not there; NULL after an
 * error. */
struct sieve_text *sieve_global(struct sieve_run *r, struct str name);
/* Run a program before the present one goes on. False after an error. */
bool sieve_script_begin(struct sieve_run *r, struct str bytes);
/* The present one ends. */
void sieve_script_end(struct sieve_run *r);

/* --- values.c: arguments of an operation, with their variables replaced ------------------ */

uint64_t sieve_number(const struct sieve_op *op, enum sieve_arg arg, uint64_t otherwise);
/* Borrowed from the program, or in the scratch arena. Empty when not given. */
struct str sieve_str(struct sieve_run *r, const struct sieve_op *op, enum sieve_arg arg);
/* The same of bytes that are a text. */
struct str sieve_text_str(struct sieve_run *r, struct str text);

struct sieve_list {
	struct unpack u;
};
struct sieve_list sieve_list(const struct sieve_op *op, enum sieve_arg arg);
bool sieve_list_next(struct sieve_run *r, struct sieve_list *l, struct str *out);

/* Any field Auto-Submitted is not "no" (RFC 3834 5). A script may have added one in front of it. */
bool sieve_is_automatic(struct sieve_run *r);

/* Set a text, cut at max bytes between characters. */
void sieve_text_set(struct sieve_run *r, struct sieve_text *t, struct str value, size_t max);
struct str sieve_text_get(const struct sieve_text *t);
/* The variable of that number in the script that runs; made when it is not there. */
struct sieve_text *sieve_variable(struct sieve_run *r, uint32_t i);
/* The number of a name, or false. */
bool sieve_variable_named(struct sieve_run *r, struct str name, uint32_t *out);

/* --- fields.c: the header as the edits made it ------------------------------------------ */

struct sieve_fields {
	struct str name;
	uint16_t hash;
	uint32_t next;          /* field of the message */
	struct sieve_edit *edit;
	uint32_t number;        /* of the field that came last */
	bool first, last;       /* fields added at the begin, at the end, come next */
	struct cur c;           /* behind the indexed fields */
	bool in_part;           /* c is the header of a part */
};

/* All fields of that name (any case) in the present header of the message. */
void sieve_fields_init(struct sieve_run *r, struct sieve_fields *f, struct str name);
/* The same in the header of a part of the message as received. */
void sieve_fields_init_part(struct sieve_run *r, struct sieve_fields *f, struct str name,
                            uint32_t part);
/* The next value, raw. */
bool sieve_fields_next(struct sieve_run *r, struct sieve_fields *f, struct str *value);
void sieve_fields_index(struct sieve_run *r);
/* The fields that a test names in ARG_1, in the order of its list; of these only one when it
 * has :index (RFC 5260 6). */
struct sieve_picked {
	struct sieve_list names;
	struct sieve_fields fields;
	bool open;
	uint64_t index, at; /* index 0: all */
	bool mime;          /* :mime is given: fields of the parts from part up to part_end */
	uint32_t part, part_end;
	struct sieve_list all_names;
};
void sieve_picked_init(struct sieve_run *r, struct sieve_picked *p, const struct sieve_op *op,
                       struct sieve_list names);
bool sieve_picked_next(struct sieve_run *r, struct sieve_picked *p, struct str *value);
/* value as people read it: unfolded, encoded-words decoded (RFC 5228 2.7.2). In scratch. */
struct str sieve_field_text(struct sieve_run *r, struct str value);

/* --- date_tests.c ---------------------------------------------------------------------- */

/* :zone; else the host's local zone. False after an error. */
bool sieve_zone(struct sieve_run *r, const struct sieve_op *op, int *zone_min);
/* "2026-11-21T04:58:05+01:00", in scratch. False after an error. */
bool sieve_date_put(struct sieve_run *r, int64_t time_ms, int zone_min, struct str *out);

/* --- suite.c --------------------------------------------------------------------------- */

/* After an error in a test of vnd.dovecot.testsuite: note it and go on with the next test. */
void sieve_suite_recover(struct sieve_run *r);

/* --- mime_tests.c ---------------------------------------------------------------------- */

/* The part of the innermost loop of foreverypart; the message itself outside of loops. */
uint32_t sieve_part_now(const struct sieve_run *r);
/* The index behind the last part in that one. */
uint32_t sieve_part_end(const struct message *m, uint32_t part);
/* OP_LOOP, OP_NEXT: false: there is no part, or no other one. OP_LEAVE. */
bool sieve_loop_begin(struct sieve_run *r);
bool sieve_loop_next(struct sieve_run *r);
void sieve_loop_leave(struct sieve_run *r);
/* :type and the others of a header test: give what they name in the value of a field to the
 * matcher. */
bool sieve_mime_matches(struct sieve_run *r, struct sieve_matcher *m, const struct sieve_op *op,
                        struct str name, struct str value);

/* --- actions.c ------------------------------------------------------------------------- */

/* A new action at the end of the list; NULL after an error. */
struct sieve_action *sieve_action_add(struct sieve_run *r, const struct sieve_op *op,
                                      enum sieve_action_kind kind);
/* The action of an operation before with the same target: one copy is enough (RFC 5228 2.10.3).
 * NULL: there is none. */
struct sieve_action *sieve_action_find(struct sieve_run *r, enum sieve_action_kind kind,
                                       struct str target);
/* The same, or a new one; NULL after an error. Cancels the implicit keep without :copy. */
struct sieve_action *sieve_action_for(struct sieve_run *r, const struct sieve_op *op,
                                      enum sieve_action_kind kind, struct str target);

/* Apply the modifiers of set that the operation has (RFC 5229 4.1); in scratch. */
struct str sieve_modified(struct sieve_run *r, const struct sieve_op *op, struct str value);
/* New edits (edit_header.c); NULL after an error. Strings must stay until the run ends. */
struct sieve_edit *sieve_edit_add(struct sieve_run *r, const struct sieve_op *op);
/* Addresses of a From field: at least one, all valid. */
bool sieve_from_valid(struct arena *a, struct str s);

/* The arguments of :fcc (RFC 8580). */
void sieve_fcc_give(struct sieve_run *r, const struct sieve_op *op, struct sieve_action *action);
/* The parts of the message, parsed when first needed. */
const struct message *sieve_parts(struct sieve_run *r);
/* Replaces the flags by those of the list, without doubles; separated by spaces. */
void sieve_flags_set(struct sieve_run *r, struct sieve_text *to, struct sieve_list flags);

#endif
