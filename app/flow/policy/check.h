/* flow/policy/check.h: what a check sees and says; for this folder only.
 *
 * When adding a check: a row in checks.c at the place where it is to be asked, its function in a
 * file of its own, its setting in foundation/config/settings.def with the words of words.h, a
 * line in docs/reference/filtering.md, a transcript in tests/golden/smtp. */
#ifndef POLICY_CHECK_H
#define POLICY_CHECK_H
#include "flow/policy/policy.h"

enum policy_need {
	POLICY_NO,    /* off, or does not concern this session                      */
	POLICY_QUICK, /* runs in a worker: memory and the store                     */
	POLICY_SLOW,  /* may wait for somebody else                                 */
};

enum {
	POLICY_ALWAYS = BIT(0),  /* asked also after accept and discard              */
	POLICY_UNKNOWN = BIT(1), /* also about recipients that there are not          */
	POLICY_FILTER = BIT(2),  /* has LIMIT_filter_ms for a stage, the others
	                          * LIMIT_policy_stage_ms                             */
	POLICY_LATER = BIT(3),   /* what it finds at any of its stages is of the first  */
};

struct policy_check {
	const char *name;
	unsigned stages; /* BIT(POLICY_CONNECT) and so on */
	unsigned roles;
	unsigned flags;
	enum policy_kind on_error; /* PASS or TEMPFAIL */
	const char *settings;      /* which govern it, for people */
	/* Is there anything that it looks at, by these settings? For people too; NULL: always. */
	bool (*on)(const struct policy *p, const struct settings *s);
	enum policy_need (*need)(const struct policy_run *r);
	/* Slow ones, may be NULL: begin to ask others, so that all of a stage wait at one time.
	 * Called for each row that is needed before the first slow one runs. */
	void (*start)(struct policy_run *r);
	void (*run)(struct policy_run *r);
	/* May be NULL: begin what may go on behind the first of its stages (later.h). Called when
	 * that is over, whether the row was asked in it or not, but for who was refused. */
	void (*later)(struct policy_run *r);
	/* Slow ones: there was no thread for it before its time was over. It must not wait. NULL:
	 * policy_failed. */
	void (*missed)(struct policy_run *r);
	/* For those that keep something for a session (policy_state), may be NULL: the
	 * transaction has ended, by a message or without; the peer begins anew (STARTTLS), and
	 * nothing counts that it has said; the session has ended. They must not wait. */
	void (*reset)(struct policy *p, struct policy_session *s, void **state);
	void (*restart)(struct policy *p, struct policy_session *s, void **state);
	void (*end)(struct policy *p, struct policy_session *s, void **state);
};

extern const struct policy_check policy_checks[];
extern const size_t policy_check_count;

/* --- what a check sees ------------------------------------------------------------------ */

const struct policy_session *policy_of(const struct policy_run *r);
const struct settings *policy_settings(const struct policy_run *r);
const struct policy_config *policy_config(const struct policy_run *r);
enum policy_stage policy_stage(const struct policy_run *r);
/* Is a rule about this session's role and this stage? roles: POLICY_MX and so on; stages: the
 * BIT of each. */
bool policy_is_due(const struct policy_run *r, unsigned roles, unsigned stages);
/* Monotonic: when an answer is no use any more, counted from when the stage began. */
int64_t policy_deadline_ms(const struct policy_run *r);
/* The same for rows with POLICY_FILTER. */
int64_t policy_filter_deadline_ms(const struct policy_run *r);
/* Lives as long as the run. */
struct arena *policy_arena(struct policy_run *r);
/* What the row has kept for the rest of the run, from start to run; NULL at first. */
void policy_keep(struct policy_run *r, void *what);
void *policy_kept(const struct policy_run *r);
/* What was found of the peer's name in DNS (RFC 8601 2.7.3), static: and the one that leads back to
 * its address, or empty. */
void policy_named(struct policy_run *r, const char *iprev, struct str name);
/* Lives as long as the transaction. */
struct arena *policy_mail_arena(struct policy_run *r);
/* Its place in the table. */
size_t policy_row(const struct policy_run *r);
/* A place for what the check keeps for this session; NULL at first. */
void **policy_state(struct policy_run *r);
/* What is there. */
void *policy_state_of(const struct policy_run *r);

/* What a setting wants to be done and said: the words of words.h, which every check's setting
 * has, and policy_say. */
struct policy_answer {
	enum policy_kind kind;
	bool block;   /* with REJECT: and the peer is not greeted for ms               */
	bool network; /* with block: nor is all of its network (flow/policy/network.h)      */
	int64_t ms;   /* of POLICY_DELAY and block                                     */
	unsigned code;       /* of a refusal; 0: the usual one                       */
	struct str enhanced; /* likewise; empty                                      */
	struct str text; /* for the peer, in place of what was found; empty: that    */
};
/* The same, but with these where it refuses with a code of this class and has none of its own. */
struct policy_answer policy_usually(struct policy_answer as, unsigned code, const char *enhanced);
/* With strings in a. */
struct policy_answer policy_answer_dup(struct arena *a, const struct policy_answer *as);

/* --- what it says; all copy ---------------------------------------------------------------- */

/* More than one may be said; the hardest counts, and the last of those, but
 * that 421 stays. code 0: 550 5.7.1 (554 in the greeting) and 451 4.7.1. */
void policy_reject(struct policy_run *r, unsigned code, const char *enhanced, const char *fmt,
                   ...) PRINTF(4, 5);
void policy_tempfail(struct policy_run *r, unsigned code, const char *enhanced, const char *fmt,
                     ...) PRINTF(4, 5);
void policy_accept(struct policy_run *r, const char *fmt, ...) PRINTF(2, 3);
void policy_discard(struct policy_run *r, const char *fmt, ...) PRINTF(2, 3);
void policy_quarantine(struct policy_run *r, const char *fmt, ...) PRINTF(2, 3);
/* The same of all of the message, also when it is said at RCPT; from MAIL on. */
void policy_discard_mail(struct policy_run *r, const char *fmt, ...) PRINTF(2, 3);
void policy_quarantine_mail(struct policy_run *r, const char *fmt, ...) PRINTF(2, 3);
void policy_tag(struct policy_run *r, const char *fmt, ...) PRINTF(2, 3);
/* The longest of a stage counts, at most LIMIT_policy_delay_ms. */
void policy_delay(struct policy_run *r, int64_t ms, const char *fmt, ...) PRINTF(3, 4);
/* It could not be told: the row's on_error. */
void policy_failed(struct policy_run *r, const char *fmt, ...) PRINTF(2, 3);
/* As the setting says. What was found is for the log and the trace, with the setting's own text
 * behind it; who is refused reads the latter alone. */
void policy_say(struct policy_run *r, const struct policy_answer *as, const char *fmt, ...)
	PRINTF(3, 4);
/* Has it been accepted, or dropped? Rows with POLICY_ALWAYS that judge have nothing to say then. */
bool policy_let_be(const struct policy_run *r);
/* Has it been refused, or dropped? Then there is nothing more to ask. */
bool policy_settled(const struct policy_run *r);
/* What was found that decides nothing by itself, for the trace. */
void policy_found(struct policy_run *r, const char *fmt, ...) PRINTF(2, 3);
/* What was changed, likewise. */
void policy_changed(struct policy_run *r, const char *fmt, ...) PRINTF(2, 3);
/* Change the message, all of it or nothing: what policy_changes_add has made with
 * policy_mail_arena. Errors as policy_changes_join. */
enum err policy_change(struct policy_run *r, struct policy_changes *changes,
                       struct why *why) MUST_USE;

#endif
