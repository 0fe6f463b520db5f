/* flow/delivery/delivery.h: from accepted bytes to mailboxes and queue.
 *
 * Chapter. A protocol that has received a message calls delivery_accept. It resolves the
 * recipients to their targets (plan.h), prepares everything outside of any transaction,
 * and stores it in mailboxes and queue in one transaction. So on OK the whole message is
 * durable, otherwise nothing has happened.
 *
 * If some recipients accept the message, and another one's mailbox is full or it has no
 * target any more, the sender gets a bounce (RFC 5321 6.1), which is part of the same
 * transaction. */
#ifndef DELIVERY_H
#define DELIVERY_H
#include "formats/message/mime.h"
#include "foundation/base/err.h"
#include "model/envelope/envelope.h"
#include "model/store/blob.h"

struct arc_arrival;
struct arena;
struct blob_draft;
struct email_new;
struct live;
struct map;
struct mailboxes;
struct queue;
struct queue_host;
struct recall;
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
	struct recall *recall; /* limits of what filters send; NULL: none */
	struct traces *traces; /* NULL: none are kept */
	struct webhooks *webhooks; /* receives events of mailboxes; NULL: none */
	struct report_desk *reports; /* reads incoming reports; NULL: none */
	struct message_limits limits;
};

/* Where the mail of a recipient goes. */
enum delivery_led {
	DELIVERY_HERE,    /* to a local mailbox, maybe also to other targets */
	DELIVERY_LIST,    /* to members of a list on other servers           */
	DELIVERY_ONWARD,  /* into the queue, which reports its result        */
	DELIVERY_REFUSED, /* nowhere                                         */
};
/* The result of one recipient after the put. The sender gets a bounce for refused
 * ones. */
struct delivery_fate {
	enum delivery_led led;
	const struct envelope_reply *refused; /* why, with DELIVERY_REFUSED     */
	bool full;                         /* because room is missing            */
	bool rejected;                     /* by a filter                        */
};

/* The message as it is sent, with the seal of a local domain (flow/delivery/seal.h), or
 * without. */
struct delivery_copy {
	struct str sealed; /* the sealing domain, str_new; or empty */
	struct blob_draft *draft;
};
/* Each copy is stored whole. Mail forwarded through more domains at once, which is no
 * real use, has no seal for the last ones. */
enum { DELIVERY_COPIES_MAX = 5 };
struct delivery_copies {
	struct delivery_copy items[DELIVERY_COPIES_MAX];
	size_t count;
	unsigned flags; /* enum envelope_flags of all */
};

/* The prepared parts of a message, for several deliveries of it. All zero at first. */
struct delivery_prepared {
	struct email_new *email;
	struct delivery_copies copies;
};
/* After the last call, outside of transactions. */
void delivery_prepared_deinit(struct delivery_prepared *prepared);

struct delivery_message {
	struct envelope envelope;
	struct str trace;   /* header fields to put in front: Received and so on */
	struct str body;    /* the message as received, with its header          */
	struct str results; /* our Authentication-Results among these fields     */
	const struct envelope_rcpt *discarded; /* recipients left out, and why: for the
	                                        * trace only */
	size_t discarded_count;
	const struct trace_step *checks; /* earlier findings: the first steps of the trace */
	size_t check_count;
	struct str discard;    /* for delivery_discard: why                               */
	const struct sent_new *sent; /* of an API submission: stored in the same
	                              * transaction with the state of each recipient; else
	                              * NULL */
	bool patient;           /* recipients without room wait in the queue, like remote
	                         * ones */
	struct delivery_fate *fates; /* rcpt_count of them, set by delivery_begin and
	                              * delivery_again; may be NULL */
	struct arena *arena;         /* of their texts; not NULL with fates */
	struct map *met; /* targets of earlier deliveries of this message with separate
	                  * replies: none gets a second copy. Targets of this one are
	                  * added. NULL: none */
	struct delivery_prepared *prepared; /* from earlier deliveries with the same from,
	                                     * trace and body; parts prepared now are
	                                     * added. NULL: not shared */
	const struct arc_arrival *arrival;  /* for mail from other servers: forwarded
	                                         * copies are sealed with it; NULL: they
	                                         * are not */
	bool ours;          /* written by that account or this server: signed when it is
	                     * sent (flow/delivery/sign.h); else it is forwarded */
};

/* Deliver and queue. Blocks until it is durable. Not inside a transaction.
 * ERR_LIMIT    no recipient has room now: 452 4.2.2
 * ERR_DENIED   larger than any recipient accepts or may store: 552 5.2.3; or filters
 *              reject it: the fates have the reply
 * ERR_MISSING  no recipient exists (any more): 550 5.1.1
 * ERR_CONFLICT the key of m->sent was used before: model/history/sent.h
 * ERR_FULL     452 4.3.1
 * others       an error of the store: 451 4.3.0
 * Nothing has happened unless OK is returned. */
enum err delivery_accept(const struct delivery *d, const struct delivery_message *m,
                         struct why *why) MUST_USE;

/* The same in steps, for a caller with a transaction of its own:
 *
 *	delivery_begin   prepares it, outside of transactions; errors as above
 *	delivery_put     in t, as a txn_fn. ERR_LIMIT: a mailbox is full: undo t, then
 *	delivery_again   ERR_LIMIT: no other recipient has room; OK: put again
 *	delivery_end     committed: is the put durable? NULL is a no-op; clears *x
 *
 * ERR_MISSING, ERR_DENIED and ERR_LIMIT: fates have the reason of each refusal. ERR_RETRY
 * of delivery_put: prepared parts were removed; end it and begin again. m is borrowed
 * until the end. */
struct delivery_draft;
enum err delivery_begin(const struct delivery *d, const struct delivery_message *m,
                        struct delivery_draft **out, struct why *why) MUST_USE;
enum err delivery_put(struct delivery_draft *x, struct txn *t) MUST_USE;
enum err delivery_again(struct delivery_draft *x, struct why *why) MUST_USE;
void delivery_end(struct delivery_draft **x, bool committed);

/* Discard it: only its trace is stored. Errors are the store's. */
enum err delivery_discard(const struct delivery *d, const struct delivery_message *m,
                          struct why *why) MUST_USE;

/* Deliver a message of this server from the null sender: policy_config's notify. delivery
 * is a struct delivery; errors as of delivery_accept. */
enum err delivery_notify(void *delivery, const struct envelope *to, struct str body) MUST_USE;

/* Set the callbacks of queue/ that deliver its reports. d outlives the queue. The runner
 * sets wake. */
void delivery_host_init(struct queue_host *host, struct delivery *d);

#endif
