/* model/store/fsck_blobs.c: see fsck_blobs.h.
 *
 * A walk over the blob rows records the expected content of each number. A walk over the chunks,
 * which are sorted by number, unpacks, hashes and compares. */
#include "model/store/fsck_blobs.h"

#include "foundation/base/arena.h"
#include "foundation/base/mem.h"
#include "foundation/crypto/hash.h"
#include "model/store/blob.h"
#include "model/store/blob_dictionary.h"
#include "model/store/blob_rows.h"
#include "model/store/fsck.h"
#include "model/store/kv.h"
#include "model/store/store_body.h"
#include "model/store/txn.h"

#include <string.h>

/* The expected content of a blob. */
struct promise {
	struct blob_id id;
	uint64_t size;
	bool kept; /* chunks for it were seen */
};

/* The number whose chunks are being walked. */
struct run {
	uint64_t number; /* 0: none yet */
	uint64_t next;   /* offset the next chunk must have */
	bool broken;     /* was reported; no further reports */
	struct hash_blake2b hash;
};

struct walk {
	struct txn *t;
	struct fsck_report *r;
	bool refs_known;
	struct map promises; /* number in a chunk key's form -> struct promise */
	struct run run;
	char *piece; /* BLOB_PIECE_MAX bytes */
	/* The chunk whose parts are being walked. */
	struct buf stored; /* empty: none; BLOB_CHUNK_MAX bytes at most */
	uint32_t offset;
	unsigned parts;
};

/* The first bytes of the hash are enough for messages. */
struct short_name {
	char text[17];
};
static const char *short_name(struct short_name *n, const struct blob_id *id)
{
	for (size_t i = 0; i < 8; i++) {
		n->text[2 * i] = "0123456789abcdef"[id->hash[i] >> 4];
		n->text[2 * i + 1] = "0123456789abcdef"[id->hash[i] & 15];
	}
	n->text[16] = '\0';
	return n->text;
}

/* --- Blob rows -------------------------------------------------------------------------- */

static void check_refs(struct walk *w, const struct blob_id *id, uint64_t refs)
{
	uint64_t held = (uintptr_t)map_remove(&w->r->blob_refs, blob_id_str(id));
	struct short_name n;

	if (w->refs_known && held != refs)
		fsck_found(w->r, "blob %s counts %" PRIu64 " references, but rows hold %" PRIu64,
		           short_name(&n, id), refs, held);
}

static void check_blob(struct walk *w, struct str key, struct str val)
{
	struct promise *p = arena_new(txn_arena(w->t), struct promise);
	struct short_name n;
	struct blob_row row;
	struct chunk_key k;

	if (!blob_id_of(key, &p->id)) {
		fsck_found(w->r, "a blob's key has %zu bytes, not %d", key.n, BLOB_ID_BYTES);
		return;
	}
	if (!blob_row_read(val, &row)) {
		fsck_found(w->r, "the record of blob %s is not readable", short_name(&n, &p->id));
		map_remove(&w->r->blob_refs, key);
		return;
	}
	check_refs(w, &p->id, row.refs);
	p->size = row.size;
	if ((row.number == 0) != (row.size == 0))
		fsck_found(w->r, "blob %s has %" PRIu64 " bytes and number %" PRIu64,
		           short_name(&n, &p->id), row.size, row.number);
	else if (row.number != 0 && map_put(&w->promises, chunk_prefix(&k, row.number), p))
		fsck_found(w->r, "blob %s shares number %" PRIu64 " with another",
		           short_name(&n, &p->id), row.number);
}

static enum err walk_blobs(struct walk *w)
{
	struct kv_iter it;

	kv_iter_prefix(&it, w->t, SPACE_BLOB, STR_EMPTY);
	while (kv_iter_next(&it))
		check_blob(w, it.key, it.val);
	return kv_iter_end(&it);
}

/* Reports the remaining references, which have no blob row. */
static bool report_dangling(struct str key, void *value, void *arg)
{
	struct fsck_report *r = arg;
	struct blob_id id;
	struct short_name n;

	if (blob_id_of(key, &id))
		fsck_found(r, "%zu rows refer to blob %s, which is not there",
		           (size_t)(uintptr_t)value, short_name(&n, &id));
	return true;
}

/* --- Chunks ----------------------------------------------------------------------------- */

static struct promise *promise_of(struct walk *w, uint64_t number)
{
	struct chunk_key k;

	return map_get(&w->promises, chunk_prefix(&k, number));
}

/* The last chunk of a number was seen. */
static void run_end(struct walk *w)
{
	struct promise *p = w->run.number != 0 ? promise_of(w, w->run.number) : NULL;
	struct blob_id found;
	struct short_name n;

	if (p == NULL)
		return;
	p->kept = true;
	if (w->run.broken)
		return;
	hash_blake2b_final(&w->run.hash, found.hash);
	if (w->run.next != p->size)
		fsck_found(w->r, "blob %s has %" PRIu64 " bytes, its chunks %" PRIu64,
		           short_name(&n, &p->id), p->size, w->run.next);
	else if (memcmp(found.hash, p->id.hash, sizeof found.hash) != 0)
		fsck_found(w->r, "the bytes of blob %s are not those it is named by",
		           short_name(&n, &p->id));
}

static enum err run_begin(struct walk *w, uint64_t number)
{
	struct chunk_key k;
	enum err e = OK;

	w->run = (struct run){ .number = number };
	hash_blake2b_init(&w->run.hash);
	if (promise_of(w, number) != NULL)
		return OK;
	w->run.broken = true; /* nothing to compare with */
	e = kv_get(w->t, SPACE_DRAFT, chunk_prefix(&k, number), NULL);
	if (e == ERR_MISSING)
		fsck_found(w->r, "chunks have number %" PRIu64 ", which no blob has", number);
	return e == ERR_MISSING ? OK : e;
}

static void check_chunk(struct walk *w, uint32_t offset, struct str val)
{
	struct pack_pool *pool = &txn_store(w->t)->packers;
	size_t size;

	if (w->run.broken)
		return;
	w->run.broken = true;
	if (dictionary_need(w->t, val) != OK)
		fsck_found(w->r, "blob number %" PRIu64 " needs dictionary %u, which is not there",
		           w->run.number, chunk_dictionary(val));
	else if (offset != w->run.next)
		fsck_found(w->r,
		           "the chunk of blob number %" PRIu64 " at %" PRIu32
		           " does not follow the one before, which ends at %" PRIu64,
		           w->run.number, offset, w->run.next);
	else if (!chunk_size(val, &size) || !chunk_unpack(pool, val, w->piece, size))
		fsck_found(w->r,
		           "the chunk of blob number %" PRIu64 " at %" PRIu32 " does not unpack",
		           w->run.number, offset);
	else {
		hash_blake2b_update(&w->run.hash, str_from(w->piece, size));
		w->run.next += size;
		w->run.broken = false;
	}
}

/* The last part of a chunk was seen. */
static void chunk_end(struct walk *w)
{
	if (w->parts != 0)
		check_chunk(w, w->offset, buf_str(&w->stored));
	w->parts = 0;
	buf_reset(&w->stored);
}

static enum err chunk_begin(struct walk *w, uint64_t number, uint32_t offset)
{
	enum err e = OK;

	chunk_end(w);
	if (number != w->run.number) {
		run_end(w);
		e = run_begin(w, number);
	}
	w->offset = offset;
	return e;
}

/* Reports a part whose chunk, or previous part, is missing; once for each number. */
static void part_lost(struct walk *w, uint64_t number, uint32_t offset)
{
	chunk_end(w);
	if (number == w->run.number && w->run.broken)
		return;
	if (number == w->run.number)
		w->run.broken = true;
	fsck_found(w->r,
	           "a part of the chunk of blob number %" PRIu64 " at %" PRIu32
	           " does not follow the one before",
	           number, offset);
}

static enum err check_part(struct walk *w, struct str key, struct str val)
{
	uint64_t number;
	uint32_t offset;
	unsigned part;
	enum err e = OK;

	if (!chunk_key_read(key, &number, &offset, &part) || number == 0) {
		fsck_found(w->r, "a chunk's key is not one");
		return OK;
	}
	if (part == 0)
		e = chunk_begin(w, number, offset);
	else if (number != w->run.number || offset != w->offset || part != w->parts) {
		part_lost(w, number, offset);
		return OK;
	}
	buf_put(&w->stored, val);
	w->parts++;
	return e;
}

static enum err walk_chunks(struct walk *w)
{
	struct kv_iter it;
	enum err e = OK, end;

	kv_iter_prefix(&it, w->t, SPACE_CHUNK, STR_EMPTY);
	while (e == OK && kv_iter_next(&it))
		e = check_part(w, it.key, it.val);
	chunk_end(w);
	run_end(w);
	end = kv_iter_end(&it);
	return e != OK ? e : end;
}

static bool report_empty(struct str key, void *value, void *arg)
{
	const struct promise *p = value;
	struct short_name n;

	(void)key;
	if (!p->kept)
		fsck_found(arg, "blob %s has no chunks", short_name(&n, &p->id));
	return true;
}

enum err fsck_blobs(struct txn *t, struct fsck_report *r, bool refs_known)
{
	struct walk w = { .t = t, .r = r, .refs_known = refs_known };
	enum err e;

	w.piece = mem_resize(NULL, BLOB_PIECE_MAX);
	buf_init(&w.stored, BLOB_CHUNK_MAX);
	e = walk_blobs(&w);
	if (e == OK) {
		map_filter(&r->blob_refs, report_dangling, r);
		e = walk_chunks(&w);
	}
	if (e == OK)
		map_filter(&w.promises, report_empty, r);
	map_deinit(&w.promises);
	mem_free(w.piece);
	buf_deinit(&w.stored);
	return e;
}
