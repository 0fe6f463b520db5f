/* model/history/trace.h: what became of a message: its story, from the connection it came over to a
 * mailbox, another server or a bounce.
 *
 * Chapter. A trace begins when a message is accepted, in the transaction that accepts it
 * (delivery/), or when one is refused (protocols/smtp_in/). The queue adds steps to it, in the
 * transactions that change its entries. Two spaces, written by this folder only:
 *
 *	trace:       id           -> who sent what to whom, with the steps of its first moment
 *	trace_step:  id, number   -> a later step
 *
 * An id holds the time, so rows lie in the order in which mail came: a new one goes to the end
 * of the tree, which costs a delivery one row beside those it writes anyhow; a search walks
 * back in time; expiry cuts off the front. There is no index by address, which would cost each
 * message a row in a random place for each of its names: a search reads at most
 * LIMIT_trace_rows rows instead, and finds parts of names as well.
 *
 * Refused mail writes no transaction of its own: it gathers in memory, and a thread writes
 * it some seconds later (traces.c). A kill in between loses it; accepted mail never. */
#ifndef HISTORY_TRACE_H
#define HISTORY_TRACE_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct arena;
struct live;
struct store;
struct traces;
struct txn;

enum trace_what {
	TRACE_REFUSED = 1, /* who: recipient, or empty for all; detail: what was said */
	TRACE_DELIVERED,   /* who: account; detail: where to                        */
	TRACE_FULL,        /* who: account that had no room                         */
	TRACE_QUEUED,      /* for count recipients elsewhere                         */
	TRACE_SENT,        /* who: recipient; detail: remote and reply              */
	TRACE_DELAYED,     /* the same                                              */
	TRACE_FAILED,      /* the same                                              */
	TRACE_BOUNCED,     /* who: sender that was told                             */
	TRACE_NOTICED,     /* who: sender that was told of a delay, or a success    */
	TRACE_HELD,        /* by an administrator                                   */
	TRACE_RELEASED,    /* the same                                              */
	TRACE_DROPPED,     /* the same; count recipients                            */
	TRACE_CHECKED,     /* who: recipient, or empty; detail: which check said what */
	TRACE_COMPLAINED,  /* who: recipient that called it spam; detail: who says so */
	TRACE_DISCARDED,   /* who: recipient that a check has left out; detail: why */
	TRACE_WHATS
};

struct trace_step {
	int64_t time_ms;
	enum trace_what what;
	uint32_t count; /* recipients it is about; 0 means 1 */
	struct str who;
	struct str detail;
};

struct trace {
	uint64_t id; /* 0: traces are off */
	struct str session, service, peer;
	struct str mail;       /* id of the message, "SESSION-NUMBER"; empty: of none    */
	struct str from;       /* empty: the null sender                         */
	struct str message_id; /* with its angle brackets, empty when unknown    */
	uint64_t size_bytes;   /* 0: never came so far                           */
	struct str *to;
	size_t to_count;
	uint64_t to_more; /* recipients that are not in to */
	struct trace_step *steps;
	size_t step_count;
};

/* --- the object ------------------------------------------------------------------------- */

/* Both are borrowed and outlive it; live tells ROOST_TRACE_DAYS. Starts the thread that
 * writes refused mail and forgets what is old. */
enum err traces_open(struct store *s, struct live *live, struct traces **out,
                     struct why *why) MUST_USE;
/* Writes what has gathered. NULL is a no-op; clears *tr. */
void traces_close(struct traces **tr);

/* --- writing; strings are copied -------------------------------------------------------- */

/* An id for a message that is coming in; 0 when traces are off or tr is NULL. Never twice. */
uint64_t trace_id_new(struct traces *tr);
/* When a trace began. */
int64_t trace_time_ms(uint64_t id);

/* Begin a trace, with the steps that happened already. A no-op for id 0. Again in the same
 * transaction, which may be run again, replaces. Errors are the store's. */
enum err trace_put(struct traces *tr, struct txn *t, const struct trace *trace) MUST_USE;
/* Add a step; a no-op for id 0 and for a trace that is no more, or has LIMIT_trace_steps. */
enum err trace_step_put(struct txn *t, uint64_t id, const struct trace_step *step) MUST_USE;

/* Mail that was refused: id is given here, steps are one or more of TRACE_REFUSED. What one
 * session was refused in a row, from the same sender, becomes one trace. NULL is a no-op. */
void trace_refused(struct traces *tr, const struct trace *trace);
/* Write at once what has gathered; for tests. */
enum err traces_flush(struct traces *tr, struct why *why) MUST_USE;

/* --- reading ---------------------------------------------------------------------------- */

/* What a message came to; names for people. */
enum trace_state {
	TRACE_STATE_REFUSED,
	TRACE_STATE_DELIVERED, /* to everybody                       */
	TRACE_STATE_QUEUED,    /* somebody's copy has not been tried  */
	TRACE_STATE_DELAYED,   /* tried, and to be tried again        */
	TRACE_STATE_HELD,
	TRACE_STATE_FAILED, /* somebody did not get it             */
	TRACE_STATE_DROPPED,
};
const char *trace_state_name(enum trace_state state);
const char *trace_what_name(enum trace_what what);
/* Pure; of a trace with all its steps. */
enum trace_state trace_state(const struct trace *trace);

/* ERR_MISSING. Lives in a. */
enum err trace_get(struct txn *t, uint64_t id, struct arena *a, struct trace *out) MUST_USE;

struct trace_query {
	struct str text; /* part of an address, message-id or peer; or a session or an
	                 * id of a message, whole; any case; or empty */
	int64_t since_ms, until_ms; /* 0: no bound                                          */
	uint64_t before;            /* ids below this; 0: all                               */
	size_t max;
	/* May it be shown? Called before text is looked for, and again on a trace with all its
	 * steps; may take out what is not to be seen. NULL: all. */
	bool (*keep)(struct trace *trace, void *arg);
	void *arg;
};
struct trace_list {
	struct trace *items; /* newest first, each with its steps */
	size_t count;
	bool more;
};
/* Walks back in time until max are found: 100,000 traces in some 25 ms. */
enum err trace_find(struct txn *t, const struct trace_query *query, struct arena *a,
                    struct trace_list *out) MUST_USE;

/* --- upkeep ----------------------------------------------------------------------------- */

/* Forget what is older than days, or beyond rows of the newest; in several short
 * transactions. *count (may be NULL) is how many went. The thread does it. */
enum err traces_expire(struct store *s, uint64_t days, uint64_t rows, uint64_t *count,
                       struct why *why) MUST_USE;

#endif
