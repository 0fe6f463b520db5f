/* protocols/jmap/push/dispatch.h: push messages to the URLs of push subscriptions (RFC 8620 7.2,
 * RFC 8030).
 *
 * All subscriptions are in memory with the states that their clients have. A commit in an account
 * that one sees makes it due after PUSH_PAUSE_MS; then one of PUSH_THREADS threads reads it, checks
 * its login, and sends what has changed. After a failure the server waits 2, 4, 8 … seconds, at
 * most an hour, or as long as Retry-After says, and sends all states then. A subscription is
 * destroyed when it expires, when its login ends, and when the push service answers that it is gone
 * (RFC 8030 7.3). After a restart each client gets all states once. */
#ifndef JMAP_DISPATCH_H
#define JMAP_DISPATCH_H
#include "foundation/base/err.h"
#include "protocols/jmap/jmap.h"

struct jmap_push;

/* s is borrowed; its other fields are set. Reads all subscriptions and starts the threads. */
enum err jmap_push_open(const struct jmap_server *s, struct jmap_push **out,
                        struct why *why) MUST_USE;
/* Cancel requests and end the threads. NULL is a no-op; clears *p. */
void jmap_push_close(struct jmap_push **p);

/* The public key of VAPID in base64url; borrowed. */
struct str jmap_push_public(const struct jmap_push *p);

/* The subscription was created, changed or destroyed. verify: send a PushVerification. Never
 * blocks for long; p may be NULL. */
void jmap_push_note(struct jmap_push *p, uint32_t account, uint64_t id, bool verify);

#endif
