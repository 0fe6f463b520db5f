/* network/runtime/deflate_gzip.c: see deflate_gzip.h. */
#include "network/runtime/deflate_gzip.h"

#include <limits.h>
#include <zlib.h>

enum {
	LEVEL = 6,
	WINDOW = 15 + 16, /* zlib: with gzip's header and trailer */
	MEMORY = 8,       /* the default */
	STEP = 16384,
};

/* Returns zlib's last result. */
static int pack(z_stream *z, struct buf *out)
{
	int said = Z_OK;

	while (said == Z_OK) {
		size_t room = MIN(out->max - out->n, (size_t)STEP);
		char *to = room != 0 ? buf_room(out, room) : NULL;

		if (to == NULL)
			return Z_BUF_ERROR;
		z->next_out = (Bytef *)to;
		z->avail_out = (unsigned)room;
		said = deflate(z, Z_FINISH);
		buf_commit(out, room - z->avail_out);
	}
	return said;
}

bool gzip_put(struct buf *out, struct str plain)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)plain.p, .avail_in = (unsigned)plain.n };
	size_t before = out->n;
	int said;

	assert(plain.n <= UINT_MAX);
	said = deflateInit2(&z, LEVEL, Z_DEFLATED, WINDOW, MEMORY, Z_DEFAULT_STRATEGY);
	assert(said == Z_OK); /* errors are possible only for memory and invalid arguments */
	said = pack(&z, out);
	deflateEnd(&z);
	if (said != Z_STREAM_END)
		buf_cut(out, before);
	return said == Z_STREAM_END;
}
