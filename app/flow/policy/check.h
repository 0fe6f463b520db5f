/* flow/policy/check.h: the interface of checks; for this folder only.
 *
 * When adding a check: a row in checks.c at its place in the order, its function in a
 * file of its own, its setting in foundation/config/settings.def with the words of
 * words.h, a line in docs/reference/filtering.md, a transcript in tests/golden/smtp. */
#ifndef POLICY_CHECK_H
#define POLICY_CHECK_H
#include "flow/policy/policy.h"

enum policy_need {
	POLICY_NO,    /* off, or not for this session           */
	POLICY_QUICK, /* runs in a worker: memory and the store */
	POLICY_SLOW,  /* may wait for a remote service          */
};

enum {
	POLICY_ALWAYS = BIT(0),  /* runs also after accept and discard */
	POLICY_UNKNOWN = BIT(1), /* runs also for unknown recipients   */
	POLICY_FILTER = BIT(2),  /* has LIMIT_filter_ms for each stage, others
	                          * LIMIT_policy_stage_ms */
	POLICY_LATER = BIT(3),   /* results at any stage count for its first stage      */
};

struct policy_check {
	const char *name;
	unsigned stages; /* BIT(POLICY_CONNECT) and so on */
	unsigned roles;
	unsigned flags;
	enum policy_kind on_error; /* PASS or TEMPFAIL */
	const char *settings;      /* that govern it, for administrators */
	/* Do these settings enable it? For administrators too; NULL: always. */
	bool (*on)(const struct policy *p, const struct settings *s);
	enum policy_need (*need)(const struct policy_run *r);
	/* For slow checks, may be NULL: start the queries, so that all of a stage run in
	 * parallel. Called for each needed row before the first slow one runs. */
	void (*start)(struct policy_run *r);
	void (*run)(struct policy_run *r);
	/* May be NULL: start what may continue after its first stage (later.h). Called
	 * after that stage, whether the row ran or not, unless the session was
	 * refused. */
	void (*later)(struct policy_run *r);
	/* For slow checks: no thread was free in time. It must not wait. NULL:
	 * policy_failed. */
	void (*missed)(struct policy_run *r);
	/* For checks with state in a session (policy_state), may be NULL. reset: the
	 * transaction has ended, with a message or without. restart: STARTTLS, earlier
	 * commands no longer count. end: the session has ended. They must not wait. */
	void (*reset)(struct policy *p, struct policy_session *s, void **state);
	void (*restart)(struct policy *p, struct policy_session *s, void **state);
	void (*end)(struct policy *p, struct policy_session *s, void **state);
};

extern const struct policy_check policy_checks[];
extern const size_t policy_check_count;

/* --- input of a check ------------------------------------------------------------------- */

const struct policy_session *policy_of(const struct policy_run *r);
const struct settings *policy_settings(const struct policy_run *r);
const struct policy_config *policy_config(const struct policy_run *r);
enum policy_stage policy_stage(const struct policy_run *r);
/* Does a rule apply to this session's role and stage? roles: POLICY_MX and so on; stages:
 * the BIT of each. */
bool policy_is_due(const struct policy_run *r, unsigned roles, unsigned stages);
/* Monotonic: the latest time for a result, from the start of the stage. */
int64_t policy_deadline_ms(const struct policy_run *r);
/* The same for rows with POLICY_FILTER. */
int64_t policy_filter_deadline_ms(const struct policy_run *r);
/* Lives as long as the run. */
struct arena *policy_arena(struct policy_run *r);
/* Data of the row for the rest of the run, from start to run; NULL at first. */
void policy_keep(struct policy_run *r, void *what);
void *policy_kept(const struct policy_run *r);
/* Set the result for the peer's name in DNS (RFC 8601 2.7.3), static, and the name that
 * resolves back to its address, or empty. */
void policy_named(struct policy_run *r, const char *iprev, struct str name);
/* Lives as long as the transaction. */
struct arena *policy_mail_arena(struct policy_run *r);
/* Its place in the table. */
size_t policy_row(const struct policy_run *r);
/* State of the check for this session; NULL at first. */
void **policy_state(struct policy_run *r);
/* Its current value. */
void *policy_state_of(const struct policy_run *r);

/* The action and reply of a setting: the words of words.h, which every check's setting
 * has, and policy_say. */
struct policy_answer {
	enum policy_kind kind;
	bool block;   /* with REJECT: block the peer for ms                    */
	bool network; /* with block: block its network (flow/policy/network.h) */
	int64_t ms;   /* of POLICY_DELAY and block                             */
	unsigned code;       /* of a refusal; 0: the default */
	struct str enhanced; /* likewise; empty              */
	struct str text; /* for the peer, instead of the finding; empty: the finding */
};
/* as, with defaults: if it refuses with a code of this class and has none of its own. */
struct policy_answer policy_usually(struct policy_answer as, unsigned code, const char *enhanced);
/* With strings in a. */
struct policy_answer policy_answer_dup(struct arena *a, const struct policy_answer *as);

/* --- output of a check; strings are copied ---------------------------------------------- */

/* A check may return several verdicts. The strictest counts, and the last of equal ones,
 * except that 421 stays. code 0: 550 5.7.1 (554 in the greeting) and 451 4.7.1. */
void policy_reject(struct policy_run *r, unsigned code, const char *enhanced, const char *fmt,
                   ...) PRINTF(4, 5);
void policy_tempfail(struct policy_run *r, unsigned code, const char *enhanced, const char *fmt,
                     ...) PRINTF(4, 5);
void policy_accept(struct policy_run *r, const char *fmt, ...) PRINTF(2, 3);
void policy_discard(struct policy_run *r, const char *fmt, ...) PRINTF(2, 3);
void policy_quarantine(struct policy_run *r, const char *fmt, ...) PRINTF(2, 3);
/* The same for the whole message, even at RCPT; from MAIL on. */
void policy_discard_mail(struct policy_run *r, const char *fmt, ...) PRINTF(2, 3);
void policy_quarantine_mail(struct policy_run *r, const char *fmt, ...) PRINTF(2, 3);
void policy_tag(struct policy_run *r, const char *fmt, ...) PRINTF(2, 3);
/* The longest delay of a stage counts, at most LIMIT_policy_delay_ms. */
void policy_delay(struct policy_run *r, int64_t ms, const char *fmt, ...) PRINTF(3, 4);
/* The check could not decide: the row's on_error applies. */
void policy_failed(struct policy_run *r, const char *fmt, ...) PRINTF(2, 3);
/* Apply the verdict of a setting. The log and the trace get the finding, followed by the
 * setting's text. The peer gets only that text. */
void policy_say(struct policy_run *r, const struct policy_answer *as, const char *fmt, ...)
	PRINTF(3, 4);
/* Was it accepted or discarded? Then deciding rows with POLICY_ALWAYS do nothing. */
bool policy_let_be(const struct policy_run *r);
/* Was it refused or discarded? Then no further query is needed. */
bool policy_settled(const struct policy_run *r);
/* Record a finding that decides nothing, for the trace. */
void policy_found(struct policy_run *r, const char *fmt, ...) PRINTF(2, 3);
/* Record a change, for the trace. */
void policy_changed(struct policy_run *r, const char *fmt, ...) PRINTF(2, 3);
/* Request changes of the message, all or none: made by policy_changes_add with
 * policy_mail_arena. Errors as policy_changes_join. */
enum err policy_change(struct policy_run *r, struct policy_changes *changes,
                       struct why *why) MUST_USE;

#endif
