/* model/store/blob_dictionary.c: see blob_dictionary.h. */
#include "model/store/blob_dictionary.h"

#include "foundation/base/mem.h"
#include "foundation/base/pack.h"
#include "model/store/blob.h"
#include "model/store/blob_rows.h"
#include "model/store/kv.h"
#include "model/store/store_body.h"

#include <string.h>

/* Only the first bytes of a sample are used. */
enum { BLOB_BYTES = 8 << 10, RECORD_BYTES = 2 << 10 };
enum { RECORDS_LEAST = DICTIONARY_FIRST / 2 };

static struct samples *samples_new(size_t bytes)
{
	struct samples *s = NEW(struct samples);

	buf_init(&s->bytes, bytes);
	return s;
}

/* NULL is a no-op; clears *s. */
static void samples_free(struct samples **s)
{
	if (*s != NULL)
		buf_deinit(&(*s)->bytes);
	mem_clear(s);
}

/* --- Rows --------------------------------------------------------------------------------- */

static struct str id_key(char *room, unsigned id)
{
	*room = (char)id;
	return str_from(room, 1);
}

static bool blob_dictionary_row_read(struct str record, enum pack_kind *kind, uint64_t *number,
                                     struct str *bytes)
{
	struct unpack u = unpack_of(record);
	uint64_t form = unpack_u64(&u);

	if (form == 0 || form > PACK_KINDS)
		return false;
	*kind = (enum pack_kind)(form - 1);
	*number = unpack_u64(&u);
	*bytes = unpack_str(&u);
	return unpack_ok(&u);
}

/* Sets the number of blobs at which the next dictionary is due. */
static void next_set(struct store *s, enum pack_kind kind, uint64_t number)
{
	atomic_store(&s->dictionary.next[kind],
	             MAX(number * DICTIONARY_TIMES, (uint64_t)DICTIONARY_FIRST));
}

/* Loads the newest dictionary of each kind. */
static enum err newest_load(struct txn *t, void *arg)
{
	struct store *s = arg;
	struct str bytes[PACK_KINDS];
	unsigned ids[PACK_KINDS] = { 0 };
	struct kv_iter it;
	enum err e = OK, walk;

	kv_iter_prefix(&it, t, SPACE_DICTIONARY, STR_EMPTY);
	while (e == OK && kv_iter_next(&it)) {
		unsigned id = (unsigned char)it.key.p[0];
		enum pack_kind kind;
		struct str dictionary;
		uint64_t number;

		if (!blob_dictionary_row_read(it.val, &kind, &number, &dictionary) ||
		    id >= PACK_DICTIONARIES) {
			e = ERR_CORRUPT;
			break;
		}
		ids[kind] = id;
		bytes[kind] = dictionary;
		next_set(s, kind, number);
	}
	for (unsigned kind = 0; kind < PACK_KINDS && e == OK; kind++)
		if (ids[kind] != 0)
			pack_dictionary_add(&s->packers, ids[kind], bytes[kind],
			                    (enum pack_kind)kind);
	walk = kv_iter_end(&it);
	return walk != OK ? walk : e;
}

void dictionary_init(struct store *s)
{
	pthread_mutex_init(&s->dictionary.lock, NULL);
	for (unsigned kind = 0; kind < PACK_KINDS; kind++)
		next_set(s, (enum pack_kind)kind, 0);
}

void dictionary_deinit(struct store *s)
{
	samples_free(&s->dictionary.records);
	pthread_mutex_destroy(&s->dictionary.lock);
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
	enum pack_kind kind;
	uint64_t number;
	char room[1];
	enum err e;

	if (id == 0 || pack_dictionary_known(pool, id))
		return OK;
	if (id >= PACK_DICTIONARIES)
		return ERR_CORRUPT;
	e = kv_get(t, SPACE_DICTIONARY, id_key(room, id), &record);
	if (e != OK || !blob_dictionary_row_read(record, &kind, &number, &bytes))
		return e == OK || e == ERR_MISSING ? ERR_CORRUPT : e;
	pack_dictionary_add(pool, id, bytes, PACK_KINDS);
	return OK;
}

/* --- Samples ------------------------------------------------------------------------------ */

/* Samples the beginning of a blob. Skips an unreadable one, which fsck reports. */
static void sample_take(struct samples *s, struct txn *t, struct str chunk)
{
	struct pack_pool *pool = &txn_store(t)->packers;
	char *room;
	size_t size;

	if (!chunk_size(chunk, &size) || dictionary_need(t, chunk) != OK ||
	    (room = buf_room(&s->bytes, size)) == NULL || !chunk_unpack(pool, chunk, room, size))
		return;
	s->sizes[s->n] = MIN(size, (size_t)BLOB_BYTES);
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

static enum err blobs_read(struct txn *t, void *arg)
{
	struct samples *s = arg;
	uint64_t last = atomic_load(&txn_store(t)->dictionary.last);
	uint64_t most = MIN(last, (uint64_t)DICTIONARY_SAMPLES);
	enum err e = OK;

	for (uint64_t i = 0; i < most && e == OK; i++)
		e = sample_find(s, t, 1 + last * i / most);
	return e;
}

void dictionary_sample(struct store *s, struct str value)
{
	struct dictionary_state *d = &s->dictionary;
	struct samples *records;

	if (atomic_load(&d->last) + DICTIONARY_SAMPLES < atomic_load(&d->next[PACK_RECORDS]))
		return;
	value = str_sub(value, 0, RECORD_BYTES);
	pthread_mutex_lock(&d->lock);
	if (d->records == NULL)
		d->records = samples_new(DICTIONARY_SAMPLES * RECORD_BYTES);
	records = d->records;
	if (records->n < DICTIONARY_SAMPLES && value.n != 0) {
		buf_put(&records->bytes, value);
		records->sizes[records->n++] = value.n;
	}
	pthread_mutex_unlock(&d->lock);
}

/* NULL when there are too few. */
static struct samples *blob_dictionary_records_take(struct dictionary_state *d)
{
	struct samples *taken = NULL;

	pthread_mutex_lock(&d->lock);
	if (d->records != NULL && d->records->n >= RECORDS_LEAST) {
		taken = d->records;
		d->records = NULL;
	}
	pthread_mutex_unlock(&d->lock);
	return taken;
}

/* --- Training ------------------------------------------------------------------------------ */

struct fresh {
	struct str bytes;
	uint64_t number;
	enum pack_kind kind;
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
	pack_u64(&b, f->kind + 1);
	pack_u64(&b, f->number);
	pack_str(&b, f->bytes);
	e = kv_put(t, SPACE_DICTIONARY, id_key(room, f->id), buf_str(&b));
	buf_deinit(&b);
	return e;
}

static enum err next_id(struct txn *t, void *arg)
{
	struct fresh *f = arg;
	struct kv_iter it;

	f->id = 1;
	kv_iter_prefix(&it, t, SPACE_DICTIONARY, STR_EMPTY);
	if (kv_iter_prev(&it))
		f->id = (unsigned char)it.key.p[0] + 1U;
	return kv_iter_end(&it);
}

/* Stores the trained dictionary, and packs with it once it is on the disk. */
static enum err fresh_use(struct store *s, struct fresh *f)
{
	enum err e = store_read(s, next_id, f);

	if (e != OK || f->id >= PACK_DICTIONARIES)
		return e == OK ? ERR_LIMIT : e;
	dictionary_name(f->bytes, f->id);
	e = store_write(s, fresh_put, f, NULL);
	if (e == OK)
		pack_dictionary_add(&s->packers, f->id, f->bytes, f->kind);
	return e;
}

static void dictionary_train(struct store *s, enum pack_kind kind, const struct samples *samples)
{
	struct fresh f = { .number = atomic_load(&s->dictionary.last), .kind = kind };
	struct buf out;

	buf_init(&out, kind == PACK_BLOBS ? DICTIONARY_BYTES : DICTIONARY_BYTES / 2);
	if (dictionary_make(buf_str(&samples->bytes), samples->sizes, samples->n, &out)) {
		f.bytes = buf_str(&out);
		(void)!fresh_use(s, &f);
	}
	buf_deinit(&out);
	next_set(s, kind, f.number); /* also after a failure, so that it is not repeated at once */
}

static bool dictionary_is_due(const struct dictionary_state *d, enum pack_kind kind)
{
	return atomic_load(&d->last) >= atomic_load(&d->next[kind]);
}

static void blobs_keep_up(struct store *s)
{
	struct samples *samples =
		samples_new((size_t)DICTIONARY_SAMPLES * BLOB_BYTES + BLOB_PIECE_MAX);

	if (store_read(s, blobs_read, samples) == OK)
		dictionary_train(s, PACK_BLOBS, samples);
	samples_free(&samples);
}

static void records_keep_up(struct store *s)
{
	struct samples *samples = blob_dictionary_records_take(&s->dictionary);

	if (samples != NULL)
		dictionary_train(s, PACK_RECORDS, samples);
	samples_free(&samples);
}

void dictionary_count(struct store *s, uint64_t number)
{
	if (number > atomic_load(&s->dictionary.last))
		atomic_store(&s->dictionary.last, number);
}

void dictionary_keep_up(struct store *s)
{
	struct dictionary_state *d = &s->dictionary;

	if ((!dictionary_is_due(d, PACK_BLOBS) && !dictionary_is_due(d, PACK_RECORDS)) ||
	    atomic_exchange(&d->training, true))
		return;
	if (dictionary_is_due(d, PACK_BLOBS))
		blobs_keep_up(s);
	if (dictionary_is_due(d, PACK_RECORDS))
		records_keep_up(s);
	atomic_store(&d->training, false);
}
