/* store/blob_dictionary.c: see blob_dictionary.h. */
#include "store/blob_dictionary.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/pack.h"
#include "store/blob.h"
#include "store/blob_pack.h"
#include "store/blob_rows.h"
#include "store/kv.h"
#include "store/store_body.h"

#include <string.h>

enum {
	SAMPLES = 256,
	SAMPLE_BYTES = 8 << 10, /* of each, from its begin */
	FORM = 1,
};

/* --- Rows --------------------------------------------------------------------------------- */

static struct str id_key(char *room, unsigned id)
{
	*room = (char)id;
	return str_from(room, 1);
}

static bool row_read(struct str record, uint64_t *number, struct str *bytes)
{
	struct unpack u = unpack_of(record);

	if (unpack_u64(&u) != FORM)
		return false;
	*number = unpack_u64(&u);
	*bytes = unpack_str(&u);
	return unpack_ok(&u);
}

/* The next one is due when there are so many blobs. */
static void next_set(struct store *s, uint64_t number)
{
	atomic_store(&s->dictionary.next,
	             MAX(number * DICTIONARY_TIMES, (uint64_t)DICTIONARY_FIRST));
}

/* The newest row: *id 0 when there is none. */
static enum err newest_get(struct txn *t, unsigned *id, uint64_t *number, struct str *bytes)
{
	struct kv_iter it;
	enum err e = OK, walk;

	*id = 0;
	*number = 0;
	kv_iter_prefix(&it, t, SPACE_DICTIONARY, STR_EMPTY);
	if (kv_iter_prev(&it)) {
		*id = (unsigned char)it.key.p[0];
		e = row_read(it.val, number, bytes) && *id < PACK_DICTIONARIES ? OK : ERR_CORRUPT;
	}
	walk = kv_iter_end(&it);
	return walk != OK ? walk : e;
}

static enum err newest_load(struct txn *t, void *arg)
{
	struct store *s = arg;
	struct str bytes;
	uint64_t number;
	unsigned id;
	enum err e = newest_get(t, &id, &number, &bytes);

	if (e != OK)
		return e;
	if (id != 0)
		pack_dictionary_add(&s->packers, id, bytes, true);
	next_set(s, number);
	return OK;
}

enum err dictionary_open(struct store *s)
{
	return store_read(s, newest_load, s);
}

enum err dictionary_need(struct txn *t, struct str chunk)
{
	struct pack_pool *pool = &txn_store(t)->packers;
	unsigned id = chunk_dictionary(chunk);
	struct str record, bytes;
	uint64_t number;
	char room[1];
	enum err e;

	if (id == 0 || pack_dictionary_known(pool, id))
		return OK;
	if (id >= PACK_DICTIONARIES)
		return ERR_CORRUPT;
	e = kv_get(t, SPACE_DICTIONARY, id_key(room, id), &record);
	if (e != OK || !row_read(record, &number, &bytes))
		return e == OK || e == ERR_MISSING ? ERR_CORRUPT : e;
	pack_dictionary_add(pool, id, bytes, false);
	return OK;
}

/* --- Samples ------------------------------------------------------------------------------ */

struct samples {
	struct buf bytes; /* one after the other */
	size_t sizes[SAMPLES];
	unsigned n;
	uint64_t last; /* the greatest number of a blob */
};

/* The begin of a blob. One that cannot be read is passed over: fsck finds that. */
static void sample_take(struct samples *s, struct txn *t, struct str chunk)
{
	struct pack_pool *pool = &txn_store(t)->packers;
	char *room;
	size_t size;

	if (!chunk_size(chunk, &size) || dictionary_need(t, chunk) != OK ||
	    (room = buf_room(&s->bytes, size)) == NULL || !chunk_unpack(pool, chunk, room, size))
		return;
	s->sizes[s->n] = MIN(size, (size_t)SAMPLE_BYTES);
	buf_commit(&s->bytes, s->sizes[s->n]);
	s->n++;
}

/* The first chunk of the blob at or after number. */
static enum err sample_find(struct samples *s, struct txn *t, uint64_t number)
{
	struct chunk_key from;
	struct kv_iter it;
	struct buf copy;

	buf_init(&copy, BLOB_CHUNK_MAX);
	kv_iter_init(&it, t, SPACE_CHUNK, chunk_prefix(&from, number), STR_EMPTY);
	if (kv_iter_next(&it)) {
		buf_put(&copy, it.val);
		while (kv_iter_next(&it) && it.key.n == CHUNK_PART_KEY_BYTES)
			buf_put(&copy, it.val);
	}
	sample_take(s, t, buf_str(&copy));
	buf_deinit(&copy);
	return kv_iter_end(&it);
}

static enum err samples_read(struct txn *t, void *arg)
{
	struct samples *s = arg;
	enum err e = OK;

	for (uint64_t i = 0; i < SAMPLES && e == OK; i++)
		e = sample_find(s, t, 1 + s->last * i / SAMPLES);
	return e;
}

/* --- Training ------------------------------------------------------------------------------ */

struct fresh {
	struct str bytes;
	uint64_t number;
	unsigned id;
};

static enum err fresh_put(struct txn *t, void *arg)
{
	const struct fresh *f = arg;
	struct buf b;
	char room[1];
	enum err e;

	e = kv_get(t, SPACE_DICTIONARY, id_key(room, f->id), NULL);
	if (e != ERR_MISSING)
		return e == OK ? ERR_CONFLICT : e; /* another process was first */
	buf_init(&b, f->bytes.n + 64);
	pack_u64(&b, FORM);
	pack_u64(&b, f->number);
	pack_str(&b, f->bytes);
	e = kv_put(t, SPACE_DICTIONARY, id_key(room, f->id), buf_str(&b));
	buf_deinit(&b);
	return e;
}

static enum err newest_id(struct txn *t, void *arg)
{
	struct fresh *f = arg;
	struct str bytes;
	uint64_t number;
	enum err e = newest_get(t, &f->id, &number, &bytes);

	f->id++;
	return e;
}

/* Store what was trained, and pack with it once it is on the disk. */
static enum err fresh_use(struct store *s, struct fresh *f)
{
	enum err e = store_read(s, newest_id, f);

	if (e != OK || f->id >= PACK_DICTIONARIES)
		return e == OK ? ERR_LIMIT : e;
	dictionary_name(f->bytes, f->id);
	e = store_write(s, fresh_put, f, NULL);
	if (e == OK)
		pack_dictionary_add(&s->packers, f->id, f->bytes, true);
	return e;
}

static void dictionary_train(struct store *s, uint64_t last)
{
	struct samples samples = { .last = last };
	struct fresh f = { .number = last };
	struct buf out;

	buf_init(&samples.bytes, SAMPLES * SAMPLE_BYTES + BLOB_PIECE_MAX);
	buf_init(&out, DICTIONARY_BYTES);
	if (store_read(s, samples_read, &samples) == OK &&
	    dictionary_make(buf_str(&samples.bytes), samples.sizes, samples.n, &out)) {
		f.bytes = buf_str(&out);
		(void)!fresh_use(s, &f);
	}
	buf_deinit(&out);
	buf_deinit(&samples.bytes);
}

void dictionary_count(struct store *s, uint64_t number)
{
	if (number > atomic_load(&s->dictionary.last))
		atomic_store(&s->dictionary.last, number);
}

void dictionary_keep_up(struct store *s)
{
	uint64_t last = atomic_load(&s->dictionary.last);

	if (last < atomic_load(&s->dictionary.next) ||
	    atomic_exchange(&s->dictionary.training, true))
		return;
	if (last >= atomic_load(&s->dictionary.next)) {
		dictionary_train(s, last);
		next_set(s, last); /* also when it failed: not at once again */
	}
	atomic_store(&s->dictionary.training, false);
}
