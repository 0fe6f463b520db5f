/* tests/unit/store/fsck_test.c: each contradiction is found and said. */
#include "foundation/base/mem.h"
#include "foundation/base/pack.h"
#include "foundation/base/random.h"
#include "harness/check.h"
#include "harness/temp_store.h"
#include "model/store/blob.h"
#include "model/store/blob_rows.h"
#include "model/store/fsck.h"
#include "model/store/kv.h"

#include <string.h>

static struct temp_store ts;
static struct blob_id big, small; /* of several chunks, of one */

static enum err put_draft(struct txn *t, void *arg)
{
	return blob_put(t, arg, NULL);
}

static struct blob_id store_noise(size_t n)
{
	char *p = mem_new(n);
	struct str part = str_from(p, n);
	struct blob_draft *d = NULL;
	struct blob_id id;

	random_bytes(p, n);
	assert_int_equal(blob_prepare(ts.store, &part, 1, &d, NULL), OK);
	assert_int_equal(store_write(ts.store, put_draft, d, NULL), OK);
	id = blob_draft_id(d);
	blob_draft_free(&d);
	mem_free(p);
	return id;
}

static int setup(void **state)
{
	(void)state;
	temp_store_open(&ts, STORE_MEMORY);
	big = store_noise(200000);
	small = store_noise(100);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	temp_store_remove(&ts);
	return 0;
}

/* --- Damage, one kind each -------------------------------------------------------------- */

static enum err row_of(struct txn *t, const struct blob_id *id, struct blob_row *row)
{
	enum err e = blob_row_get(t, id, row);

	assert_int_equal(e, OK);
	return e;
}

static struct str chunk_at(struct txn *t, struct chunk_key *k, uint32_t offset)
{
	struct blob_row row;

	assert_int_equal(row_of(t, &big, &row), OK);
	return chunk_key(k, row.number, offset);
}

static enum err nothing(struct txn *t, void *arg)
{
	(void)t;
	(void)arg;
	return OK;
}

static enum err add_ref(struct txn *t, void *arg)
{
	(void)arg;
	return blob_ref(t, &big);
}

static enum err lose_row(struct txn *t, void *arg)
{
	(void)arg;
	return kv_del(t, SPACE_BLOB, blob_id_str(&big));
}

static enum err spoil_row(struct txn *t, void *arg)
{
	(void)arg;
	return kv_put(t, SPACE_BLOB, blob_id_str(&big), STR("\x01"));
}

static enum err odd_key(struct txn *t, void *arg)
{
	(void)arg;
	return kv_put(t, SPACE_BLOB, STR("short"), STR("\1\1\1\1"));
}

static enum err lose_first_chunk(struct txn *t, void *arg)
{
	struct chunk_key k;

	(void)arg;
	return kv_del(t, SPACE_CHUNK, chunk_at(t, &k, 0));
}

static enum err lose_chunks(struct txn *t, void *arg)
{
	struct blob_row row;
	bool left;

	(void)arg;
	assert_int_equal(row_of(t, &big, &row), OK);
	return chunks_delete(t, row.number, SIZE_MAX, &left);
}

static enum err lose_last_head(struct txn *t, void *arg)
{
	struct chunk_key k;

	(void)arg;
	return kv_del(t, SPACE_CHUNK, chunk_at(t, &k, 3 * (BLOB_CHUNK_MAX - 1)));
}

/* With its parts. */
static enum err lose_last_chunk(struct txn *t, void *arg)
{
	enum err e = lose_last_head(t, arg);
	struct blob_row row;
	struct chunk_key k;

	assert_int_equal(row_of(t, &big, &row), OK);
	for (unsigned part = 1; e == OK; part++)
		e = kv_del(t, SPACE_CHUNK,
		           chunk_part_key(&k, row.number, 3 * (BLOB_CHUNK_MAX - 1), part));
	return e == ERR_MISSING ? OK : e;
}

static enum err change_chunk(struct txn *t, void *arg)
{
	char other[BLOB_CHUNK_MAX] = { 0 };
	struct chunk_key k;

	(void)arg;
	return kv_put(t, SPACE_CHUNK, chunk_at(t, &k, 0), str_from(other, sizeof other));
}

static enum err spoil_chunk(struct txn *t, void *arg)
{
	struct chunk_key k;

	(void)arg;
	return kv_put(t, SPACE_CHUNK, chunk_at(t, &k, 0), STR("\1not zstd"));
}

static enum err odd_chunk_key(struct txn *t, void *arg)
{
	(void)arg;
	return kv_put(t, SPACE_CHUNK, STR("x"), STR("x"));
}

static enum err share_number(struct txn *t, void *arg)
{
	struct blob_row row, other;

	(void)arg;
	assert_int_equal(row_of(t, &big, &row), OK);
	assert_int_equal(row_of(t, &small, &other), OK);
	other.number = row.number;
	return blob_row_put(t, &small, &other);
}

static enum err change_size(struct txn *t, void *arg)
{
	struct blob_row row;

	(void)arg;
	assert_int_equal(row_of(t, &small, &row), OK);
	row.size++;
	return blob_row_put(t, &small, &row);
}

static enum err odd_space(struct txn *t, void *arg)
{
	(void)arg;
	return kv_put(t, (enum space)200, STR("x"), STR("x"));
}

enum { SOME = 99 };

/* --- Findings --------------------------------------------------------------------------- */

static const struct {
	txn_fn *damage;
	const char *says; /* part of a sentence */
	unsigned findings;
} rows[] = {
	{ nothing, "", 0 },
	{ add_ref, "counts 2 references, but rows hold 1", 1 },
	{ lose_row, "refer to blob", 2 }, /* and the chunks are nobody's */
	{ lose_row, "which no blob has", 2 },
	{ spoil_row, "is not readable", 2 },
	{ odd_key, "key has 5 bytes", 1 },
	{ lose_first_chunk, "does not follow the one before", 1 },
	{ lose_chunks, "has no chunks", 1 },
	{ lose_last_chunk, "its chunks", 1 },
	{ lose_last_head, "a part of the chunk", 1 },
	{ change_chunk, "not those it is named by", 1 },
	{ spoil_chunk, "does not unpack", 1 },
	{ odd_chunk_key, "key is not one", 1 },
	{ share_number, "shares number", SOME }, /* and whose chunks they are is anybody's guess */
	{ change_size, "has 101 bytes, its chunks 100", 1 },
	{ odd_space, "key space 200", 1 },
};

static enum err the_refs(struct txn *t, struct fsck_report *r)
{
	(void)t;
	fsck_blob_ref(r, &big);
	fsck_blob_ref(r, &small);
	return OK;
}

struct heard {
	const char *want;
	bool said;
};

static void say(void *arg, const char *check, struct str sentence)
{
	struct heard *h = arg;

	assert_string_equal(check, "store");
	h->said |= str_find(sentence, str_of(h->want)) >= 0;
	assert_false(str_ends(sentence, STR(".")));
}

static void test_findings(void **state)
{
	const struct fsck_check check = { .name = "test", .blob_refs = the_refs };

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct heard h = { .want = rows[i].says };
		struct fsck_report r = { .say = say, .arg = &h };

		setup(state);
		check_at(i, store_write(ts.store, rows[i].damage, NULL, NULL) == OK);
		check_at(i, fsck_run(ts.store, &check, 1, &r, NULL) == OK);
		if (r.findings != rows[i].findings && (rows[i].findings != SOME || r.findings < 2))
			fail_msg("row %zu: %u findings", i, (unsigned)r.findings);
		check_at(i, h.said == (rows[i].findings != 0));
		teardown(state);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_findings) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
