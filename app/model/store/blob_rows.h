/* model/store/blob_rows.h: the rows of blobs. Only store/ includes this. */
#ifndef STORE_BLOB_ROWS_H
#define STORE_BLOB_ROWS_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct blob_id;
struct txn;

/* The row of a blob. An empty blob has number 0 and no chunks. */
struct blob_row {
	uint64_t number;
	uint64_t size; /* of the bytes, in chunks 0 .. */
	uint64_t refs;
};

/* A chunk is one row, or a row and further parts with its bytes in order, so that small rests share
 * the leaves of the tree (chunk_part_bytes). */
enum {
	CHUNK_KEY_BYTES = 12,
	CHUNK_PART_KEY_BYTES = CHUNK_KEY_BYTES + 1,
	CHUNK_PARTS_MAX = 16,
};

/* Key of the chunk whose first byte is at offset. */
struct chunk_key {
	char bytes[CHUNK_PART_KEY_BYTES];
};
struct str chunk_key(struct chunk_key *k, uint64_t number, uint32_t offset);
/* The key of a further part, from 1 on; 0 is the chunk's own key. */
struct str chunk_part_key(struct chunk_key *k, uint64_t number, uint32_t offset, unsigned part);
/* The common prefix of all chunks of a number. */
struct str chunk_prefix(struct chunk_key *k, uint64_t number);
bool chunk_key_read(struct str key, uint64_t *number, uint32_t *offset, unsigned *part);

/* The bytes of a chunk's next row, of n remaining ones. */
size_t chunk_part_bytes(size_t n);

/* ERR_MISSING, ERR_CORRUPT. */
enum err blob_row_get(struct txn *t, const struct blob_id *id, struct blob_row *row) MUST_USE;
enum err blob_row_put(struct txn *t, const struct blob_id *id, const struct blob_row *row) MUST_USE;
bool blob_row_read(struct str record, struct blob_row *row);

/* A number above those of all chunks and drafts. */
enum err blob_number_next(struct txn *t, uint64_t *number) MUST_USE;

/* Delete up to max chunks of the number; *left: more remain. */
enum err chunks_delete(struct txn *t, uint64_t number, size_t max, bool *left) MUST_USE;

#endif
