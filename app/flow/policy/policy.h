/* flow/policy/policy.h: may this session, sender, recipient, message pass?
 *
 * Chapter. checks.c is a table: one row a check, with its stages, its listeners, and the
 * action if it fails. protocols/smtp_in/policy.c runs all checks of a stage by
 * policy_begin, at one place for each stage:
 *
 *	CONNECT  before the greeting        MAIL  before MAIL is accepted
 *	HELLO    before EHLO is answered    RCPT  before each RCPT is accepted, after the
 *	AUTH     after a login              directory: so it reveals no accounts
 *	DATA     before 354                 END   after the message, before its delivery
 *
 * Rows run in order until one decides. Quick rows (memory, a read of the store) run in
 * the caller, a worker of the runtime. From the first row that may wait (DNS, a filter),
 * the rest runs on a pool of its own. The connection is parked without a thread
 * meanwhile, and the verdict wakes it. So a name server that does not answer costs only
 * sessions that query it, LIMIT_policy_stage_ms at most. Threads are shared fairly among
 * networks; submission and LMTP have their own (slots.h). The wait for a thread counts as
 * time of the row: a row without a thread in time has failed. A row that decides nothing
 * at its stage continues after it and is collected at a later stage, END at the latest
 * (later.h).
 *
 * At RCPT, rows with POLICY_UNKNOWN also run for unknown recipients, which are refused in
 * any case. So harvesters are counted, and a spam trap need not exist. Other recipients
 * of the transaction are not affected.
 *
 * A check that fails (timeout, no answer, no store) calls policy_failed, and its row's
 * on_error applies. Verdicts:
 *
 *	pass        the next row runs
 *	tag         the same, and the message gets a header field with the reason
 *	delay       the same, and the reply is delayed, parked
 *	quarantine  the same, and the message goes to Junk, or is held in the queue
 *	accept      skip the rest: at CONNECT, HELLO and AUTH for the whole session, at RCPT for
 *	            this recipient, else for this message. Rows with POLICY_ALWAYS still run
 *	discard     the message is accepted and dropped; its trace records that
 *	tempfail    4xx
 *	reject      5xx
 *
 * At RCPT, quarantine and discard apply to that one recipient: the caller stores them
 * with it (flow/delivery/delivery.h). A filter whose protocol means the whole message
 * uses policy_discard_mail. A tag is a field of the message, which all recipients get.
 *
 * All verdicts but pass are events, are counted, and are steps of the message's trace.
 *
 * Threads: a policy_session belongs to its connection. During a run (policy_begin to
 * policy_end) only the run may use it. */
#ifndef POLICY_H
#define POLICY_H
#include "flow/policy/change.h"
#include "foundation/base/list.h"
#include "network/runtime/conn.h"

struct dns;
struct live;
struct policy;
struct policy_asked;
struct policy_check;
struct policy_run;
struct policy_signed;
struct report_out;
struct settings;
struct stage_set;
struct store;
struct trace_step;

enum policy_stage {
	POLICY_CONNECT,
	POLICY_HELLO,
	POLICY_AUTH,
	POLICY_MAIL,
	POLICY_RCPT,
	POLICY_DATA,
	POLICY_END,
	POLICY_STAGES
};

enum policy_kind {
	POLICY_PASS,
	POLICY_TAG,
	POLICY_DELAY,
	POLICY_QUARANTINE,
	POLICY_ACCEPT,
	POLICY_DISCARD,
	POLICY_TEMPFAIL,
	POLICY_REJECT,
	POLICY_KINDS
};
/* "reject", "end"; static storage. */
const char *policy_kind_name(enum policy_kind kind);
const char *policy_stage_name(enum policy_stage stage);

/* Kind of listener. */
enum {
	POLICY_MX = BIT(0),
	POLICY_SUBMISSION = BIT(1),
	POLICY_LMTP = BIT(2),
};

struct policy_param {
	struct str keyword, value;
};

/* The data of a session. The strings and lists below "of the transaction" are the
 * caller's and must outlive the run that uses them. */
struct policy_session {
	/* of the connection, copied by policy_session_new */
	struct str id, service, peer_text, local_text;
	struct addr peer;
	struct str peer_name; /* in DNS, confirmed; empty: unknown (ROOST_FCRDNS)  */
	struct dns_budget *budget; /* cost limit of DNSSEC for the session; a new one for
	                            * each */
	const char *iprev; /* RFC 8601 2.7.3: "pass"; static. NULL: no result, or not yet   */
	unsigned role;                   /* one of POLICY_MX and so on */
	const struct settings *settings; /* borrowed                   */
	struct str hostname;             /* this server's; borrowed    */

	/* filled as the session proceeds, by policy_session_greeted and similar calls */
	bool early; /* the peer sent before the greeting           */
	bool esmtp;
	struct str helo, tls, login;
	struct str mechanism; /* of the login: "SCRAM-SHA-256"; static           */
	uint32_t account; /* 0: not logged in                             */

	/* of the transaction */
	struct envelope envelope; /* as far as it has come; recipients: those accepted    */
	const struct policy_param *params; /* of MAIL                             */
	size_t param_count;
	uint64_t size;        /* from SIZE=, else 0                                  */
	struct mailaddr rcpt; /* at RCPT: the current one           */
	bool rcpt_unknown;    /* unknown: it is refused in any case */
	const struct policy_param *rcpt_params;
	size_t rcpt_param_count;
	struct str received; /* at END: the fields that this server adds in front */
	struct str message;  /* at END: header and body as received               */

	/* results so far */
	bool accepted;      /* the session: by accept at CONNECT, HELLO, AUTH    */
	bool mail_accepted; /* the transaction                                   */
	struct str discard; /* of the transaction: why it is discarded, or empty */
	struct str quarantine;       /* likewise                                 */
	/* Results from before MAIL apply to each transaction. */
	struct policy_mark {
		struct str discard, quarantine;
		bool accepted;
	} marks[POLICY_MAIL]; /* by stage: CONNECT, HELLO, AUTH                  */
	struct list notes;           /* of the session: struct policy_note */
	struct list mail_notes;      /* of the transaction                 */
	struct policy_changes changes; /* of the message                         */
	struct policy_verified *verified; /* of the transaction; NULL: none (verified.h) */
	const struct str *results; /* fields made of it, NULL at first: policy_results     */
	struct policy_signed *signed_by;  /* likewise, after its header has arrived
	                                   * (signatures.h) */
	struct policy_asked *asked;       /* likewise (ahead.h)                              */
	struct str listed; /* likewise: what DNS block lists found; empty: nothing, or not asked */
	size_t note_count, mail_note_count;
	struct stage_set *stages; /* NULL: not needed yet (stages/stage_programs.h) */
	void **states;        /* of the checks: policy_state                     */
	struct arena arena;      /* of the connection  */
	struct arena mail_arena; /* of the transaction */
};

/* A check's finding, for the trace. */
struct policy_note {
	struct list link;
	int64_t time_ms;
	enum policy_stage stage;
	enum policy_kind kind;
	const char *check;
	const char *word; /* in the trace: "reject", "failed", "changed"; static       */
	bool returned;       /* returned by policy_steps                       */
	bool unknown;    /* of an unknown recipient: not about the message */
	struct str who;  /* a recipient, or empty                          */
	struct str text; /* "listed in zen.example (127.0.0.2)"            */
};

struct policy_verdict {
	enum policy_kind kind; /* PASS, ACCEPT, DISCARD, TEMPFAIL or REJECT */
	unsigned code;         /* of a refusal: 421 ends the connection     */
	struct str enhanced;   /* "4.7.1"                                   */
	struct str text;       /* of a refusal; lines are separated by LF   */
	const char *check;     /* that decided; static. NULL: none          */
	int64_t delay_ms;      /* before the answer is sent; 0: none        */
	struct str quarantine; /* at RCPT: why mail for this recipient is quarantined, or
	                        * empty */
};

/* The actions of the verdict at RCPT for that recipient, in a; NULL: the mail is kept. */
const struct action *policy_verdict_actions(const struct policy_verdict *v, struct arena *a);

/* --- the object -------------------------------------------------------------------------- */

/* Everything is borrowed. */
struct policy_config {
	struct store *store;
	struct recall *recall; /* NULL: no limits, no greylisting */
	struct dns *dns;
	struct live *live;
	/* Deliver a notice of this server from the null sender; NULL: none are sent. */
	enum err (*notify)(void *arg, const struct envelope *to, struct str body);
	void *notify_arg;
	struct report_out *reports; /* counts for reports; NULL: no counts   */
	const struct policy_check *checks; /* replaces the table in tests; NULL: the table */
	size_t check_count;
	unsigned threads; /* most that wait for remote services for mail from other
	                   * servers; 0: callers wait themselves, for tests */
};

enum err policy_open(const struct policy_config *config, struct policy **out,
                     struct why *why) MUST_USE;
/* Wait for runs until deadline_ms (monotonic). False: some still run, nothing is freed.
 * NULL is a no-op, *p is cleared. */
bool policy_close(struct policy **p, int64_t deadline_ms) MUST_USE;

/* Are the settings of all checks valid? */
enum err policy_settings_check(const struct settings *s, struct why *why) MUST_USE;

/* The rows of access rules have changed (flow/policy/access/access_rows.h): load them. */
enum err policy_access_changed(struct policy *p) MUST_USE;

/* A check and its verdicts in the last day; [POLICY_KINDS]: failures. */
struct policy_done {
	const char *name, *setting; /* static */
	bool on; /* do these settings enable it? */
	uint64_t counts[POLICY_KINDS + 1];
};
/* All checks, in order; in a. Returns how many. */
size_t policy_done_all(struct policy *p, const struct settings *s, struct arena *a,
                       struct policy_done **out);

/* --- a session --------------------------------------------------------------------------- */

struct policy_session *policy_session_new(struct policy *p, const struct conn *c, unsigned role,
                                          const struct settings *settings) MUST_USE;
/* The same for mail that arrives without SMTP. Strings are copied. */
struct policy_origin {
	struct str id, service, tls;
	struct addr peer;
};
struct policy_session *policy_session_of(struct policy *p, const struct policy_origin *origin,
                                         unsigned role,
                                         const struct settings *settings) MUST_USE;
/* The delay of the greeting, to detect peers that send before it. 0: none. */
int64_t policy_greeting_delay_ms(const struct policy_session *s);
/* Block the peer's host or network (flow/policy/blocks/blocks.h): on port 25 if the session is
 * on port 25, else on all ports. Private addresses are never blocked. */
void policy_block_session(struct policy *p, const struct policy_session *s, bool network,
                          struct str why, int64_t for_ms);
/* The transaction has ended or was refused: forget its results. */
void policy_session_reset(struct policy *p, struct policy_session *s);
/* STARTTLS: forget the peer's commands; results of CONNECT stay. */
void policy_session_restart(struct policy *p, struct policy_session *s);
/* NULL is a no-op; clears *s. */
void policy_session_free(struct policy *p, struct policy_session **s);

/* --- a stage ----------------------------------------------------------------------------- */

/* Run all checks of a stage. Pass *run to policy_end or policy_leave. waker is woken
 * (CONN_WAKE) when the verdict is ready, unless it is ready at once. */
struct policy_run *policy_begin(struct policy *p, struct policy_session *s,
                                enum policy_stage stage, struct waker waker) MUST_USE;
/* Is the verdict ready? It lives as long as the run. */
bool policy_ready(struct policy_run *run, struct policy_verdict *verdict);
/* If not ready: call policy_ready again after so long, even without a wake-up; 0: not
 * needed. */
int64_t policy_wait_ms(struct policy_run *run);
/* The same for a caller that may block: the verdict, whose strings live in a. */
void policy_ask(struct policy *p, struct policy_session *s, enum policy_stage stage,
                struct arena *a, struct policy_verdict *verdict);
/* After policy_ready; clears *run. NULL is a no-op. */
void policy_end(struct policy_run **run);
/* The connection has ended: call gone(arg) once the session is unused, before this
 * returns or later from another thread. Clears *run. */
void policy_leave(struct policy_run **run, void (*gone)(void *arg), void *arg);

/* --- after a stage ----------------------------------------------------------------------- */

/* The notes as steps of a trace; in a. Returns how many. untold: only those not returned
 * before, so that refusals in one session become one trace. */
size_t policy_steps(struct policy_session *s, bool untold, struct arena *a,
                    struct trace_step **out);
/* Append the header fields of the tags: "X-Roost-Check: dnsbl (listed in zen.example)". */
void policy_tags_put(struct buf *out, const struct policy_session *s);

#endif
