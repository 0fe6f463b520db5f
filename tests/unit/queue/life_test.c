/* A message's life in the queue, step by step, with a clock of our own. */
#include "unit/queue/fixture.h"

#include "config/limits.h"
#include "observe/event.h"

static enum store_backend backend;
static struct fixture f;

static int open_queue(void **state)
{
	(void)state;
	event_fd_set(-1);
	fixture_open(&f, backend);
	return 0;
}

static int close_queue(void **state)
{
	(void)state;
	fixture_close(&f);
	return 0;
}

static void one_entry_a_destination(void **state)
{
	struct queue_list list;
	uint64_t message =
		fixture_add(&f, "a@here.example", "x@one.example y@two.example z@one.example");

	(void)state;
	list = fixture_entries(&f);
	assert_int_equal(list.count, 2);
	check_str(list.items[0].destination, STR("one.example"));
	assert_int_equal(list.items[0].rcpt_count, 2);
	check_str(list.items[0].rcpts[1].address.local, STR("z"));
	check_str(list.items[1].destination, STR("two.example"));
	assert_int_equal(list.items[1].rcpt_count, 1);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(list.items[i].message, message);
		assert_int_equal(list.items[i].submitter, 7);
		assert_int_equal(list.items[i].size_bytes, sizeof(RAW) - 1);
		assert_int_equal(list.items[i].attempts, 0);
		check_str(list.items[i].sender.local, STR("a"));
	}
	assert_true(f.wakes >= 1);
	assert_int_equal(fixture_fsck(&f, true), 0);
}

static void delivered_leaves_nothing(void **state)
{
	struct queue_batch batch;

	(void)state;
	fixture_add(&f, "a@here.example", "x@one.example y@one.example");
	batch = fixture_take(&f, 10);
	assert_int_equal(batch.count, 1);
	assert_int_equal(fixture_report(&f, &batch.items[0], "dd"), OK);
	assert_int_equal(fixture_entries(&f).count, 0);
	assert_int_equal(fixture_letters(&f, "bounce", NULL), 0);
	assert_int_equal(fixture_fsck(&f, true), 0); /* the blob is gone too */
	assert_int_equal(fixture_report(&f, &batch.items[0], "dd"), ERR_CONFLICT);
}

static void a_batch_is_for_one_destination(void **state)
{
	struct str skip[] = { STR("one.example"), STR("two.example") };
	struct queue_want want = { .max = 2 };
	struct queue_batch batch;

	(void)state;
	fixture_add(&f, "a@here.example", "1@one.example");
	clock_shift_real(10);
	fixture_add(&f, "a@here.example", "2@two.example");
	clock_shift_real(10);
	fixture_add(&f, "a@here.example", "3@one.example 3@three.example");
	clock_shift_real(10);
	fixture_add(&f, "a@here.example", "4@one.example");
	clock_shift_real(10);
	want.now_ms = clock_real_ms();

	assert_int_equal(queue_take(f.queue, &want, &f.arena, &batch, NULL), OK);
	assert_int_equal(batch.count, 2);
	check_str(batch.items[0].rcpts[0].address.local, STR("1"));
	check_str(batch.items[1].rcpts[0].address.local, STR("3"));
	assert_true(batch.next_ms <= want.now_ms);

	want.only = &skip[0]; /* the connection is open: what else goes there? */
	assert_int_equal(queue_take(f.queue, &want, &f.arena, &batch, NULL), OK);
	assert_int_equal(batch.count, 1);
	check_str(batch.items[0].rcpts[0].address.local, STR("4"));
	assert_int_equal(queue_take(f.queue, &want, &f.arena, &batch, NULL), OK);
	assert_int_equal(batch.count, 0);

	want.only = NULL;
	want.skip = skip;
	want.skip_count = 2;
	assert_int_equal(queue_take(f.queue, &want, &f.arena, &batch, NULL), OK);
	assert_int_equal(batch.count, 1);
	check_str(batch.items[0].destination, STR("three.example"));
	/* two.example is due, but not for this asker: he waits for the leases' ends. */
	assert_true(batch.next_ms > want.now_ms);
	assert_true(batch.next_ms <= want.now_ms + (int64_t)LIMIT_queue_lease_s * 1000);

	want.skip_count = 0;
	assert_int_equal(queue_take(f.queue, &want, &f.arena, &batch, NULL), OK);
	assert_int_equal(batch.count, 1);
	check_str(batch.items[0].destination, STR("two.example"));
	assert_int_equal(fixture_fsck(&f, true), 0);
}

static void next_due(void **state)
{
	int64_t due, now = clock_real_ms();
	struct queue_batch batch;

	(void)state;
	assert_int_equal(queue_next_due(f.queue, &due, NULL), OK);
	assert_true(due == INT64_MAX);
	assert_true(fixture_take(&f, 1).next_ms == INT64_MAX);
	fixture_add(&f, "a@here.example", "x@one.example");
	assert_int_equal(queue_next_due(f.queue, &due, NULL), OK);
	assert_true(due >= now && due <= clock_real_ms());
	batch = fixture_take(&f, 1);
	assert_int_equal(batch.count, 1);
	assert_int_equal(fixture_report(&f, &batch.items[0], "l"), OK);
	assert_int_equal(queue_next_due(f.queue, &due, NULL), OK);
	assert_in_range(due - clock_real_ms(), 269000, 330000); /* 5 minutes +-10 % */
	batch = fixture_take(&f, 1);
	assert_int_equal(batch.count, 0);
	assert_true(batch.next_ms == due);
}

static void delayed_until_expired(void **state)
{
	struct queue_batch batch;
	struct str last;
	unsigned attempts = 0;
	int64_t start = clock_real_ms();

	(void)state;
	fixture_add(&f, "a@here.example", "x@one.example y@one.example");
	for (;;) {
		batch = fixture_take(&f, 1);
		if (batch.count == 0 && batch.next_ms == INT64_MAX)
			break;
		if (batch.count == 0) {
			clock_shift_real(batch.next_ms - clock_real_ms() + 1);
			continue;
		}
		assert_int_equal(batch.items[0].attempts, attempts++);
		assert_int_equal(fixture_report(&f, &batch.items[0],
		                                batch.items[0].rcpt_count == 2 ? "ld" : "l"),
		                 OK);
	}
	assert_in_range(attempts, 30, 45);
	assert_in_range(clock_real_ms() - start, 5 * 86400000LL, 5 * 86400000LL + 60000);
	assert_int_equal(fixture_letters(&f, "notice", &last), 1);
	assert_true(str_find(last, STR("Action: delayed")) > 0);
	assert_true(str_find(last, STR("Will-Retry-Until: ")) > 0);
	assert_int_equal(fixture_letters(&f, "bounce", &last), 1);
	assert_true(str_find(last, STR("Final-Recipient: rfc822; x@one.example")) > 0);
	assert_true(str_find(last, STR("Status: 4.4.7")) > 0);
	assert_true(str_find(last, STR("y@one.example")) < 0); /* he got it */
	assert_int_equal(f.prepared, 2);
	assert_int_equal(fixture_entries(&f).count, 0);
	assert_int_equal(fixture_fsck(&f, true), 0);
}

static void one_bounce_for_all_that_failed(void **state)
{
	struct queue_batch batch;
	struct str last;

	(void)state;
	fixture_add(&f, "a@here.example",
	            "w@one.example x@one.example y@one.example z@one.example");
	batch = fixture_take(&f, 1);
	assert_int_equal(fixture_report(&f, &batch.items[0], "fdfl"), OK);
	assert_int_equal(fixture_letters(&f, "bounce", &last), 1);
	assert_true(str_find(last, STR("Final-Recipient: rfc822; w@one.example")) > 0);
	assert_true(str_find(last, STR("Final-Recipient: rfc822; y@one.example")) > 0);
	assert_true(str_find(last, STR("x@one.example")) < 0);
	assert_true(str_find(last, STR("z@one.example")) < 0);
	assert_int_equal(fixture_entries(&f).count, 1);
	assert_int_equal(fixture_entries(&f).items[0].rcpt_count, 1);
	check_str(fixture_entries(&f).items[0].rcpts[0].address.local, STR("z"));
	assert_int_equal(fixture_entries(&f).items[0].rcpts[0].reply.code, 451);
	assert_int_equal(fixture_fsck(&f, true), 0);
}

static void a_bounce_is_not_bounced(void **state)
{
	struct queue_batch batch;

	(void)state;
	fixture_add(&f, "", "x@one.example y@one.example");
	batch = fixture_take(&f, 1);
	assert_int_equal(fixture_report(&f, &batch.items[0], "fl"), OK);
	assert_int_equal(f.prepared, 0);
	clock_shift_real(6 * 86400000LL);
	batch = fixture_take(&f, 1);
	assert_int_equal(fixture_report(&f, &batch.items[0], "l"), OK);
	assert_int_equal(f.prepared, 0);
	assert_int_equal(fixture_entries(&f).count, 0);
}

/* RFC 3461 4.1 */
static void what_senders_ask_for(void **state)
{
	static const struct {
		unsigned notify;
		unsigned notices, bounces;
	} rows[] = {
		{ 0, 1, 1 },
		{ QUEUE_NOTIFY_NEVER, 0, 0 },
		{ QUEUE_NOTIFY_SUCCESS, 0, 0 },
		{ QUEUE_NOTIFY_FAILURE, 0, 1 },
		{ QUEUE_NOTIFY_DELAY, 1, 0 },
		{ QUEUE_NOTIFY_DELAY | QUEUE_NOTIFY_FAILURE, 1, 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned notices = fixture_letters(&f, "notice", NULL);
		unsigned bounces = fixture_letters(&f, "bounce", NULL);
		struct queue_rcpt rcpt = { .address = fixture_address(&f, "x@one.example"),
			                   .notify = rows[i].notify };
		static const struct str raw = { RAW, sizeof(RAW) - 1 };
		struct fixture_add a = { .f = &f };
		struct blob_draft *draft;

		assert_int_equal(blob_prepare(f.ts.store, &raw, 1, &draft, NULL), OK);
		a.new = (struct queue_new){ .draft = draft,
			                    .sender = fixture_address(&f, "a@here.example"),
			                    .rcpts = &rcpt,
			                    .rcpt_count = 1 };
		assert_int_equal(store_write(f.ts.store, add_run, &a, NULL), OK);
		blob_draft_free(&draft);
		clock_shift_real(86400000);
		for (int j = 0; j < 2; j++) {
			struct queue_batch batch = fixture_take(&f, 1);

			assert_int_equal(batch.count, 1);
			assert_int_equal(fixture_report(&f, &batch.items[0], "l"), OK);
			clock_shift_real(86400000LL * 5);
		}
		check_at(i, fixture_letters(&f, "notice", NULL) == notices + rows[i].notices);
		check_at(i, fixture_letters(&f, "bounce", NULL) == bounces + rows[i].bounces);
	}
}

/* Nobody takes the bounce: it is dropped, and the entry does not stay for ever. */
static void double_bounce(void **state)
{
	static const enum err errors[] = { ERR_MISSING, ERR_DENIED, ERR_LIMIT };

	(void)state;
	for (size_t i = 0; i < COUNT(errors); i++) {
		struct queue_batch batch;

		fixture_add(&f, "gone@here.example", "x@one.example");
		batch = fixture_take(&f, 1);
		f.put_error = errors[i];
		check_at(i, fixture_report(&f, &batch.items[0], "f") == OK);
		check_at(i, fixture_entries(&f).count == 0);
		check_at(i, fixture_letters(&f, "bounce", NULL) == 0);
	}
}

/* No room for a bounce: what was delivered is recorded all the same, the rest waits. */
static void bounce_that_cannot_be_made(void **state)
{
	struct queue_batch batch;

	(void)state;
	fixture_add(&f, "a@here.example", "x@one.example y@one.example");
	batch = fixture_take(&f, 1);
	f.prepare_error = ERR_FULL;
	assert_int_equal(fixture_report(&f, &batch.items[0], "fd"), OK);
	assert_int_equal(fixture_entries(&f).items[0].rcpt_count, 1);
	clock_shift_real(1000000);
	batch = fixture_take(&f, 1);
	assert_int_equal(fixture_report(&f, &batch.items[0], "f"), ERR_FULL);
	f.prepare_error = OK;
	f.put_error = ERR_FULL;
	assert_int_equal(fixture_report(&f, &batch.items[0], "f"), ERR_FULL);
	f.put_error = OK;
	assert_int_equal(fixture_report(&f, &batch.items[0], "f"), OK);
	assert_int_equal(fixture_letters(&f, "bounce", NULL), 1);
	assert_int_equal(fixture_entries(&f).count, 0);
}

static void leases_end(void **state)
{
	struct queue_batch first, second;

	(void)state;
	fixture_add(&f, "a@here.example", "x@one.example");
	first = fixture_take(&f, 1);
	assert_int_equal(first.count, 1);
	assert_int_equal(fixture_take(&f, 1).count, 0);
	assert_true(queue_lease_holds(&first.items[0], clock_real_ms()));
	assert_false(queue_lease_holds(&first.items[0],
	                               first.items[0].due_ms - LIMIT_queue_attempt_s * 1000 + 1));
	clock_shift_real((int64_t)LIMIT_queue_lease_s * 1000 + 1);
	second = fixture_take(&f, 1);
	assert_int_equal(second.count, 1);
	/* The first one comes too late, and changes nothing. */
	assert_int_equal(fixture_report(&f, &first.items[0], "d"), ERR_CONFLICT);
	assert_int_equal(queue_release(f.queue, first.items, 1, 0, NULL), OK);
	assert_int_equal(fixture_take(&f, 1).count, 0);
	assert_int_equal(fixture_report(&f, &second.items[0], "d"), OK);
	assert_int_equal(fixture_entries(&f).count, 0);
}

static void release_gives_back(void **state)
{
	struct queue_batch batch;

	(void)state;
	fixture_add(&f, "a@here.example", "x@one.example");
	batch = fixture_take(&f, 1);
	assert_int_equal(queue_release(f.queue, batch.items, 1, 0, NULL), OK);
	batch = fixture_take(&f, 1);
	assert_int_equal(batch.count, 1);
	assert_int_equal(batch.items[0].attempts, 0);
	assert_int_equal(queue_release(f.queue, batch.items, 1, clock_real_ms() + 5000, NULL), OK);
	assert_int_equal(fixture_take(&f, 1).count, 0);
	clock_shift_real(5001);
	assert_int_equal(fixture_take(&f, 1).count, 1);
	assert_int_equal(fixture_fsck(&f, true), 0);
}

struct admin {
	uint64_t id, count;
	bool drop;
};

static enum err admin_run(struct txn *t, void *arg)
{
	struct admin *a = arg;

	return a->drop ? queue_drop(t, a->id) : queue_retry(t, a->id, clock_real_ms(), &a->count);
}

static void administrator(void **state)
{
	struct admin a = { 0 };
	struct queue_batch batch;

	(void)state;
	fixture_add(&f, "a@here.example", "x@one.example y@two.example z@three.example");
	for (int i = 0; i < 3; i++) {
		batch = fixture_take(&f, 1);
		if (i < 2)
			assert_int_equal(fixture_report(&f, &batch.items[0], "l"), OK);
	}
	assert_int_equal(fixture_take(&f, 1).count, 0);
	assert_int_equal(store_write(f.ts.store, admin_run, &a, NULL), OK);
	assert_int_equal(a.count, 2); /* the third is being tried */
	a.id = 3;
	assert_int_equal(store_write(f.ts.store, admin_run, &a, NULL), OK);
	assert_int_equal(a.count, 0);
	a.id = 99;
	assert_int_equal(store_write(f.ts.store, admin_run, &a, NULL), ERR_MISSING);
	a.drop = true;
	assert_int_equal(store_write(f.ts.store, admin_run, &a, NULL), ERR_MISSING);
	a.id = 3;
	assert_int_equal(store_write(f.ts.store, admin_run, &a, NULL), OK);
	assert_int_equal(fixture_report(&f, &batch.items[0], "d"), ERR_CONFLICT);
	assert_int_equal(fixture_entries(&f).count, 2);
	assert_int_equal(fixture_take(&f, 1).count, 1);
	assert_int_equal(fixture_fsck(&f, true), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_queue, close_queue)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_entry_a_destination),
		TEST(delivered_leaves_nothing),
		TEST(a_batch_is_for_one_destination),
		TEST(next_due),
		TEST(delayed_until_expired),
		TEST(one_bounce_for_all_that_failed),
		TEST(a_bounce_is_not_bounced),
		TEST(what_senders_ask_for),
		TEST(double_bounce),
		TEST(bounce_that_cannot_be_made),
		TEST(leases_end),
		TEST(release_gives_back),
		TEST(administrator),
	};
	int failed = 0;

	backend = STORE_MEMORY;
	failed += cmocka_run_group_tests_name("memory", tests, NULL, NULL);
	backend = STORE_LMDB;
	failed += cmocka_run_group_tests_name("lmdb", tests, NULL, NULL);
	return failed;
}
