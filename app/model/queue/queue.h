/* model/queue/queue.h: stored outgoing mail: recipients, times of attempts, results. It
 * has no sockets: protocols/smtp_out/ takes due messages, delivers them and reports:
 *
 *	delivery/   queue_add      (add.h) within the transaction that accepts the message
 *	smtp_out/   queue_take     (take.h) a batch for one destination, under a lease
 *	            queue_report   the result of each recipient; once for each item taken
 *	            queue_release  the item was not tried (stop, no free connection)
 *
 * entry.h has an entry, admin.h and pauses.h what administrators see and change.
 *
 * An entry is one message for one destination: the recipients of one domain, or all of
 * them for a smarthost. Two spaces, written by this folder only:
 *
 *	queue:     id            -> record.c's record; row 0 holds the next id
 *	queue_due: dest, priority, due ms, id -> nothing; every entry has exactly one row, and
 *	                            its record determines which
 *
 * A destination queue (dest in names) has the entries that may share a connection: those of one
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

struct live;
struct queue;
struct store;
struct txn;
struct webhooks;


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

#endif
