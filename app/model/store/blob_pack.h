/* model/store/blob_pack.h: conversion between the bytes of a blob and stored chunks. Only store/
 * includes this, and only blob_pack.c uses zstd.
 *
 * A chunk is a form byte and then the piece itself (PACK_RAW) or a zstd frame with its size, and
 * its dictionary if any (PACK_ZSTD). */
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
	PACK_KINDS,   /* also: values without a dictionary */
};

struct buf;
struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;
struct ZSTD_CDict_s;
struct ZSTD_DDict_s;

/* Common strings of this store's mail (blob_dictionary.h). Freed with the pool. */
struct pack_dictionary {
	struct ZSTD_CDict_s *pack; /* NULL: only for unpacking */
	struct ZSTD_DDict_s *unpack;
};

/* zstd's working memory is several hundred KiB, so idle contexts are few and shared. */
struct pack_pool {
	pthread_mutex_t lock;
	struct ZSTD_CCtx_s *pack[PACK_POOL];                    /* idle ones, under lock */
	struct ZSTD_DCtx_s *unpack[PACK_POOL];                  /* idle ones, under lock */
	struct pack_dictionary dictionaries[PACK_DICTIONARIES]; /* by id, 0 is none; under lock */
	unsigned current[PACK_KINDS]; /* the id of the one for packing, 0: none; under lock */
};

void pack_pool_init(struct pack_pool *pool);
void pack_pool_deinit(struct pack_pool *pool);

/* Write the piece (1 to BLOB_PIECE_MAX bytes) as a chunk to out, which has room for BLOB_CHUNK_MAX
 * bytes. Returns its length, 0 when that is not enough: pass a shorter piece. BLOB_CHUNK_MAX - 1
 * bytes always fit. Thread-safe. */
size_t chunk_pack(struct pack_pool *pool, struct str piece, char *out);

/* The unpacked size of the chunk; false when it is malformed. */
bool chunk_size(struct str chunk, size_t *n);

/* The id of the dictionary for unpacking the chunk; 0: none. */
unsigned chunk_dictionary(struct str chunk);
bool pack_dictionary_known(struct pack_pool *pool, unsigned id);
/* bytes: a dictionary of zstd, with that id. From now on it packs values of the kind, unless that
 * is PACK_KINDS. Thread-safe; a known one is unchanged. */
void pack_dictionary_add(struct pack_pool *pool, unsigned id, struct str bytes,
                         enum pack_kind kind);

/* Train a dictionary from n concatenated samples, of at most out's maximum; out is empty. False
 * when the samples are too small. */
bool dictionary_make(struct str samples, const size_t *sizes, unsigned n, struct buf *out);
/* Write its id into it. */
void dictionary_name(struct str bytes, unsigned id);

/* Unpack to out, which has room for exactly n bytes, from chunk_size; false when the chunk is
 * damaged, or its dictionary is unknown. Thread-safe. */
bool chunk_unpack(struct pack_pool *pool, struct str chunk, char *out, size_t n);

/* zstd frames without form byte, for packed.c: pack into out, which has room for cap bytes (0: not
 * enough); the size in a frame, from 1 to max; unpack as above. */
size_t frame_pack(struct pack_pool *pool, enum pack_kind kind, struct str piece, char *out,
                  size_t cap);
bool frame_size(struct str frame, size_t max, size_t *n);
bool frame_unpack(struct pack_pool *pool, struct str frame, char *out, size_t n);

#endif
