/* model/store/blob_pack.c: see blob_pack.h. */
#include "model/store/blob_pack.h"

#include "foundation/base/buf.h"
#include "foundation/base/mem.h"
#include "model/store/blob.h"

#include <string.h>
#include <zdict.h>
#include <zstd.h>

/* Mail is mostly base64 and short text, where higher levels gain a few percent for twice the time.
 * A small window and small tables keep a context below half a MiB. */
enum { LEVEL = 1, WINDOW_LOG = 17 };

/* With a dictionary a higher level gains more than it costs. A longer piece repeats mostly its own
 * text, so a dictionary gains little. */
enum { DICTIONARY_LEVEL = 3, DICTIONARY_PIECE_MAX = 48 << 10 };

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
	for (size_t i = 0; i < PACK_DICTIONARIES; i++) {
		ZSTD_freeCDict(pool->dictionaries[i].pack);
		ZSTD_freeDDict(pool->dictionaries[i].unpack);
	}
	pthread_mutex_destroy(&pool->lock);
}

/* Takes any context, or NULL. A macro, since the types differ. */
#define POOL_TAKE(pool, slots, context)                                       \
	do {                                                                  \
		pthread_mutex_lock(&(pool)->lock);                            \
		for (size_t i = 0; i < PACK_POOL && (context) == NULL; i++) { \
			(context) = (slots)[i];                               \
			(slots)[i] = NULL;                                    \
		}                                                             \
		pthread_mutex_unlock(&(pool)->lock);                          \
	} while (0)

/* Keeps the context if a slot is empty: then context becomes NULL. */
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

/* --- Dictionaries ------------------------------------------------------------------------- */

static struct pack_dictionary dictionary_get(struct pack_pool *pool, unsigned id)
{
	struct pack_dictionary d;

	assert(id < PACK_DICTIONARIES);
	pthread_mutex_lock(&pool->lock);
	d = pool->dictionaries[id];
	pthread_mutex_unlock(&pool->lock);
	return d;
}

static ZSTD_CDict *dictionary_current(struct pack_pool *pool, enum pack_kind kind)
{
	ZSTD_CDict *d;

	if (kind == PACK_KINDS)
		return NULL;
	pthread_mutex_lock(&pool->lock);
	d = pool->dictionaries[pool->current[kind]].pack;
	pthread_mutex_unlock(&pool->lock);
	return d;
}

bool pack_dictionary_known(struct pack_pool *pool, unsigned id)
{
	return id < PACK_DICTIONARIES && dictionary_get(pool, id).unpack != NULL;
}

void pack_dictionary_add(struct pack_pool *pool, unsigned id, struct str bytes,
                         enum pack_kind kind)
{
	struct pack_dictionary d = { .unpack = ZSTD_createDDict(bytes.p, bytes.n) };
	struct pack_dictionary old;

	assert(id > 0 && id < PACK_DICTIONARIES);
	if (kind != PACK_KINDS)
		d.pack = ZSTD_createCDict(bytes.p, bytes.n, DICTIONARY_LEVEL);
	pthread_mutex_lock(&pool->lock);
	old = pool->dictionaries[id];
	if (old.unpack == NULL) {
		pool->dictionaries[id] = d;
		d = old;
	}
	if (kind != PACK_KINDS)
		pool->current[kind] = id;
	pthread_mutex_unlock(&pool->lock);
	ZSTD_freeCDict(d.pack);
	ZSTD_freeDDict(d.unpack);
}

unsigned chunk_dictionary(struct str chunk)
{
	if (chunk.n < 2 || chunk.p[0] != PACK_ZSTD)
		return 0;
	return ZSTD_getDictID_fromFrame(chunk.p + 1, chunk.n - 1);
}

bool dictionary_make(struct str samples, const size_t *sizes, unsigned n, struct buf *out)
{
	char *room = buf_room(out, out->max);
	size_t made = ZDICT_trainFromBuffer(room, out->max, samples.p, sizes, n);

	if (ZDICT_isError(made))
		return false;
	buf_commit(out, made);
	return true;
}

/* It begins with a magic number and the id, four bytes each, little-endian (RFC 8878 5). */
void dictionary_name(struct str bytes, unsigned id)
{
	assert(bytes.n > 8 && id > 0 && id < PACK_DICTIONARIES);
	memcpy((char *)bytes.p + 4, (char[4]){ (char)id }, 4);
}

/* --- Packing ------------------------------------------------------------------------------ */

size_t frame_pack(struct pack_pool *pool, enum pack_kind kind, struct str piece, char *out,
                  size_t cap)
{
	ZSTD_CDict *d = piece.n <= DICTIONARY_PIECE_MAX ? dictionary_current(pool, kind) : NULL;
	ZSTD_CCtx *c = NULL;
	size_t n;

	POOL_TAKE(pool, pool->pack, c);
	if (c == NULL)
		c = packer_new();
	if (d != NULL)
		n = ZSTD_compress_usingCDict(c, out, cap, piece.p, piece.n, d);
	else
		n = ZSTD_compress2(c, out, cap, piece.p, piece.n);
	POOL_KEEP(pool, pool->pack, c);
	ZSTD_freeCCtx(c);
	return ZSTD_isError(n) ? 0 : n;
}

size_t chunk_pack(struct pack_pool *pool, struct str piece, char *out)
{
	size_t n;

	assert(piece.n >= 1 && piece.n <= BLOB_PIECE_MAX);
	n = frame_pack(pool, PACK_BLOBS, piece, out + 1, BLOB_CHUNK_MAX - 1);
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

bool frame_size(struct str frame, size_t max, size_t *n)
{
	/* "unknown" and "error" are the two largest numbers. */
	unsigned long long size = ZSTD_getFrameContentSize(frame.p, frame.n);

	*n = (size_t)size;
	return size >= 1 && size <= max;
}

bool chunk_size(struct str chunk, size_t *n)
{
	struct str body = str_sub(chunk, 1, chunk.n);

	*n = body.n;
	if (body.n == 0 || (chunk.p[0] != PACK_RAW && chunk.p[0] != PACK_ZSTD))
		return false;
	return chunk.p[0] == PACK_RAW || frame_size(body, BLOB_PIECE_MAX, n);
}

bool frame_unpack(struct pack_pool *pool, struct str frame, char *out, size_t n)
{
	unsigned id = ZSTD_getDictID_fromFrame(frame.p, frame.n);
	ZSTD_DDict *dictionary = NULL;
	ZSTD_DCtx *d = NULL;
	size_t got;

	if (id != 0 && !pack_dictionary_known(pool, id))
		return false;
	if (id != 0)
		dictionary = dictionary_get(pool, id).unpack;

	POOL_TAKE(pool, pool->unpack, d);
	if (d == NULL)
		d = ZSTD_createDCtx();
	assert(d != NULL);
	if (dictionary != NULL)
		got = ZSTD_decompress_usingDDict(d, out, n, frame.p, frame.n, dictionary);
	else
		got = ZSTD_decompressDCtx(d, out, n, frame.p, frame.n);
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
		return frame_unpack(pool, body, out, n);
	memcpy(out, body.p, n);
	return true;
}
