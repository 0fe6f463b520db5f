/* queue/queue.h: mail on its way out, at rest: who it is for, when to try, what came of it.
 *
 * No sockets here. smtp/out_* takes due messages, speaks to the remote and reports:
 *
 *	delivery/   queue_add      within the transaction that accepts the message
 *	smtp/out_   queue_take     a batch for one destination, under a lease
 *	            queue_report   what happened to each recipient; once per item taken
 *	            queue_release  not tried after all (stop, no free connection)
 *
 * An entry is one message for one destination: the recipients of one domain, or all of
 * them when a smarthost takes everything. Two spaces, written by this folder only:
 *
 *	queue:     id            -> record.c's record; row 0 holds the next id
 *	queue_due: due ms, id    -> destination; every entry has exactly one row, and its
 *	                            record says which
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
#ifndef QUEUE_QUEUE_H
#define QUEUE_QUEUE_H
#include "base/err.h"
#include "message/mailaddr.h"
#include "store/blob.h"

struct arena;
struct live;
struct queue;
struct store;
struct txn;

/* --- what an entry holds --- */

#define QUEUE_NEVER_MS INT64_MAX

enum queue_flags {
	QUEUE_8BIT = BIT(0),     /* BODY=8BITMIME: the contents have 8-bit bytes (RFC 6152)      */
	QUEUE_UTF8 = BIT(1),     /* SMTPUTF8: headers or addresses are UTF-8 (RFC 6531)          */
	QUEUE_RET_FULL = BIT(2), /* RET=FULL: bounces carry all of it (RFC 3461 4.3)         */
	QUEUE_NOTICED = BIT(3),  /* the sender was told of the delay                         */
};

enum queue_notify { /* RFC 3461 4.1; 0 is what nobody asked for: failure and delay */
	            QUEUE_NOTIFY_NEVER = BIT(0),
	            QUEUE_NOTIFY_SUCCESS = BIT(1),
	            QUEUE_NOTIFY_FAILURE = BIT(2),
	            QUEUE_NOTIFY_DELAY = BIT(3),
};

/* What a remote, or we about it, said. */
struct queue_reply {
	uint16_t code;     /* 450; 0 when no reply came: connection, DNS              */
	struct str status; /* enhanced code "4.2.1" (RFC 3463); empty: made from code */
	struct str text;   /* one line of the reply, or what failed                   */
	struct str remote; /* host name or address that said it; empty for ourselves  */
};

struct queue_rcpt {
	struct mailaddr address;
	struct str orcpt;         /* "rfc822;user@example.org" as given, or empty     */
	unsigned notify;          /* enum queue_notify                                */
	struct queue_reply reply; /* of the last attempt                              */
};

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
	uint64_t trace;           /* trace/trace.h: the message's, or 0                      */
	struct queue_rcpt *rcpts; /* those neither delivered nor failed yet: 1 or more     */
	size_t rcpt_count;
};

/* --- life --- */

/* A bounce or delay notice, complete and ready to send. */
struct queue_bounce {
	struct str raw;     /* CRLF, header and body                           */
	struct mailaddr to; /* who sent the original                           */
	unsigned flags;     /* QUEUE_8BIT, QUEUE_UTF8                          */
	uint32_t submitter; /* account that sent the original, or 0            */
	uint64_t about;     /* id of the entry that it is about                */
	bool notice;        /* of a delay; else a failure                      */
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
	/* Something is due earlier than what was known: wake the runner. After a commit, maybe
	 * on another thread; quick. */
	void (*wake)(void *arg);
	void *arg;
};

struct queue_config {
	struct store *store; /* borrowed, outlives the queue                         */
	struct live *live;   /* borrowed: host name, schedule, whether there is a smarthost */
	struct queue_host host;
	uint32_t node; /* tells servers that share a store apart; 0 for one          */
};

/* Open: frees the leases of an earlier life of this node, brings entries in line with
 * smarthost (which may have changed since), mends due times that a clock once wrong has
 * put too far ahead. *out is NULL unless OK. Errors are the store's. */
enum err queue_open(struct queue **out, const struct queue_config *config,
                    struct why *why) MUST_USE;
/* The smarthost came or went while the queue is open: bring entries in line with it. Those
 * being tried are left alone; a runner that finds itself with one for a smarthost that is no
 * more releases it and calls this again. */
enum err queue_reroute(struct queue *q, struct why *why) MUST_USE;
/* NULL is a no-op; clears *q. */
void queue_close(struct queue **q);
/* Where the callbacks go, for main/, which makes the queue before delivery/. Before the first
 * queue_take. */
void queue_host_set(struct queue *q, const struct queue_host *host);

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
	uint64_t trace;        /* trace/trace.h: gets the steps; 0 for none            */
	int64_t not_before_ms; /* 0: at once                                         */
};

/* Add a message, one entry for each destination, each with its own reference on the blob.
 * Due at once; the runner is woken after the commit. q gives routes and schedule.
 * *message (may be NULL) is the id they share, for the log and the SMTP reply.
 * Errors are the store's; ERR_MISSING: blob is not stored. */
enum err queue_add(struct queue *q, struct txn *t, const struct queue_new *new,
                   uint64_t *message) MUST_USE;

/* --- out --- */

struct queue_want {
	int64_t now_ms;
	const struct str *skip; /* destinations that have as many connections as they may */
	size_t skip_count;
	const struct str *only; /* not NULL: this destination, on an open connection      */
	size_t max;             /* most items, 1 to QUEUE_BATCH_MAX                       */
};

enum { QUEUE_BATCH_MAX = 100 };

struct queue_batch {
	struct queue_item *items; /* all for one destination, longest due first        */
	size_t count;             /* 0: nothing is due                                 */
	int64_t next_ms;          /* when something else may be due (INT64_MAX: never);
	                           * at or before now_ms: take again                   */
};

/* Take the destination that has been due longest, and what else is due for it, under a lease
 * of LIMIT_queue_lease_s. Each item must come back by queue_report or queue_release. Not
 * inside a transaction. The batch lives in a. One durable commit; none when nothing is
 * due, so asking is cheap. */
enum err queue_take(struct queue *q, const struct queue_want *want, struct arena *a,
                    struct queue_batch *out, struct why *why) MUST_USE;

enum queue_outcome {
	QUEUE_DELIVERED,
	QUEUE_DELAYED, /* 4xx, or no connection: try again later                        */
	QUEUE_FAILED,  /* 5xx, null MX, no such domain                                  */
};

struct queue_result {
	enum queue_outcome outcome;
	struct queue_reply reply;
};

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

/* Give items back untried, due at due_ms (0: as they were). Those no longer ours are skipped. */
enum err queue_release(struct queue *q, const struct queue_item *items, size_t count,
                       int64_t due_ms, struct why *why) MUST_USE;

/* Does the lease last for one more attempt (LIMIT_queue_attempt_s)? Ask before trying each
 * item of a batch: past a slow remote the later ones may have to be released, or somebody
 * else takes and sends them too. Pure. */
bool queue_lease_holds(const struct queue_item *item, int64_t now_ms);

/* When something may be due, leases' ends included: now_ms or before for at once, INT64_MAX
 * for an empty queue. */
enum err queue_next_due(struct queue *q, int64_t *due_ms, struct why *why) MUST_USE;

/* --- for the administrator; beside a running server or without one --- */

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
	int64_t now_ms;
	size_t max;
	bool (*keep)(const struct queue_item *item, void *arg); /* may it be shown? NULL: all */
	void *arg;
};
/* Walks all entries until max fit; more says whether there is another one. */
enum err queue_find(struct txn *t, const struct queue_query *query, struct arena *a,
                    struct queue_list *out) MUST_USE;

/* How many entries there are, and the creation time of the oldest (INT64_MAX: none). */
enum err queue_size(struct txn *t, uint64_t *count, int64_t *oldest_ms) MUST_USE;

/* Make an entry (0: all) due now, but those being tried at the moment or held. *count (may be
 * NULL) is how many. Poke the server afterwards when this transaction is not in its process,
 * or call queue_wake_after in it. */
enum err queue_retry(struct txn *t, uint64_t id, int64_t now_ms, uint64_t *count) MUST_USE;
/* Forget an entry, no bounce. An attempt that is under way may still succeed. ERR_MISSING. */
enum err queue_drop(struct txn *t, uint64_t id) MUST_USE;
/* Do not try it until queue_unhold. An attempt that is under way goes on, and may succeed. Its
 * age counts on. ERR_MISSING; ERR_CONFLICT: it is held already (or is not). */
enum err queue_hold(struct txn *t, uint64_t id) MUST_USE;
enum err queue_unhold(struct txn *t, uint64_t id, int64_t now_ms) MUST_USE;
/* Wake the runner when t has been committed; in the server's process. */
void queue_wake_after(struct queue *q, struct txn *t);

/* Forget an entry and return it to its sender. text: what the bounce says about each
 * recipient. Not inside a transaction. ERR_MISSING; ERR_CONFLICT: it is being tried at the
 * moment; else as queue_report. */
enum err queue_give_back(struct queue *q, uint64_t id, struct str text,
                         struct why *why) MUST_USE;

#endif
