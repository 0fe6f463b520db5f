/* model/store/packed.c: see packed.h. */
#include "model/store/packed.h"

#include "foundation/base/buf.h"
#include "model/store/blob_dictionary.h"
#include "model/store/store_body.h"

#include <string.h>

void packed_put(struct store *s, enum packed_kind kind, struct str value, struct buf *out)
{
	enum pack_kind dictionary = kind == PACKED_RECORD ? PACK_RECORDS : PACK_KINDS;
	char *to = buf_room(out, value.n + 1);
	size_t n;

	if (to == NULL)
		return;
	n = value.n < 2 ? 0 : frame_pack(&s->packers, dictionary, value, to + 1, value.n - 1);
	to[0] = n != 0 ? PACK_ZSTD : PACK_RAW;
	if (n == 0 && value.n != 0)
		memcpy(to + 1, value.p, n = value.n);
	buf_commit(out, n + 1);
	if (kind == PACKED_RECORD)
		dictionary_sample(s, value);
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

enum err packed_get(struct txn *t, struct str packed, char *out, size_t n)
{
	struct str body = str_sub(packed, 1, packed.n);
	enum err e;
	size_t size;

	if (!packed_size(packed, &size) || size != n)
		return ERR_CORRUPT;
	if (packed.p[0] == PACK_ZSTD) {
		if ((e = dictionary_need(t, packed)) != OK)
			return e;
		return frame_unpack(&t->store->packers, body, out, n) ? OK : ERR_CORRUPT;
	}
	if (n != 0)
		memcpy(out, body.p, n);
	return OK;
}
