/* model/queue/queue.h: mail on its way out, at rest: who it is for, when to try, what came of it.
 *
 * No sockets here. protocols/smtp_out/ takes due messages, speaks to the remote and reports:
 *
 *	delivery/   queue_add      within the transaction that accepts the message
 *	smtp_out/   queue_take     a batch for one destination, under a lease
 *	            queue_report   what happened to each recipient; once per item taken
 *	            queue_release  not tried after all (stop, no free connection)
 *
 * An entry is one message for one destination: the recipients of one domain, or all of
 * them when a smarthost takes everything. Two spaces, written by this folder only:
 *
 *	queue:     id            -> record.c's record; row 0 holds the next id
 *	queue_due: lane, priority, due ms, id -> nothing; every entry has exactly one row, and
 *	                            its record says which
 *
 * A lane is what may share a connection: the entries of one named queue, route and destination.
 * lanes.h keeps in memory which of them have something due, so taking and reporting cost the
 * same however long the queue is and however many destinations are dead: one where nobody
 * answers is left alone as a whole, longer each time, and its entries with it.
 *
 * An entry that an administrator holds is due at QUEUE_NEVER_MS. While it is being tried it
 * keeps the due time of its lease: what ends the lease puts it there.
 *
 * A lease is a due time in the future plus its holder's name in the record: an entry whose
 * holder died comes due by itself, and queue_open frees those of an earlier life of this
 * node at once. So two runners, or later two nodes, can share the queue.
 *
 * What may happen twice: a remote's 250 that we did not live to record; SMTP has no answer
 * to that (RFC 5321 4.5.3.2.6, RFC 1047). What cannot: a recipient lost, or bounced and
 * delivered; every change of an entry is one transaction, with the bounce inside it. */
#ifndef QUEUE_H
#define QUEUE_H
#include "formats/message/dsn.h"
#include "formats/message/mailaddr.h"
#include "foundation/base/err.h"
#include "model/store/blob.h"

struct arena;
struct buf;
struct live;
struct pace;
struct queue;
struct settings;
struct store;
struct txn;
struct webhooks;

/* --- what an entry holds --- */

#define QUEUE_NEVER_MS INT64_MAX

enum queue_flags {
	QUEUE_8BIT = BIT(0),     /* BODY=8BITMIME: the contents have 8-bit bytes (RFC 6152)      */
	QUEUE_UTF8 = BIT(1),     /* SMTPUTF8: headers or addresses are UTF-8 (RFC 6531)          */
	QUEUE_RET_FULL = BIT(2), /* RET=FULL: bounces carry all of it (RFC 3461 4.3)         */
	QUEUE_NOTICED = BIT(3),  /* the sender was told of the delay                         */
	QUEUE_BINARY = BIT(4),   /* BODY=BINARYMIME: no lines, any bytes (RFC 3030 3)        */
	QUEUE_REQUIRETLS = BIT(5),   /* REQUIRETLS: only over verified TLS (RFC 8689 4.2.1)   */
	QUEUE_TLS_OPTIONAL = BIT(6), /* TLS-Required: No: no policy asks for TLS (RFC 8689 5) */
	QUEUE_RET_HDRS = BIT(7),     /* RET=HDRS: the header only, as without RET            */
	QUEUE_BY_NOTICED = BIT(8),   /* the sender was told that by_ms has passed            */
	QUEUE_LISTED = BIT(9), /* to members of a list, whose owner hears of them, not the sender */
	/* A line of the header, or of the rest, is longer than RFC 5322 2.1.1 has it: what is
	 * sent is converted (smtp_out/content.h), so a signature made now would not hold. */
	QUEUE_LONG_HEADER = BIT(10),
	QUEUE_LONG_BODY = BIT(11),
	/* It waits for its time with all recipients as they were written, whomever they lead to:
	 * then it is taken in as if it had just come, instead of being sent. */
	QUEUE_LATER = BIT(12),
	QUEUE_REPORT = BIT(13), /* a report of ours: the host hears what becomes of it */
	QUEUE_SIGNED = BIT(14), /* it begins with signatures of ours (flow/delivery/sign.h)  */
};

/* MT-PRIORITY (RFC 6710 5.1); 0 is what nobody asked for. */
enum { QUEUE_PRIORITY_MIN = -9, QUEUE_PRIORITY_MAX = 9, QUEUE_PRIORITY_LEVELS = 19 };

/* DELIVERBY (RFC 2852 4.1.3): what happens at by_ms. */
enum queue_by {
	QUEUE_BY_NONE,
	QUEUE_BY_RETURN, /* R: it goes back, and is not tried any more */
	QUEUE_BY_NOTIFY, /* N: the sender is told, and it is tried on  */
};

enum queue_notify { /* RFC 3461 4.1; 0 is what nobody asked for: failure and delay */
	            QUEUE_NOTIFY_NEVER = DSN_NEVER,
	            QUEUE_NOTIFY_SUCCESS = DSN_SUCCESS,
	            QUEUE_NOTIFY_FAILURE = DSN_FAILURE,
	            QUEUE_NOTIFY_DELAY = DSN_DELAY,
};

/* What a remote, or we about it, said. */
struct queue_reply {
	uint16_t code;     /* 450; 0 when no reply came: connection, DNS              */
	struct str status; /* enhanced code "4.2.1" (RFC 3463); empty: made from code */
	struct str text;   /* one line of the reply, or what failed                   */
	struct str remote; /* host name or address that said it, or with code 0 that it
	                    * is about; empty for ourselves                           */
};

struct queue_rcpt {
	struct mailaddr address;
	struct str orcpt;         /* "rfc822;user@example.org" as given, or empty     */
	unsigned notify;          /* enum queue_notify                                */
	struct queue_reply reply; /* of the last attempt                              */
	struct str quarantine;    /* of one who may be here: why his mail goes to Junk, or is
	                           * held when he is elsewhere; empty: it does not    */
};

/* How often an entry went by a route. */
struct queue_tried {
	struct str route; /* its name in ROOST_ROUTES; empty: straight to the MX */
	uint32_t attempts;
};

enum { QUEUE_DESTINATION_MAX = 1 + 40 + 1 + MAILADDR_DOMAIN_MAX }; /* "@route/domain" */
enum { QUEUE_NAME_MAX = 40, QUEUE_TRIED_MAX = 8 };

struct queue_item {
	uint64_t id;            /* of the entry                                            */
	uint64_t message;       /* shared by the entries of one message: the first one's id */
	struct str destination; /* domain, or empty for the smarthost                      */
	struct blob_id blob;    /* the message as it is sent; a reference is ours          */
	uint64_t size_bytes;
	unsigned flags;         /* enum queue_flags                                        */
	uint32_t submitter;     /* account that sent it; 0: none (forwarded, a bounce)     */
	struct mailaddr sender; /* return path; null for a bounce                          */
	struct str envid;       /* RFC 3461 4.4, as given; or empty                        */
	int64_t created_ms;
	int64_t expires_ms;
	int64_t due_ms; /* next attempt, or end of the lease                       */
	uint32_t attempts;
	uint64_t holder;          /* of the lease, 0 for none                                */
	bool held;                /* not to be tried until released (queue_hold)             */
	uint64_t trace;           /* history/trace.h: the message's, or 0                      */
	uint64_t sent;            /* history/sent.h: the submitter's, or 0                      */
	int8_t priority;          /* QUEUE_PRIORITY_MIN to _MAX: greater goes first          */
	enum queue_by by_mode;    /* DELIVERBY                                               */
	bool by_trace;            /* its T: relaying is told of (RFC 2852 4.1.4)             */
	int64_t by_ms;            /* the day's time it counts down to; 0 without             */
	int64_t not_before_ms;    /* FUTURERELEASE or a scheduled one; 0: at once            */
	struct str queue;         /* the named queue it is in; empty: the default one        */
	struct str route;         /* an administrator's: by this route whatever the rules say;
	                           * empty: as they say                                      */
	struct queue_tried *tried; /* attempts by route, at most QUEUE_TRIED_MAX routes; those
	                            * of before there were routes are in attempts only        */
	size_t tried_count;
	struct queue_rcpt *rcpts; /* those neither delivered nor failed yet: 1 or more     */
	size_t rcpt_count;
};

/* --- life --- */

/* A bounce or delay notice, complete and ready to send. */
struct queue_bounce {
	struct str raw;     /* CRLF, header and body                           */
	struct mailaddr to; /* who sent the original                           */
	unsigned flags;     /* QUEUE_8BIT, QUEUE_UTF8, QUEUE_REQUIRETLS        */
	int8_t priority;    /* the original's (RFC 6710 4.6)                   */
	uint32_t submitter; /* account that sent the original, or 0            */
	uint64_t about;     /* id of the entry that it is about                */
	bool notice;        /* of a delay, or of mail passed on; else a failure */
};

/* What the queue needs from above: delivery/ fills it in. */
struct queue_host {
	/* A bounce goes from the null sender, to a local mailbox or by queue_add, in three
	 * steps: prepare, outside any transaction, parses, compresses and so on (blob_prepare)
	 * and hands on whatever it likes in *made; put does it, in t, and is re-runnable as a
	 * txn_fn; done frees *made, always after prepare was OK.
	 * put returns ERR_MISSING, ERR_DENIED or ERR_LIMIT when nobody takes it (nothing may
	 * have been written then): it is logged and dropped, since a bounce has no sender
	 * to go back to. Any other error undoes the report, to be tried again. */
	enum err (*bounce_prepare)(const struct queue_bounce *b, void **made, void *arg,
	                           struct why *why);
	enum err (*bounce_put)(struct txn *t, const struct queue_bounce *b, void *made, void *arg);
	void (*bounce_done)(void *made, void *arg);
	/* What became of a recipient of an entry with QUEUE_REPORT, in the transaction that
	 * writes it down: delivered or failed, by a remote's answer or another one. NULL: nobody
	 * hears of it. Errors undo the report. */
	enum err (*heard)(struct txn *t, const struct mailaddr *rcpt, bool delivered,
	                  const struct queue_reply *reply, void *arg);
	/* Something is due earlier than what was known: wake the runner. After a commit, maybe
	 * on another thread; quick. */
	void (*wake)(void *arg);
	void *arg;
};

struct queue_config {
	struct store *store; /* borrowed, outlives the queue                         */
	struct live *live;   /* borrowed: host name, schedule, whether there is a smarthost */
	struct webhooks *webhooks; /* borrowed: hears of results; NULL: nobody does */
	struct queue_host host;
	uint32_t node; /* tells servers that share a store apart; 0 for one          */
};

/* Open: frees the leases of an earlier life of this node, mends due times that a clock once wrong
 * has put too far ahead; when there are other rules of routes than last time, entries follow them
 * as in queue_reroute. *out is NULL unless OK. Errors are the store's. One look at all entries;
 * only those that need it are written. */
enum err queue_open(struct queue **out, const struct queue_config *config,
                    struct why *why) MUST_USE;
/* ROOST_ROUTES changed, or the smarthost came or went, while the queue is open: before anything
 * else is taken, queue_take brings entries in line with that, some at a time. What is being tried
 * follows when it comes back, by queue_report or queue_release. */
enum err queue_reroute(struct queue *q, struct why *why) MUST_USE;
/* A number that is another one after each such change: a batch with another one in it should be
 * released, as far as it is not begun. */
unsigned queue_rules_now(struct queue *q);
/* Was the clock set since the last look? Then mend what that makes wrong: before a transaction of
 * the server's that asks whether entries are being tried; queue_take and queue_give_back ask by
 * themselves. Cheap when it was not; else it waits for whoever mends it. Not inside a transaction.
 */
enum err queue_clock_look(struct queue *q, struct why *why) MUST_USE;
/* NULL is a no-op; clears *q. */
void queue_close(struct queue **q);
/* Where the callbacks go, for server/, which makes the queue before delivery/. Before the first
 * queue_take. */
void queue_host_set(struct queue *q, const struct queue_host *host);

/* Check ROOST_QUEUES (class.h); why names the line. Pure. */
enum err queue_rules_check(struct str text, struct why *why) MUST_USE;

/* --- in --- */

struct queue_new {
	const struct blob_draft *draft; /* the message; or NULL and, stored already:  */
	struct blob_id blob;
	uint64_t size_bytes;            /* only with blob                             */
	struct mailaddr sender;         /* null: never bounced                        */
	const struct queue_rcpt *rcpts; /* 1 or more, of any domains; reply unused    */
	size_t rcpt_count;
	unsigned flags;
	uint32_t submitter;
	struct str envid;
	uint64_t trace;        /* model/history/trace.h: gets the steps; 0 for none            */
	uint64_t sent;         /* history/sent.h: hears of results; 0: it did not come by the API */
	int64_t not_before_ms; /* 0: at once                                         */
	int8_t priority;       /* as in queue_item, and so on                          */
	enum queue_by by_mode;
	bool by_trace;
	int64_t by_ms;         /* with QUEUE_BY_RETURN the entry expires then, if not before */
	struct str route;      /* empty: as the rules say                              */
	bool held;             /* from the beginning, until queue_unhold               */
};

/* Add a message, one entry for each destination, each with its own reference on the blob; with
 * QUEUE_LATER one for all, to which rules of routes and named queues, and suppressed addresses, do
 * not apply before its time.
 * Due at once; the runner is woken after the commit. q gives routes and schedule.
 * *message (may be NULL) is the id they share, for the log and the SMTP reply.
 * Errors are the store's; ERR_MISSING: blob is not stored; ERR_FULL: queue_room says no. */
enum err queue_add(struct queue *q, struct txn *t, const struct queue_new *new,
                   uint64_t *message) MUST_USE;

/* --- how much may lie in it --- */

struct queue_count {
	uint64_t messages; /* each once for every destination */
	uint64_t bytes;
};
/* All that there is. One look-up. */
enum err queue_count_of(struct txn *t, struct queue_count *out) MUST_USE;

struct queue_room {
	const struct mailaddr *sender; /* null: what reports need always has room */
	uint32_t submitter;            /* 0: none                                 */
	uint64_t messages, size_bytes; /* how many of which size would come       */
};
/* May they come in, by ROOST_QUEUE_MAX_MESSAGES, _BYTES and the limits in ROOST_QUEUES? ERR_FULL:
 * the queue is full; ERR_LIMIT: so is what its account or domain may have there; the
 * transaction's why says which. queue_add asks too, and returns ERR_FULL for either. */
enum err queue_room(struct txn *t, const struct settings *s,
                    const struct queue_room *room) MUST_USE;

/* --- out --- */

/* What may share a connection. */
struct queue_lane {
	struct str queue;       /* named queue; empty: the default one        */
	struct str route;       /* an administrator's; empty: as the rules say */
	struct str destination; /* domain, or empty for the smarthost         */
};

struct queue_want {
	int64_t now_ms;
	/* May a connection to this destination begin? NULL: to any. Quick, and takes no lock but
	 * its own. */
	bool (*may)(struct str destination, void *arg);
	void *may_arg;
	bool proven; /* only to those that are (pace.h)                                    */
	const struct str *skip_queues; /* named queues that do                            */
	size_t skip_queue_count;
	bool no_suspects; /* none where nobody was last time: enough of those are being tried */
	const struct queue_lane *only; /* not NULL: this one, on an open connection       */
	/* With only, since nobody is there: of all that waits, due or not, what a report is owed
	 * all the same: it has expired, its sender is to be told of the delay, or after so many
	 * rounds in vain it takes another way. */
	bool owed;
	size_t max;   /* most items, 1 to QUEUE_BATCH_MAX                                 */
};

enum { QUEUE_BATCH_MAX = 100 };

struct queue_batch {
	struct queue_item *items; /* of one lane, by priority, then longest due first  */
	size_t count;             /* 0: nothing is due                                 */
	struct queue_lane lane;
	bool suspect; /* nobody was there last time                                    */
	unsigned rules; /* queue_rules_now as they were taken                          */
	int64_t next_ms;          /* when something else may be due (INT64_MAX: never);
	                           * at or before now_ms: take again                   */
};

/* Take what is due in one lane, under a lease of LIMIT_queue_lease_s: of those that have
 * something of the highest priority, the lane that has waited longest for its turn. Each item must
 * come back by queue_report or queue_release. Not inside a transaction. The batch lives in a. One
 * durable commit; none when nothing is due, so asking is cheap. */
enum err queue_take(struct queue *q, const struct queue_want *want, struct arena *a,
                    struct queue_batch *out, struct why *why) MUST_USE;

enum queue_outcome {
	QUEUE_DELIVERED,
	QUEUE_DELAYED, /* 4xx, or no connection: try again later                        */
	QUEUE_FAILED,  /* 5xx, null MX, no such domain                                  */
};

/* The way of an attempt, as far as it came; all of it may be empty. */
struct queue_path {
	struct str route;   /* its name; empty: straight to the MX                       */
	struct str host;    /* name of the remote                                        */
	struct str address; /* "192.0.2.1:25", "[2001:db8::1]:25"                        */
	struct str tls;     /* "TLSv1.3 DANE", words of the TLS side; empty: in the clear */
	bool unreachable;   /* nobody there would talk to us, before any MAIL: this is about the
	                     * destination, which is left alone for a while (lanes.h)  */
};

/* What is done in the transaction that records a result, as a txn_fn: so neither is without the
 * other. An error undoes the report, and queue_report returns it. */
struct queue_deed {
	enum err (*put)(struct txn *t, void *arg);
	void *arg;
};

struct queue_result {
	enum queue_outcome outcome;
	struct queue_reply reply;
	const struct queue_path *path; /* NULL: it was not tried, or nobody knows */
	/* With QUEUE_DELIVERED, of who took it; so the sender is told what that one will not: */
	bool reports; /* it has DSN (RFC 3461 5.2.1)                                    */
	bool hurries; /* it has DELIVERBY (RFC 2852 4.1.4)                              */
	bool here;    /* of this server's own, whose sender is told by others or not at all;
	               * so is one with QUEUE_FAILED                                     */
	bool onward;  /* queued again for where it leads: programs hear of that instead,
	               * and the history has it when it has left                         */
	bool waits;   /* with QUEUE_DELAYED: no other host is to be asked in this attempt,
	               * since that one may have the message, or the trouble is our own   */
	bool recorded; /* by queue_report_part: the entry is without that recipient       */
	const struct queue_deed *deed; /* NULL: none                                    */
};

/* How many connections each destination is good for; the queue's, from queue_open on. */
struct pace *queue_pace(struct queue *q);
/* That destination took a message: pace_good, and it may be served with want.proven. */
bool queue_taken(struct queue *q, struct str destination, int64_t now_ms);

/* How often the entry went by this route. Pure. */
uint32_t queue_attempts_by(const struct queue_item *item, struct str route);

/* Record an attempt, in one transaction: delivered recipients leave; failed ones, and with
 * them delayed ones past their expiry, go back to the sender in one bounce (RFC 3464), or,
 * if the message was itself a bounce, are logged and dropped; delayed ones wait by the
 * schedule, and the sender is told once. Logs queue_delivered and so on.
 * item     as taken
 * results  item->rcpt_count of them, in the order of item->rcpts
 * ERR_CONFLICT: the lease is no longer ours (expired and taken by another, or the entry was
 * dropped): nothing to do. ERR_FULL, ERR_IO...: nothing is recorded; try again for a while,
 * then leave it to the lease's end. Not inside a transaction. */
enum err queue_report(struct queue *q, const struct queue_item *item,
                      const struct queue_result *results, struct why *why) MUST_USE;

/* The same for those recipients only whom a remote took so far, while others of the entry are still
 * tried: they leave, results say so (recorded), and the lease begins anew in *item. Without any: OK
 * and nothing happens. Recipients here wait for queue_report, to which the same item and results
 * go. Errors as there; then all are as they were. */
enum err queue_report_part(struct queue *q, struct queue_item *item, struct queue_result *results,
                           struct why *why) MUST_USE;

/* Give items back untried, due at due_ms (0: at once), by the way that the rules say now. Those no
 * longer ours are skipped. */
enum err queue_release(struct queue *q, const struct queue_item *items, size_t count,
                       int64_t due_ms, struct why *why) MUST_USE;

/* Does the lease last for one more attempt (LIMIT_queue_attempt_s)? Ask before trying each
 * item of a batch: past a slow remote the later ones may have to be released, or somebody
 * else takes and sends them too. Pure. */
bool queue_lease_holds(const struct queue_item *item, int64_t now_ms);

/* --- for the administrator; beside a running server or without one --- */

/* Where no server runs, what says that it is being tried was being tried when one was killed, and
 * nothing of that keeps anybody from changing it (txn_is_alone). */

struct queue_list {
	struct queue_item *items; /* by id, which is by age */
	size_t count;
	uint64_t more; /* entries beyond max */
};

/* Entries from id on, at most max. */
enum err queue_list(struct txn *t, uint64_t from, size_t max, struct arena *a,
                    struct queue_list *out) MUST_USE;
/* ERR_MISSING: no such entry. */
enum err queue_get(struct txn *t, uint64_t id, struct arena *a, struct queue_item *out) MUST_USE;
/* Which entries to show. */
enum queue_state {
	QUEUE_STATE_ANY,
	QUEUE_STATE_WAITING, /* for the first attempt                   */
	QUEUE_STATE_DELAYED, /* tried before                            */
	QUEUE_STATE_ACTIVE,  /* being tried now                         */
	QUEUE_STATE_HELD,
};
enum queue_state queue_state_of(const struct queue_item *item, int64_t now_ms);
/* "waiting"...; any other name is QUEUE_STATE_ANY's, which has none. */
const char *queue_state_name(enum queue_state state);
bool queue_state_parse(struct str name, enum queue_state *out);

struct queue_query {
	uint64_t after;  /* ids beyond this; 0: all                                     */
	struct str text; /* part of an address, the destination, or a reply; any case   */
	enum queue_state state;
	struct str domain;      /* of a recipient, or the destination; empty: any */
	struct str sender;      /* its address, or its domain; empty: any         */
	bool in_queue;          /* only of the named queue that follows           */
	struct str queue;
	int64_t before_ms;      /* created before that; 0: any                    */
	int64_t now_ms;
	size_t max;
	bool (*keep)(const struct queue_item *item, void *arg); /* may it be shown? NULL: all */
	void *arg;
};
/* Is it one of those? a is for what comes and goes. after and max do not count. Pure. */
bool queue_fits(const struct queue_item *item, const struct queue_query *query, struct arena *a);
/* Walks all entries until max fit; more says whether there is another one. */
enum err queue_find(struct txn *t, const struct queue_query *query, struct arena *a,
                    struct queue_list *out) MUST_USE;

/* --- what is let rest --- */

enum queue_pause_of {
	QUEUE_PAUSE_ALL,
	QUEUE_PAUSE_QUEUE,       /* a named queue; the default one with an empty name */
	QUEUE_PAUSE_DESTINATION, /* as entries have it, or its domain                 */
	QUEUE_PAUSE_KINDS,
};

/* Nothing of it is tried until queue_resume, over restarts too, while it gets older. An attempt
 * that is under way goes on. */
struct queue_pause {
	enum queue_pause_of of;
	struct str name; /* empty for all */
	int64_t since_ms;
	struct str reason;
};
struct queue_pauses {
	struct queue_pause *items;
	size_t count;
};
/* Insert or replace; queue_wake_after as for other changes. ERR_LIMIT: the name is too
 * long, or there are LIMIT_queue_pauses. Looks at each of them. */
enum err queue_pause(struct txn *t, const struct queue_pause *pause) MUST_USE;
/* ERR_MISSING: it is not paused. */
enum err queue_resume(struct txn *t, enum queue_pause_of of, struct str name) MUST_USE;
/* All of them, at most LIMIT_queue_pauses, in a. */
enum err queue_pauses_read(struct txn *t, struct arena *a, struct queue_pauses *out) MUST_USE;
/* Does one of them, or a setting of its named queue, keep the entry? Pure. */
bool queue_is_paused(const struct queue_pauses *pauses, const struct settings *s,
                     const struct queue_item *item);

/* A lane that is left alone, because nobody was there. */
struct queue_lane_state {
	struct queue_lane lane;
	uint32_t failures; /* in a row              */
	int64_t until_ms;  /* tried again then      */
	struct str text;   /* what came of the last */
};
/* Those of this server's process; at most max of them. In a. */
size_t queue_lanes(struct queue *q, struct arena *a, size_t max, struct queue_lane_state *out);
/* Try a destination (empty: all) at once, whatever is known of it. */
void queue_lanes_forgive(struct queue *q, struct str destination);

/* How many entries there are, and the creation time of the oldest (INT64_MAX: none). Two
 * look-ups. */
enum err queue_size(struct txn *t, uint64_t *count, int64_t *oldest_ms) MUST_USE;

/* Append what there is to tell in Prometheus' text format: entries by queue and state, their size
 * and greatest age, pauses, how long mail waited. Looks at all entries, but not twice in ten
 * seconds. */
void queue_metrics_put(struct queue *q, struct buf *out);
/* How many entries there are, as of then. False: it could not be read. */
bool queue_entries_count(struct queue *q, uint64_t *out) MUST_USE;

/* Make an entry (0: all) due now, but those being tried at the moment or held. *count (may be
 * NULL) is how many. Poke the server afterwards when this transaction is not in its process,
 * or call queue_wake_after in it. */
enum err queue_retry(struct txn *t, uint64_t id, int64_t now_ms, uint64_t *count) MUST_USE;
/* Forget an entry, no bounce; webhooks hear of it as of one that was taken back. w: NULL for
 * nobody. ERR_MISSING; ERR_CONFLICT: it is being tried at the moment, and
 * may succeed. */
enum err queue_drop(struct webhooks *w, struct txn *t, uint64_t id) MUST_USE;
/* Do not try it until queue_unhold. An attempt that is under way goes on, and may succeed. Its
 * age counts on. ERR_MISSING; ERR_CONFLICT: it is held already (or is not). */
enum err queue_hold(struct txn *t, uint64_t id) MUST_USE;
enum err queue_unhold(struct txn *t, uint64_t id, int64_t now_ms) MUST_USE;
/* Send it by this route whatever the rules say (the name of one, or of a relay; "mx": by MX; empty:
 * as the rules say again), at once. ERR_MISSING; ERR_SYNTAX: there is no such route; ERR_CONFLICT:
 * it is being tried at the moment. */
enum err queue_requeue(struct queue *q, struct txn *t, uint64_t id, struct str route) MUST_USE;
/* Put it into another named queue; empty: the default one. Its age at which it goes back stays.
 * As above; ERR_SYNTAX: there is no such queue. */
enum err queue_move(struct queue *q, struct txn *t, uint64_t id, struct str queue) MUST_USE;
/* Wake the runner when t has been committed; in the server's process. */
void queue_wake_after(struct queue *q, struct txn *t);
/* Somebody else has changed entries, a command beside the server: look at the rows anew before
 * the next take. Quick, from any thread; wake the runner afterwards. */
void queue_changed(struct queue *q);

/* Forget an entry and return it to its sender. text: what the bounce says about each
 * recipient. Not inside a transaction. ERR_MISSING; ERR_CONFLICT: it is being tried at the
 * moment; else as queue_report. */
enum err queue_give_back(struct queue *q, uint64_t id, struct str text,
                         struct why *why) MUST_USE;

#endif
