/* model/store/blob.h: immutable bytes named by their BLAKE2b-256 and counted by their owners.
 *
 * The bytes are cut into pieces, each compressed alone with zstd (or kept raw when that is
 * no gain) into a chunk of at most one overflow run of the tree (64 KiB). Small pieces are
 * compressed with a dictionary of this store's mail (blob_dictionary.h). The end of a chunk that
 * does not fill a page lies in further rows, which share pages with others (chunk_part_bytes):
 *
 *	blob:  hash                    -> number, size, references
 *	chunk: number, first offset    -> form byte, the compressed piece, or its begin
 *	       number, first offset, n -> its n-th further part
 *
 * The chunk that holds an offset is the last one at or before it, so a read in the middle
 * touches only the chunks it needs. Numbers ascend, so new chunks always go at the end of
 * the space, however random the hashes are.
 *
 * Putting a blob takes two steps. blob_prepare hashes and compresses outside any
 * transaction. Past BLOB_AHEAD bytes it also writes the chunks ahead, in transactions of
 * their own under a new number, with a row in the draft space that says so. blob_put,
 * inside the transaction that refers to the blob, only writes small things. A crash in
 * between leaves the draft's row, and blob_collect deletes what it names.
 *
 * Same bytes twice are stored once: references count the rows that hold the blob. */
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

/* As a key or field of a record: borrowed from id. */
struct str blob_id_str(const struct blob_id *id);
/* False unless s has exactly BLOB_ID_BYTES. */
bool blob_id_of(struct str s, struct blob_id *out);

/* Hash and compress what the parts hold one after the other (so headers can be put before
 * a body without copying it). The parts are only read during the call. Not inside a
 * transaction. Less than 4 GiB in total, else ERR_LIMIT.
 * *out   the draft; free it with blob_draft_free after the transaction that puts it, also
 *        when that fails. NULL unless OK.
 * ERR_FULL, ERR_IO: chunks could not be written ahead; nothing is left behind. */
enum err blob_prepare(struct store *s, const struct str *parts, size_t count,
                      struct blob_draft **out, struct why *why) MUST_USE;

/* What it will be named, and its size in bytes. */
struct blob_id blob_draft_id(const struct blob_draft *d);
uint64_t blob_draft_size(const struct blob_draft *d);
/* Bytes of chunks in memory: 0 once they are written ahead. */
size_t blob_draft_held(const struct blob_draft *d);
/* Write the chunks of all of these ahead, in one transaction: for who prepares many before it
 * puts them. Of one store; not inside a transaction. ERR_FULL, ERR_IO: all are as before. */
enum err blob_drafts_ahead(struct blob_draft **drafts, size_t n, struct why *why) MUST_USE;

/* NULL is a no-op; clears *d. Chunks written ahead that no commit has taken over are
 * deleted. Not inside a transaction. */
void blob_draft_free(struct blob_draft **d);

/* Store the draft's bytes unless they are there already, and add one reference for the
 * caller's row. id may be NULL. A draft may be put several times, each adding a reference.
 * ERR_RETRY: its chunks went away since (the blob was put before and its last reference
 * dropped): prepare it again. ERR_FULL, ERR_IO, ERR_CORRUPT. */
enum err blob_put(struct txn *t, const struct blob_draft *d, struct blob_id *id) MUST_USE;

/* Add a reference to a stored blob. ERR_MISSING when it is not there. */
enum err blob_ref(struct txn *t, const struct blob_id *id) MUST_USE;
/* Drop one; the last one deletes the bytes. ERR_MISSING when it is not there. */
enum err blob_unref(struct txn *t, const struct blob_id *id) MUST_USE;

/* ERR_MISSING when it is not there. */
enum err blob_size(struct txn *t, const struct blob_id *id, uint64_t *size) MUST_USE;

/* Append the bytes [offset, offset + n) to out, clamped to the blob: SIZE_MAX is "to the
 * end", and an offset past the end appends nothing. ERR_LIMIT: they do not fit into out;
 * ERR_MISSING; ERR_CORRUPT: the stored chunks contradict themselves. */
enum err blob_get(struct txn *t, const struct blob_id *id, uint64_t offset, size_t n,
                  struct buf *out) MUST_USE;

/* Append from offset to the end of the chunk that holds it: at least 1 and at most
 * BLOB_PIECE_MAX bytes, 0 only at the blob's end. For sending a large blob in steps, one
 * store_read each, without unpacking anything twice. Errors as blob_get. */
enum err blob_get_some(struct txn *t, const struct blob_id *id, uint64_t offset,
                       struct buf *out) MUST_USE;

/* Delete all chunks written ahead that nobody took over. store_open does it for the
 * server. A draft that is alive in another process then fails with ERR_RETRY. */
enum err blob_collect(struct store *s, struct why *why) MUST_USE;

#endif
