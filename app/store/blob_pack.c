/* store/blob_pack.c: see blob_pack.h. */
#include "store/blob_pack.h"

#include "base/mem.h"
#include "store/blob.h"

#include <string.h>
#include <zstd.h>

/* Mail is mostly base64 and short text, where higher levels gain a few percent for twice
 * the time; a small window and small tables also keep a context below half a MiB. */
enum { LEVEL = 1, WINDOW_LOG = 17 };

static_assert(BLOB_CHUNK_MAX > 1, "a chunk has room for its form");

void pack_pool_init(struct pack_pool *pool)
{
	*pool = (struct pack_pool){ .pack = { NULL } };
	pthread_mutex_init(&pool->lock, NULL);
}

void pack_pool_deinit(struct pack_pool *pool)
{
	for (size_t i = 0; i < PACK_POOL; i++) {
		ZSTD_freeCCtx(pool->pack[i]);
		ZSTD_freeDCtx(pool->unpack[i]);
	}
	pthread_mutex_destroy(&pool->lock);
}

/* Take any, or NULL; the types differ, the slots are the same. */
#define POOL_TAKE(pool, slots, context)                                       \
	do {                                                                  \
		pthread_mutex_lock(&(pool)->lock);                            \
		for (size_t i = 0; i < PACK_POOL && (context) == NULL; i++) { \
			(context) = (slots)[i];                               \
			(slots)[i] = NULL;                                    \
		}                                                             \
		pthread_mutex_unlock(&(pool)->lock);                          \
	} while (0)

/* Keep it if a slot is empty: then context becomes NULL. */
#define POOL_KEEP(pool, slots, context)                                       \
	do {                                                                  \
		pthread_mutex_lock(&(pool)->lock);                            \
		for (size_t i = 0; i < PACK_POOL && (context) != NULL; i++) { \
			if ((slots)[i] != NULL)                               \
				continue;                                     \
			(slots)[i] = (context);                               \
			(context) = NULL;                                     \
		}                                                             \
		pthread_mutex_unlock(&(pool)->lock);                          \
	} while (0)

static ZSTD_CCtx *packer_new(void)
{
	ZSTD_CCtx *c = ZSTD_createCCtx();

	assert(c != NULL);
	ZSTD_CCtx_setParameter(c, ZSTD_c_compressionLevel, LEVEL);
	ZSTD_CCtx_setParameter(c, ZSTD_c_windowLog, WINDOW_LOG);
	ZSTD_CCtx_setParameter(c, ZSTD_c_dictIDFlag, 0);
	return c;
}

static size_t zstd_pack(struct pack_pool *pool, struct str piece, char *out, size_t cap)
{
	ZSTD_CCtx *c = NULL;
	size_t n;

	POOL_TAKE(pool, pool->pack, c);
	if (c == NULL)
		c = packer_new();
	n = ZSTD_compress2(c, out, cap, piece.p, piece.n);
	POOL_KEEP(pool, pool->pack, c);
	ZSTD_freeCCtx(c);
	return ZSTD_isError(n) ? 0 : n;
}

size_t chunk_pack(struct pack_pool *pool, struct str piece, char *out)
{
	size_t n;

	assert(piece.n >= 1 && piece.n <= BLOB_PIECE_MAX);
	n = zstd_pack(pool, piece, out + 1, BLOB_CHUNK_MAX - 1);
	if (n != 0 && n < piece.n) {
		out[0] = PACK_ZSTD;
		return n + 1;
	}
	if (piece.n > BLOB_CHUNK_MAX - 1)
		return 0;
	out[0] = PACK_RAW;
	memcpy(out + 1, piece.p, piece.n);
	return piece.n + 1;
}

bool chunk_size(struct str chunk, size_t *n)
{
	struct str body = str_sub(chunk, 1, chunk.n);
	unsigned long long size;

	*n = body.n;
	if (body.n == 0 || (chunk.p[0] != PACK_RAW && chunk.p[0] != PACK_ZSTD))
		return false;
	if (chunk.p[0] == PACK_RAW)
		return true;
	/* "unknown" and "error" are the two largest numbers. */
	size = ZSTD_getFrameContentSize(body.p, body.n);
	*n = (size_t)size;
	return size >= 1 && size <= BLOB_PIECE_MAX;
}

static bool zstd_unpack(struct pack_pool *pool, struct str body, char *out, size_t n)
{
	ZSTD_DCtx *d = NULL;
	size_t got;

	POOL_TAKE(pool, pool->unpack, d);
	if (d == NULL)
		d = ZSTD_createDCtx();
	assert(d != NULL);
	got = ZSTD_decompressDCtx(d, out, n, body.p, body.n);
	POOL_KEEP(pool, pool->unpack, d);
	ZSTD_freeDCtx(d);
	return got == n;
}

bool chunk_unpack(struct pack_pool *pool, struct str chunk, char *out, size_t n)
{
	struct str body = str_sub(chunk, 1, chunk.n);
	size_t size;

	if (!chunk_size(chunk, &size) || size != n)
		return false;
	if (chunk.p[0] == PACK_ZSTD)
		return zstd_unpack(pool, body, out, n);
	memcpy(out, body.p, n);
	return true;
}
