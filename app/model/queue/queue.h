/* model/queue/queue.h: stored outgoing mail: recipients, times of attempts, results. It
 * has no sockets: protocols/smtp_out/ takes due messages, delivers them and reports:
 *
 *	delivery/   queue_add      within the transaction that accepts the message
 *	smtp_out/   queue_take     a batch for one destination, under a lease
 *	            queue_report   the result of each recipient; once for each item taken
 *	            queue_release  the item was not tried (stop, no free connection)
 *
 * An entry is one message for one destination: the recipients of one domain, or all of
 * them for a smarthost. Two spaces, written by this folder only:
 *
 *	queue:     id            -> record.c's record; row 0 holds the next id
 *	queue_due: lane, priority, due ms, id -> nothing; every entry has exactly one row, and
 *	                            its record determines which
 *
 * A destination queue (lane) has the entries that may share a connection: those of one
 * named queue, route and destination. destinations.h keeps the due ones in memory, so taking and
 * reporting cost the same for any length of the queue and any number of dead
 * destinations. If no host of a destination answers, the whole destination queue backs
 * off, longer each time.
 *
 * An entry held by an administrator is due at QUEUE_NEVER_MS. While it is being tried it
 * keeps the due time of its lease, and becomes held when the lease ends.
 *
 * A lease is a due time in the future and the holder's name in the record. An entry whose
 * holder has died becomes due by itself, and queue_open ends leases of an earlier life of
 * this node at once. So two runners, or later two nodes, can share the queue.
 *
 * A message may be sent twice if a remote's 250 was not recorded before a crash; SMTP
 * cannot prevent that (RFC 5321 4.5.3.2.6, RFC 1047). No recipient is lost, or both
 * bounced and delivered: every change of an entry is one transaction, including its
 * bounce. */
#ifndef QUEUE_H
#define QUEUE_H
#include "foundation/base/err.h"
#include "model/envelope/envelope.h"
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

/* --- an entry -------------- */

#define QUEUE_NEVER_MS INT64_MAX

/* Attempts of an entry by a route. */
struct queue_tried {
	struct str route; /* its name in ROOST_ROUTES; empty: direct to the MX */
	uint32_t attempts;
};

enum { QUEUE_DESTINATION_MAX = 1 + 40 + 1 + MAILADDR_DOMAIN_MAX }; /* "@route/domain" */
enum { QUEUE_NAME_MAX = 40, QUEUE_TRIED_MAX = 8 };

struct queue_item {
	uint64_t id;            /* of the entry */
	uint64_t message;       /* shared by the entries of one message: the first one's id */
	struct str destination; /* domain, or empty for the smarthost */
	struct blob_id blob;    /* the message as sent; the entry has a reference */
	uint64_t size_bytes;
	struct envelope envelope; /* rcpts: those without a final result: 1 or more      */
	int64_t created_ms;
	int64_t expires_ms;
	int64_t due_ms; /* next attempt, or end of the lease                       */
	uint32_t attempts;
	uint64_t holder;          /* of the lease, 0 for none                      */
	bool held;                /* not tried until released (queue_hold)         */
	struct str queue;         /* its named queue; empty: the default one       */
	struct queue_tried *tried; /* attempts by route, at most QUEUE_TRIED_MAX routes;
	                            * attempts from before routes existed are only in
	                            * attempts */
	size_t tried_count;
};

/* --- life --- */

/* A bounce or delay notice, complete and ready to send. */
struct queue_bounce {
	struct str raw;     /* CRLF, header and body                         */
	struct mailaddr to; /* sender of the original                        */
	unsigned flags;     /* ENVELOPE_8BIT, ENVELOPE_UTF8, ENVELOPE_REQUIRETLS      */
	int8_t priority;    /* the original's (RFC 6710 4.6)                 */
	uint32_t submitter; /* account that sent the original, or 0          */
	uint64_t about;     /* id of the entry that it is about              */
	bool notice;        /* about a delay or relayed mail; else a failure */
};

/* Callbacks to the folder above: delivery/ sets them. */
struct queue_host {
	/* A bounce goes from the null sender to a local mailbox or by queue_add, in three
	 * steps. prepare, outside any transaction, parses and compresses (blob_prepare),
	 * and sets *made. put stores it in t, and may run again as a txn_fn. done frees
	 * *made, always after a successful prepare. put returns ERR_MISSING, ERR_DENIED
	 * or ERR_LIMIT if the recipient is refused (it must have written nothing): the
	 * bounce is logged and dropped, since it has no sender to return to. Any other
	 * error undoes the report, which is retried. */
	enum err (*bounce_prepare)(const struct queue_bounce *b, void **made, void *arg,
	                           struct why *why);
	enum err (*bounce_put)(struct txn *t, const struct queue_bounce *b, void *made, void *arg);
	void (*bounce_done)(void *made, void *arg);
	/* The final result of a recipient of an entry with ENVELOPE_REPORT, in the
	 * transaction that records it. NULL: not needed. Errors undo the report. */
	enum err (*heard)(struct txn *t, const struct mailaddr *rcpt, bool delivered,
	                  const struct envelope_reply *reply, void *arg);
	/* An entry is due earlier than known: wake the runner. After a commit, maybe on
	 * another thread; quick. */
	void (*wake)(void *arg);
	void *arg;
};

struct queue_config {
	struct store *store; /* borrowed, outlives the queue             */
	struct live *live;   /* borrowed: host name, schedule, smarthost */
	struct webhooks *webhooks; /* borrowed: receives results; NULL: none */
	struct queue_host host;
	uint32_t node; /* distinguishes servers that share a store; 0 for a single one */
};

/* Open: frees leases of an earlier life of this node, and fixes due times that a wrong
 * clock set too far ahead. If the routing rules have changed since the last time, entries
 * follow them as in queue_reroute. *out is NULL unless OK. Errors are the store's. Reads
 * all entries once; writes only changed ones. */
enum err queue_open(struct queue **out, const struct queue_config *config,
                    struct why *why) MUST_USE;
/* ROOST_ROUTES or the smarthost has changed while the queue is open. Before it takes
 * anything else, queue_take moves entries by the new rules, some at a time. Entries being
 * tried follow at queue_report or queue_release. */
enum err queue_reroute(struct queue *q, struct why *why) MUST_USE;
/* A number that changes with each such change: a batch with another number should be
 * released, except for what has begun. */
unsigned queue_rules_now(struct queue *q);
/* Was the clock set since the last call? Then fix the times of entries. Call it before a
 * transaction that checks whether entries are being tried; queue_take and queue_give_back
 * call it themselves. Cheap if the clock was not set; else it waits for the fix. Not
 * inside a transaction. */
enum err queue_clock_look(struct queue *q, struct why *why) MUST_USE;
/* NULL is a no-op; clears *q. */
void queue_close(struct queue **q);
/* Set the callbacks, for server/, which makes the queue before delivery/. Before the
 * first queue_take. */
void queue_host_set(struct queue *q, const struct queue_host *host);

/* Check ROOST_QUEUES (class.h); why names the line. Pure. */
enum err queue_rules_check(struct str text, struct why *why) MUST_USE;

/* --- adding --- */

struct queue_new {
	const struct blob_draft *draft; /* the message; or NULL and, stored already:  */
	struct blob_id blob;
	uint64_t size_bytes;            /* only with blob                          */
	struct envelope envelope;       /* rcpts: 1 or more, in any domains        */
	bool held; /* from the start, until queue_unhold                      */
};

/* Add a message, one entry for each destination, each with its own reference on the blob.
 * With ENVELOPE_LATER one entry for all, to which routing rules, named queues and suppressed
 * addresses apply only at its time. Due at once; the runner is woken after the commit. q
 * has routes and schedule. *message (may be NULL) is the id that the entries share, for
 * the log and the SMTP reply. Errors are the store's; ERR_MISSING: blob is not stored;
 * ERR_FULL: refused by queue_room. */
enum err queue_add(struct queue *q, struct txn *t, const struct queue_new *new,
                   uint64_t *message) MUST_USE;

/* --- limits of its size --- */

struct queue_count {
	uint64_t messages; /* once for every destination */
	uint64_t bytes;
};
/* The size of the whole queue. One lookup. */
enum err queue_count_of(struct txn *t, struct queue_count *out) MUST_USE;

struct queue_room {
	const struct mailaddr *sender; /* null: bounces always have room      */
	uint32_t submitter;            /* 0: none                             */
	uint64_t messages, size_bytes; /* number and size of the new messages */
};
/* Is there room by ROOST_QUEUE_MAX_MESSAGES, _BYTES and the limits in ROOST_QUEUES?
 * ERR_FULL: the queue is full; ERR_LIMIT: the account or domain has reached its limit;
 * the transaction's why has which. queue_add checks it too, and returns ERR_FULL for
 * either. */
enum err queue_room(struct txn *t, const struct settings *s,
                    const struct queue_room *room) MUST_USE;

/* --- taking --- */

/* Entries that may share a connection. */
struct queue_lane {
	struct str queue;       /* named queue; empty: the default one             */
	struct str route;       /* chosen by an administrator; empty: by the rules */
	struct str destination; /* domain, or empty for the smarthost              */
};

struct queue_want {
	int64_t now_ms;
	/* May a connection to this destination begin? NULL: always. Quick, and takes no
	 * lock but its own. */
	bool (*may)(struct str destination, void *arg);
	void *may_arg;
	bool proven; /* only to proven ones (pace.h)                                       */
	const struct str *skip_queues; /* named queues to skip                            */
	size_t skip_queue_count;
	bool no_suspects; /* no destination that did not answer last time: enough of those
	                   * are being tried */
	const struct queue_lane *only; /* not NULL: only this one, on an open connection  */
	/* With only, if no host answers: take entries, due or not, that are owed a
	 * report: expired ones, ones with a delay notice due, or those that change their
	 * route after so many failed rounds. */
	bool owed;
	size_t max;   /* most items, 1 to QUEUE_BATCH_MAX                                 */
};

enum { QUEUE_BATCH_MAX = 100 };

struct queue_batch {
	struct queue_item *items; /* of one destination queue, by priority, then longest
	                           * due first */
	size_t count;             /* 0: nothing is due                                 */
	struct queue_lane lane;
	bool suspect; /* it did not answer last time                                   */
	unsigned rules; /* queue_rules_now at that time                                */
	int64_t next_ms;          /* when another entry may be due (INT64_MAX: never); at
	                           * or before now_ms: take again */
};

/* Take the due entries of one destination queue, under a lease of LIMIT_queue_lease_s: of
 * those with an entry of the highest priority, the one that has waited longest. Each item
 * must come back by queue_report or queue_release. Not inside a transaction. The batch
 * lives in a. One durable commit; none if nothing is due, so a call is cheap. */
enum err queue_take(struct queue *q, const struct queue_want *want, struct arena *a,
                    struct queue_batch *out, struct why *why) MUST_USE;

enum queue_outcome {
	QUEUE_DELIVERED,
	QUEUE_DELAYED, /* 4xx, or no connection: try again later */
	QUEUE_FAILED,  /* 5xx, null MX, no such domain           */
};

/* The path of an attempt, as far as it got; all of it may be empty. */
struct queue_path {
	struct str route;   /* its name; empty: direct to the MX                     */
	struct str host;    /* name of the remote                                    */
	struct str address; /* "192.0.2.1:25", "[2001:db8::1]:25"                    */
	struct str tls;     /* "TLSv1.3 DANE", text from the TLS code; empty: no TLS */
	bool unreachable;   /* no host accepted a session, before any MAIL: this concerns
	                     * the destination, which is paused */
};

/* An action in the transaction that records a result, as a txn_fn, so both happen or
 * neither. An error undoes the report, and queue_report returns it. */
struct queue_deed {
	enum err (*put)(struct txn *t, void *arg);
	void *arg;
};

struct queue_result {
	enum queue_outcome outcome;
	struct envelope_reply reply;
	const struct queue_path *path; /* NULL: not tried, or unknown */
	/* With QUEUE_DELIVERED, features of the receiver. The sender gets reports that it
	 * will not send: */
	bool reports; /* it has DSN (RFC 3461 5.2.1)       */
	bool hurries; /* it has DELIVERBY (RFC 2852 4.1.4) */
	bool here;    /* a local delivery, whose sender gets its report another way or
	               * none; also with QUEUE_FAILED */
	bool onward;  /* queued again for its targets: API submissions get those results
	               * instead, and the history gets a row when it has left */
	bool waits;   /* with QUEUE_DELAYED: try no other host in this attempt, because
	               * this one may have the message, or the error is local */
	bool recorded; /* by queue_report_part: the entry no longer has that recipient    */
	const struct queue_deed *deed; /* NULL: none                                    */
};

/* The connection limits of destinations; owned by the queue, from queue_open on. */
struct pace *queue_pace(struct queue *q);
/* The destination accepted a message: pace_good, and it may be served with
 * want.proven. */
bool queue_taken(struct queue *q, struct str destination, int64_t now_ms);

/* Attempts of the entry by this route. Pure. */
uint32_t queue_attempts_by(const struct queue_item *item, struct str route);

/* Record an attempt, in one transaction. Delivered recipients leave. Failed ones, and
 * delayed ones past their expiry, are returned to the sender in one bounce (RFC 3464), or
 * logged and dropped if the message was itself a bounce. Delayed ones wait by the
 * schedule, with one delay notice. Logs queue_delivered and so on.
 * item     as taken
 * results  item->rcpt_count of them, in the order of item->rcpts
 * ERR_CONFLICT: the lease was lost (expired and taken by another runner, or the entry was
 * dropped): nothing to do. ERR_FULL, ERR_IO...: nothing is recorded; retry for some time,
 * then let the lease expire. Not inside a transaction. */
enum err queue_report(struct queue *q, const struct queue_item *item,
                      const struct queue_result *results, struct why *why) MUST_USE;

/* The same for recipients that a remote has accepted so far, while others of the entry
 * are still tried. They leave, results have recorded set, and *item gets a new lease.
 * Without such recipients it is a no-op. Local recipients wait for queue_report with the
 * same item and results. Errors as there; then nothing has changed. */
enum err queue_report_part(struct queue *q, struct queue_item *item, struct queue_result *results,
                           struct why *why) MUST_USE;

/* Give items back untried, due at due_ms (0: at once), placed by the current rules. Lost
 * ones are skipped. */
enum err queue_release(struct queue *q, const struct queue_item *items, size_t count,
                       int64_t due_ms, struct why *why) MUST_USE;

/* Does the lease suffice for one more attempt (LIMIT_queue_attempt_s)? Check before each
 * item of a batch: after a slow remote, later items may have to be released, or another
 * runner takes and sends them too. Pure. */
bool queue_lease_holds(const struct queue_item *item, int64_t now_ms);

/* --- administration; next to a running server or without one --- */

/* Without a running server, entries marked as being tried were interrupted by a kill, and
 * may be changed (txn_is_alone). */

struct queue_list {
	struct queue_item *items; /* by id, which is the order of creation */
	size_t count;
	uint64_t more; /* entries beyond max */
};

/* Entries from id on, at most max. */
enum err queue_list(struct txn *t, uint64_t from, size_t max, struct arena *a,
                    struct queue_list *out) MUST_USE;
/* ERR_MISSING: no such entry. */
enum err queue_get(struct txn *t, uint64_t id, struct arena *a, struct queue_item *out) MUST_USE;
/* State of an entry, for filters. */
enum queue_state {
	QUEUE_STATE_ANY,
	QUEUE_STATE_WAITING, /* for the first attempt */
	QUEUE_STATE_DELAYED, /* tried before          */
	QUEUE_STATE_ACTIVE,  /* being tried now       */
	QUEUE_STATE_HELD,
};
enum queue_state queue_state_of(const struct queue_item *item, int64_t now_ms);
/* "waiting"...; an unknown name is QUEUE_STATE_ANY, which has none. */
const char *queue_state_name(enum queue_state state);
bool queue_state_parse(struct str name, enum queue_state *out);

struct queue_query {
	uint64_t after;  /* ids above this; 0: all                                    */
	struct str text; /* part of an address, the destination, or a reply; any case */
	enum queue_state state;
	struct str domain;      /* of a recipient, or the destination; empty: any */
	struct str sender;      /* its address, or its domain; empty: any         */
	bool in_queue;          /* only in the following named queue              */
	struct str queue;
	int64_t before_ms;      /* created before that; 0: any                    */
	int64_t now_ms;
	size_t max;
	/* may it be shown? NULL: always */
	bool (*keep)(const struct queue_item *item, void *arg);
	void *arg;
};
/* Does the entry match? a is for temporary memory. Ignores after and max. Pure. */
bool queue_fits(const struct queue_item *item, const struct queue_query *query, struct arena *a);
/* Visit all entries until max match; more says whether there is another match. */
enum err queue_find(struct txn *t, const struct queue_query *query, struct arena *a,
                    struct queue_list *out) MUST_USE;

/* --- pauses --- */

enum queue_pause_of {
	QUEUE_PAUSE_ALL,
	QUEUE_PAUSE_QUEUE,       /* a named queue; the default one with an empty name */
	QUEUE_PAUSE_DESTINATION, /* as in entries, or its domain                      */
	QUEUE_PAUSE_KINDS,
};

/* Its entries are not tried until queue_resume, also after restarts, and grow older
 * meanwhile. A running attempt continues. */
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
/* Insert or replace; call queue_wake_after as for other changes. ERR_LIMIT: the name is
 * too long, or there are LIMIT_queue_pauses. Visits each of them. */
enum err queue_pause(struct txn *t, const struct queue_pause *pause) MUST_USE;
/* ERR_MISSING: it is not paused. */
enum err queue_resume(struct txn *t, enum queue_pause_of of, struct str name) MUST_USE;
/* All of them, at most LIMIT_queue_pauses, in a. */
enum err queue_pauses_read(struct txn *t, struct arena *a, struct queue_pauses *out) MUST_USE;
/* Does one of them, or a setting of its named queue, pause the entry? Pure. */
bool queue_is_paused(const struct queue_pauses *pauses, const struct settings *s,
                     const struct queue_item *item);

/* A destination queue that is backed off because no host answered. */
struct queue_lane_state {
	struct queue_lane lane;
	uint32_t failures; /* in a row           */
	int64_t until_ms;  /* next attempt       */
	struct str text;   /* result of the last */
};
/* Those of this process; at most max of them. In a. */
size_t queue_lanes(struct queue *q, struct arena *a, size_t max, struct queue_lane_state *out);
/* Try a destination (empty: all) at once, ignoring its back-off. */
void queue_lanes_forgive(struct queue *q, struct str destination);

/* The number of entries, and the creation time of the oldest (INT64_MAX: none). Two
 * lookups. */
enum err queue_size(struct txn *t, uint64_t *count, int64_t *oldest_ms) MUST_USE;

/* Append metrics in Prometheus' text format: entries by queue and state, their size and
 * greatest age, pauses, how long mail waited. Visits all entries, at most once in ten
 * seconds. */
void queue_metrics_put(struct queue *q, struct buf *out);
/* The number of entries, as of then. False: it could not be read. */
bool queue_entries_count(struct queue *q, uint64_t *out) MUST_USE;

/* Make an entry (0: all) due now, except those being tried or held. *count (may be NULL)
 * is how many. Wake the server afterwards if this transaction is not in its process, or
 * call queue_wake_after in it. */
enum err queue_retry(struct txn *t, uint64_t id, int64_t now_ms, uint64_t *count) MUST_USE;
/* Remove an entry without a bounce; webhooks receive a cancellation. w: may be NULL.
 * ERR_MISSING; ERR_CONFLICT: it is being tried, and may succeed. */
enum err queue_drop(struct webhooks *w, struct txn *t, uint64_t id) MUST_USE;
/* Do not try it until queue_unhold. A running attempt continues and may succeed. Its age
 * still counts. ERR_MISSING; ERR_CONFLICT: it is held already (or is not). */
enum err queue_hold(struct txn *t, uint64_t id) MUST_USE;
enum err queue_unhold(struct txn *t, uint64_t id, int64_t now_ms) MUST_USE;
/* Send it by this route instead of the rules' (the name of a route or relay; "mx": by MX;
 * empty: by the rules again), at once. ERR_MISSING; ERR_SYNTAX: no such route;
 * ERR_CONFLICT: it is being tried. */
enum err queue_requeue(struct queue *q, struct txn *t, uint64_t id, struct str route) MUST_USE;
/* Move it to another named queue; empty: the default one. Its expiry stays. As above;
 * ERR_SYNTAX: no such queue. */
enum err queue_move(struct queue *q, struct txn *t, uint64_t id, struct str queue) MUST_USE;
/* Wake the runner after t is committed; in the server's process. */
void queue_wake_after(struct queue *q, struct txn *t);
/* Another process, a command next to the server, has changed entries: read the rows again
 * before the next take. Quick, from any thread; wake the runner afterwards. */
void queue_changed(struct queue *q);

/* Remove an entry and return it to its sender. text: the reason in the bounce for each
 * recipient. Not inside a transaction. ERR_MISSING; ERR_CONFLICT: it is being tried; else
 * as queue_report. */
enum err queue_give_back(struct queue *q, uint64_t id, struct str text,
                         struct why *why) MUST_USE;

#endif
