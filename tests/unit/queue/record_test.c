/* What is wanted of an entry survives being written and read; older records are read. */
#include "model/queue/add.h"
#include "model/queue/entry.h"
#include "model/queue/take.h"
#include "unit/queue/each.h"

#include "foundation/base/pack.h"

static void wishes_are_kept(void **state)
{
	int64_t now_ms = clock_real_ms();
	struct queue_item item;

	(void)state;
	fixture_add_new(&f, (struct queue_new){
				    .envelope.sender = fixture_address(&f, "a@here.example"),
				    .envelope.flags = ENVELOPE_REQUIRETLS | ENVELOPE_TLS_OPTIONAL |
	                                              ENVELOPE_BINARY | ENVELOPE_NOTICED,
				    .envelope.priority = ENVELOPE_PRIORITY_MIN,
				    .envelope.by_mode = ENVELOPE_BY_NOTIFY,
				    .envelope.by_trace = true,
				    .envelope.by_ms = now_ms + 60000,
				    .envelope.not_before_ms = now_ms + 30000,
				    .envelope.route = STR("tunnel"),
			    });
	item = fixture_entries(&f).items[0];
	assert_int_equal(item.envelope.flags,
	                 ENVELOPE_REQUIRETLS | ENVELOPE_TLS_OPTIONAL | ENVELOPE_BINARY);
	assert_int_equal(item.envelope.priority, ENVELOPE_PRIORITY_MIN);
	assert_int_equal(item.envelope.by_mode, ENVELOPE_BY_NOTIFY);
	assert_true(item.envelope.by_trace);
	assert_int_equal(item.envelope.by_ms, now_ms + 60000);
	assert_int_equal(item.envelope.not_before_ms, now_ms + 30000);
	assert_int_equal(item.due_ms, now_ms + 30000);
	check_str(item.envelope.route, STR("tunnel"));
	check_str(item.queue, STR(""));
	assert_int_equal(item.tried_count, 0);
}

static void attempts_by_route(void **state)
{
	static const char *const ways[] = { "office", "", "office", "b", "c",
		                            "d",      "e", "f",     "g", "h" };
	struct queue_item item;

	(void)state;
	fixture_add(&f, "a@here.example", "x@one.example");
	for (size_t i = 0; i < COUNT(ways); i++) {
		struct queue_path path = { .route = str_of(ways[i]) };
		struct queue_result later = { .outcome = QUEUE_DELAYED, .path = &path };
		struct queue_batch batch = fixture_take(&f, 1);

		assert_int_equal(batch.count, 1);
		assert_int_equal(queue_report(f.queue, &batch.items[0], &later, NULL), OK);
		fixture_time_passes(6 * 3600 * 1000);
	}
	item = fixture_entries(&f).items[0];
	assert_int_equal(item.attempts, COUNT(ways));
	assert_int_equal(item.tried_count, QUEUE_TRIED_MAX);
	assert_int_equal(queue_attempts_by(&item, STR("office")), 2);
	assert_int_equal(queue_attempts_by(&item, STR("")), 1);
	assert_int_equal(queue_attempts_by(&item, STR("g")), 1);
	assert_int_equal(queue_attempts_by(&item, STR("h")), 0); /* one past QUEUE_TRIED_MAX */
	fixture_time_passes(-(int64_t)COUNT(ways) * 6 * 3600 * 1000);
}

/* What DELIVERBY asks for (RFC 2852 4.1.3): back at that time, or one more attempt at it. */
static void deliver_by(void **state)
{
	struct queue_new new = { .envelope = { .sender = fixture_address(&f, "a@here.example"),
		                               .by_mode = ENVELOPE_BY_RETURN,
		                               .by_ms = clock_real_ms() + 100000 } };
	struct queue_batch batch;

	(void)state;
	fixture_add_new(&f, new);
	new.envelope.by_mode = ENVELOPE_BY_NOTIFY;
	fixture_add_new(&f, new);
	assert_int_equal(fixture_entries(&f).items[0].expires_ms, new.envelope.by_ms);
	assert_true(fixture_entries(&f).items[1].expires_ms > new.envelope.by_ms);
	batch = fixture_take(&f, 2);
	assert_int_equal(batch.count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(fixture_report(&f, &batch.items[i], "l"), OK);
		assert_true(fixture_entries(&f).items[i].due_ms <= new.envelope.by_ms);
	}
	fixture_time_passes(100000);
	batch = fixture_take(&f, 2);
	assert_int_equal(batch.count, 1);
	assert_int_equal(batch.items[0].envelope.by_mode, ENVELOPE_BY_NOTIFY);
	assert_int_equal(fixture_entries(&f).count, 1);
	assert_int_equal(fixture_letters(&f, "bounce", NULL), 1);
	assert_int_equal(fixture_report(&f, &batch.items[0], "l"), OK);
	assert_int_equal(fixture_fsck(&f, true), 0);
	fixture_time_passes(-100000);
}

static void nobody_there(const struct queue_item *item)
{
	const struct queue_path path = { .unreachable = true };
	struct queue_result result = { .outcome = QUEUE_DELAYED, .path = &path };

	assert_int_equal(queue_report(f.queue, item, &result, NULL), OK);
}

/* Where nobody answers for hours it goes back at its time all the same, tried or not; who is held,
 * or being tried, does not. */
static void back_in_time(void **state)
{
	struct queue_new new = { .envelope = { .sender = fixture_address(&f, "a@here.example"),
		                               .by_mode = ENVELOPE_BY_RETURN,
		                               .by_ms = clock_real_ms() + 600000 } };
	struct queue_want want = { .max = 9 };
	struct queue_batch batch, tried;
	struct str bounce;

	(void)state;
	fixture_add(&f, "b@here.example", "y@one.example");
	nobody_there(&fixture_take(&f, 1).items[0]);
	fixture_add_new(&f, new); /* never tried */
	new.held = true;
	fixture_add_new(&f, new);
	new.held = false;
	new.envelope.rcpts =
		&(struct envelope_rcpt){ .address = fixture_address(&f, "z@two.example") };
	new.envelope.rcpt_count = 1;
	fixture_add_new(&f, new);
	tried = fixture_take(&f, 9);
	assert_int_equal(tried.count, 1);
	want.now_ms = clock_real_ms();
	assert_int_equal(queue_take(f.queue, &want, &f.arena, &batch, NULL), OK);
	assert_true(batch.count == 0 && batch.next_ms > want.now_ms);
	assert_true(batch.next_ms <= new.envelope.by_ms);
	fixture_time_passes(600000);
	want.now_ms = clock_real_ms();
	while (queue_take(f.queue, &want, &f.arena, &batch, NULL) == OK && batch.count != 0)
		assert_int_equal(fixture_report(&f, &batch.items[0], "l"), OK);
	assert_int_equal(fixture_letters(&f, "bounce", &bounce), 1);
	assert_true(str_find(bounce, STR("The delivery deadline you set")) > 0);
	assert_true(batch.next_ms > want.now_ms);
	assert_int_equal(fixture_report(&f, &tried.items[0], "d"), OK);
	assert_int_equal(fixture_letters(&f, "bounce", NULL), 1);
	assert_int_equal(fixture_entries(&f).count, 2); /* y, and the one that is held */
	assert_int_equal(fixture_fsck(&f, true), 0);
	fixture_time_passes(-600000);
}

/* --- older records, and broken ones ------------------------------------------------------ */

struct raw_record {
	size_t cut; /* bytes off the end */
	struct str put; /* instead of them */
};

static enum err record_cut(struct txn *t, void *arg)
{
	const struct raw_record *r = arg;
	struct buf b;
	struct str record;
	struct str key = STR("\0\0\0\0\0\0\0\1");
	enum err e = kv_get(t, SPACE_QUEUE, key, &record);

	if (e != OK)
		return e;
	buf_init(&b, KV_VALUE_MAX);
	buf_put(&b, str_sub(record, 0, record.n - r->cut));
	buf_put(&b, r->put);
	e = kv_put(t, SPACE_QUEUE, key, buf_str(&b));
	buf_deinit(&b);
	return e;
}

/* What record.c adds at the end of a plain entry: held, trace | priority, by mode, T, by time,
 * not before, queue, route, tried | sent | the recipient's quarantine (| its actions). */
enum { PLAIN_SENT = 1 + 1, PLAIN_WISHES = PLAIN_SENT + 8, PLAIN_HELD = 2 };

static void older_records(void **state)
{
	static const struct {
		struct raw_record record;
		bool read, elsewhere; /* its row in queue_due is at another priority */
	} rows[] = {
		{ { PLAIN_WISHES + PLAIN_HELD, STR("") }, true, false }, /* 1.0      */
		{ { PLAIN_WISHES, STR("") }, true, false }, /* 1.1, 1.2 */
		{ { PLAIN_SENT, STR("") }, true, false }, /* 1.3 without it */
		{ { 0, STR("") }, true, false }, /* 1.3      */
		{ { 1, STR("") }, true, false }, /* without quarantine */
		{ { 1, STR("\2") }, false, false }, /* cut off */
		{ { 0, STR("\1\1") }, true, false }, /* 1.4, with an empty list of actions */
		{ { 0, STR("\0\x01more") }, true, false }, /* some day */
		{ { 0, STR("\1\2") }, false, false }, /* no list of actions */
		{ { PLAIN_WISHES, STR("\x12\0\0\0\0\0\0\0") }, true, true }, /* +9       */
		{ { PLAIN_WISHES, STR("\x13\0\0\0\0\0\0\0") }, false, false }, /* +10      */
		{ { PLAIN_WISHES, STR("\x09\3\0\0\0\0\0\0") }, false, false }, /* no mode  */
		{ { PLAIN_SENT + 1, STR("\x08" "\0\1\0\1\0\1\0\1\0\1\0\1\0\1\0\1") }, true, false },
		{ { PLAIN_SENT + 1, STR("\x09" "\0\1\0\1\0\1\0\1\0\1\0\1\0\1\0\1\0\1") },
		  false, false },
		{ { PLAIN_SENT + 1, STR("") }, false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct raw_record record = rows[i].record;

		fixture_close(&f);
		fixture_open(&f, backend);
		fixture_add(&f, "a@here.example", "x@one.example");
		assert_int_equal(store_write(f.ts.store, record_cut, &record, NULL), OK);
		check_at(i, (fixture_entries(&f).count == 1) == rows[i].read);
		check_at(i, fixture_take(&f, 1).count ==
		                    (rows[i].read && !rows[i].elsewhere ? 1 : 0));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(wishes_are_kept),
		TEST(attempts_by_route),
		TEST(deliver_by),
		TEST(back_in_time),
		TEST(older_records),
	};

	for (backend = STORE_LMDB; backend <= STORE_MEMORY; backend++)
		if (cmocka_run_group_tests(tests, NULL, NULL) != 0)
			return 1;
	return 0;
}
