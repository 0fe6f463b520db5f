/* store/packed.c: see packed.h. */
#include "store/packed.h"

#include "base/buf.h"
#include "store/blob_pack.h"
#include "store/store_body.h"

#include <string.h>

void packed_put(struct store *s, struct str value, struct buf *out)
{
	char *to = buf_room(out, value.n + 1);
	size_t n;

	if (to == NULL)
		return;
	n = value.n < 2 ? 0 : frame_pack(&s->packers, value, to + 1, value.n - 1);
	to[0] = n != 0 ? PACK_ZSTD : PACK_RAW;
	if (n == 0 && value.n != 0)
		memcpy(to + 1, value.p, n = value.n);
	buf_commit(out, n + 1);
}

bool packed_size(struct str packed, size_t *n)
{
	struct str body = str_sub(packed, 1, packed.n);

	*n = body.n;
	if (packed.n == 0)
		return false;
	if (packed.p[0] == PACK_RAW)
		return body.n <= PACKED_MAX;
	return packed.p[0] == PACK_ZSTD && frame_size(body, PACKED_MAX, n);
}

bool packed_get(struct store *s, struct str packed, char *out, size_t n)
{
	struct str body = str_sub(packed, 1, packed.n);
	size_t size;

	if (!packed_size(packed, &size) || size != n)
		return false;
	if (packed.p[0] == PACK_ZSTD)
		return frame_unpack(&s->packers, body, out, n);
	if (n != 0)
		memcpy(out, body.p, n);
	return true;
}
