/* flow/delivery/plan.h: the targets of one message, and the data to store for it.
 *
 *	plan_make    resolves the recipients, prepares blob and email; outside a transaction
 *	plan_put     in the transaction; may run again
 *	plan_deinit  after it, also after any failure */
#ifndef DELIVERY_PLAN_H
#define DELIVERY_PLAN_H
#include "flow/delivery/delivery.h"
#include "foundation/base/arena.h"
#include "foundation/base/err.h"
#include "foundation/base/map.h"
#include "foundation/base/str.h"
#include "model/envelope/envelope.h"
#include "model/store/blob.h"

struct email_new;
struct txn;

/* An action of a local target as carry_out.h prepares it. */
struct plan_action {
	const struct action *what;
	const struct email_new *email; /* KEEP, or the copy of a REPLY or NOTIFY: what is stored */
	const struct blob_draft *draft; /* REDIRECT, REPLY, NOTIFY: what is sent */
	struct envelope envelope;       /* its envelope */

	/* Set by plan_put: */
	uint32_t mailbox, uid; /* of what is stored; 0: nothing */
	uint64_t queue_id;     /* of what is sent; 0: nothing   */
	bool known;            /* once: it was done before      */
	bool unsent;           /* REDIRECT: known, or the queue is full: plan_again keeps it */
};

struct plan_local {
	uint32_t account;        /* 0: a local address without targets */
	struct mailaddr address; /* primary address of the account     */
	const struct envelope_reply *refused; /* refusal.h: why plan_put leaves it out; NULL:
	                                    * it does not */
	bool found_full;         /* set by plan_put: plan_again then refuses it      */
	uint64_t quota_bytes;    /* its quota; 0: unlimited                          */
	bool met;                /* it has the message already: left out by plan_put */
	struct envelope_rcpt rcpt; /* the first recipient that leads here, with the actions of
	                            * all: borrowed */
	struct mailaddr owner;   /* of the list that leads here; or null */
	struct plan_action *actions; /* as the filters decide; NULL if refused or met */
	size_t action_count;
	struct str quarantine;   /* why a check has quarantined it; or empty */
	struct str rejected;     /* why a filter refuses it, as struct action has it; or empty */
	struct str reason;       /* of that: all its lines, for a report */
	bool reported;           /* that is in a report only, not in the reply */
	const struct plan_remote *waiting; /* the queue entry for it if it has no room;
	                                    * NULL: bounce */
	bool queued;             /* refused here and added to the remotes */
};

enum { PLAN_SEVERAL = -1, PLAN_LISTED = -2 };

/* A target of a recipient of the envelope, for reports to its sender: one of each target,
 * at least one of each recipient, and no more than two besides those. */
struct plan_lead {
	size_t rcpt;     /* index in the message's                                    */
	ptrdiff_t local; /* index in the plan's; PLAN_SEVERAL: the members of a list, or
	                  * the targets of an alias with several; PLAN_LISTED: remote
	                  * members of a list */
	bool alone;      /* the only target, so its result is the recipient's         */
	struct mailaddr owner; /* of the list with this member: gets its failures instead
	                        * of the sender (RFC 5321 3.9.2); null: no list */
};

struct plan_remote {
	struct envelope_rcpt rcpt;
	struct mailaddr from; /* return path: the message's, or the forwarder's: follow.h */
	bool listed;          /* a list's member */
	struct str quarantine; /* why it is held, for all recipients that lead there; or
	                        * empty */
	struct str seal; /* the local domain that forwards mail of a remote sender; or empty */
};

struct plan {
	const struct delivery *d;
	const struct delivery_message *m;
	const struct settings *settings; /* a reference */
	struct arena arena;

	struct map known;          /* targets found while recipients are resolved */
	struct plan_local *locals; /* without duplicates, also of addresses without
	                            * targets */
	size_t local_count, local_cap;
	struct str *parts; /* what a mailbox stores: Return-Path, trace fields, body without
	                    * received Return-Path fields */
	size_t part_count;
	struct email_new *email; /* of parts; NULL if not needed */
	struct plan_content *contents; /* other contents that actions store or send */

	struct plan_lead *leads;
	size_t lead_count, lead_cap;

	struct plan_remote *remotes; /* no address twice */
	size_t remote_count, remote_cap;
	bool *onward;             /* by recipient of the message: has remote targets other
	                           * than list members */
	bool later;               /* all wait in the queue as written */
	bool met;                 /* some remote ones have it already: they are not in
	                           * remotes */
	struct delivery_copies copies; /* the copies that the remotes need */
	uint64_t queue_id;        /* set by plan_put       */

	uint64_t trace; /* its id, or 0 */
	struct str message_id;
};

/* *p needs no initialisation; always pass it to plan_deinit. ERR_MISSING: no recipient
 * has a target; ERR_DENIED: the message is larger than any target accepts or may store, or
 * filters reject it. m is borrowed. */
enum err plan_make(struct plan *p, const struct delivery *d, const struct delivery_message *m,
                   struct why *why) MUST_USE;

/* ERR_LIMIT: a local mailbox has no room, or the queue has none for a redirect; undo the
 * transaction, and try again without it after plan_again. Before plan_again it may run more than
 * once with the same result, so that every target left out is also reported. */
enum err plan_put(struct plan *p, struct txn *t) MUST_USE;
/* Outside of transactions; errors are the store's. */
enum err plan_again(struct plan *p, struct why *why) MUST_USE;

/* Is there a target with room left, or a report to send instead? */
bool plan_any(const struct plan *p);

/* Is anything done? Not if all targets have the message already. */
bool plan_is_new(const struct plan *p);

/* Does the target get what its actions say? */
static inline bool plan_local_gets(const struct plan_local *l)
{
	return l->refused == NULL && !l->met;
}

/* The blob that plan_put has stored: of the local message, else of the sent one. False:
 * none. */
bool plan_blob(const struct plan *p, struct blob_id *out);

/* Log and count the result of plan_put, once it is durable. */
void plan_announce(const struct plan *p);

void plan_deinit(struct plan *p);

#endif
