/* model/remote/sts_row.h: the rows of the space sts; for this folder only. */
#ifndef REMOTE_STS_ROW_H
#define REMOTE_STS_ROW_H
#include "model/remote/sts.h"
#include "model/store/kv.h"

/* ERR_MISSING, ERR_CORRUPT. Results live in a. */
enum err sts_row_get(struct txn *t, struct str domain, struct arena *a,
                     struct sts_kept *out) MUST_USE;
enum err sts_row_put(struct txn *t, const struct sts_kept *k) MUST_USE;
enum err sts_row_del(struct txn *t, struct str domain) MUST_USE;
/* False: malformed. Borrowed from the iterator, except policy.mx. */
bool sts_row_read(const struct kv_iter *it, struct arena *a, struct sts_kept *out);

#endif
