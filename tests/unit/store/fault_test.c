/* tests/unit/store/fault_test.c: a delivery in which each fallible call fails in turn.
 * Slow: it repeats a delivery once for each call that can fail. */
#include "foundation/base/fault.h"
#include "foundation/base/pack.h"
#include "foundation/base/random.h"
#include "harness/check.h"
#include "harness/temp_store.h"
#include "model/store/blob.h"
#include "model/store/fsck.h"
#include "model/store/kv.h"
#include "model/store/spool.h"

#include <errno.h>
#include <string.h>

static struct temp_store ts;
static char message[1500000]; /* spools to a file and is written ahead */

/* --- One delivery ----------------------------------------------------------------------- */

static bool announced;

static void announce(void *arg)
{
	(void)arg;
	announced = true;
}

static enum err deliver(struct txn *t, void *arg)
{
	struct kv_iter it;
	struct blob_id id;
	struct buf b;
	uint64_t next = 1;
	enum err e = blob_put(t, arg, &id);

	if (e != OK)
		return e;
	kv_iter_prefix(&it, t, SPACE_EMAIL, STR_EMPTY);
	if (kv_iter_prev(&it)) {
		struct unpack u = unpack_of(it.key);

		next = unpack_be64(&u) + 1;
	}
	e = kv_iter_end(&it);
	buf_init(&b, 64);
	pack_be64(&b, next);
	if (e == OK)
		e = kv_put(t, SPACE_EMAIL, buf_str(&b), blob_id_str(&id));
	if (e == OK)
		e = kv_put(t, SPACE_UID, buf_str(&b), STR("flags"));
	buf_deinit(&b);
	txn_after(t, announce, NULL);
	return e;
}

static enum err receive(void)
{
	struct blob_draft *d = NULL;
	struct spool sp;
	struct str parts[2] = { STR("Received: by a test\r\n"), STR_EMPTY };
	enum err e;

	spool_init(&sp, ts.store, sizeof message);
	e = spool_put(&sp, str_from(message, 1000));
	if (e == OK)
		e = spool_put(&sp, str_from(message + 1000, sizeof message - 1000));
	if (e == OK)
		e = spool_view(&sp, &parts[1]);
	if (e == OK)
		e = blob_prepare(ts.store, parts, 2, &d, NULL);
	if (e == OK)
		e = store_write(ts.store, deliver, d, NULL);
	blob_draft_free(&d);
	spool_deinit(&sp);
	return e;
}

/* --- What is there ---------------------------------------------------------------------- */

struct seen {
	unsigned emails, uids, blobs;
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

static enum err look(struct txn *t, void *arg)
{
	struct seen *s = arg;

	s->emails = count_space(t, SPACE_EMAIL);
	s->uids = count_space(t, SPACE_UID);
	s->blobs = count_space(t, SPACE_BLOB);
	return OK;
}

static enum err email_refs(struct txn *t, struct fsck_report *r)
{
	struct kv_iter it;

	kv_iter_prefix(&it, t, SPACE_EMAIL, STR_EMPTY);
	while (kv_iter_next(&it)) {
		struct blob_id id;

		assert_true(blob_id_of(it.val, &id));
		fsck_blob_ref(r, &id);
	}
	return kv_iter_end(&it);
}

static void check_sound(unsigned n)
{
	const struct fsck_check check = { .name = "test", .blob_refs = email_refs };
	struct fsck_report r = { .say = NULL };

	check_at(n, fsck_run(ts.store, &check, 1, &r, NULL) == OK);
	check_at(n, r.findings == 0);
}

/* blob_draft_free looks once more after the commit, by a transaction that gets one row, and
 * may fail in peace. */
static bool may_pass(const char *point)
{
	return temp_store_survives(point) || strcmp(point, "store_begin") == 0 ||
	       strcmp(point, "kv_get") == 0;
}

/* Fail the 1st, 2nd, ... call with an error until none fails. */
static void walk(void (*open)(struct temp_store *), bool restart)
{
	struct seen before = { 0 }, after;

	random_bytes(message, sizeof message);
	open(&ts);
	for (unsigned n = 1;; n++) {
		const char *point;
		enum err e;
		bool fired;

		memcpy(message, &n, sizeof n);
		announced = false;
		fault_arm(n);
		e = receive();
		fired = fault_fired();
		point = fault_name();
		fault_arm(0);
		if (restart)
			temp_store_reopen(&ts);
		check_at(n, store_read(ts.store, look, &after) == OK);
		/* All or nothing, and the verdict says which. */
		check_at(n, after.emails == before.emails + (e == OK));
		check_at(n, after.uids == after.emails && after.blobs == after.emails);
		check_at(n, announced == (e == OK));
		check_sound(n);
		before = after;
		if (!fired) {
			check_at(n, e == OK);
			break;
		}
		if (strcmp(point, "blob_put") == 0)
			check_at(n, e == ERR_RETRY);
		else
			check_at(n, e == ERR_IO || (e == OK && may_pass(point)));
	}
	temp_store_remove(&ts);
}

static void open_lmdb(struct temp_store *t)
{
	temp_store_open(t, STORE_LMDB);
}

static void open_memory(struct temp_store *t)
{
	temp_store_open(t, STORE_MEMORY);
}

static void test_lmdb(void **state)
{
	(void)state;
	walk(open_lmdb, false);
}

static void test_lmdb_restart(void **state)
{
	(void)state;
	walk(open_lmdb, true);
}

static void test_journaled(void **state)
{
	(void)state;
	walk(temp_store_open_journaled, false);
}

static void test_journaled_restart(void **state)
{
	(void)state;
	walk(temp_store_open_journaled, true);
}

static void test_memory(void **state)
{
	(void)state;
	walk(open_memory, false);
}

/* Each kind of call, on a disk that is full: one verdict, and it heals. */
static void test_full(void **state)
{
	static const char *const points[] = { "kv_put", "store_commit", "spool_open",
		                              "spool_write" };

	(void)state;
	temp_store_open(&ts, STORE_LMDB);
	for (size_t i = 0; i < COUNT(points); i++) {
		memcpy(message, &i, sizeof i);
		fault_arm_point(points[i], 1, ENOSPC);
		check_at(i, receive() == ERR_FULL);
		fault_arm(0);
		check_at(i, receive() == OK);
		check_sound((unsigned)i);
	}
	temp_store_remove(&ts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lmdb),      cmocka_unit_test(test_lmdb_restart),
		cmocka_unit_test(test_journaled), cmocka_unit_test(test_journaled_restart),
		cmocka_unit_test(test_memory),    cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
