/* model/store/blob_pack.h: between the bytes of a blob and those of a stored chunk. Only store/
 * includes this, and blob_pack.c is the only file that knows zstd.
 *
 * A chunk is a form byte and then the piece itself (PACK_RAW) or a zstd frame that tells
 * its size, and its dictionary if it has one (PACK_ZSTD). */
#ifndef STORE_BLOB_PACK_H
#define STORE_BLOB_PACK_H
#include "foundation/base/str.h"

#include <pthread.h>

enum { PACK_RAW = 0, PACK_ZSTD = 1 };
enum { PACK_POOL = 2, PACK_DICTIONARIES = 32, DICTIONARY_BYTES = 64 << 10 };

/* Each kind has its own dictionaries. */
enum pack_kind {
	PACK_BLOBS,
	PACK_RECORDS, /* values of rows: packed.h */
	PACK_KINDS,   /* none: what has no dictionary */
};

struct buf;
struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;
struct ZSTD_CDict_s;
struct ZSTD_DDict_s;

/* Common strings of this store's mail (blob_dictionary.h). It stays until the pool goes. */
struct pack_dictionary {
	struct ZSTD_CDict_s *pack; /* NULL: only to unpack with */
	struct ZSTD_DDict_s *unpack;
};

/* zstd's working memory is several hundred KiB, so idle sets are few and shared. */
struct pack_pool {
	pthread_mutex_t lock;
	struct ZSTD_CCtx_s *pack[PACK_POOL];                    /* idle ones, under lock */
	struct ZSTD_DCtx_s *unpack[PACK_POOL];                  /* idle ones, under lock */
	struct pack_dictionary dictionaries[PACK_DICTIONARIES]; /* by id, 0 is none; under lock */
	unsigned current[PACK_KINDS]; /* the id of the one to pack with, 0: none; under lock */
};

void pack_pool_init(struct pack_pool *pool);
void pack_pool_deinit(struct pack_pool *pool);

/* Write the piece (1 to BLOB_PIECE_MAX bytes) as a chunk to out, which has room for
 * BLOB_CHUNK_MAX bytes. Returns its length, 0 when that is not enough: pass a shorter
 * piece. BLOB_CHUNK_MAX - 1 bytes always fit. Thread-safe. */
size_t chunk_pack(struct pack_pool *pool, struct str piece, char *out);

/* How many bytes the chunk unpacks to; false when it is no chunk. */
bool chunk_size(struct str chunk, size_t *n);

/* The id of the dictionary that it takes to unpack the chunk; 0: none. */
unsigned chunk_dictionary(struct str chunk);
bool pack_dictionary_known(struct pack_pool *pool, unsigned id);
/* bytes: a dictionary of zstd, with that id. Pack with it from now on what is of the kind, unless
 * that is PACK_KINDS. Thread-safe; one that is known already is left as it is. */
void pack_dictionary_add(struct pack_pool *pool, unsigned id, struct str bytes,
                         enum pack_kind kind);

/* Train a dictionary from n samples, which lie one after the other, as long as out can become; out
 * is empty. False when there is too little to learn from. */
bool dictionary_make(struct str samples, const size_t *sizes, unsigned n, struct buf *out);
/* Give it its id. */
void dictionary_name(struct str bytes, unsigned id);

/* Unpack to out, which has room for exactly the n bytes that chunk_size tells; false when
 * the chunk is damaged, or its dictionary is not known. Thread-safe. */
bool chunk_unpack(struct pack_pool *pool, struct str chunk, char *out, size_t n);

/* Frames of zstd alone, for packed.c: pack into out, which has room for cap bytes (0: that is not
 * enough); the size that a frame tells, from 1 to max; unpack as above. */
size_t frame_pack(struct pack_pool *pool, enum pack_kind kind, struct str piece, char *out,
                  size_t cap);
bool frame_size(struct str frame, size_t max, size_t *n);
bool frame_unpack(struct pack_pool *pool, struct str frame, char *out, size_t n);

#endif
