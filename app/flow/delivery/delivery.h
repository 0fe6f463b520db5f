/* flow/delivery/delivery.h: from accepted bytes to mailboxes and queue.
 *
 * Chapter. A protocol that has received a message asks delivery_accept, which follows the
 * recipients to where they lead (plan.h), prepares what is to be stored outside of any
 * transaction, and puts everything into mailboxes and queue in one. So either all of the
 * message is durable when it returns OK, or none of it has happened.
 *
 * Among others that take it, a recipient whose mailbox turns out to be full, or who leads to
 * nobody by now, gets the message returned to its sender (RFC 5321 6.1); that report is part of
 * the same transaction. */
#ifndef DELIVERY_H
#define DELIVERY_H
#include "formats/mailauth/dkim_signature.h"
#include "formats/message/mailaddr.h"
#include "formats/message/mime.h"
#include "foundation/base/err.h"
#include "model/queue/queue.h"

struct arena;
struct blob_draft;
struct email_new;
struct live;
struct map;
struct mailboxes;
struct report_desk;
struct sent_new;
struct store;
struct trace_step;
struct traces;
struct txn;
struct webhooks;

/* Made once in server/, constant afterwards; everything is borrowed. */
struct delivery {
	struct store *store;
	const struct mailboxes *mailboxes;
	struct queue *queue;
	struct live *live;
	struct traces *traces; /* NULL: none are kept */
	struct webhooks *webhooks; /* hear of mailboxes; NULL: none do */
	struct report_desk *reports; /* reads reports of others; NULL: nobody does */
	struct message_limits limits;
};

/* One recipient as the envelope names him. */
struct delivery_rcpt {
	struct mailaddr address;
	struct mailaddr written; /* before it was rewritten (directory/rewrite.h); null: as it is */
	struct str orcpt; /* ORCPT as given (RFC 3461 4.2), or empty           */
	unsigned notify;  /* enum dsn_notify (RFC 3461 4.1)                      */
	/* What checks have said of him alone; empty: nothing. */
	struct str quarantine; /* as that of the message, for his mail only      */
	struct str discard;    /* he is to get nothing: flow/acceptance/checked.h leaves him out */
};
struct delivery_rcpt delivery_rcpt_dup(struct arena *a, const struct delivery_rcpt *rcpt);
/* As the envelope that came had him: what his sender knows him by. Borrowed. */
const struct mailaddr *delivery_rcpt_written(const struct delivery_rcpt *rcpt);

/* Where a recipient leads. */
enum delivery_led {
	DELIVERY_HERE,    /* to a mailbox here, maybe among others             */
	DELIVERY_LIST,    /* to members of a list elsewhere                    */
	DELIVERY_ONWARD,  /* into the queue: what comes of it is heard of that */
	DELIVERY_REFUSED, /* nowhere                                           */
};
/* What becomes of one: as it is put, when it is. The sender is told then of who is refused. */
struct delivery_fate {
	enum delivery_led led;
	const struct queue_reply *refused; /* why, with DELIVERY_REFUSED; static */
	bool full;                         /* it is for want of room             */
};

/* What was found out about who sent a stranger's message, for those to whom it is handed on. */
struct delivery_arrival {
	struct str results; /* what stands behind the colon of our Authentication-Results */
	enum arc_result chain; /* what its chain of ARC was worth                         */
};

/* A message as it leaves, with the seal of a domain of ours (flow/delivery/seal.h), or without. */
struct delivery_copy {
	struct str sealed; /* by whom, str_new; or empty */
	struct blob_draft *draft;
};
/* Each is stored whole. Mail that goes on through more domains at one time, which nobody does in
 * earnest, goes without a seal through those that come last. */
enum { DELIVERY_COPIES_MAX = 5 };
struct delivery_copies {
	struct delivery_copy items[DELIVERY_COPIES_MAX];
	size_t count;
	unsigned flags; /* enum queue_flags of all */
};

/* What is prepared of a message, for who delivers it in several calls. All zero at first. */
struct delivery_prepared {
	struct email_new *email;
	struct delivery_copies copies;
};
/* After the last call, outside of transactions. */
void delivery_prepared_deinit(struct delivery_prepared *prepared);

struct delivery_message {
	struct str id;        /* of the session, for the log                          */
	struct str mail;      /* of the message, likewise; empty: the session has one */
	struct str service;   /* "smtp", "submission", for the log                    */
	struct str peer;      /* address, for the log                                 */
	struct mailaddr from; /* null for a bounce                                   */
	const struct delivery_rcpt *rcpts;
	size_t rcpt_count;
	struct str trace;   /* header fields to put in front: Received and so on    */
	struct str body;    /* the message as it came, header and all               */
	struct str results; /* fields among these: what we have found of who sent it */
	unsigned flags;     /* enum queue_flags                                     */
	uint32_t submitter; /* account that sent it after a login, or 0             */
	struct str envid;       /* ENVID as given (RFC 3461 4.4), or empty             */
	int64_t not_before_ms;  /* neither delivered nor sent before; 0: at once        */
	enum queue_by by_mode;  /* BY (RFC 2852 4), with the next two                   */
	int64_t by_ms;
	bool by_trace;
	int8_t priority;        /* -9 to 9 (RFC 6710)                                   */
	const struct delivery_rcpt *discarded; /* who is left out, and why: for the trace only  */
	size_t discarded_count;
	const struct trace_step *checks; /* what was found before: the first steps of the trace */
	size_t check_count;
	struct str quarantine; /* not empty: why it goes to Junk, or is held in the queue */
	struct str discard;    /* of delivery_discard: why                               */
	const struct sent_new *sent; /* it came by the API: kept in the same transaction, with
	                              * the state of each recipient; NULL: it did not    */
	/* Of one that has waited in the queue: */
	uint64_t sent_id;       /* the same; or 0                                           */
	uint64_t trace_id;      /* the trace that it has: more steps are put there; or 0    */
	struct str route;       /* how those elsewhere go, as queue.h's; or empty           */
	bool patient;           /* who has no room now waits there, as those elsewhere do   */
	struct delivery_fate *fates; /* rcpt_count of them, filled in by delivery_begin and
	                              * delivery_again; NULL: nobody asks                   */
	struct map *met; /* where the same message has gone in calls before, with answers of their
	                  * own: none gets it twice. Those of this call are added. NULL: nowhere */
	struct delivery_prepared *prepared; /* by calls before with the same from, trace and body;
	                  * what this one prepares is kept there. NULL: of this call only */
	const struct delivery_arrival *arrival; /* a stranger's: copies that leave are sealed with
	                     * it; NULL: they are not                                */
	bool ours;          /* written by that account, or by this server: signed when it
	                     * leaves (flow/delivery/sign.h); else it is passed on          */
};

/* Deliver and queue. Blocks until it is durable. Not inside a transaction.
 * ERR_LIMIT    no recipient has room now: 452 4.2.2
 * ERR_DENIED   larger than any recipient takes, or may keep: 552 5.2.3
 * ERR_MISSING  no recipient exists (any more): 550 5.1.1
 * ERR_CONFLICT the key of m->sent was used already: model/history/sent.h
 * ERR_FULL     452 4.3.1
 * others       a failure of the store: 451 4.3.0
 * Nothing has happened unless OK is returned. */
enum err delivery_accept(const struct delivery *d, const struct delivery_message *m,
                         struct why *why) MUST_USE;

/* The same in steps, for who puts it in a transaction of his own:
 *
 *	delivery_begin   prepares it, outside of transactions; errors as above
 *	delivery_put     in t, as a txn_fn. ERR_LIMIT: a mailbox turned out to be full: undo t, then
 *	delivery_again   ERR_LIMIT: nobody else has room; OK: put may be tried again
 *	delivery_end     committed says whether what was put is durable. NULL is a no-op; clears *x
 *
 * ERR_MISSING, ERR_DENIED and ERR_LIMIT: fates say why each is refused.
 * ERR_RETRY of delivery_put: what was prepared went away meanwhile; end it and begin again. m is
 * borrowed until the end. */
struct delivery_draft;
enum err delivery_begin(const struct delivery *d, const struct delivery_message *m,
                        struct delivery_draft **out, struct why *why) MUST_USE;
enum err delivery_put(struct delivery_draft *x, struct txn *t) MUST_USE;
enum err delivery_again(struct delivery_draft *x, struct why *why) MUST_USE;
void delivery_end(struct delivery_draft **x, bool committed);

/* Drop it, which only its trace tells. Errors are the store's. */
enum err delivery_discard(const struct delivery *d, const struct delivery_message *m,
                          struct why *why) MUST_USE;

/* What queue/ calls to have its reports delivered. d outlives the queue. wake is left to
 * the runner, which fills it in. */
void delivery_host_init(struct queue_host *host, struct delivery *d);

#endif
