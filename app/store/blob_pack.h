/* store/blob_pack.h: between the bytes of a blob and those of a stored chunk. Only store/
 * includes this, and blob_pack.c is the only file that knows zstd.
 *
 * A chunk is a form byte and then the piece itself (PACK_RAW) or a zstd frame that tells
 * its size (PACK_ZSTD). */
#ifndef STORE_BLOB_PACK_H
#define STORE_BLOB_PACK_H
#include "base/str.h"

#include <pthread.h>

enum { PACK_RAW = 0, PACK_ZSTD = 1 };
enum { PACK_POOL = 2 };

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

/* zstd's working memory is several hundred KiB, so idle sets are few and shared. */
struct pack_pool {
	pthread_mutex_t lock;
	struct ZSTD_CCtx_s *pack[PACK_POOL];   /* idle ones, under lock */
	struct ZSTD_DCtx_s *unpack[PACK_POOL]; /* idle ones, under lock */
};

void pack_pool_init(struct pack_pool *pool);
void pack_pool_deinit(struct pack_pool *pool);

/* Write the piece (1 to BLOB_PIECE_MAX bytes) as a chunk to out, which has room for
 * BLOB_CHUNK_MAX bytes. Returns its length, 0 when that is not enough: pass a shorter
 * piece. BLOB_CHUNK_MAX - 1 bytes always fit. Thread-safe. */
size_t chunk_pack(struct pack_pool *pool, struct str piece, char *out);

/* How many bytes the chunk unpacks to; false when it is no chunk. */
bool chunk_size(struct str chunk, size_t *n);

/* Unpack to out, which has room for exactly the n bytes that chunk_size tells; false when
 * the chunk is damaged. Thread-safe. */
bool chunk_unpack(struct pack_pool *pool, struct str chunk, char *out, size_t n);

#endif
