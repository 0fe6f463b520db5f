/* model/history/trace.h: message traces: the history of a message, from its connection to a
 * mailbox, another server or a bounce.
 *
 * A trace begins when a message is accepted, in that transaction (flow/delivery/), or when one is
 * refused (protocols/smtp_in/). The queue adds steps to it, in the transactions that change its
 * entries. Two spaces, written by this folder only:
 *
 *	trace:       id           -> sender, recipients and the first steps
 *	trace_step:  id, number   -> a later step
 *
 * An id contains the time, so rows are in order of arrival: a new one goes to the end of the tree,
 * which costs a delivery one more row; a search walks back in time; expiry removes the oldest.
 * There is no index by address, which would cost each message a row in a random place for each of
 * its names: a search reads at most LIMIT_trace_rows rows instead, and also finds parts of names.
 *
 * Refused mail has no transaction: its traces collect in memory, and a thread writes them some
 * seconds later (traces.c). A kill before loses them; traces of accepted mail are durable. */
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
	TRACE_REFUSED = 1, /* who: recipient, or empty for all; detail: the reply */
	TRACE_DELIVERED,   /* who: account; detail: mailbox */
	TRACE_FULL,        /* who: account over quota */
	TRACE_QUEUED,      /* for count remote recipients */
	TRACE_SENT,        /* who: recipient; detail: remote and reply              */
	TRACE_DELAYED,     /* the same                                              */
	TRACE_FAILED,      /* the same                                              */
	TRACE_BOUNCED,     /* who: sender that gets the bounce */
	TRACE_NOTICED,     /* who: sender that gets a notice of delay or success */
	TRACE_HELD,        /* by an administrator                                   */
	TRACE_RELEASED,    /* the same                                              */
	TRACE_DROPPED,     /* the same; count recipients                            */
	TRACE_CHECKED,     /* who: recipient, or empty; detail: check and result */
	TRACE_COMPLAINED,  /* who: recipient that complained; detail: reporter */
	TRACE_DISCARDED,   /* who: recipient that a check or filter left out; detail: why */
	TRACE_FILTERED,    /* who: account; detail: what its filters have done besides */
	TRACE_WHATS
};

struct trace_step {
	int64_t time_ms;
	enum trace_what what;
	uint32_t count; /* number of recipients; 0 means 1 */
	struct str who;
	struct str detail;
};

struct trace {
	uint64_t id; /* 0: traces are off */
	struct str session, service, peer;
	struct str mail;       /* id of the message, "SESSION-NUMBER"; empty: none */
	struct str from;       /* empty: the null sender                         */
	struct str message_id; /* with its angle brackets, empty when unknown    */
	uint64_t size_bytes;   /* 0: not received */
	struct str *to;
	size_t to_count;
	uint64_t to_more; /* recipients that are not in to */
	struct trace_step *steps;
	size_t step_count;
};

/* --- the object ------------------------------------------------------------------------- */

/* Both are borrowed and outlive it; live has ROOST_TRACE_DAYS. Starts the thread that writes
 * refused mail and removes old traces. */
enum err traces_open(struct store *s, struct live *live, struct traces **out,
                     struct why *why) MUST_USE;
/* Writes pending traces. NULL is a no-op; clears *tr. */
void traces_close(struct traces **tr);

/* --- writing; strings are copied -------------------------------------------------------- */

/* An id for an incoming message; 0 when traces are off or tr is NULL. Unique. */
uint64_t trace_id_new(struct traces *tr);
/* The begin of a trace. */
int64_t trace_time_ms(uint64_t id);

/* Begin a trace, with its first steps. A no-op for id 0. A second call in the same transaction,
 * which may run again, replaces it. Errors are the store's. */
enum err trace_put(struct traces *tr, struct txn *t, const struct trace *trace) MUST_USE;
/* Add a step; a no-op for id 0, and for a trace that was removed or has LIMIT_trace_steps. */
enum err trace_step_put(struct txn *t, uint64_t id, const struct trace_step *step) MUST_USE;

/* Record refused mail: the id is assigned here, steps are one or more of TRACE_REFUSED. Consecutive
 * refusals of one sender in one session become one trace. NULL is a no-op. */
void trace_refused(struct traces *tr, const struct trace *trace);
/* Write pending traces at once; for tests. */
enum err traces_flush(struct traces *tr, struct why *why) MUST_USE;

/* --- reading ---------------------------------------------------------------------------- */

/* The state of a message; names for people. */
enum trace_state {
	TRACE_STATE_REFUSED,
	TRACE_STATE_DELIVERED, /* to all recipients */
	TRACE_STATE_QUEUED,    /* at least one recipient was not tried yet */
	TRACE_STATE_DELAYED,   /* tried, and scheduled again */
	TRACE_STATE_HELD,
	TRACE_STATE_FAILED, /* failed for at least one recipient */
	TRACE_STATE_DROPPED,
};
const char *trace_state_name(enum trace_state state);
const char *trace_what_name(enum trace_what what);
/* Pure; of a trace with all its steps. */
enum trace_state trace_state(const struct trace *trace);

/* ERR_MISSING. Lives in a. */
enum err trace_get(struct txn *t, uint64_t id, struct arena *a, struct trace *out) MUST_USE;

struct trace_query {
	struct str text; /* part of an address, message-id or peer; or a complete session or message
	                 * id; any case; or empty */
	int64_t since_ms, until_ms; /* 0: no limit */
	uint64_t before;            /* ids below this; 0: all                               */
	size_t max;
	/* May it be shown? Called before the match of text, and again on a trace with all its
	 * steps; may remove parts that must not be shown. NULL: all. */
	bool (*keep)(struct trace *trace, void *arg);
	void *arg;
};
struct trace_list {
	struct trace *items; /* newest first, each with its steps */
	size_t count;
	bool more;
};
/* Walks back in time until max are found: 100,000 traces in about 25 ms. */
enum err trace_find(struct txn *t, const struct trace_query *query, struct arena *a,
                    struct trace_list *out) MUST_USE;

/* --- maintenance ------------------------------------------------------------------------ */

/* Remove traces older than days, and all but the newest rows; in several short transactions. *count
 * (may be NULL) is the number removed. The thread calls it. */
enum err traces_expire(struct store *s, uint64_t days, uint64_t rows, uint64_t *count,
                       struct why *why) MUST_USE;

#endif
