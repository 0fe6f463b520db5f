/* delivery/plan.h: where one message goes, and what is stored for it.
 *
 *	plan_make    follow the recipients, prepare blob and email; outside a transaction
 *	plan_put     in the transaction; may run again
 *	plan_deinit  after it, also when anything failed
 */
#ifndef DELIVERY_PLAN_H
#define DELIVERY_PLAN_H
#include "base/arena.h"
#include "base/map.h"
#include "delivery/delivery.h"

struct blob_draft;
struct email_new;
struct queue_rcpt;
struct txn;

struct plan_local {
	uint32_t account;
	struct mailaddr address; /* primary address, for a report                   */
	bool full;               /* found to be over quota: left out by plan_put    */
	uint32_t mailbox, uid;   /* where plan_put put it                            */
};

struct plan {
	const struct delivery *d;
	const struct delivery_message *m;
	const struct settings *settings; /* a reference */
	struct arena arena;

	struct map known;          /* targets met so far, while the recipients are followed */
	struct plan_local *locals; /* no account twice */
	size_t local_count, local_cap;
	struct email_new *email; /* with Return-Path; NULL without locals */

	struct queue_rcpt *remotes; /* no address twice */
	size_t remote_count, remote_cap;
	struct blob_draft *draft; /* NULL without remotes */
	uint64_t queue_id;        /* of plan_put           */

	uint64_t trace; /* its id, or 0 */
	struct str message_id;
};

/* *p needs no initialisation and must be given to plan_deinit in any case. Recipients that
 * lead nowhere are left out; ERR_MISSING when none is left. m is borrowed. */
enum err plan_make(struct plan *p, const struct delivery *d, const struct delivery_message *m,
                   struct why *why) MUST_USE;

/* ERR_LIMIT: a local mailbox has no room and is now marked full; the transaction must be
 * undone and may be tried again without it. */
enum err plan_put(struct plan *p, struct txn *t) MUST_USE;

/* Is there anybody left that has room? */
bool plan_any(const struct plan *p);

/* Log and count what plan_put did, once it is durable. */
void plan_announce(const struct plan *p);

void plan_deinit(struct plan *p);

#endif
