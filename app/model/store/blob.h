/* model/store/blob.h: immutable bytes, identified by their BLAKE2b-256, with reference counts.
 *
 * The bytes are split in pieces. Each is compressed alone with zstd (or kept raw when that is
 * shorter) into a chunk of at most one overflow run of the tree (64 KiB). Small pieces are
 * compressed with a dictionary of this store's mail (blob_dictionary.h). The end of a chunk that
 * would not fill a page is in further rows, which share pages with others (chunk_part_bytes):
 *
 *	blob:  hash                    -> number, size, references
 *	chunk: number, first offset    -> form byte, the compressed piece, or its beginning
 *	       number, first offset, n -> its n-th further part
 *
 * The chunk with a given offset is the last one at or before it, so a read in the middle reads only
 * the chunks it needs. Numbers ascend, so new chunks are always at the end of the space, although
 * hashes are random.
 *
 * Putting a blob takes two steps. blob_prepare hashes and compresses outside any transaction. Past
 * BLOB_AHEAD bytes it also writes the chunks ahead, in separate transactions under a new number,
 * with a row in the draft space. blob_put, inside the transaction that refers to the blob, only
 * writes small rows. After a crash in between, blob_collect deletes the chunks of the draft's row.
 *
 * Equal bytes are stored once: references count the rows that refer to the blob. */
#ifndef STORE_BLOB_H
#define STORE_BLOB_H
#include "foundation/base/buf.h"
#include "foundation/base/err.h"

struct store;
struct txn;
struct blob_draft;

enum {
	BLOB_ID_BYTES = 32,
	BLOB_AHEAD = 1 << 20,    /* past this many compressed bytes chunks go ahead */
	BLOB_CHUNK_MAX = 65520,  /* stored bytes of a chunk: 16 pages less a header  */
	BLOB_PIECE_MAX = 1 << 18 /* bytes one chunk unpacks to, at most              */
};

struct blob_id {
	uint8_t hash[BLOB_ID_BYTES];
};

/* For keys and records: borrowed from id. */
struct str blob_id_str(const struct blob_id *id);
/* False unless s has exactly BLOB_ID_BYTES. */
bool blob_id_of(struct str s, struct blob_id *out);

/* Hash and compress the concatenated parts (so headers can be prepended to a body without a copy).
 * The parts are read during the call only. Not inside a transaction. Less than 4 GiB in total, else
 * ERR_LIMIT. *out: the draft; free it with blob_draft_free after the transaction that puts it, also
 * when that fails. NULL unless OK. ERR_FULL, ERR_IO: chunks could not be written ahead; none
 * remain. */
enum err blob_prepare(struct store *s, const struct str *parts, size_t count,
                      struct blob_draft **out, struct why *why) MUST_USE;

/* Its future id, and its size in bytes. */
struct blob_id blob_draft_id(const struct blob_draft *d);
uint64_t blob_draft_size(const struct blob_draft *d);
/* Bytes of chunks in memory: 0 once they are written ahead. */
size_t blob_draft_held(const struct blob_draft *d);
/* Write the chunks of all these drafts ahead, in one transaction: for a caller that prepares many
 * before it puts them. All from one store; not inside a transaction. ERR_FULL, ERR_IO: nothing has
 * changed. */
enum err blob_drafts_ahead(struct blob_draft **drafts, size_t n, struct why *why) MUST_USE;

/* NULL is a no-op; clears *d. Deletes chunks that were written ahead and not put. Not inside a
 * transaction. */
void blob_draft_free(struct blob_draft **d);

/* Store the draft's bytes unless they are stored already, and add one reference for the caller's
 * row. id may be NULL. A draft may be put several times, each adding a reference. ERR_RETRY: its
 * chunks were deleted meanwhile (the blob was put before and its last reference dropped): prepare
 * it again. ERR_FULL, ERR_IO, ERR_CORRUPT. */
enum err blob_put(struct txn *t, const struct blob_draft *d, struct blob_id *id) MUST_USE;

/* Add a reference to a stored blob. ERR_MISSING: no such blob. */
enum err blob_ref(struct txn *t, const struct blob_id *id) MUST_USE;
/* Drop a reference; the last one deletes the bytes. ERR_MISSING: no such blob. */
enum err blob_unref(struct txn *t, const struct blob_id *id) MUST_USE;

/* ERR_MISSING: no such blob. */
enum err blob_size(struct txn *t, const struct blob_id *id, uint64_t *size) MUST_USE;

/* Append the bytes [offset, offset + n) to out, clamped to the blob: SIZE_MAX is "to the end", and
 * an offset past the end appends nothing. ERR_LIMIT: they do not fit into out; ERR_MISSING;
 * ERR_CORRUPT: the stored chunks are inconsistent. */
enum err blob_get(struct txn *t, const struct blob_id *id, uint64_t offset, size_t n,
                  struct buf *out) MUST_USE;

/* Append from offset to the end of its chunk: at least 1 and at most BLOB_PIECE_MAX bytes, 0 only
 * at the blob's end. For sending a large blob in steps, one store_read each, without decompressing
 * anything twice. Errors as blob_get. */
enum err blob_get_some(struct txn *t, const struct blob_id *id, uint64_t offset,
                       struct buf *out) MUST_USE;

/* Delete all chunks that were written ahead and not put. store_open calls it for the server. A
 * draft in another process then fails with ERR_RETRY. */
enum err blob_collect(struct store *s, struct why *why) MUST_USE;

#endif
