/* tests/unit/store/commit_test.c: group commit: what writers are promised. */
#include "foundation/base/arena.h"
#include "foundation/base/fault.h"
#include "foundation/base/pack.h"
#include "model/store/kv.h"
#include "model/store/store_body.h"
#include "unit/store/fixture.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- A step that writers take: put a row, fail or not, announce ------------------------- */

enum act {
	ACT_PUT,        /* succeeds                                     */
	ACT_FAIL_EARLY, /* fails before it writes                       */
	ACT_FAIL_LATE,  /* fails after it has written                   */
	ACT_BREAK,      /* a put fails and the function does not notice */
	ACT_LOOK,       /* only reads                                   */
};

struct step {
	enum act act;
	uint32_t key;
	unsigned runs;
	enum err result;
	uint32_t seen; /* rows that were there when it ran */
};

/* Announcements in their order. */
static struct {
	uint32_t keys[4096];
	atomic_uint count;
} heard;

static void announce(void *arg)
{
	heard.keys[atomic_fetch_add(&heard.count, 1)] = *(uint32_t *)arg;
}

static enum err count_rows(struct txn *t, void *arg)
{
	struct kv_iter it;
	uint32_t *n = arg;

	*n = 0;
	kv_iter_prefix(&it, t, SPACE_LOOKUP, STR_EMPTY);
	while (kv_iter_next(&it))
		++*n;
	return kv_iter_end(&it);
}

static enum err put_key(struct txn *t, uint32_t key)
{
	struct buf b;
	enum err e;

	buf_init(&b, 16);
	pack_be32(&b, key);
	e = kv_put(t, SPACE_LOOKUP, buf_str(&b), STR("row"));
	buf_deinit(&b);
	return e;
}

static enum err step_run(struct txn *t, void *arg)
{
	struct step *s = arg;
	uint32_t *key = arena_new(txn_arena(t), uint32_t);
	enum err e = count_rows(t, &s->seen);

	s->runs++;
	*key = s->key;
	if (e != OK || s->act == ACT_LOOK)
		return e;
	txn_after(t, announce, key);
	if (s->act == ACT_FAIL_EARLY)
		return fail(txn_why(t), ERR_CONFLICT, "early");
	if (s->act == ACT_BREAK)
		fault_arm_point("kv_put", 1, EIO);
	e = put_key(t, s->key);
	if (s->act == ACT_BREAK) {
		fault_arm(0);
		return OK;
	}
	return s->act == ACT_FAIL_LATE ? fail(txn_why(t), ERR_LIMIT, "late") : e;
}

static void check_rows(uint32_t want)
{
	uint32_t n = 0;

	assert_int_equal(store_read(ts.store, count_rows, &n), OK);
	assert_int_equal(n, want);
}

/* --- Alone ------------------------------------------------------------------------------ */

static void test_alone(void **state)
{
	static const struct {
		enum act act;
		enum err want;
		const char *why;
		uint32_t rows, heard;
		unsigned runs;
	} rows[] = {
		{ ACT_PUT, OK, "", 1, 1, 1 },
		{ ACT_FAIL_EARLY, ERR_CONFLICT, "early", 1, 1, 1 },
		{ ACT_FAIL_LATE, ERR_LIMIT, "late", 1, 1, 1 },
		{ ACT_BREAK, ERR_IO, "", 1, 1, 1 },
		{ ACT_LOOK, OK, "", 1, 1, 1 },
		{ ACT_PUT, OK, "", 2, 2, 1 },
	};

	(void)state;
	heard.count = 0;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct step s = { .act = rows[i].act, .key = (uint32_t)i };
		struct why why = { "" };

		check_at(i, store_write(ts.store, step_run, &s, &why) == rows[i].want);
		check_str_at(i, str_of(why.text), str_of(rows[i].why));
		check_at(i, s.runs == rows[i].runs);
		check_at(i, heard.count == rows[i].heard);
		check_rows(rows[i].rows);
		assert_int_equal(txns_open(), 0);
	}
}

static void test_commit_fails(void **state)
{
	static const struct {
		const char *point;
		int number;
		enum err want;
	} rows[] = {
		{ "store_commit", ENOSPC, ERR_FULL },
		{ "store_commit", EDQUOT, ERR_FULL },
		{ "store_commit", EIO, ERR_IO },
		{ "store_begin", EIO, ERR_IO },
	};

	(void)state;
	heard.count = 0;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct step s = { .act = ACT_PUT, .key = 1 };
		struct why why = { "" };

		fault_arm_point(rows[i].point, 1, rows[i].number);
		check_at(i, store_write(ts.store, step_run, &s, &why) == rows[i].want);
		check_at(i, why.text[0] != '\0');
		fault_arm(0);
		check_rows(0);
	}
	assert_int_equal(heard.count, 0);
	/* And without a restart it works again. */
	struct step s = { .act = ACT_PUT, .key = 1 };
	assert_int_equal(store_write(ts.store, step_run, &s, NULL), OK);
	check_rows(1);
}

/* --- One batch of several --------------------------------------------------------------- */

/* The first writer holds its transaction until the others are in the queue. */
static atomic_uint others_ready;
static atomic_bool holding;
static enum err holder_result;

static enum err hold(struct txn *t, void *arg)
{
	(void)t;
	atomic_store(&holding, true);
	while (atomic_load(&others_ready) < *(unsigned *)arg)
		usleep(100);
	usleep(20000); /* from ready to queued is a few instructions */
	return OK;
}

static void *holder(void *arg)
{
	holder_result = store_write(ts.store, hold, arg, NULL);
	return NULL;
}

static void *stepper(void *arg)
{
	struct step *s = arg;

	while (!atomic_load(&holding))
		usleep(100);
	atomic_fetch_add(&others_ready, 1);
	s->result = store_write(ts.store, step_run, s, NULL);
	return NULL;
}

static void run_together(struct step *steps, unsigned count)
{
	pthread_t first, threads[64];

	assert(count <= COUNT(threads));
	heard.count = 0;
	others_ready = 0;
	holding = false;
	pthread_create(&first, NULL, holder, &count);
	for (unsigned i = 0; i < count; i++)
		pthread_create(&threads[i], NULL, stepper, &steps[i]);
	for (unsigned i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	pthread_join(first, NULL);
}

static void test_batch(void **state)
{
	enum { MANY = 40 };
	struct step steps[MANY] = { { .act = ACT_PUT } };
	struct store_stats before, after;
	unsigned good = 0;

	(void)state;
	for (uint32_t i = 0; i < MANY; i++) {
		steps[i].key = i;
		steps[i].act = i % 10 == 3   ? ACT_FAIL_LATE
		               : i % 10 == 5 ? ACT_FAIL_EARLY
		               : i % 10 == 7 ? ACT_BREAK
		               : i % 10 == 9 ? ACT_LOOK
		                             : ACT_PUT;
		good += steps[i].act == ACT_PUT;
	}
	store_stats(ts.store, &before);
	run_together(steps, MANY);
	store_stats(ts.store, &after);
	for (uint32_t i = 0; i < MANY; i++) {
		static const enum err want[] = { OK, ERR_CONFLICT, ERR_LIMIT, ERR_IO, OK };

		check_at(i, steps[i].result == want[steps[i].act]);
	}
	assert_int_equal(holder_result, OK);
	check_rows(good);
	assert_int_equal(heard.count, good);
	/* All ran in the holder's batch; each that failed late made it run again. */
	assert_int_equal(after.commits - before.commits, 1);
	assert_int_equal(after.functions - before.functions, MANY + 1);
	assert_int_equal(after.reruns - before.reruns, 8);
}

/* Announcements come in the order in which the functions ran last. */
static void test_order(void **state)
{
	enum { MANY = 20 };
	struct step steps[MANY] = { { .act = ACT_PUT } };

	(void)state;
	for (uint32_t i = 0; i < MANY; i++)
		steps[i] = (struct step){ .act = i == 7 ? ACT_FAIL_LATE : ACT_PUT, .key = i };
	run_together(steps, MANY);
	assert_int_equal(heard.count, MANY - 1);
	for (uint32_t i = 0; i < MANY - 1; i++)
		check_at(i, steps[heard.keys[i]].seen == i);
}

/* A commit that fails fails everybody in it, also those with a verdict of their own: it
 * may have come from rows that are undone now. */
static void test_batch_commit_fails(void **state)
{
	struct step steps[8] = { { .act = ACT_PUT } };

	(void)state;
	for (uint32_t i = 0; i < COUNT(steps); i++)
		steps[i] = (struct step){ .act = i == 3 ? ACT_FAIL_EARLY : ACT_PUT, .key = i };
	fault_arm_point("store_commit", 1, ENOSPC);
	run_together(steps, COUNT(steps));
	fault_arm(0);
	for (uint32_t i = 0; i < COUNT(steps); i++)
		check_at(i, steps[i].result == ERR_FULL);
	assert_int_equal(holder_result, ERR_FULL);
	check_rows(0);
	assert_int_equal(heard.count, 0);
}

/* --- Many ------------------------------------------------------------------------------- */

enum { THREADS = 16, ROUNDS = 50 };

/* Add one to a counter in the store: lost updates and double runs would show. */
static enum err add_one(struct txn *t, void *arg)
{
	struct str val;
	enum err e = kv_get(t, SPACE_META, STR("counter"), &val);
	struct unpack u = unpack_of(val);
	uint64_t n = e == OK ? unpack_u64(&u) : 0;
	struct buf b;

	if (e != OK && e != ERR_MISSING)
		return e;
	buf_init(&b, 16);
	pack_u64(&b, n + 1);
	e = kv_put(t, SPACE_META, STR("counter"), buf_str(&b));
	buf_deinit(&b);
	*(uint64_t *)arg = n + 1;
	/* Every seventh changes its mind late. */
	return e == OK && n % 7 == 3 && (uintptr_t)arg % 32 == 0 ? ERR_RETRY : e;
}

static enum err read_counter(struct txn *t, void *arg)
{
	struct str val;
	enum err e = kv_get(t, SPACE_META, STR("counter"), &val);
	struct unpack u = unpack_of(val);

	*(uint64_t *)arg = e == OK ? unpack_u64(&u) : 0;
	return e == ERR_MISSING ? OK : e;
}

static atomic_ullong added;

static void *adder(void *arg)
{
	uint64_t last = 0;

	(void)arg;
	for (unsigned i = 0; i < ROUNDS; i++) {
		_Alignas(32) uint64_t n[8] = { 0 };
		enum err e = store_write(ts.store, add_one, &n[i % 3 == 0 ? 0 : 1], NULL);
		uint64_t now = 0;

		assert(e == OK || e == ERR_RETRY);
		atomic_fetch_add(&added, e == OK);
		/* What was acknowledged is there for every later read, and nothing goes back. */
		e = store_read(ts.store, read_counter, &now);
		assert(e == OK && now >= last);
		last = now;
	}
	return NULL;
}

static void test_many(void **state)
{
	pthread_t threads[THREADS];
	uint64_t n;

	(void)state;
	added = 0;
	for (size_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, adder, NULL);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(store_read(ts.store, read_counter, &n), OK);
	assert_int_equal(n, added);
	assert_true(n >= THREADS * ROUNDS / 2);
}

/* --- A disk that is nearly full --------------------------------------------------------- */

struct sized {
	size_t bytes; /* SIZE_MAX: delete */
};

static enum err put_sized(struct txn *t, void *arg)
{
	static const char bytes[16384];
	const struct sized *z = arg;

	if (z->bytes == SIZE_MAX)
		return kv_del(t, SPACE_QUEUE, STR("q"));
	return kv_put(t, SPACE_QUEUE, STR("q"), str_from(bytes, z->bytes));
}

static void test_tight(void **state)
{
	static const struct {
		struct sized z;
		enum err want;
	} rows[] = {
		{ { 16001 }, ERR_FULL }, /* grows             */
		{ { 16000 }, OK },       /* keeps its size    */
		{ { 100 }, OK },         /* shrinks           */
		{ { 101 }, ERR_FULL },   /* the row was there */
		{ { SIZE_MAX }, OK },    { { 0 }, ERR_FULL },
	};
	struct reserve *reserve = &ts.store->commit.reserve;
	struct sized z = { 16000 };
	struct store_stats stats;

	(void)state;
	assert_int_equal(store_write(ts.store, put_sized, &z, NULL), OK);
	reserve->bytes = UINT64_C(1) << 38; /* more than is there */
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct why why = { "" };

		z = rows[i].z;
		fault_arm_point("reserve", 1, ENOSPC);
		check_at(i, store_write(ts.store, put_sized, &z, &why) == rows[i].want);
		fault_arm(0);
		check_str_at(i, str_of(why.text),
		             str_of(rows[i].want == OK ? "" : "the disk is full"));
		store_stats(ts.store, &stats);
		check_at(i, stats.full);
	}
	/* It ends by itself. */
	reserve->bytes = 4096;
	assert_int_equal(store_write(ts.store, put_sized, &z, NULL), OK);
	store_stats(ts.store, &stats);
	assert_false(stats.full);
}

/* Room for rows that waited goes when none wait. */
static void test_given_back(void **state)
{
	char path[] = "/tmp/roost-reserve-XXXXXX";
	int fd = mkstemp(path);
	struct reserve r;
	struct stat before, after;

	(void)state;
	assert_true(fd >= 0 && unlink(path) == 0 && ftruncate(fd, 8192) == 0);
	reserve_init(&r, fd, 65536, MIB(64));
	assert_true(reserve_keep(&r, 8192, MIB(1)));
	assert_int_equal(fstat(fd, &before), 0);
	assert_true(reserve_keep(&r, 8192, 0));
	assert_int_equal(fstat(fd, &after), 0);
	assert_int_equal(after.st_size, 8192);
	if (!r.blind) {
		assert_true(after.st_blocks < before.st_blocks / 4);
		assert_int_equal(r.until, 8192 + 65536);
	}
	close(fd);
}

static void test_growth(void **state)
{
	static const struct {
		uint64_t left;
		int64_t want;
	} rows[] = {
		{ 0, 0 },
		{ 24, 0 },
		{ 25, RESERVE_LITTLE },
		{ 99, RESERVE_LITTLE },
		{ 100, INT64_MAX },
		{ UINT64_MAX, INT64_MAX },
	};
	const struct reserve r = { .bytes = 100 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, reserve_growth(&r, rows[i].left) == rows[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_ALL(test_alone),  ON_ALL(test_commit_fails),       ON_ALL(test_batch),
		ON_ALL(test_order),  ON_ALL(test_batch_commit_fails), ON_ALL(test_many),
		ON_LMDB(test_tight), ON_JOURNALED(test_tight),        cmocka_unit_test(test_growth),
		cmocka_unit_test(test_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
