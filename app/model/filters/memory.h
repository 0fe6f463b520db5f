/* model/filters/memory.h: what the filters of an account have done already, for a limited time:
 * who got a vacation reply (RFC 5230 4.2), which messages were seen (RFC 7352).
 *
 *	FILTER_MEMORY  account, BLAKE2b-128 of the key    until when
 *
 * Rows past their time count as absent, and are removed little by little by later writes of the
 * account. An account has at most MEMORY_MAX rows: then the one that ends first goes. */
#ifndef FILTERS_MEMORY_H
#define FILTERS_MEMORY_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct txn;

enum { MEMORY_MAX = 100000 };

/* OK with *known. */
enum err memory_known(struct txn *t, uint32_t account, struct str key, int64_t now_ms,
                      bool *known) MUST_USE;
/* Write. Remember it until then; replaces an earlier time. */
enum err memory_put(struct txn *t, uint32_t account, struct str key, int64_t now_ms,
                    int64_t until_ms) MUST_USE;
/* Write. Forget everything: a vacation that is switched on anew answers everybody again. */
enum err memory_clear(struct txn *t, uint32_t account) MUST_USE;

#endif
