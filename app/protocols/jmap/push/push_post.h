/* protocols/jmap/push/push_post.h: a push message to the URL of a subscription (RFC 8620 7.2). */
#ifndef JMAP_PUSH_POST_H
#define JMAP_PUSH_POST_H
#include "protocols/jmap/push/subscription.h"

#include <stdatomic.h>

struct push_sender {
	const struct jmap_server *server;
	struct key *key; /* of VAPID */
	const atomic_bool *stop;
};

/* Send a PushVerification (RFC 8620 7.2.2), once: before the client has answered it, there is no
 * further request. */
void push_post_verification(const struct push_sender *p, const struct push_subscription *s,
                            uint32_t account, struct arena *a);
/* Send a StateChange; one that is too long for a push service goes in one message for each account.
 * ERR_MISSING: there is no such URL any more. ERR_RETRY: it failed; *rest_s: as Retry-After says,
 * or 0. */
enum err push_post_changes(const struct push_sender *p, const struct push_subscription *s,
                           struct str text, struct arena *a, int64_t *rest_s) MUST_USE;

#endif
