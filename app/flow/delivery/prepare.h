/* flow/delivery/prepare.h: the actions of local targets: decided and prepared outside of
 * transactions (prepare.c), stored and queued inside one (carry_out.c). */
#ifndef DELIVERY_PREPARE_H
#define DELIVERY_PREPARE_H
#include "flow/delivery/plan.h"

/* The content that an action stores or sends instead of the message. Equal ones are shared. */
struct plan_content {
	/* Stored: as in struct action. */
	struct str header, message;
	struct email_new *email;
	/* Sent: by the local target, with such a header, or as this message. */
	const struct plan_local *local;
	struct blob_draft *draft;
	unsigned flags; /* enum envelope_flags */
	struct plan_content *next;
};

/* Run the filters of each account whose recipient is not filtered, and set the actions of the local
 * targets, or why they are refused. Errors are the store's. */
enum err prepare_locals(struct plan *p, struct why *why) MUST_USE;
/* Keep the message instead of each redirect that carry_out_put did not send. Errors are the
 * store's. */
enum err prepare_again(struct plan *p, struct why *why) MUST_USE;
void prepare_free(struct plan *p);

/* In a transaction; may run again. All of them, or ERR_LIMIT: a mailbox has no room, or a redirect
 * is not sent, as the queue has no room or the message was sent there before. */
enum err carry_out_put(struct plan *p, struct txn *t, struct plan_local *to,
                       int64_t now_ms) MUST_USE;

#endif
