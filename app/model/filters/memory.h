/* model/filters/memory.h: what the filters of an account have done already, for a limited time:
 * who got a vacation reply (RFC 5230 4.2), which messages were seen (RFC 7352).
 *
 * Keys past their time count as absent. A write of the account removes some of them. An account
 * has at most LIMIT_filter_memory keys: the one that ends first makes room for another. */
#ifndef FILTERS_MEMORY_H
#define FILTERS_MEMORY_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct txn;

/* OK with *known. */
enum err filter_memory_known(struct txn *t, uint32_t account, struct str key, int64_t now_ms,
                      bool *known) MUST_USE;
/* Write. Remember it until then; replaces an earlier time. */
enum err filter_memory_put(struct txn *t, uint32_t account, struct str key, int64_t now_ms,
                    int64_t until_ms) MUST_USE;
/* Write. Is it known? If not, remember it for so long. OK with *known; false for an empty key. */
enum err filter_memory_once(struct txn *t, uint32_t account, struct str key, int64_t now_ms,
                            uint32_t seconds, bool *known) MUST_USE;
/* Write. Forget everything: a vacation that is switched on anew answers everybody again. */
enum err filter_memory_clear(struct txn *t, uint32_t account) MUST_USE;

#endif
