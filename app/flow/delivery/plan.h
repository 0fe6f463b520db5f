/* flow/delivery/plan.h: where one message goes, and what is stored for it.
 *
 *	plan_make    follow the recipients, prepare blob and email; outside a transaction
 *	plan_put     in the transaction; may run again
 *	plan_deinit  after it, also when anything failed
 */
#ifndef DELIVERY_PLAN_H
#define DELIVERY_PLAN_H
#include "flow/delivery/delivery.h"
#include "foundation/base/arena.h"
#include "foundation/base/map.h"
#include "model/queue/queue.h"

struct email_new;
struct txn;

struct plan_local {
	uint32_t account;        /* 0: an address of ours that leads to nobody      */
	struct mailaddr address; /* primary address of the account                  */
	const struct queue_reply *refused; /* refusal.h: why plan_put leaves it out;
	                                    * NULL: it does not                     */
	bool found_full;         /* plan_put has seen so: plan_again refuses it for that */
	uint64_t quota_bytes;    /* all it may keep; 0: any                         */
	bool met;                /* has it already: left out by plan_put            */
	bool junk;               /* in quarantine, for all who lead here            */
	const struct plan_remote *waiting; /* as which he waits in the queue when he has no room;
	                                    * NULL: the sender is told instead         */
	bool queued;             /* he does: refused, and among the remotes         */
	uint32_t mailbox, uid;   /* where plan_put put it                            */
};

enum { PLAN_SEVERAL = -1, PLAN_LISTED = -2 };

/* Where a recipient of the envelope leads, for what its sender is told: one of each place, one of
 * each recipient at least, and no more than two beside those. */
struct plan_lead {
	size_t rcpt;     /* of the message's                                          */
	ptrdiff_t local; /* of the plan's; PLAN_SEVERAL: to the members of a list, or
	                  * the targets of an alias that has several; PLAN_LISTED: to
	                  * members of a list that are elsewhere                     */
	bool alone;      /* nowhere else, so what becomes of it becomes of rcpt       */
	struct mailaddr owner; /* of the list that local is a member of: he hears that it failed,
	                        * the sender does not (RFC 5321 3.9.2); null: of none  */
};

struct plan_remote {
	struct queue_rcpt rcpt;
	struct mailaddr from; /* return path: the message's, or who sends it on: follow.h */
	bool listed;          /* a list's member */
	struct str quarantine; /* why it is held, for all who lead there; or empty */
	struct str seal; /* the domain of ours through which a stranger's mail goes on; or empty */
};

struct plan {
	const struct delivery *d;
	const struct delivery_message *m;
	const struct settings *settings; /* a reference */
	struct arena arena;

	struct map known;          /* targets met so far, while the recipients are followed */
	struct plan_local *locals; /* no account twice, no address of nobody either */
	size_t local_count, local_cap;
	struct email_new *email; /* with Return-Path; NULL when nobody needs it   */

	struct plan_lead *leads;
	size_t lead_count, lead_cap;

	struct plan_remote *remotes; /* no address twice */
	size_t remote_count, remote_cap;
	bool *onward;             /* by recipient of the message: leads elsewhere, and not only
	                           * as a list */
	bool later;               /* all wait in the queue, as they are written */
	bool met;                 /* some elsewhere have it already: they are not in remotes */
	struct delivery_copies copies; /* of what goes there: each that the remotes need */
	uint64_t queue_id;        /* of plan_put           */

	uint64_t trace; /* its id, or 0 */
	struct str message_id;
};

/* *p needs no initialisation and must be given to plan_deinit in any case. ERR_MISSING: all
 * recipients lead to nobody; ERR_DENIED: the message is larger than any of them takes, or may
 * keep. m is borrowed. */
enum err plan_make(struct plan *p, const struct delivery *d, const struct delivery_message *m,
                   struct why *why) MUST_USE;

/* ERR_LIMIT: a local mailbox has no room; the transaction must be undone, and may be tried again
 * without it after plan_again. It may run more than once in between, and says the same then, so
 * that who is left out is never left out unsaid. */
enum err plan_put(struct plan *p, struct txn *t) MUST_USE;
/* Outside of transactions; errors are the store's. */
enum err plan_again(struct plan *p, struct why *why) MUST_USE;

/* Is there anybody left that has room? */
bool plan_any(const struct plan *p);

/* Does it put anything? Not when all have it already. */
bool plan_is_new(const struct plan *p);

/* What plan_put has stored of it: the message as it is kept here, else as it leaves. False: it put
 * nothing. */
bool plan_blob(const struct plan *p, struct blob_id *out);

/* Log and count what plan_put did, once it is durable. */
void plan_announce(const struct plan *p);

void plan_deinit(struct plan *p);

#endif
