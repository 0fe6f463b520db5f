/* protocols/jmap/push/subscription.h: push subscriptions (RFC 8620 7.2), their records in
 * OBJECT_PUSH of the account that made them, and the server's key for VAPID (RFC 8292). */
#ifndef JMAP_SUBSCRIPTION_H
#define JMAP_SUBSCRIPTION_H
#include "foundation/base/arena.h"
#include "foundation/base/err.h"
#include "protocols/jmap/jmap.h"

struct key;
struct txn;

struct push_subscription {
	uint64_t id; /* 0: not stored yet */
	/* The login that made it, and with which it ends: of struct jmap_caller. */
	struct str login, address;
	unsigned scopes;
	struct str device, url;
	struct str public, auth; /* keys of foundation/crypto/web_push.h; empty: not encrypted */
	struct str code;         /* of the verification */
	bool verified;
	int64_t expires_ms;
	struct str types; /* JSON: null or a list */
};

/* Strings live in a. ERR_MISSING. */
enum err push_subscription_get(struct txn *t, uint32_t account, uint64_t id, struct arena *a,
                               struct push_subscription *out) MUST_USE;
/* Write. s->id 0: a new one, which sets it. ERR_LIMIT: too many, or too long. */
enum err push_subscription_put(struct txn *t, uint32_t account,
                               struct push_subscription *s) MUST_USE;
bool push_subscription_read(struct str record, struct push_subscription *out);

/* "https://host:port" of a URL to which push messages may be sent; empty: it is none. */
struct str push_origin(struct str url);

/* The only row of SPACE_VAPID; write. *out is the caller's. */
enum err vapid_key_ensure(struct txn *t, struct key **out) MUST_USE;
/* The field Authorization of RFC 8292 3, in a. contact: "mailto:..." (2.1); now_s: seconds since
 * 1970. */
struct str vapid_put(const struct key *key, struct str origin, struct str contact, int64_t now_s,
                     struct arena *a);

#endif
