/* model/store/blob.c: blobs inside a transaction; see blob.h. blob_draft.c makes them. */
#include "model/store/blob.h"

#include "foundation/base/fault.h"
#include "foundation/base/mem.h"
#include "model/store/blob_dictionary.h"
#include "model/store/blob_draft.h"
#include "model/store/blob_rows.h"
#include "model/store/kv.h"
#include "model/store/store_body.h"
#include "model/store/txn.h"

#include <string.h>

struct str blob_id_str(const struct blob_id *id)
{
	return str_from((const char *)id->hash, sizeof id->hash);
}

bool blob_id_of(struct str s, struct blob_id *out)
{
	if (s.n != sizeof out->hash)
		return false;
	memcpy(out->hash, s.p, s.n);
	return true;
}

/* --- Putting and counting --------------------------------------------------------------- */

static enum err chunks_put(struct txn *t, const struct blob_draft *d, uint64_t number)
{
	enum err e = OK;

	for (size_t i = 0; i < d->count && e == OK; i++) {
		struct chunk_key k;
		struct str key = chunk_part_key(&k, number, d->chunks[i].offset, d->chunks[i].part);

		e = kv_put(t, SPACE_CHUNK, key, d->chunks[i].stored);
	}
	return e;
}

/* Stores under the number of the draft row, which is then deleted. */
static enum err adopt_ahead(struct txn *t, const struct blob_draft *d)
{
	enum err e = draft_row_check(t, d);

	return e == OK ? draft_row_del(t, d->number) : e;
}

static enum err blob_add(struct txn *t, const struct blob_draft *d)
{
	struct blob_row row = { .number = d->number, .size = d->size, .refs = 1 };
	enum err e = OK;

	if (d->number != 0) {
		e = adopt_ahead(t, d);
	} else if (d->size != 0) {
		e = blob_number_next(t, &row.number);
		if (e == OK)
			e = chunks_put(t, d, row.number);
	}
	dictionary_count(txn_store(t), row.number);
	return e == OK ? blob_row_put(t, &d->id, &row) : e;
}

enum err blob_put(struct txn *t, const struct blob_draft *d, struct blob_id *id)
{
	enum err e = fault("blob_put") ? ERR_RETRY : blob_ref(t, &d->id);

	if (id != NULL)
		*id = d->id;
	return e == ERR_MISSING ? blob_add(t, d) : e;
}

enum err blob_ref(struct txn *t, const struct blob_id *id)
{
	struct blob_row row;
	enum err e = blob_row_get(t, id, &row);

	if (e != OK)
		return e;
	row.refs++;
	return blob_row_put(t, id, &row);
}

enum err blob_unref(struct txn *t, const struct blob_id *id)
{
	struct blob_row row;
	enum err e = blob_row_get(t, id, &row);
	bool left;

	if (e != OK)
		return e;
	if (--row.refs != 0)
		return blob_row_put(t, id, &row);
	e = kv_del(t, SPACE_BLOB, blob_id_str(id));
	if (e == OK && row.size != 0)
		e = chunks_delete(t, row.number, SIZE_MAX, &left);
	return e;
}

enum err blob_size(struct txn *t, const struct blob_id *id, uint64_t *size)
{
	struct blob_row row;
	enum err e = blob_row_get(t, id, &row);

	*size = e == OK ? row.size : 0;
	return e;
}

/* --- Reading ---------------------------------------------------------------------------- */

/* Appends the bytes [from, to) of the unpacked chunk. */
static enum err chunk_append(struct txn *t, struct str chunk, size_t from, size_t to, size_t size,
                             struct buf *out)
{
	struct pack_pool *pool = &txn_store(t)->packers;
	char *room = buf_room(out, to - from);
	char *whole;
	enum err e;
	bool ok;

	if (room == NULL)
		return ERR_LIMIT;
	if ((e = dictionary_need(t, chunk)) != OK)
		return e;
	if (to - from == size) {
		ok = chunk_unpack(pool, chunk, room, size);
	} else {
		whole = mem_resize(NULL, size);
		ok = chunk_unpack(pool, chunk, whole, size);
		if (ok)
			memcpy(room, whole + from, to - from);
		mem_free(whole);
	}
	if (!ok)
		return ERR_CORRUPT;
	buf_commit(out, to - from);
	return OK;
}

/* Places the iterator on the chunk that contains the offset: the last one at or before it. Its
 * further parts, if any, follow up to the iterator's end. */
static bool chunk_find(struct kv_iter *it, struct txn *t, uint64_t number, uint64_t offset)
{
	struct chunk_key from, to;
	bool found;

	kv_iter_init(it, t, SPACE_CHUNK, chunk_prefix(&from, number),
	             chunk_key(&to, number, (uint32_t)(offset + 1)));
	do
		found = kv_iter_prev(it);
	while (found && it->key.n != CHUNK_KEY_BYTES);
	return found;
}

/* The stored bytes of the iterator's chunk: borrowed from the transaction, or in copy when it has
 * several parts. */
static struct str chunk_join(struct kv_iter *it, struct buf *copy)
{
	struct str first = it->val;

	while (kv_iter_next(it)) {
		if (copy->n == 0)
			buf_put(copy, first);
		buf_put(copy, it->val);
	}
	return copy->n == 0 ? first : buf_str(copy);
}

/* Appends from offset to *end or the end of its chunk, whichever comes first, and stores that in
 * *end. */
static enum err step_append(struct txn *t, const struct blob_row *row, uint64_t offset,
                            uint64_t *end, struct buf *out)
{
	struct str chunk = STR_EMPTY;
	struct kv_iter it;
	struct buf copy;
	uint64_t number, past;
	uint32_t start = 0;
	unsigned part;
	size_t size;
	enum err e, walk;

	buf_init(&copy, BLOB_CHUNK_MAX);
	if (chunk_find(&it, t, row->number, offset) &&
	    chunk_key_read(it.key, &number, &start, &part))
		chunk = chunk_join(&it, &copy);
	walk = kv_iter_end(&it);
	e = walk != OK ? walk : ERR_CORRUPT;
	if (walk == OK && chunk_size(chunk, &size)) {
		past = (uint64_t)start + size;
		*end = MIN(*end, past);
		if (past > offset && past <= row->size)
			e = chunk_append(t, chunk, (size_t)(offset - start), (size_t)(*end - start),
			                 size, out);
	}
	buf_deinit(&copy);
	return e;
}

/* Appends [offset, end), or with `some` only the part in the first chunk. */
static enum err range_append(struct txn *t, const struct blob_row *row, uint64_t offset,
                             uint64_t end, bool some, struct buf *out)
{
	enum err e = OK;

	while (offset < end && e == OK) {
		uint64_t to = end;

		e = step_append(t, row, offset, &to, out);
		offset = some ? end : to;
	}
	return e;
}

enum err blob_get(struct txn *t, const struct blob_id *id, uint64_t offset, size_t n,
                  struct buf *out)
{
	struct blob_row row;
	enum err e = blob_row_get(t, id, &row);

	if (e != OK || offset >= row.size)
		return e;
	return range_append(t, &row, offset, offset + MIN((uint64_t)n, row.size - offset), false,
	                    out);
}

enum err blob_get_some(struct txn *t, const struct blob_id *id, uint64_t offset, struct buf *out)
{
	struct blob_row row;
	enum err e = blob_row_get(t, id, &row);

	return e == OK ? range_append(t, &row, offset, row.size, true, out) : e;
}
