/* model/directory/may_post.h: may this sender post to the lists of a recipient? */
#ifndef DIRECTORY_MAY_POST_H
#define DIRECTORY_MAY_POST_H
#include "model/directory/resolve.h"

/* The sender. */
struct poster {
	uint32_t account;       /* the authenticated account that may use the address; 0: none */
	struct mailaddr sender; /* of the envelope; null for bounces                      */
};

/* OK when to has no list, or each of them allows this sender:
 *
 *	POST_ANYBODY  every sender
 *	POST_DOMAIN   authenticated senders with an address of the list's domain
 *	POST_MEMBERS  members: an authenticated account that gets its mail, or an unauthenticated
 *	              remote sender with a member's address
 *
 * A local sender address requires a login, because it could be forged; for a remote address only
 * the envelope is checked. ERR_DENIED with a sentence for the sender: not allowed (RFC 3463 3.8:
 * X.7.2). Other errors are the store's. */
enum err directory_may_post(struct txn *t, const struct resolved *to, const struct poster *who,
                            const struct resolve_config *config, struct why *why) MUST_USE;

#endif
