/* tests/unit/store/full_test.c: a store that cannot grow any more, with a journal before its
 * tree: what was acknowledged finds its room there, deletes go on, and it opens again. */
#include "foundation/base/mem.h"
#include "foundation/base/pack.h"
#include "foundation/base/random.h"
#include "harness/check.h"
#include "harness/temp_store.h"
#include "model/store/kv.h"

#include <string.h>

enum {
	MOST = 64 << 20, /* of the file */
	RESERVE = 4 << 20,
	VALUE = 600,  /* six rows to a page at most */
	ROWS = 45000, /* more than half of MOST */
	BATCH = 100,  /* rows in a commit, each of another page */
	ROUNDS = 300,
};

static struct temp_folder folder;
static struct store *s;

static void open_store(void)
{
	struct store_config config = { .role = STORE_SERVER,
		                       .folder = folder.path,
		                       .map_bytes = MOST,
		                       .reserve_bytes = RESERVE,
		                       .burst = 1 };
	struct why why = { "" };

	store_close(&s);
	if (store_open(&s, &config, &why) != OK)
		fail_msg("open: %s", why.text);
}

static int setup(void **state)
{
	(void)state;
	temp_folder_make(&folder);
	open_store();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	store_close(&s);
	temp_folder_remove(&folder);
	return 0;
}

/* --- Rows ------------------------------------------------------------------------------- */

/* Of each row, as the last commit that was acknowledged left it: 0 when there is none. */
static unsigned char model[ROWS];

struct change {
	unsigned rows[BATCH];
	unsigned char to; /* 0: delete */
};

static enum err row_change(struct txn *t, unsigned row, unsigned char to)
{
	char value[VALUE];
	struct buf key;
	enum err e;

	memset(value, to, sizeof value);
	buf_init(&key, 8);
	pack_be32(&key, row);
	e = to != 0 ? kv_put(t, SPACE_LOOKUP, buf_str(&key), str_from(value, sizeof value))
	            : kv_del(t, SPACE_LOOKUP, buf_str(&key));
	buf_deinit(&key);
	return e == ERR_MISSING ? OK : e;
}

static enum err rows_change(struct txn *t, void *arg)
{
	const struct change *c = arg;
	enum err e = OK;

	for (size_t i = 0; i < BATCH && e == OK; i++)
		e = row_change(t, c->rows[i], c->to);
	return e;
}

static enum err change(const struct change *c)
{
	enum err e = store_write(s, rows_change, (void *)(uintptr_t)c, NULL);

	for (size_t i = 0; i < BATCH && e == OK; i++)
		model[c->rows[i]] = c->to;
	return e;
}

static enum err rows_check(struct txn *t, void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < ROWS; i++) {
		struct buf key;
		struct str val;
		enum err e;

		buf_init(&key, 8);
		pack_be32(&key, i);
		e = kv_get(t, SPACE_LOOKUP, buf_str(&key), &val);
		buf_deinit(&key);
		check_at(i, e == (model[i] != 0 ? OK : ERR_MISSING));
		check_at(i, e != OK || (val.n == VALUE && (unsigned char)val.p[0] == model[i]));
	}
	return OK;
}

/* Rows far from each other: a commit of them changes as many pages. */
static struct change scattered(unsigned first, unsigned char to)
{
	struct change c = { .to = to };

	for (unsigned i = 0; i < BATCH; i++)
		c.rows[i] = (first + i * (ROWS / BATCH)) % ROWS;
	return c;
}

/* --- Tests ------------------------------------------------------------------------------ */

static void test_full(void **state)
{
	unsigned refused = 0;

	(void)state;
	for (unsigned i = 0; i < ROWS / BATCH; i++) {
		struct change c = scattered(i, 1);

		check_at(i, change(&c) == OK);
	}
	/* A file that can only just hold them is to take them all anew. */
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct change c = scattered(i * 7, (unsigned char)(2 + i % 250));
		enum err e = change(&c);

		check_at(i, e == OK || e == ERR_FULL);
		refused += e != OK;
	}
	assert_int_equal(store_read(s, rows_check, NULL), OK);
	open_store();
	assert_int_equal(store_read(s, rows_check, NULL), OK);
	assert_int_equal(refused, 0);
	for (unsigned i = 0; i < ROWS / BATCH; i++) {
		struct change c = scattered(i, 0);

		check_at(i, change(&c) == OK);
	}
	assert_int_equal(store_read(s, rows_check, NULL), OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_full, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
