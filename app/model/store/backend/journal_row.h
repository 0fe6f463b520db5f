/* model/store/backend/journal_row.h: the row of the tree with the epoch of the journal's
 * records that continue it. Without it the tree is up to date. Only store/ includes this.
 * */
#ifndef STORE_JOURNAL_ROW_H
#define STORE_JOURNAL_ROW_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct journal;
struct kv_env;
struct kv_txn;

/* Its key in SPACE_META, and the key for backends. */
extern const struct str journal_row_name, journal_row_key;

/* env and transactions are the tree's (kv_lmdb_ops). */
enum err journal_row_put(struct kv_txn *t, uint64_t epoch) MUST_USE;
enum err journal_row_del(struct kv_txn *t) MUST_USE; /* OK also when there is none */

/* After a crash of the server: apply the records to the tree and remove the row, in one
 * transaction; store_recovered_take reports it later. ERR_MISSING: there is no journal;
 * ERR_CORRUPT; ERR_FULL, ERR_IO. */
enum err journal_row_recover(struct kv_env *env, const struct journal *j, struct why *why) MUST_USE;

#endif
