/* model/store/blob_draft.h: a blob being prepared. Only store/ includes this. */
#ifndef STORE_BLOB_DRAFT_H
#define STORE_BLOB_DRAFT_H
#include "model/store/blob.h"

struct draft_chunk {
	uint32_t offset;
	unsigned part;     /* see blob_rows.h */
	struct str stored; /* on the heap     */
};

struct blob_draft {
	struct store *store;
	struct blob_id id;
	uint64_t size;
	/* Rows of chunks in memory: all of them, or none once they were written ahead. */
	struct draft_chunk *chunks;
	size_t count, cap;
	size_t bytes; /* stored bytes in memory */
	/* The chunks written ahead; 0: none. */
	uint64_t number;
	uint64_t nonce; /* distinguishes our draft row from a later one of the same number */
};

/* OK when the draft's row exists and is ours, else ERR_RETRY. */
enum err draft_row_check(struct txn *t, const struct blob_draft *d) MUST_USE;
enum err draft_row_del(struct txn *t, uint64_t number) MUST_USE;

#endif
