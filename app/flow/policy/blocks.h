/* flow/policy/blocks.h: networks that may not connect for a while, and accounts that may not
 * send: rows that outlast a restart, for people to see and to end. Locks of logins are
 * model/directory/blocked.h's; the API shows both as one list. */
#ifndef POLICY_BLOCKS_H
#define POLICY_BLOCKS_H
#include "foundation/base/arena.h"
#include "foundation/base/err.h"
#include "model/directory/blocked.h"
#include "network/runtime/addr.h"

struct store;

enum block_kind {
	BLOCK_NETWORK = 'n', /* name: a host or a network of policy/network.h                   */
	BLOCK_MX = 'm',      /* likewise, but its users may still log in and send               */
	BLOCK_PREFIX = 'p',  /* as BLOCK_NETWORK, name: of block_networks.h                      */
	BLOCK_SENDING = 's', /* name: primary address of an account                             */
};

/* Write and read transactions of their own; errors are the store's. */

/* Blocks, or blocks anew, until a date. INT64_MAX: until somebody ends it. */
enum err blocks_put(struct store *s, enum block_kind kind, struct str name, struct str reason,
                    int64_t until_ms, struct why *why) MUST_USE;
/* The same for so long from now on; INT64_MAX as above. A clock that is set back afterwards makes
 * that no longer: who comes then is blocked for that time once more, at most. */
enum err blocks_put_for(struct store *s, enum block_kind kind, struct str name, struct str reason,
                        int64_t for_ms, struct why *why) MUST_USE;
/* The same where no block of this kind and name lasts; ERR_CONFLICT where one does, which stays as
 * it is. Of several at one time, one is the first. */
enum err blocks_add_for(struct store *s, enum block_kind kind, struct str name, struct str reason,
                        int64_t for_ms, struct why *why) MUST_USE;
/* ERR_MISSING: it is not blocked, or not any more. reason lives in a. Writes only after the clock
 * was set back. */
enum err blocks_get(struct store *s, enum block_kind kind, struct str name, struct arena *a,
                    struct blocked *out) MUST_USE;
/* All that last still; in a. */
enum err blocks_list(struct store *s, struct arena *a, struct blocked **out,
                     size_t *count) MUST_USE;
/* Forget those that are over, some in each transaction. */
enum err blocks_expire(struct store *s, struct why *why) MUST_USE;
/* All that has this name. ERR_MISSING. */
enum err blocks_remove(struct store *s, struct str name, struct why *why) MUST_USE;

#endif
