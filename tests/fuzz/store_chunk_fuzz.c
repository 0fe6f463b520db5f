/* tests/fuzz/store_chunk_fuzz.c: chunks of blobs. Any bytes pack and unpack to themselves;
 * as a chunk, any bytes unpack within the size they announce, or not at all. */
#include "foundation/base/mem.h"
#include "model/store/blob.h"
#include "model/store/blob_pack.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_round_trip(struct pack_pool *pool, struct str piece, char *chunk, char *out)
{
	size_t size, stored = chunk_pack(pool, piece, chunk);

	assert(stored >= 2 && stored <= BLOB_CHUNK_MAX && stored <= piece.n + 1);
	assert(chunk_size(str_from(chunk, stored), &size) && size == piece.n);
	assert(chunk_unpack(pool, str_from(chunk, stored), out, size));
	assert(memcmp(out, piece.p, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str bytes = str_from((const char *)data, MIN(n, (size_t)BLOB_CHUNK_MAX - 1));
	char *chunk = mem_new(BLOB_CHUNK_MAX);
	struct pack_pool pool;
	size_t size;

	pack_pool_init(&pool);
	if (chunk_size(bytes, &size)) {
		char *out = mem_new(size); /* exactly: the sanitizer sees a byte too many */

		assert(size >= 1 && size <= BLOB_PIECE_MAX);
		chunk_unpack(&pool, bytes, out, size);
		mem_free(out);
	}
	if (bytes.n != 0) {
		char *out = mem_new(bytes.n);

		check_round_trip(&pool, bytes, chunk, out);
		mem_free(out);
	}
	pack_pool_deinit(&pool);
	mem_free(chunk);
	return 0;
}
