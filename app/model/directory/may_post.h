/* model/directory/may_post.h: may this sender write to the lists a recipient leads through? */
#ifndef DIRECTORY_MAY_POST_H
#define DIRECTORY_MAY_POST_H
#include "model/directory/resolve.h"

/* Who writes, as far as it is known. */
struct poster {
	uint32_t account;       /* that logged in, and may use the address; 0: nobody did */
	struct mailaddr sender; /* of the envelope; null for bounces                      */
};

/* OK when to passed no list, or each of them lets this one write:
 *
 *	POST_ANYBODY  everybody
 *	POST_DOMAIN   who is logged in, with an address of the list's domain
 *	POST_MEMBERS  a member: who is logged in as an account that gets its mail, or from
 *	              elsewhere, who sends from a member's address
 *
 * An address of ours counts only with a login, or anybody could claim it; of one elsewhere
 * nothing is proven but what the envelope says. ERR_DENIED with a sentence for the sender: any
 * other (RFC 3463 3.8: X.7.2). Other errors are the store's. */
enum err directory_may_post(struct txn *t, const struct resolved *to, const struct poster *who,
                            const struct resolve_config *config, struct why *why) MUST_USE;

#endif
