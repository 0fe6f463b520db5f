/* tests/unit/store/blob_test.c: blobs of every size, counted, shared and collected.
 * Slow: its blobs have every size up to megabytes, on every backend. */
#include "foundation/base/fault.h"
#include "foundation/base/mem.h"
#include "foundation/base/random.h"
#include "foundation/crypto/hash.h"
#include "model/store/blob.h"
#include "model/store/blob_dictionary.h"
#include "model/store/blob_pack.h"
#include "model/store/blob_rows.h"
#include "model/store/fsck.h"
#include "model/store/kv.h"
#include "unit/store/fixture.h"

#include <errno.h>
#include <string.h>

/* --- Helpers ---------------------------------------------------------------------------- */

enum kind { TEXT, NOISE, ZEROS };

static struct str bytes_new(enum kind kind, size_t n)
{
	char *p = mem_new(n + 1);

	if (kind == NOISE)
		random_bytes(p, n);
	for (size_t i = 0; kind == TEXT && i < n; i++)
		p[i] = "the quick brown fox, base64 and\r\n"[(i * i / 7 + i) % 33];
	return str_from(p, n);
}

static struct blob_draft *prepare(struct str bytes)
{
	struct blob_draft *d = NULL;
	struct why why = { "" };

	if (blob_prepare(ts.store, &bytes, 1, &d, &why) != OK)
		fail_msg("prepare: %s", why.text);
	return d;
}

static enum err put_draft(struct txn *t, void *arg)
{
	struct blob_id want = blob_draft_id(arg), id;
	enum err e = blob_put(t, arg, &id);

	assert_memory_equal(&id, &want, sizeof id);
	return e;
}

static enum err ref_id(struct txn *t, void *arg)
{
	return blob_ref(t, arg);
}

static enum err unref_id(struct txn *t, void *arg)
{
	return blob_unref(t, arg);
}

static enum err write_with(txn_fn *fn, void *arg)
{
	return store_write(ts.store, fn, arg, NULL);
}

static struct blob_id store_bytes(struct str bytes)
{
	struct blob_draft *d = prepare(bytes);
	struct blob_id id = blob_draft_id(d);

	assert_int_equal(blob_draft_size(d), bytes.n);
	assert_int_equal(write_with(put_draft, d), OK);
	blob_draft_free(&d);
	assert_null(d);
	return id;
}

struct counts {
	unsigned blobs, chunks, drafts;
};

static unsigned count_space(struct txn *t, enum space s)
{
	struct kv_iter it;
	unsigned n = 0;

	kv_iter_prefix(&it, t, s, STR_EMPTY);
	while (kv_iter_next(&it))
		n++;
	assert_int_equal(kv_iter_end(&it), OK);
	return n;
}

/* Their further parts are not counted. */
static unsigned count_chunks(struct txn *t)
{
	struct kv_iter it;
	unsigned n = 0;

	kv_iter_prefix(&it, t, SPACE_CHUNK, STR_EMPTY);
	while (kv_iter_next(&it))
		n += it.key.n == CHUNK_KEY_BYTES;
	assert_int_equal(kv_iter_end(&it), OK);
	return n;
}

static enum err count_all(struct txn *t, void *arg)
{
	struct counts *c = arg;

	c->blobs = count_space(t, SPACE_BLOB);
	c->chunks = count_chunks(t);
	c->drafts = count_space(t, SPACE_DRAFT);
	return OK;
}

static struct counts counts(void)
{
	struct counts c;

	assert_int_equal(store_read(ts.store, count_all, &c), OK);
	return c;
}

static void say(void *arg, const char *check, struct str sentence)
{
	(void)arg;
	print_error("%s: %.*s\n", check, STR_ARG(sentence));
}

static void check_sound(void)
{
	struct fsck_report r = { .say = say };

	assert_int_equal(fsck_run(ts.store, NULL, 0, &r, NULL), OK);
	assert_int_equal(r.findings, 0);
}

/* --- Round trips ------------------------------------------------------------------------ */

struct reading {
	struct blob_id id;
	struct str want; /* all of it */
	uint64_t offset;
	size_t n;
};

static enum err read_range(struct txn *t, void *arg)
{
	const struct reading *r = arg;
	struct buf out;
	enum err e;

	buf_init(&out, MAX(r->want.n, (size_t)1));
	e = blob_get(t, &r->id, r->offset, r->n, &out);
	if (e == OK)
		check_str(buf_str(&out),
		          str_sub(r->want, (size_t)r->offset,
		                  r->n > r->want.n ? r->want.n : (size_t)r->offset + r->n));
	buf_deinit(&out);
	return e;
}

static void check_range(const struct blob_id *id, struct str want, uint64_t offset, size_t n)
{
	struct reading r = { *id, want, offset, n };

	assert_int_equal(store_read(ts.store, read_range, &r), OK);
}

/* Step by step, as FETCH does it. */
static enum err read_steps(struct txn *t, void *arg)
{
	const struct reading *r = arg;
	struct buf out;
	size_t last = SIZE_MAX;
	uint64_t size;
	enum err e = blob_size(t, &r->id, &size);

	assert_int_equal(size, r->want.n);
	buf_init(&out, MAX(r->want.n, (size_t)1));
	while (e == OK && out.n != last) {
		last = out.n;
		e = blob_get_some(t, &r->id, out.n, &out);
		assert_true(out.n - last <= BLOB_PIECE_MAX);
	}
	check_at(r->want.n, str_eq(buf_str(&out), r->want));
	buf_deinit(&out);
	return e;
}

static void check_whole(const struct blob_id *id, struct str want)
{
	struct reading r = { *id, want, 0, SIZE_MAX };

	assert_int_equal(store_read(ts.store, read_range, &r), OK);
	assert_int_equal(store_read(ts.store, read_steps, &r), OK);
}

static void test_sizes(void **state)
{
	static const size_t sizes[] = {
		0,
		1,
		2,
		4095,
		4096,
		4097,
		65518,
		65519,
		65520,
		65521,
		131038,
		131039,
		BLOB_PIECE_MAX,
		BLOB_PIECE_MAX + 1,
		300000,
		524289,
		1 << 20,
		(1 << 20) + 1,
		(5 << 20) + 17,
	};

	(void)state;
	for (enum kind kind = TEXT; kind <= ZEROS; kind++) {
		for (size_t i = 0; i < COUNT(sizes); i++) {
			struct str bytes = bytes_new(kind, sizes[i]);
			struct blob_id id = store_bytes(bytes), want;

			hash_blake2b_256(bytes, want.hash);
			assert_memory_equal(&id, &want, sizeof id);
			check_whole(&id, bytes);
			for (unsigned k = 0; k < 20 && bytes.n != 0; k++)
				check_range(&id, bytes, random_below(bytes.n + 2),
				            (size_t)random_below(bytes.n));
			str_free(&bytes);
		}
	}
	check_sound();
	assert_int_equal(counts().drafts, 0);
}

/* The same bytes, cut in other parts, are the same blob. */
static void test_parts(void **state)
{
	struct str bytes = bytes_new(TEXT, 700001);
	struct blob_id whole = store_bytes(bytes);
	static const size_t cuts[][3] = {
		{ 0, 0, 0 },
		{ 1, 1, 2 },
		{ 100, 200, 700001 },
		{ 65519, 65519, 131038 },
		{ 262144, 262145, 700000 },
		{ 5, 300000, 300000 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cuts); i++) {
		struct str parts[] = {
			str_sub(bytes, 0, cuts[i][0]),
			str_sub(bytes, cuts[i][0], cuts[i][1]),
			STR_EMPTY,
			str_sub(bytes, cuts[i][1], cuts[i][2]),
			str_sub(bytes, cuts[i][2], bytes.n),
		};
		struct blob_draft *d = NULL;
		struct blob_id id;

		check_at(i, blob_prepare(ts.store, parts, COUNT(parts), &d, NULL) == OK);
		id = blob_draft_id(d);
		check_at(i, memcmp(&id, &whole, sizeof id) == 0);
		blob_draft_free(&d);
	}
	str_free(&bytes);
}

/* What packs to chunks that are full: many small ones would waste pages. */
static void test_chunks_are_full(void **state)
{
	struct str noise = bytes_new(NOISE, 10 * (BLOB_CHUNK_MAX - 1));
	struct str zeros = bytes_new(ZEROS, 4 << 20);

	(void)state;
	store_bytes(noise);
	assert_int_equal(counts().chunks, 10);
	store_bytes(zeros);
	assert_in_range(counts().chunks, 10 + 16, 10 + 17);
	str_free(&noise);
	str_free(&zeros);
}

/* --- Counting --------------------------------------------------------------------------- */

static void test_references(void **state)
{
	struct str bytes = bytes_new(TEXT, 100000);
	struct blob_id id = store_bytes(bytes), again = store_bytes(bytes), none = { { 1 } };
	struct counts c = counts();

	(void)state;
	assert_memory_equal(&id, &again, sizeof id);
	assert_int_equal(c.blobs, 1);
	assert_int_equal(write_with(ref_id, &id), OK); /* 3 */
	for (unsigned left = 3; left-- > 0;) {
		check_whole(&id, bytes);
		assert_int_equal(write_with(unref_id, &id), OK);
	}
	c = counts();
	assert_int_equal(c.blobs + c.chunks + c.drafts, 0);
	assert_int_equal(write_with(unref_id, &id), ERR_MISSING);
	assert_int_equal(write_with(ref_id, &none), ERR_MISSING);
	str_free(&bytes);
}

/* The empty blob has no chunks and shares its number with nobody. */
static void test_empty(void **state)
{
	struct str bytes = bytes_new(NOISE, 100);
	struct blob_id id = store_bytes(bytes), empty = store_bytes(STR_EMPTY);

	(void)state;
	check_sound();
	assert_int_equal(write_with(unref_id, &empty), OK);
	check_whole(&id, bytes);
	str_free(&bytes);
}

static enum err get_small(struct txn *t, void *arg)
{
	struct buf out;
	enum err e;

	buf_init(&out, 10);
	e = blob_get(t, arg, 0, SIZE_MAX, &out);
	assert_int_equal(out.n, 0);
	buf_deinit(&out);
	return e;
}

static void test_no_room(void **state)
{
	struct str bytes = bytes_new(TEXT, 11);
	struct blob_id id = store_bytes(bytes), none = { { 7 } };

	(void)state;
	assert_int_equal(store_read(ts.store, get_small, &id), ERR_LIMIT);
	assert_int_equal(store_read(ts.store, get_small, &none), ERR_MISSING);
	str_free(&bytes);
}

/* --- Ahead ------------------------------------------------------------------------------ */

static void test_draft_dropped(void **state)
{
	struct str bytes = bytes_new(NOISE, 20 << 20);
	struct blob_draft *d = prepare(bytes);
	struct counts c = counts();

	(void)state;
	assert_int_equal(c.drafts, 1);
	assert_true(c.chunks > 300);
	check_sound();
	blob_draft_free(&d);
	c = counts();
	assert_int_equal(c.blobs + c.chunks + c.drafts, 0);
	str_free(&bytes);
}

/* As after a crash: the draft is forgotten, the next start collects its chunks. */
static void test_collect(void **state)
{
	struct str bytes = bytes_new(NOISE, 3 << 20), other = bytes_new(NOISE, 2 << 20);
	struct blob_draft *lost = prepare(bytes);
	struct blob_id kept = store_bytes(other);
	struct counts c;

	(void)state;
	assert_int_equal(counts().drafts, 1);
	assert_int_equal(blob_collect(ts.store, NULL), OK);
	c = counts();
	assert_int_equal(c.drafts, 0);
	assert_int_equal(c.blobs, 1);
	check_whole(&kept, other);
	/* Its owner, if there is one after all, is told to start over. */
	assert_int_equal(write_with(put_draft, lost), ERR_RETRY);
	blob_draft_free(&lost);
	check_sound();
	str_free(&bytes);
	str_free(&other);
}

/* Put, deleted, and its number taken by another draft: it must not get those chunks. */
static void test_draft_put_again(void **state)
{
	struct str bytes = bytes_new(NOISE, 2 << 20), other = bytes_new(NOISE, 2 << 20);
	struct blob_draft *d = prepare(bytes), *taker;
	struct blob_id id = blob_draft_id(d);

	(void)state;
	assert_int_equal(write_with(put_draft, d), OK);
	assert_int_equal(write_with(put_draft, d), OK);
	assert_int_equal(write_with(unref_id, &id), OK);
	check_whole(&id, bytes);
	assert_int_equal(write_with(unref_id, &id), OK);
	taker = prepare(other);
	assert_int_equal(write_with(put_draft, d), ERR_RETRY);
	blob_draft_free(&d);
	assert_int_equal(write_with(put_draft, taker), OK);
	id = blob_draft_id(taker);
	blob_draft_free(&taker);
	check_whole(&id, other);
	check_sound();
	str_free(&bytes);
	str_free(&other);
}

/* A blob that is there already: the chunks written ahead for it are not needed. */
static void test_ahead_twice(void **state)
{
	struct str bytes = bytes_new(NOISE, 2 << 20);
	struct blob_id id = store_bytes(bytes);
	struct counts before = counts(), after;

	(void)state;
	store_bytes(bytes);
	after = counts();
	assert_memory_equal(&before, &after, sizeof before);
	assert_int_equal(write_with(unref_id, &id), OK);
	check_whole(&id, bytes);
	str_free(&bytes);
}

static void test_ahead_fails(void **state)
{
	struct str bytes = bytes_new(NOISE, 4 << 20);

	(void)state;
	for (unsigned n = 1;; n++) {
		struct blob_draft *d = NULL;
		struct counts c;
		const char *point;
		enum err e;
		bool fired;

		fault_arm(n);
		e = blob_prepare(ts.store, &bytes, 1, &d, NULL);
		fired = fault_fired();
		point = fault_name();
		fault_arm(0);
		blob_draft_free(&d);
		c = counts();
		check_at(n, c.blobs + c.chunks + c.drafts == 0);
		if (!fired)
			break;
		check_at(n, e != OK || temp_store_survives(point));
	}
	str_free(&bytes);
}

/* --- Packing ---------------------------------------------------------------------------- */

static void test_damaged_chunks(void **state)
{
	struct pack_pool pool;
	struct str bytes = bytes_new(TEXT, 20000);
	char *chunk = mem_new(BLOB_CHUNK_MAX), *out = mem_new(BLOB_PIECE_MAX);
	size_t n, size;

	(void)state;
	pack_pool_init(&pool);
	n = chunk_pack(&pool, bytes, chunk);
	assert_in_range(n, 2, bytes.n - 1);
	assert_true(chunk_size(str_from(chunk, n), &size));
	assert_true(chunk_unpack(&pool, str_from(chunk, n), out, size));
	check_str(str_from(out, size), bytes);
	for (size_t cut = 0; cut < n; cut++)
		assert_false(chunk_unpack(&pool, str_from(chunk, cut), out, bytes.n));
	for (size_t i = 0; i < n; i++) {
		struct str damaged = str_from(chunk, n);

		chunk[i] ^= 0x55;
		/* It may unpack to something else, which the hash tells, but in its bounds. */
		if (chunk_size(damaged, &size) && size <= BLOB_PIECE_MAX)
			chunk_unpack(&pool, damaged, out, size);
		chunk[i] ^= 0x55;
	}
	pack_pool_deinit(&pool);
	mem_free(chunk);
	mem_free(out);
	str_free(&bytes);
}

/* --- Small blobs ------------------------------------------------------------------------ */

/* Nothing is lost between the rows of a chunk, and no page is left empty by more than a part. */
static void test_chunk_parts(void **state)
{
	(void)state;
	for (size_t n = 1; n <= BLOB_CHUNK_MAX; n++) {
		size_t rest = n, pages = 0, small = 0;
		unsigned parts = 0;

		for (; rest != 0; parts++) {
			size_t take = chunk_part_bytes(rest);

			check_at(n, take >= 1 && take <= rest);
			if (take > 2016)
				pages += (take + 16 + 4095) / 4096;
			else
				small += take;
			rest -= take;
		}
		check_at(n, parts <= CHUNK_PARTS_MAX);
		check_at(n, pages * 4096 + small <= n + 2 * 16 + 512);
	}
}

/* A letter as this store has many: the same words in another order, and an id of its own. */
static struct str letter_new(unsigned number)
{
	static const char *const words[] = {
		"Received: from ", "mail.example.org ", "by ",       "with ESMTPS ", "Subject: ",
		"meeting ",        "on Monday\r\n",     "regards, ", "the team\r\n"
	};
	struct buf b;
	struct str s;

	buf_init(&b, 1 << 16);
	buf_fmt(&b, "Message-ID: <%u.%llx@example.org>\r\n", number,
	        (unsigned long long)random_u64());
	for (unsigned i = 0; i < 200; i++)
		buf_put(&b, str_of(words[random_below(COUNT(words))]));
	s = str_new(buf_str(&b));
	buf_deinit(&b);
	return s;
}

enum { LETTERS = DICTIONARY_FIRST + 40 };

static enum err stored_bytes(struct txn *t, void *arg)
{
	size_t *sum = arg;
	struct kv_iter it;

	kv_iter_prefix(&it, t, SPACE_CHUNK, STR_EMPTY);
	while (kv_iter_next(&it))
		*sum += it.val.n;
	return kv_iter_end(&it);
}

static size_t letter_bytes(void)
{
	struct str s = letter_new(0);
	size_t before = 0, after = 0;

	assert_int_equal(store_read(ts.store, stored_bytes, &before), OK);
	store_bytes(s);
	assert_int_equal(store_read(ts.store, stored_bytes, &after), OK);
	str_free(&s);
	return after - before;
}

static enum err dictionary_drop(struct txn *t, void *arg)
{
	(void)arg;
	return kv_del(t, SPACE_DICTIONARY, str_from("\1", 1));
}

static enum err dictionaries_count(struct txn *t, void *arg)
{
	*(unsigned *)arg = count_space(t, SPACE_DICTIONARY);
	return OK;
}

/* After some hundred blobs they are packed with what they have in common; older ones are read as
 * before, and all of it by whoever opens the store next. */
static void test_dictionary(void **state)
{
	struct str letters[LETTERS];
	struct blob_id ids[LETTERS];
	struct fsck_report r = { .say = NULL };
	unsigned dictionaries = 0;
	size_t alone, together;

	(void)state;
	alone = letter_bytes();
	for (unsigned i = 0; i < LETTERS; i++) {
		letters[i] = letter_new(i);
		ids[i] = store_bytes(letters[i]);
	}
	assert_int_equal(store_read(ts.store, dictionaries_count, &dictionaries), OK);
	assert_int_equal(dictionaries, 1);
	together = letter_bytes();
	assert_true(together * 10 < alone * 9);
	if (ts.backend != STORE_MEMORY)
		temp_store_reopen(&ts);
	for (unsigned i = 0; i < LETTERS; i++)
		check_whole(&ids[i], letters[i]);
	check_sound();
	assert_true(letter_bytes() * 10 < alone * 9);
	assert_int_equal(write_with(dictionary_drop, NULL), OK);
	if (ts.backend != STORE_MEMORY) {
		temp_store_reopen(&ts);
		assert_int_equal(fsck_run(ts.store, NULL, 0, &r, NULL), OK);
		assert_true(r.findings != 0);
	}
	for (unsigned i = 0; i < LETTERS; i++)
		str_free(&letters[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_ALL(test_sizes),           ON_ALL(test_parts),
		ON_ALL(test_chunks_are_full), ON_ALL(test_references),
		ON_ALL(test_empty),           ON_ALL(test_no_room),
		ON_ALL(test_draft_dropped),   ON_ALL(test_collect),
		ON_ALL(test_draft_put_again), ON_ALL(test_ahead_twice),
		ON_ALL(test_ahead_fails),     cmocka_unit_test(test_damaged_chunks),
		ON_ALL(test_dictionary),      cmocka_unit_test(test_chunk_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
