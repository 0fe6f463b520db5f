/* What checks remember, and who is blocked: after a restart too, and forgotten in time. */
#include "harness/check.h"
#include "harness/temp_store.h"

#include "flow/policy/blocks/block_networks.h"
#include "flow/policy/memory/recall.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "model/store/kv.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

static void open_recall(struct temp_store *ts, struct recall **r)
{
	assert_int_equal(recall_open(ts->store, LIMIT_policy_stored, r, NULL), OK);
}

static void test_kept(void **state)
{
	int64_t now_ms = clock_real_ms(), value = 0;
	struct temp_store ts;
	struct recall *r;

	(void)state;
	temp_store_open(&ts, STORE_LMDB);
	open_recall(&ts, &r);
	recall_put(r, RECALL_RCPT, STR("a"), 7, now_ms + 60000);
	recall_put(r, RECALL_RCPT, STR("over"), 7, now_ms - 1);
	assert_true(recall_get(r, RECALL_RCPT, STR("a"), &value));
	assert_int_equal(value, 7);
	assert_false(recall_get(r, RECALL_GREY, STR("a"), &value));
	assert_false(recall_get(r, RECALL_RCPT, STR("over"), &value));
	recall_close(&r);
	temp_store_reopen(&ts);
	open_recall(&ts, &r);
	value = 0;
	assert_true(recall_get(r, RECALL_RCPT, STR("a"), &value));
	assert_int_equal(value, 7);
	clock_shift_real(61000);
	assert_false(recall_get(r, RECALL_RCPT, STR("a"), &value));
	clock_shift_real(-61000);
	recall_close(&r);
	temp_store_remove(&ts);
}

struct counting {
	size_t count;
};

static enum err count(struct txn *t, void *arg)
{
	struct counting *c = arg;
	struct kv_iter it;

	c->count = 0;
	kv_iter_prefix(&it, t, SPACE_LOOKUP, STR("policy:m"));
	while (kv_iter_next(&it))
		c->count++;
	return kv_iter_end(&it);
}

static size_t rows(struct temp_store *ts)
{
	struct counting c;

	assert_int_equal(store_read(ts->store, count, &c), OK);
	return c.count;
}

/* More than memory may hold goes to the store and is found there; what is over goes from there. */
static void test_bounded(void **state)
{
	enum { MANY = LIMIT_policy_remembered + 10 };
	int64_t now_ms = clock_real_ms(), value;
	struct temp_store ts;
	struct recall *r;
	char key[32];

	(void)state;
	temp_store_open(&ts, STORE_MEMORY);
	open_recall(&ts, &r);
	for (int i = 0; i < MANY; i++) {
		snprintf(key, sizeof key, "%d", i);
		recall_put(r, RECALL_RCPT, str_of(key), i, now_ms + (i % 2 ? 60000 : 600000));
		if (i % 5000 == 0)
			assert_int_equal(recall_flush(r, NULL), OK);
	}
	for (int i = 0; i < MANY; i += 997) {
		snprintf(key, sizeof key, "%d", i);
		check_at((size_t)i, recall_get(r, RECALL_RCPT, str_of(key), &value) && value == i);
	}
	assert_int_equal(recall_flush(r, NULL), OK);
	assert_int_equal(rows(&ts), MANY);
	clock_shift_real(61000);
	assert_int_equal(recall_expire(r, NULL), OK);
	clock_shift_real(-61000);
	assert_int_equal(rows(&ts), MANY / 2);
	recall_close(&r);
	temp_store_remove(&ts);
}

/* The store has a maximum too: greylisting is forgotten first. */
static void test_stored(void **state)
{
	enum { MOST = 1000, RCPTS = 500, TRIPLETS = 5000 };
	int64_t until_ms = clock_real_ms() + 60000, value;
	struct temp_store ts;
	struct recall *r;
	char key[32];

	(void)state;
	temp_store_open(&ts, STORE_MEMORY);
	assert_int_equal(recall_open(ts.store, MOST, &r, NULL), OK);
	for (int i = 0; i < TRIPLETS; i++) {
		snprintf(key, sizeof key, "%d", i);
		recall_put(r, RECALL_GREY, str_of(key), i, until_ms);
		if (i < RCPTS)
			recall_put(r, RECALL_RCPT, str_of(key), i, until_ms);
		if (i % 100 == 0) {
			assert_int_equal(recall_flush(r, NULL), OK);
			check_at((size_t)i, rows(&ts) <= MOST);
		}
	}
	recall_close(&r);
	assert_in_range(rows(&ts), MOST / 2, MOST);
	/* Also after a restart, when what is there is not known yet. */
	assert_int_equal(recall_open(ts.store, MOST, &r, NULL), OK);
	for (int i = 0; i < RCPTS; i++) {
		snprintf(key, sizeof key, "%d", i);
		check_at((size_t)i, recall_get(r, RECALL_RCPT, str_of(key), &value) && value == i);
	}
	assert_int_equal(recall_expire(r, NULL), OK);
	for (int i = 0; i < MOST; i++) {
		snprintf(key, sizeof key, "new %d", i);
		recall_put(r, RECALL_GREY, str_of(key), i, until_ms);
	}
	recall_close(&r);
	assert_in_range(rows(&ts), MOST / 2, MOST + MOST / 16);
	temp_store_remove(&ts);
}

/* What is over makes room as well: what is not does not go in its place. */
static void test_room(void **state)
{
	enum { MOST = 1000, LIVE = 100 };
	int64_t now_ms = clock_real_ms(), value;
	struct temp_store ts;
	struct recall *r;
	char key[32];
	int kept = 0;

	(void)state;
	temp_store_open(&ts, STORE_MEMORY);
	assert_int_equal(recall_open(ts.store, MOST, &r, NULL), OK);
	for (int i = 0; i < MOST; i++) {
		snprintf(key, sizeof key, "%d", i);
		recall_put(r, RECALL_GREY, str_of(key), i, now_ms + (i < LIVE ? 600000 : 60000));
	}
	assert_int_equal(recall_flush(r, NULL), OK);
	clock_shift_real(61000);
	for (int i = 0; i < LIVE; i++) {
		snprintf(key, sizeof key, "new %d", i);
		recall_put(r, RECALL_RCPT, str_of(key), i, now_ms + 600000);
		if (i % 10 == 9)
			assert_int_equal(recall_flush(r, NULL), OK);
	}
	recall_close(&r);
	/* From the store, not from memory. */
	assert_int_equal(recall_open(ts.store, MOST, &r, NULL), OK);
	for (int i = 0; i < LIVE; i++) {
		snprintf(key, sizeof key, "%d", i);
		kept += recall_get(r, RECALL_GREY, str_of(key), &value);
	}
	clock_shift_real(-61000);
	/* About a sixteenth of the rows goes each time, some twice. */
	assert_in_range(kept, LIVE / 16 * 13, LIVE);
	recall_close(&r);
	temp_store_remove(&ts);
}

static atomic_bool holding, gate;

static enum err hold(struct txn *t, void *arg)
{
	(void)t, (void)arg;
	atomic_store(&holding, true);
	while (!atomic_load(&gate))
		clock_sleep_ms(1);
	return OK;
}

static void *writer(void *store)
{
	assert_int_equal(store_write(store, hold, NULL, NULL), OK);
	return NULL;
}

static void *flusher(void *recall)
{
	assert_int_equal(recall_flush(recall, NULL), OK);
	return NULL;
}

/* While the store is busy writing, sessions ask and remember. */
static void test_nobody_waits(void **state)
{
	int64_t until_ms = clock_real_ms() + 60000, value = 0;
	pthread_t threads[2];
	struct temp_store ts;
	struct recall *r;

	(void)state;
	atomic_store(&gate, false);
	atomic_store(&holding, false);
	temp_store_open(&ts, STORE_LMDB);
	open_recall(&ts, &r);
	recall_put(r, RECALL_GREY, STR("a"), 7, until_ms);
	assert_int_equal(pthread_create(&threads[0], NULL, writer, ts.store), 0);
	while (!atomic_load(&holding))
		clock_sleep_ms(1);
	assert_int_equal(pthread_create(&threads[1], NULL, flusher, r), 0);
	clock_sleep_ms(50);
	assert_true(recall_get(r, RECALL_GREY, STR("a"), &value));
	recall_put(r, RECALL_GREY, STR("a"), 8, until_ms);
	atomic_store(&gate, true);
	for (size_t i = 0; i < COUNT(threads); i++)
		pthread_join(threads[i], NULL);
	/* What changed meanwhile is not lost. */
	recall_close(&r);
	open_recall(&ts, &r);
	assert_true(recall_get(r, RECALL_GREY, STR("a"), &value));
	assert_int_equal(value, 8);
	recall_close(&r);
	temp_store_remove(&ts);
}

static void test_bucket(void **state)
{
	struct temp_store ts;
	struct recall *r;

	(void)state;
	temp_store_open(&ts, STORE_LMDB);
	open_recall(&ts, &r);
	for (int i = 0; i < 10; i++)
		assert_true(recall_take(r, STR("k"), 1, 10, 60000));
	assert_false(recall_take(r, STR("k"), 1, 10, 60000));
	assert_true(recall_take(r, STR("other"), 10, 10, 60000));
	assert_false(recall_take(r, STR("third"), 11, 10, 60000));
	/* A restart forgets nothing. */
	recall_close(&r);
	temp_store_reopen(&ts);
	open_recall(&ts, &r);
	assert_false(recall_take(r, STR("k"), 1, 10, 60000));
	clock_shift_real(6001); /* one grows back in 6 s */
	assert_true(recall_take(r, STR("k"), 1, 10, 60000));
	assert_false(recall_take(r, STR("k"), 1, 10, 60000));
	/* A clock that was ahead for an hour costs a period, no more. */
	clock_shift_real(3600000);
	assert_true(recall_take(r, STR("k"), 10, 10, 60000));
	clock_shift_real(-3600000);
	assert_false(recall_take(r, STR("k"), 1, 10, 60000));
	clock_shift_real(60001);
	assert_true(recall_take(r, STR("k"), 10, 10, 60000));
	clock_shift_real(-60001 - 6001);
	recall_close(&r);
	temp_store_remove(&ts);
}

/* Networks of any length; of several that a peer is in the widest that lasts. */
static void test_networks(void **state)
{
	static const char *const blocked[] = { "192.0.2.128/25", "198.51.0.0/16", "198.51.100.7/31",
		                               "2001:db8::/32", "2001:db8:1:2:3::/80",
		                               "2001:db9::5/128", "128.0.0.0/1" };
	static const struct {
		const char *peer, *by; /* NULL: not blocked */
	} rows[] = {
		{ "192.0.2.127", "128.0.0.0/1" },
		{ "127.255.255.255", NULL },
		{ "10.0.0.1", NULL },
		{ "198.51.100.6", "128.0.0.0/1" },
		{ "2001:db8:ffff::1", "2001:db8::/32" },
		{ "2001:db9::5", "2001:db9::5/128" },
		{ "2001:db9::4", NULL },
		{ "2001:dba::1", NULL },
	};
	static const char *const narrower[] = { "192.0.2.128/25", "198.51.0.0/16" };
	static const char *const in[] = { "192.0.2.129", "198.51.100.6" };
	char name[BLOCK_NETWORK_NAME_MAX];
	struct temp_store ts;
	struct arena a = { 0 };
	struct network n;
	struct blocked b, *list;
	struct addr peer;
	size_t count;

	(void)state;
	temp_store_open(&ts, STORE_LMDB);
	assert_true(addr_parse_ip(STR("192.0.2.1"), &peer));
	assert_int_equal(block_network_of(ts.store, &peer, &a, &b), ERR_MISSING);
	for (size_t i = 0; i < COUNT(blocked); i++) {
		assert_true(network_parse(str_of(blocked[i]), &n));
		check_at(i, blocks_put(ts.store, BLOCK_PREFIX, block_network_name(&n, name),
		                       STR("spam"), INT64_MAX, NULL) == OK);
	}
	assert_int_equal(blocks_list(ts.store, &a, &list, &count), OK);
	assert_int_equal(count, COUNT(blocked));
	for (size_t i = 0; i < COUNT(rows); i++) {
		enum err e;

		assert_true(addr_parse_ip(str_of(rows[i].peer), &peer));
		e = block_network_of(ts.store, &peer, &a, &b);
		check_at(i, e == (rows[i].by != NULL ? OK : ERR_MISSING));
		if (rows[i].by != NULL)
			check_str_at(i, b.address, str_of(rows[i].by));
	}
	assert_int_equal(blocks_remove(ts.store, STR("200.0.0.0/1"), NULL), OK);
	for (size_t i = 0; i < COUNT(in); i++) {
		assert_true(addr_parse_ip(str_of(in[i]), &peer));
		check_at(i, block_network_of(ts.store, &peer, &a, &b) == OK);
		check_str_at(i, b.address, str_of(narrower[i]));
	}
	assert_int_equal(blocks_remove(ts.store, STR("198.51.0.0/16"), NULL), OK);
	assert_int_equal(block_network_of(ts.store, &peer, &a, &b), OK);
	check_str(b.address, STR("198.51.100.6/31"));
	/* One that is over hides none that lasts. */
	assert_true(network_parse(STR("198.0.0.0/8"), &n));
	assert_int_equal(blocks_put(ts.store, BLOCK_PREFIX, block_network_name(&n, name),
	                            STR("was"), clock_real_ms() - 1, NULL),
	                 OK);
	assert_int_equal(block_network_of(ts.store, &peer, &a, &b), OK);
	check_str(b.address, STR("198.51.100.6/31"));
	arena_deinit(&a);
	temp_store_remove(&ts);
}

static void test_blocks(void **state)
{
	int64_t now_ms = clock_real_ms();
	struct arena a = { 0 };
	struct temp_store ts;
	struct blocked b, *list;
	size_t n;

	(void)state;
	temp_store_open(&ts, STORE_LMDB);
	assert_int_equal(blocks_put(ts.store, BLOCK_NETWORK, STR("192.0.2.1"), STR("spam"),
	                            now_ms + 60000, NULL),
	                 OK);
	assert_int_equal(
		blocks_put(ts.store, BLOCK_SENDING, STR("a@x.org"), STR("much"), INT64_MAX, NULL),
		OK);
	temp_store_reopen(&ts);
	assert_int_equal(blocks_list(ts.store, &a, &list, &n), OK);
	assert_int_equal(n, 2);
	assert_int_equal(blocks_get(ts.store, BLOCK_NETWORK, STR("192.0.2.1"), &a, &b), OK);
	assert_true(str_eq(b.reason, STR("spam")) && b.network);
	assert_int_equal(blocks_get(ts.store, BLOCK_SENDING, STR("192.0.2.1"), &a, &b),
	                 ERR_MISSING);
	clock_shift_real(61000);
	assert_int_equal(blocks_get(ts.store, BLOCK_NETWORK, STR("192.0.2.1"), &a, &b),
	                 ERR_MISSING);
	assert_int_equal(blocks_list(ts.store, &a, &list, &n), OK);
	assert_int_equal(n, 1);
	clock_shift_real(-61000);
	assert_int_equal(blocks_remove(ts.store, STR("a@x.org"), NULL), OK);
	assert_int_equal(blocks_remove(ts.store, STR("a@x.org"), NULL), ERR_MISSING);
	/* Who adds is told whether he was the first. */
	for (int i = 0; i < 2; i++) {
		const struct str name = STR("b@x.org");

		assert_int_equal(blocks_add_for(ts.store, BLOCK_SENDING, name, STR("first"), 60000,
		                                NULL),
		                 OK);
		assert_int_equal(blocks_add_for(ts.store, BLOCK_SENDING, name, STR("second"),
		                                INT64_MAX, NULL),
		                 ERR_CONFLICT);
		assert_int_equal(blocks_get(ts.store, BLOCK_SENDING, name, &a, &b), OK);
		check_str(b.reason, STR("first"));
		clock_shift_real(61000); /* one that is over is none */
	}
	clock_shift_real(-2 * 61000);
	assert_int_equal(blocks_get(ts.store, BLOCK_SENDING, STR("a@x.org"), &a, &b), ERR_MISSING);
	arena_deinit(&a);
	temp_store_remove(&ts);
}

/* For a time is no longer than that, whatever the clock did; a date is a date. */
static void test_blocks_and_the_clock(void **state)
{
	enum { HOUR_MS = 3600 * 1000, DAY_MS = 24 * HOUR_MS };
	const struct str machine = STR("192.0.2.1"), hand = STR("192.0.2.2");
	int64_t now_ms = clock_real_ms();
	struct arena a = { 0 };
	struct blocked b, *list;
	struct temp_store ts;
	size_t n;

	(void)state;
	temp_store_open(&ts, STORE_LMDB);
	assert_int_equal(
		blocks_put_for(ts.store, BLOCK_MX, machine, STR("many"), HOUR_MS, NULL), OK);
	assert_int_equal(
		blocks_put(ts.store, BLOCK_MX, hand, STR("spam"), now_ms + HOUR_MS, NULL), OK);
	clock_shift_real(-DAY_MS);
	assert_int_equal(blocks_list(ts.store, &a, &list, &n), OK);
	assert_int_equal(n, 2);
	assert_in_range(list[0].until_ms, now_ms - DAY_MS, now_ms - DAY_MS + HOUR_MS + 60000);
	assert_int_equal(blocks_get(ts.store, BLOCK_MX, machine, &a, &b), OK);
	assert_in_range(b.until_ms, now_ms - DAY_MS, now_ms - DAY_MS + HOUR_MS + 60000);
	check_str(b.reason, STR("many"));
	temp_store_reopen(&ts);
	clock_shift_real(HOUR_MS / 2);
	assert_int_equal(blocks_get(ts.store, BLOCK_MX, machine, &a, &b), OK);
	clock_shift_real(HOUR_MS / 2 + 60000);
	assert_int_equal(blocks_get(ts.store, BLOCK_MX, machine, &a, &b), ERR_MISSING);
	assert_int_equal(blocks_get(ts.store, BLOCK_MX, hand, &a, &b), OK);
	assert_int_equal(b.until_ms, now_ms + HOUR_MS);
	clock_shift_real(DAY_MS - HOUR_MS - 60000);
	/* INT64_MAX is for good also then. */
	assert_int_equal(
		blocks_put_for(ts.store, BLOCK_MX, machine, STR("many"), INT64_MAX, NULL), OK);
	clock_shift_real(-DAY_MS);
	assert_int_equal(blocks_get(ts.store, BLOCK_MX, machine, &a, &b), OK);
	assert_int_equal(b.until_ms, INT64_MAX);
	clock_shift_real(DAY_MS);
	arena_deinit(&a);
	temp_store_remove(&ts);
}

static enum err blocks_count(struct txn *t, void *arg)
{
	size_t *n = arg;
	struct kv_iter it;

	*n = 0;
	kv_iter_prefix(&it, t, SPACE_LOOKUP, STR("policy:k"));
	while (kv_iter_next(&it))
		(*n)++;
	return kv_iter_end(&it);
}

static void block_many(struct store *s, int from, int to, int64_t for_ms)
{
	char name[32];

	for (int i = from; i < to; i++) {
		snprintf(name, sizeof name, "10.0.%d.%d", i / 250, i % 250);
		assert_int_equal(
			blocks_put_for(s, BLOCK_MX, str_of(name), STR("x"), for_ms, NULL), OK);
	}
}

/* Those that are over take no room: more of them than go in one transaction, between others. */
static void test_blocks_expire(void **state)
{
	enum { OVER = 1010, LAST = 3 };
	struct temp_store ts;
	size_t n;

	(void)state;
	temp_store_open(&ts, STORE_MEMORY);
	block_many(ts.store, 0, OVER, 1000);
	block_many(ts.store, OVER, OVER + LAST, 3600000);
	assert_int_equal(blocks_put(ts.store, BLOCK_NETWORK, STR("192.0.2.1"), STR("spam"),
	                            INT64_MAX, NULL),
	                 OK);
	clock_shift_real(60000);
	assert_int_equal(blocks_expire(ts.store, NULL), OK);
	assert_int_equal(store_read(ts.store, blocks_count, &n), OK);
	assert_int_equal(n, LAST + 1);
	clock_shift_real(-60000);
	temp_store_remove(&ts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_stored),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_nobody_waits),
		cmocka_unit_test(test_bucket),
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_blocks_and_the_clock),
		cmocka_unit_test(test_blocks_expire),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
