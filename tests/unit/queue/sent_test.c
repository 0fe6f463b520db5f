/* Messages of programs: what of each lies in the queue is known with it, and is taken back. */
#include "model/queue/add.h"
#include "model/queue/entry.h"
#include "model/queue/take.h"
#include "unit/queue/each.h"

#include "model/queue/sent.h"

enum { ACCOUNT = 7, SENT = 9 };

struct deed {
	struct sent_entries entries;
	uint64_t entry;
	size_t count;
};

static enum err entries_get(struct txn *t, void *arg)
{
	struct deed *d = arg;

	return sent_waits_get(t, ACCOUNT, SENT, &f.arena, &d->entries);
}

/* How many entries the message has in the queue, as is known by it. */
static size_t waits(void)
{
	struct deed d = { 0 };

	assert_int_equal(store_read(f.ts.store, entries_get, &d), OK);
	return d.entries.count;
}

static enum err cancel(struct txn *t, void *arg)
{
	struct deed *d = arg;

	return queue_sent_cancel(f.queue, t, ACCOUNT, SENT, &d->count);
}

static enum err forget(struct txn *t, void *arg)
{
	return sent_waits_del(t, ACCOUNT, SENT, ((struct deed *)arg)->entry);
}

/* For these recipients, with others of another message around it. */
static void add(const char *first, const char *second)
{
	struct envelope_rcpt rcpts[] = { { .address = fixture_address(&f, first) },
		                         { .address = fixture_address(&f, second) } };

	fixture_add(&f, "a@here.example", "x@one.example");
	fixture_add_new(
		&f, (struct queue_new){ .envelope.submitter = ACCOUNT,
	                                .envelope.sent_id = SENT,
	                                .envelope.sender = fixture_address(&f, "a@here.example"),
	                                .envelope.rcpts = rcpts,
	                                .envelope.rcpt_count = 2 });
	fixture_add_new(&f, (struct queue_new){ .envelope.submitter = ACCOUNT,
	                                        .envelope.sent_id = SENT + 1 });
}

static void known_while_it_waits(void **state)
{
	struct queue_batch batch;

	(void)state;
	assert_int_equal(waits(), 0);
	add("x@two.example", "y@three.example");
	assert_int_equal(waits(), 2);
	while ((batch = fixture_take(&f, 1)).count != 0) {
		const struct queue_item *item = &batch.items[0];
		bool later = str_eq(item->destination, STR("three.example"));

		assert_int_equal(fixture_report(&f, item, later ? "l" : "d"), OK);
	}
	assert_int_equal(waits(), 1);
	assert_int_equal(fixture_fsck(&f, true), 0);
}

/* Recipients of one entry who go different ways by other rules. */
static void known_when_it_is_split(void **state)
{
	(void)state;
	fixture_smarthost(&f, true);
	fixture_reopen(&f);
	add("x@two.example", "y@three.example");
	assert_int_equal(waits(), 1);
	fixture_smarthost(&f, false);
	fixture_reopen(&f);
	fixture_place(&f);
	assert_int_equal(waits(), 2);
	assert_int_equal(fixture_fsck(&f, true), 0);
}

/* Entries of before this was kept. */
static void known_after_a_start(void **state)
{
	struct deed d = { 0 };

	(void)state;
	add("x@two.example", "y@three.example");
	assert_int_equal(store_read(f.ts.store, entries_get, &d), OK);
	d.entry = d.entries.items[1];
	assert_int_equal(store_write(f.ts.store, forget, &d, NULL), OK);
	assert_int_equal(waits(), 1);
	assert_int_equal(fixture_fsck(&f, false), 1);
	fixture_reopen(&f);
	assert_int_equal(waits(), 2);
	assert_int_equal(fixture_fsck(&f, true), 0);
}

/* But not what is being tried. */
static void taken_back(void **state)
{
	struct queue_want want = { .max = 1 };
	const struct queue_destination dest = { .destination = STR("three.example") };
	struct queue_batch batch;
	struct deed d = { 0 };

	(void)state;
	add("x@two.example", "y@three.example");
	want.now_ms = clock_real_ms();
	want.only = &dest;
	assert_int_equal(queue_take(f.queue, &want, &f.arena, &batch, NULL), OK);
	assert_int_equal(batch.count, 1);
	assert_int_equal(store_write(f.ts.store, cancel, &d, NULL), OK);
	assert_int_equal(d.count, 1);
	assert_int_equal(waits(), 1);
	assert_int_equal(store_write(f.ts.store, cancel, &d, NULL), OK);
	assert_int_equal(d.count, 0);
	assert_int_equal(fixture_report(&f, &batch.items[0], "l"), OK);
	assert_int_equal(store_write(f.ts.store, cancel, &d, NULL), OK);
	assert_int_equal(d.count, 1);
	assert_int_equal(waits(), 0);
	assert_int_equal(fixture_entries(&f).count, 2); /* of others */
	assert_int_equal(fixture_fsck(&f, true), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(known_while_it_waits),
		TEST(known_when_it_is_split),
		TEST(known_after_a_start),
		TEST(taken_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
