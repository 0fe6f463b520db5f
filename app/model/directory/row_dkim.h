/* model/directory/row_dkim.h: rows of the space DKIM, for dkim_key*.c only.
 *
 *	domain NUL selector -> version, algorithm, state, created, changed, public, secret */
#ifndef DIRECTORY_ROW_DKIM_H
#define DIRECTORY_ROW_DKIM_H
#include "model/directory/dkim_key.h"
#include "model/store/kv.h"
#include "model/store/store.h"

/* Domains contain no NUL, so the rows of a domain are adjacent: their common prefix is the key of
 * an empty selector. */
struct str row_dkim_key(struct arena *a, struct str domain, struct str selector);

/* The present row of it, in a; with its secret only on request. */
enum err row_dkim_read(const struct kv_iter *it, bool secret, struct arena *a,
                       struct dkim_key *out) MUST_USE;
enum err row_dkim_put(struct txn *t, const struct dkim_key *k) MUST_USE;

#endif
