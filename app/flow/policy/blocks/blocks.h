/* flow/policy/blocks/blocks.h: networks that may not connect for some time, and accounts that
 * may not send. They are rows that survive a restart; administrators can list and end
 * them. Locks of logins are in model/directory/blocked.h; the API shows both as one
 * list. */
#ifndef POLICY_BLOCKS_H
#define POLICY_BLOCKS_H
#include "foundation/base/arena.h"
#include "foundation/base/err.h"
#include "model/directory/blocked.h"
#include "network/runtime/addr.h"

struct store;

enum block_kind {
	BLOCK_NETWORK = 'n', /* name: a host or a network of policy/network.h             */
	BLOCK_MX = 'm',      /* likewise, but only for port 25: users may log in and send */
	BLOCK_PREFIX = 'p',  /* as BLOCK_NETWORK, name: of block_networks.h               */
	BLOCK_SENDING = 's', /* name: primary address of an account                       */
};

/* Each function has its own transaction; errors are the store's. */

/* Block, or extend a block, until a date. INT64_MAX: until an administrator ends it. */
enum err blocks_put(struct store *s, enum block_kind kind, struct str name, struct str reason,
                    int64_t until_ms, struct why *why) MUST_USE;
/* The same for a duration; INT64_MAX as above. If the clock is set back later, the block
 * does not get longer: at the next connection it is renewed for for_ms at most. */
enum err blocks_put_for(struct store *s, enum block_kind kind, struct str name, struct str reason,
                        int64_t for_ms, struct why *why) MUST_USE;
/* The same if no block of this kind and name is in force; ERR_CONFLICT if one is, which
 * stays unchanged. One of concurrent calls wins. */
enum err blocks_add_for(struct store *s, enum block_kind kind, struct str name, struct str reason,
                        int64_t for_ms, struct why *why) MUST_USE;
/* ERR_MISSING: not blocked, or expired. reason lives in a. Writes only after the clock
 * was set back. */
enum err blocks_get(struct store *s, enum block_kind kind, struct str name, struct arena *a,
                    struct blocked *out) MUST_USE;
/* All blocks in force; in a. */
enum err blocks_list(struct store *s, struct arena *a, struct blocked **out,
                     size_t *count) MUST_USE;
/* Remove expired blocks, some in each transaction. */
enum err blocks_expire(struct store *s, struct why *why) MUST_USE;
/* Remove all blocks of this name. ERR_MISSING. */
enum err blocks_remove(struct store *s, struct str name, struct why *why) MUST_USE;

#endif
