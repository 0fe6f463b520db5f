/* flow/policy/policy.h: may this session, sender, recipient, message pass?
 *
 * Chapter. checks.c is a table: one row a check, with the stages at which it is asked, for which
 * listeners, and what becomes of mail when it cannot tell. protocols/smtp_in/policy.c asks all of a
 * stage by policy_begin, at one place for each stage:
 *
 *	CONNECT  before the greeting        MAIL  before MAIL is accepted
 *	HELLO    before EHLO is answered    RCPT  before each RCPT is accepted, after the directory
 *	AUTH     a login was right                was asked: so nothing is learnt of who exists
 *	DATA     before 354                 END   the message is here, before it is delivered
 *
 * Rows are asked in order until one decides. What is quick (memory, a look into the store) runs
 * in the caller, a worker of the runtime. From the first row on that may wait for others (DNS, a
 * filter) the rest runs on a pool of its own, while the connection is parked without a thread
 * and is woken with the verdict. So a name server that hangs costs those who are asked about the
 * time of LIMIT_policy_stage_ms. Threads are shared out in turns among networks, with a room of its
 * own for submission and LMTP (turns.h). The time in line is part of what a row has; one that got
 * no thread in it counts as failed. What decides nothing at its stage goes on behind it, and is
 * taken in at a later one, at END at the latest (later.h).
 *
 * At RCPT rows with POLICY_UNKNOWN are asked also about names that there are not, which are refused
 * whatever is said: so harvesters are counted, and a spam trap need not exist. Mail for others in
 * the same transaction is not marked by it.
 *
 * A check that fails (time-out, no answer, no store) says so by policy_failed, and its row's
 * on_error counts. Verdicts:
 *
 *	pass        the next row is asked
 *	tag         the same, and the message gets a header field that says so
 *	delay       the same, and the answer waits so long, parked
 *	quarantine  the same, and the message goes to Junk, or is held in the queue
 *	accept      the rest is not asked: at CONNECT, HELLO and AUTH for the whole session, at RCPT
 *	            for this recipient, else for this message. Rows with POLICY_ALWAYS are asked
 *	discard     the message is taken, and dropped; its trace tells
 *	tempfail    4xx
 *	reject      5xx
 *
 * At RCPT, quarantine and discard are about the one recipient that is asked about: the caller keeps
 * them with him (flow/delivery/delivery.h), and what others get is not touched. A filter whose
 * protocol means all of the message says so by policy_discard_mail. A tag is a field of the
 * message, which all recipients get.
 *
 * All but pass are events, are counted, and are steps of the message's trace.
 *
 * Threads: a policy_session belongs to its connection. While a run of it is under way
 * (policy_begin to policy_end) nobody else touches it. */
#ifndef POLICY_H
#define POLICY_H
#include "flow/delivery/delivery.h"
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

/* Which listener. */
enum {
	POLICY_MX = BIT(0),
	POLICY_SUBMISSION = BIT(1),
	POLICY_LMTP = BIT(2),
};

struct policy_param {
	struct str keyword, value;
};

/* What the session is known by. The strings and lists below "of the transaction" are the
 * caller's and must last until the run that sees them has ended. */
struct policy_session {
	/* of the connection, copied by policy_session_new */
	struct str id, service, peer_text, local_text;
	struct addr peer;
	struct str peer_name; /* in DNS, confirmed; empty: unknown (ROOST_FCRDNS)  */
	struct dns_budget *budget; /* what DNSSEC may cost for its sake; of each new one */
	const char *iprev; /* RFC 8601 2.7.3: "pass"; static. NULL: not asked, or not yet   */
	unsigned role;                   /* one of POLICY_MX and so on            */
	const struct settings *settings; /* borrowed                              */
	struct str hostname;             /* ours; borrowed                        */

	/* as far as it has come; set by policy_session_greeted and the like */
	bool early; /* the peer spoke before the greeting          */
	bool esmtp;
	struct str helo, tls, login;
	struct str mechanism; /* of the login: "SCRAM-SHA-256"; static           */
	uint32_t account; /* 0: not logged in                             */

	/* of the transaction */
	struct str mail_id; /* of the message; empty: the session's, which has one   */
	struct mailaddr from;
	const struct policy_param *params; /* of MAIL                             */
	size_t param_count;
	uint64_t size; /* as SIZE= has it, 0 when it does not                 */
	const struct delivery_rcpt *rcpts; /* accepted so far                     */
	size_t rcpt_count;
	struct mailaddr rcpt; /* at RCPT: the one that is asked about              */
	bool rcpt_unknown;    /* there is nobody of that name: it is refused in any case  */
	const struct policy_param *rcpt_params;
	size_t rcpt_param_count;
	struct str received; /* at END: the fields that we put in front            */
	struct str message;  /* at END: header and body as they came               */

	/* what was found so far */
	bool accepted;      /* the session: by accept at CONNECT, HELLO, AUTH    */
	bool mail_accepted; /* the transaction                                   */
	struct str discard; /* of the transaction: why it is dropped, or empty   */
	struct str quarantine;       /* likewise                                 */
	/* What was found before MAIL is true of each transaction that follows. */
	struct policy_mark {
		struct str discard, quarantine;
		bool accepted;
	} marks[POLICY_MAIL]; /* by stage: CONNECT, HELLO, AUTH                  */
	struct list notes;           /* of the session: struct policy_note       */
	struct list mail_notes;      /* of the transaction                       */
	struct policy_changes changes; /* of the message                         */
	struct policy_verified *verified; /* of the transaction; NULL: nothing (verified.h) */
	const struct str *results; /* fields made of it, NULL at first: policy_results     */
	struct policy_signed *signed_by;  /* likewise, once its header is there (signatures.h) */
	struct policy_asked *asked;       /* likewise (ahead.h)                              */
	size_t note_count, mail_note_count;
	void **states;        /* of the checks: policy_state                     */
	struct arena arena;      /* of the connection                            */
	struct arena mail_arena; /* of the transaction                           */
};

/* What a check has found, for the trace. */
struct policy_note {
	struct list link;
	int64_t time_ms;
	enum policy_stage stage;
	enum policy_kind kind;
	const char *check;
	const char *word; /* in the trace: "reject", "failed", "changed"; static       */
	bool told;       /* to policy_steps                                            */
	bool unknown;    /* of a recipient that there is not: says nothing of the mail */
	struct str who;  /* a recipient, or empty                                     */
	struct str text; /* "listed in zen.example (127.0.0.2)"                       */
};

struct policy_verdict {
	enum policy_kind kind; /* PASS, ACCEPT, DISCARD, TEMPFAIL or REJECT           */
	unsigned code;         /* of a refusal: 421 ends the connection               */
	struct str enhanced;   /* "4.7.1"                                             */
	struct str text;       /* of a refusal: perhaps some lines, parted by LF      */
	const char *check;     /* who decided; static. NULL: nobody                   */
	int64_t delay_ms;      /* before the answer is sent; 0: none                  */
	struct str quarantine; /* at RCPT: why mail for this recipient is in it, or empty */
};

/* --- the object -------------------------------------------------------------------------- */

/* Everything is borrowed. */
struct policy_config {
	struct store *store;
	struct dns *dns;
	struct live *live;
	const struct delivery *delivery; /* for notices; NULL: none are sent */
	struct report_out *reports; /* counts for reports; NULL: nobody does */
	const struct policy_check *checks; /* instead of the table, for tests; NULL: the table */
	size_t check_count;
	unsigned threads; /* most that wait for others at one time about mail from other servers;
	                     0: callers wait themselves, for tests                        */
};

enum err policy_open(const struct policy_config *config, struct policy **out,
                     struct why *why) MUST_USE;
/* Let runs end until deadline_ms (monotonic). False: some have not, nothing is freed. NULL is
 * a no-op, *p is cleared. */
bool policy_close(struct policy **p, int64_t deadline_ms) MUST_USE;

/* Are the settings of the checks of the form? */
enum err policy_settings_check(const struct settings *s, struct why *why) MUST_USE;

/* Rows of access rules have changed (flow/policy/access_rows.h): those that are there now count. */
enum err policy_access_changed(struct policy *p) MUST_USE;

/* A check, and how often it has said what in the last day; [POLICY_KINDS]: that it cannot tell. */
struct policy_done {
	const char *name, *setting; /* static */
	bool on; /* is there anything that it looks at, by these settings? */
	uint64_t counts[POLICY_KINDS + 1];
};
/* All, in the order in which they are asked; in a. Returns how many. */
size_t policy_done_all(struct policy *p, const struct settings *s, struct arena *a,
                       struct policy_done **out);

/* --- a session --------------------------------------------------------------------------- */

struct policy_session *policy_session_new(struct policy *p, const struct conn *c, unsigned role,
                                          const struct settings *settings) MUST_USE;
/* The same for mail that comes without a connection of SMTP. Strings are copied. */
struct policy_origin {
	struct str id, service, tls;
	struct addr peer;
};
struct policy_session *policy_session_of(struct policy *p, const struct policy_origin *origin,
                                         unsigned role,
                                         const struct settings *settings) MUST_USE;
/* How long the greeting waits, to see who speaks before it. 0: not at all. */
int64_t policy_greeting_delay_ms(const struct policy_session *s);
/* The peer's host, or its network, is not to connect for a while (flow/policy/blocks.h): to port
 * 25 when that is where it was found, else anywhere. Private addresses are left alone. */
void policy_block_session(struct policy *p, const struct policy_session *s, bool network,
                          struct str why, int64_t for_ms);
/* The transaction is over, or never came about: forgets what was found in it. */
void policy_session_reset(struct policy *p, struct policy_session *s);
/* The peer begins anew (STARTTLS): what it said is forgotten, what was found at CONNECT stays. */
void policy_session_restart(struct policy *p, struct policy_session *s);
/* NULL is a no-op; clears *s. */
void policy_session_free(struct policy *p, struct policy_session **s);

/* --- a stage ----------------------------------------------------------------------------- */

/* Ask all checks of a stage. *run is to be given to policy_end or policy_leave. waker: who is
 * woken (CONN_WAKE) when the verdict is there, unless it is at once. */
struct policy_run *policy_begin(struct policy *p, struct policy_session *s,
                                enum policy_stage stage, struct waker waker) MUST_USE;
/* Is the verdict there? It lives as long as the run. */
bool policy_ready(struct policy_run *run, struct policy_verdict *verdict);
/* It was not: after so long policy_ready is to be called though nothing has woken; 0: it need
 * not. */
int64_t policy_wait_ms(struct policy_run *run);
/* The same for who has a thread to wait with: the verdict, whose strings live in a. */
void policy_ask(struct policy *p, struct policy_session *s, enum policy_stage stage,
                struct arena *a, struct policy_verdict *verdict);
/* After policy_ready; clears *run. NULL is a no-op. */
void policy_end(struct policy_run **run);
/* The connection is gone: have gone(arg) called once nothing uses the session any more, which
 * may be before this returns, or from another thread later. Clears *run. */
void policy_leave(struct policy_run **run, void (*gone)(void *arg), void *arg);

/* --- afterwards -------------------------------------------------------------------------- */

/* The notes as steps of a trace; in a. Returns how many. untold: those only that were not asked
 * for so before: refusals in one session become one trace. */
size_t policy_steps(struct policy_session *s, bool untold, struct arena *a,
                    struct trace_step **out);
/* Append the header fields of the tags: "X-Roost-Check: dnsbl (listed in zen.example)". */
void policy_tags_put(struct buf *out, const struct policy_session *s);

#endif
