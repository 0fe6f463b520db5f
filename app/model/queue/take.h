/* model/queue/take.h: due entries for the runner, and the results of their attempts. */
#ifndef QUEUE_TAKE_H
#define QUEUE_TAKE_H
#include "foundation/base/err.h"
#include "model/queue/entry.h"

struct arena;
struct pace;
struct queue;
struct txn;

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
	const struct queue_destination *only; /* not NULL: only this one, on an open connection  */
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
	struct queue_destination dest;
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

#endif
