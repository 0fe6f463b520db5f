/* model/search/columns.h: the sort keys of SORT and THREAD for many emails. */
#ifndef SEARCH_COLUMNS_H
#define SEARCH_COLUMNS_H
#include "model/search/segment.h"

struct search_columns {
	const struct mail_txn *m;
	unsigned mask; /* BIT(enum search_column) */
	struct search_state *state;
	uint32_t at; /* the present segment */
	bool open, damaged;
	struct segment_docs docs;
	struct segment_doc doc; /* the last one read */
};

/* count: number of emails; for few of them the index is not used. */
enum err search_columns_init(struct search_columns *c, const struct mail_txn *m, unsigned mask,
                             size_t count) MUST_USE;
/* The values of an email that are in mask; the others are undefined. Ids ascend from call to call.
 * Values are borrowed from the transaction, or live in a. An email that is not in the index is
 * read. ERR_MISSING: it was deleted. */
enum err search_columns_get(struct search_columns *c, struct arena *a, uint64_t email,
                            struct search_keys *out) MUST_USE;

#endif
