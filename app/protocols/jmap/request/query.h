/* protocols/jmap/request/query.h: what /query, /queryChanges and SearchSnippet/get share. */
#ifndef JMAP_QUERY_H
#define JMAP_QUERY_H
#include "protocols/jmap/request/form.h"
#include "protocols/jmap/request/request.h"

/* Read and check filter and sort. */
enum err query_read(struct jmap_query *q);
/* In the transaction: all results. Errors: what the type returned. */
enum err query_results(struct jmap_query *q, struct txn *t, uint64_t *state);

#endif
