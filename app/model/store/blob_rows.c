/* model/store/blob_rows.c: see blob_rows.h. */
#include "model/store/blob_rows.h"

#include "foundation/base/pack.h"
#include "model/store/blob.h"
#include "model/store/kv.h"
#include "model/store/txn.h"

#include <string.h>

static void be_put(char *p, uint64_t n, unsigned bytes)
{
	while (bytes-- > 0) {
		p[bytes] = (char)(n & 0xff);
		n >>= 8;
	}
}

struct str chunk_key(struct chunk_key *k, uint64_t number, uint32_t offset)
{
	be_put(k->bytes, number, 8);
	be_put(k->bytes + 8, offset, 4);
	return str_from(k->bytes, CHUNK_KEY_BYTES);
}

struct str chunk_part_key(struct chunk_key *k, uint64_t number, uint32_t offset, unsigned part)
{
	struct str key = chunk_key(k, number, offset);

	if (part == 0)
		return key;
	k->bytes[CHUNK_KEY_BYTES] = (char)part;
	return str_from(k->bytes, CHUNK_PART_KEY_BYTES);
}

struct str chunk_prefix(struct chunk_key *k, uint64_t number)
{
	return str_sub(chunk_key(k, number, 0), 0, 8);
}

bool chunk_key_read(struct str key, uint64_t *number, uint32_t *offset, unsigned *part)
{
	struct unpack u = unpack_of(key);

	*number = unpack_be64(&u);
	*offset = unpack_be32(&u);
	*part = 0;
	if (key.n == CHUNK_PART_KEY_BYTES)
		*part = (unsigned char)key.p[CHUNK_KEY_BYTES];
	return unpack_ok(&u) && (key.n == CHUNK_KEY_BYTES || *part != 0);
}

/* A value of more than LEAF_BYTES is in pages of its own, of which the first has RUN_HEAD_BYTES
 * less room. Such pages are used where they are nearly or completely filled. The rest is cut into
 * parts of some hundred bytes: the smaller the parts, the less of a leaf stays unused. */
size_t chunk_part_bytes(size_t n)
{
	enum { PAGE = 4096, RUN_HEAD_BYTES = 16, LEAF_BYTES = 2016, SMALL = 680, WASTE = 512 };
	size_t pages = (n + RUN_HEAD_BYTES) / PAGE;
	size_t fits = pages * PAGE - RUN_HEAD_BYTES;

	if (n > LEAF_BYTES && fits + PAGE - n <= WASTE)
		return n;
	if (pages != 0)
		return fits;
	return (n - 1) / ((n - 1) / SMALL + 1) + 1;
}

bool blob_row_read(struct str record, struct blob_row *row)
{
	struct unpack u = unpack_of(record);
	uint64_t form = unpack_u64(&u);

	row->number = unpack_u64(&u);
	row->size = unpack_u64(&u);
	row->refs = unpack_u64(&u);
	return unpack_ok(&u) && form == 1 && row->refs != 0 && row->size < UINT32_MAX;
}

enum err blob_row_get(struct txn *t, const struct blob_id *id, struct blob_row *row)
{
	struct str record;
	enum err e = kv_get(t, SPACE_BLOB, blob_id_str(id), &record);

	if (e != OK)
		return e;
	return blob_row_read(record, row) ? OK : ERR_CORRUPT;
}

enum err blob_row_put(struct txn *t, const struct blob_id *id, const struct blob_row *row)
{
	struct buf b;
	enum err e;

	buf_init(&b, 64);
	pack_u64(&b, 1);
	pack_u64(&b, row->number);
	pack_u64(&b, row->size);
	pack_u64(&b, row->refs);
	e = kv_put(t, SPACE_BLOB, blob_id_str(id), buf_str(&b));
	buf_deinit(&b);
	return e;
}

/* The number that the last key of the space begins with, 0 when it is empty. */
static enum err last_number(struct txn *t, enum space s, uint64_t *number)
{
	struct kv_iter it;

	*number = 0;
	kv_iter_prefix(&it, t, s, STR_EMPTY);
	if (kv_iter_prev(&it)) {
		struct unpack u = unpack_of(it.key);

		*number = unpack_be64(&u);
	}
	return kv_iter_end(&it);
}

/* This is slow when the last blobs were deleted recently: their rows are then skipped one by one
 * (kv_journal_view.c). */
static enum err numbers_find(struct txn *t)
{
	uint64_t chunk, draft;
	enum err e = last_number(t, SPACE_CHUNK, &chunk);

	if (e == OK)
		e = last_number(t, SPACE_DRAFT, &draft);
	if (e == OK) {
		t->numbers.last = MAX(chunk, draft);
		t->numbers.known = true;
	}
	return e;
}

enum err blob_number_next(struct txn *t, uint64_t *number)
{
	enum err e = t->numbers.known ? OK : numbers_find(t);

	if (e == OK)
		*number = ++t->numbers.last;
	return e;
}

enum err chunks_delete(struct txn *t, uint64_t number, size_t max, bool *left)
{
	struct chunk_key k;
	struct kv_iter it;
	enum err e = OK, end;

	*left = false;
	kv_iter_prefix(&it, t, SPACE_CHUNK, chunk_prefix(&k, number));
	while (e == OK && kv_iter_next(&it)) {
		*left = max == 0;
		if (*left)
			break;
		e = kv_del(t, SPACE_CHUNK, it.key);
		max--;
	}
	end = kv_iter_end(&it);
	return e != OK ? e : end;
}
