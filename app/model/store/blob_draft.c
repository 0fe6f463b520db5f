/* model/store/blob_draft.c: hashing, compressing and writing ahead; see blob.h. */
#include "model/store/blob_draft.h"

#include "foundation/base/mem.h"
#include "foundation/base/pack.h"
#include "foundation/base/random.h"
#include "foundation/crypto/hash.h"
#include "model/store/blob_dictionary.h"
#include "model/store/blob_rows.h"
#include "model/store/kv.h"
#include "model/store/store_body.h"

#include <string.h>

/* Deleted in steps, so that no commit delays the others for long. */
enum { DELETE_STEP = 128 };

/* A piece's length is guessed from how the last one packed, aiming this much short. */
enum { AIM_PERCENT = 96 };

struct blob_id blob_draft_id(const struct blob_draft *d)
{
	return d->id;
}

uint64_t blob_draft_size(const struct blob_draft *d)
{
	return d->size;
}

size_t blob_draft_held(const struct blob_draft *d)
{
	return d->bytes;
}

/* --- The draft's row -------------------------------------------------------------------- */

/* draft: number -> form 1, nonce */
static enum err draft_row_put(struct txn *t, const struct blob_draft *d, uint64_t number)
{
	struct chunk_key k;
	struct buf b;
	enum err e;

	buf_init(&b, 64);
	pack_u64(&b, 1);
	pack_u64(&b, d->nonce);
	e = kv_put(t, SPACE_DRAFT, chunk_prefix(&k, number), buf_str(&b));
	buf_deinit(&b);
	return e;
}

enum err draft_row_check(struct txn *t, const struct blob_draft *d)
{
	struct chunk_key k;
	struct str row;
	struct unpack u;
	uint64_t nonce;
	enum err e = kv_get(t, SPACE_DRAFT, chunk_prefix(&k, d->number), &row);

	if (e != OK)
		return e == ERR_MISSING ? ERR_RETRY : e;
	u = unpack_of(row);
	unpack_u64(&u);
	nonce = unpack_u64(&u);
	if (!unpack_ok(&u))
		return ERR_CORRUPT;
	return nonce == d->nonce ? OK : ERR_RETRY;
}

enum err draft_row_del(struct txn *t, uint64_t number)
{
	struct chunk_key k;

	return kv_del(t, SPACE_DRAFT, chunk_prefix(&k, number));
}

/* --- Writing ahead ---------------------------------------------------------------------- */

static void chunks_forget(struct blob_draft *d)
{
	for (size_t i = 0; i < d->count; i++)
		str_free(&d->chunks[i].stored);
	d->count = 0;
	d->bytes = 0;
}

struct ahead {
	struct blob_draft **drafts;
	size_t n;
	uint64_t *numbers; /* results; the drafts take them after the commit */
};

static enum err ahead_put_one(struct txn *t, const struct blob_draft *d, uint64_t *number)
{
	enum err e;

	*number = d->number;
	if (d->number != 0) {
		e = draft_row_check(t, d);
	} else {
		e = blob_number_next(t, number);
		if (e == OK)
			e = draft_row_put(t, d, *number);
	}
	for (size_t i = 0; i < d->count && e == OK; i++) {
		struct chunk_key k;

		e = kv_put(t, SPACE_CHUNK,
		           chunk_part_key(&k, *number, d->chunks[i].offset, d->chunks[i].part),
		           d->chunks[i].stored);
	}
	return e;
}

static enum err ahead_put(struct txn *t, void *arg)
{
	struct ahead *a = arg;
	enum err e = OK;

	for (size_t i = 0; i < a->n && e == OK; i++)
		if (a->drafts[i]->count != 0)
			e = ahead_put_one(t, a->drafts[i], &a->numbers[i]);
	return e == OK ? OK : fail(txn_why(t), e, "cannot write chunks: %s", err_name(e));
}

enum err blob_drafts_ahead(struct blob_draft **drafts, size_t n, struct why *why)
{
	struct ahead a = { .drafts = drafts, .n = n };
	enum err e;

	if (n == 0)
		return OK;
	a.numbers = mem_new(n * sizeof *a.numbers);
	e = store_write(drafts[0]->store, ahead_put, &a, why);
	for (size_t i = 0; i < n && e == OK; i++) {
		if (drafts[i]->count == 0)
			continue;
		drafts[i]->number = a.numbers[i];
		chunks_forget(drafts[i]);
	}
	mem_free(a.numbers);
	return e;
}

/* --- Cutting and packing ---------------------------------------------------------------- */

static void part_keep(struct blob_draft *d, uint64_t offset, unsigned part, struct str stored)
{
	if (d->count == d->cap) {
		d->cap = MAX(d->cap * 2, (size_t)4);
		d->chunks = mem_resize(d->chunks, d->cap * sizeof *d->chunks);
	}
	d->chunks[d->count++] = (struct draft_chunk){
		.offset = (uint32_t)offset,
		.part = part,
		.stored = str_new(stored),
	};
	d->bytes += stored.n;
}

static void chunk_keep(struct blob_draft *d, uint64_t offset, const char *packed, size_t n)
{
	struct str rest = str_from(packed, n);

	for (unsigned part = 0; rest.n != 0; part++) {
		size_t take = chunk_part_bytes(rest.n);

		assert(part < CHUNK_PARTS_MAX);
		part_keep(d, offset, part, str_sub(rest, 0, take));
		rest = str_sub(rest, take, rest.n);
	}
}

/* The parts as one string, read by windows in ascending order. */
struct parts {
	const struct str *part;
	size_t count;
	size_t at;  /* into part[0] */
	char *copy; /* of a window that spans parts; BLOB_PIECE_MAX bytes */
	struct hash_blake2b hash;
};

/* The next n bytes, borrowed until the next call: in place if one part has them. */
static struct str parts_peek(struct parts *p, size_t n)
{
	size_t have = 0, at = p->at;

	while (p->count > 0 && p->at == p->part->n) {
		p->part++;
		p->count--;
		p->at = at = 0;
	}
	if (p->count > 0 && p->part->n - at >= n)
		return str_sub(*p->part, at, at + n);
	if (p->copy == NULL)
		p->copy = mem_resize(NULL, BLOB_PIECE_MAX);
	for (size_t i = 0; have < n && i < p->count; i++, at = 0) {
		struct str s = str_sub(p->part[i], at, at + (n - have));

		if (s.n != 0)
			memcpy(p->copy + have, s.p, s.n);
		have += s.n;
	}
	assert(have == n);
	return str_from(p->copy, n);
}

static void parts_skip(struct parts *p, size_t n)
{
	while (n > 0) {
		size_t step = MIN(n, p->part->n - p->at);

		hash_blake2b_update(&p->hash, str_sub(*p->part, p->at, p->at + step));
		p->at += step;
		n -= step;
		if (p->at == p->part->n && n > 0) {
			p->part++;
			p->count--;
			p->at = 0;
		}
	}
}

/* The length that should pack into one chunk, if the next piece is like the last one. */
static size_t next_length(size_t piece, size_t packed)
{
	uint64_t n = (uint64_t)(BLOB_CHUNK_MAX - 1) * piece / packed * AIM_PERCENT / 100;

	return (size_t)MIN(MAX(n, (uint64_t)BLOB_CHUNK_MAX - 1), (uint64_t)BLOB_PIECE_MAX);
}

/* Pack one piece of at most *length bytes at the offset; *length becomes what it was. */
static size_t piece_pack(struct blob_draft *d, struct parts *p, size_t *length, char *packed)
{
	size_t n;

	while ((n = chunk_pack(&d->store->packers, parts_peek(p, *length), packed)) == 0)
		*length = MAX(*length * 3 / 4, (size_t)BLOB_CHUNK_MAX - 1);
	return n;
}

static enum err draft_fill(struct blob_draft *d, struct parts *p, char *packed, struct why *why)
{
	size_t guess = BLOB_CHUNK_MAX - 1;
	uint64_t offset = 0;

	while (offset < d->size) {
		size_t length = (size_t)MIN((uint64_t)guess, d->size - offset);
		size_t n = piece_pack(d, p, &length, packed);

		chunk_keep(d, offset, packed, n);
		parts_skip(p, length);
		offset += length;
		guess = next_length(length, n);
		if (d->bytes > BLOB_AHEAD || (d->number != 0 && offset == d->size)) {
			enum err e = blob_drafts_ahead(&d, 1, why);

			if (e != OK)
				return e;
		}
	}
	return OK;
}

static uint64_t parts_total(const struct str *parts, size_t count)
{
	uint64_t n = 0;

	for (size_t i = 0; i < count; i++)
		n += parts[i].n;
	return n;
}

enum err blob_prepare(struct store *s, const struct str *parts, size_t count,
                      struct blob_draft **out, struct why *why)
{
	struct parts p = { .part = parts, .count = count };
	struct blob_draft *d;
	char *packed;
	enum err e;

	assert(txns_open() == 0);
	*out = NULL;
	dictionary_keep_up(s);
	if (parts_total(parts, count) >= UINT32_MAX)
		return fail(why, ERR_LIMIT, "a message has less than 4 GiB");
	d = NEW(struct blob_draft);
	d->store = s;
	d->size = parts_total(parts, count);
	d->nonce = random_u64();
	packed = mem_resize(NULL, BLOB_CHUNK_MAX);
	hash_blake2b_init(&p.hash);
	e = draft_fill(d, &p, packed, why);
	hash_blake2b_final(&p.hash, d->id.hash);
	mem_free(packed);
	mem_free(p.copy);
	if (e != OK)
		blob_draft_free(&d);
	*out = d;
	return e;
}

/* --- Collecting ------------------------------------------------------------------------- */

struct discard {
	const struct blob_draft *only; /* NULL: any draft row */
	uint64_t number;
	bool left;
};

/* Deletes some chunks of a draft, and with the last ones its row. */
static enum err discard_step(struct txn *t, void *arg)
{
	struct discard *d = arg;
	struct chunk_key k;
	enum err e = d->only != NULL ? draft_row_check(t, d->only)
	                             : kv_get(t, SPACE_DRAFT, chunk_prefix(&k, d->number), NULL);

	d->left = false;
	if (e == ERR_RETRY || e == ERR_MISSING)
		return OK; /* a commit adopted the chunks, or they are deleted */
	if (e == OK)
		e = chunks_delete(t, d->number, DELETE_STEP, &d->left);
	if (e == OK && !d->left)
		e = draft_row_del(t, d->number);
	return e;
}

static enum err discard(struct store *s, struct discard *d, struct why *why)
{
	enum err e;

	do
		e = store_write(s, discard_step, d, why);
	while (e == OK && d->left);
	return e;
}

static enum err row_is_ours(struct txn *t, void *arg)
{
	return draft_row_check(t, arg);
}

void blob_draft_free(struct blob_draft **dp)
{
	struct blob_draft *d = *dp;

	if (d == NULL)
		return;
	/* Usually a commit has adopted them, so this is read before a write. After a failed write,
	 * the next start deletes them. */
	if (d->number != 0 && store_read(d->store, row_is_ours, d) == OK) {
		struct discard gone = { .only = d, .number = d->number };

		(void)!discard(d->store, &gone, NULL);
	}
	chunks_forget(d);
	mem_free(d->chunks);
	mem_clear(dp);
}

static enum err first_draft(struct txn *t, void *arg)
{
	struct discard *d = arg;
	struct kv_iter it;
	struct unpack u;

	kv_iter_prefix(&it, t, SPACE_DRAFT, STR_EMPTY);
	d->left = kv_iter_next(&it);
	u = unpack_of(it.key);
	d->number = unpack_be64(&u);
	return kv_iter_end(&it);
}

enum err blob_collect(struct store *s, struct why *why)
{
	for (;;) {
		struct discard d = { .number = 0 };
		enum err e = store_read(s, first_draft, &d);

		if (e != OK)
			return fail(why, e, "cannot look for unfinished blobs");
		if (!d.left)
			return OK;
		e = discard(s, &d, why);
		if (e != OK)
			return e;
	}
}
