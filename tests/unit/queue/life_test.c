/* A message's life in the queue, step by step, with a clock of our own. */
#include "unit/queue/each.h"

#include "foundation/config/limits.h"
#include "model/history/sent.h"
#include "model/queue/add.h"
#include "model/queue/admin.h"
#include "model/queue/entry.h"
#include "model/queue/take.h"

static void one_entry_a_destination(void **state)
{
	struct queue_list list;
	uint64_t message =
		fixture_add(&f, "a@here.example", "x@one.example y@two.example z@one.example");

	(void)state;
	list = fixture_entries(&f);
	assert_int_equal(list.count, 2);
	check_str(list.items[0].destination, STR("one.example"));
	assert_int_equal(list.items[0].envelope.rcpt_count, 2);
	check_str(list.items[0].envelope.rcpts[1].address.local, STR("z"));
	check_str(list.items[1].destination, STR("two.example"));
	assert_int_equal(list.items[1].envelope.rcpt_count, 1);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(list.items[i].message, message);
		assert_int_equal(list.items[i].envelope.submitter, 7);
		assert_int_equal(list.items[i].size_bytes, sizeof(RAW) - 1);
		assert_int_equal(list.items[i].attempts, 0);
		check_str(list.items[i].envelope.sender.local, STR("a"));
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
	struct str skip[] = { STR("one.example"), STR("two.example"), STR_EMPTY };
	const struct queue_destination one = { .destination = skip[0] };
	struct queue_want want = { .max = 2 };
	struct queue_batch batch;

	(void)state;
	fixture_add(&f, "a@here.example", "1@one.example");
	fixture_time_passes(10);
	fixture_add(&f, "a@here.example", "2@two.example");
	fixture_time_passes(10);
	fixture_add(&f, "a@here.example", "3@one.example 3@three.example");
	fixture_time_passes(10);
	fixture_add(&f, "a@here.example", "4@one.example");
	fixture_time_passes(10);
	want.now_ms = clock_real_ms();

	assert_int_equal(queue_take(f.queue, &want, &f.arena, &batch, NULL), OK);
	assert_int_equal(batch.count, 2);
	check_str(batch.items[0].envelope.rcpts[0].address.local, STR("1"));
	check_str(batch.items[1].envelope.rcpts[0].address.local, STR("3"));
	assert_true(batch.next_ms <= want.now_ms);

	want.only = &one; /* the connection is open: what else goes there? */
	assert_int_equal(queue_take(f.queue, &want, &f.arena, &batch, NULL), OK);
	assert_int_equal(batch.count, 1);
	check_str(batch.items[0].envelope.rcpts[0].address.local, STR("4"));
	assert_int_equal(queue_take(f.queue, &want, &f.arena, &batch, NULL), OK);
	assert_int_equal(batch.count, 0);

	want.only = NULL;
	want.may = may_unless;
	want.may_arg = skip;
	assert_int_equal(queue_take(f.queue, &want, &f.arena, &batch, NULL), OK);
	assert_int_equal(batch.count, 1);
	check_str(batch.items[0].destination, STR("three.example"));
	/* two.example is due, but not for this asker: he waits for the leases' ends. */
	assert_true(batch.next_ms > want.now_ms);
	assert_true(batch.next_ms <= want.now_ms + (int64_t)LIMIT_queue_lease_s * 1000);

	want.may = NULL;
	assert_int_equal(queue_take(f.queue, &want, &f.arena, &batch, NULL), OK);
	assert_int_equal(batch.count, 1);
	check_str(batch.items[0].destination, STR("two.example"));
	assert_int_equal(fixture_fsck(&f, true), 0);
}

static void next_due(void **state)
{
	int64_t due;
	struct queue_batch batch;

	(void)state;
	assert_true(fixture_take(&f, 1).next_ms == INT64_MAX);
	fixture_add(&f, "a@here.example", "x@one.example");
	batch = fixture_take(&f, 1);
	assert_int_equal(batch.count, 1);
	assert_int_equal(fixture_report(&f, &batch.items[0], "l"), OK);
	due = fixture_take(&f, 1).next_ms;
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
		if (fixture_entries(&f).count == 0)
			break;
		if (batch.count == 0) {
			fixture_time_passes(batch.next_ms - clock_real_ms() + 1);
			continue;
		}
		assert_int_equal(batch.items[0].attempts, attempts++);
		assert_int_equal(
			fixture_report(&f, &batch.items[0],
		                       batch.items[0].envelope.rcpt_count == 2 ? "ld" : "l"),
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
	assert_int_equal(fixture_entries(&f).items[0].envelope.rcpt_count, 1);
	check_str(fixture_entries(&f).items[0].envelope.rcpts[0].address.local, STR("z"));
	assert_int_equal(fixture_entries(&f).items[0].envelope.rcpts[0].reply.code, 451);
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
	fixture_time_passes(6 * 86400000LL);
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
		uint32_t submitter;
	} rows[] = {
		{ 0, 1, 1, 1 }, /* a user of this server */
		{ 0, 0, 1, 0 }, /* a remote sender has to ask for notices of delay */
		{ DSN_NEVER, 0, 0, 1 },
		{ DSN_SUCCESS, 0, 0, 1 },
		{ DSN_FAILURE, 0, 1, 1 },
		{ DSN_DELAY, 1, 0, 0 },
		{ DSN_DELAY | DSN_FAILURE, 1, 1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned notices = fixture_letters(&f, "notice", NULL);
		unsigned bounces = fixture_letters(&f, "bounce", NULL);
		struct envelope_rcpt rcpt = { .address = fixture_address(&f, "x@one.example"),
			                      .notify = rows[i].notify };
		static const struct str raw = { RAW, sizeof(RAW) - 1 };
		struct fixture_add a = { .f = &f };
		struct blob_draft *draft;

		assert_int_equal(blob_prepare(f.ts.store, &raw, 1, &draft, NULL), OK);
		a.new = (struct queue_new){ .draft = draft,
			                    .envelope.sender =
			                            fixture_address(&f, "a@here.example"),
			                    .envelope.submitter = rows[i].submitter,
			                    .envelope.rcpts = &rcpt,
			                    .envelope.rcpt_count = 1 };
		assert_int_equal(store_write(f.ts.store, add_run, &a, NULL), OK);
		blob_draft_free(&draft);
		fixture_time_passes(86400000);
		for (int j = 0; j < 2; j++) {
			struct queue_batch batch = fixture_take(&f, 1);

			assert_int_equal(batch.count, 1);
			assert_int_equal(fixture_report(&f, &batch.items[0], "l"), OK);
			fixture_time_passes(86400000LL * 5);
		}
		check_at(i, fixture_letters(&f, "notice", NULL) == notices + rows[i].notices);
		check_at(i, fixture_letters(&f, "bounce", NULL) == bounces + rows[i].bounces);
	}
}

/* What the next server says it can do, beside its 250. */
static enum err report_taken(const struct queue_item *item, bool reports, bool hurries, bool here)
{
	struct queue_result result = { .outcome = QUEUE_DELIVERED,
		                       .reply = { .code = 250,
		                                  .text = STR("Ok"),
		                                  .remote = STR("mx.there.example") },
		                       .reports = reports,
		                       .hurries = hurries,
		                       .here = here };

	assert_int_equal(item->envelope.rcpt_count, 1);
	return queue_report(f.queue, item, &result, NULL);
}

static void add_by(const char *sender, unsigned notify, enum envelope_by by, bool trace,
                   int64_t left_ms)
{
	struct envelope_rcpt rcpt = { .address = fixture_address(&f, "x@one.example"),
		                      .notify = notify };

	fixture_add_new(&f, (struct queue_new){ .envelope.sender = fixture_address(&f, sender),
	                                        .envelope.rcpts = &rcpt,
	                                        .envelope.rcpt_count = 1,
	                                        .envelope.by_mode = by,
	                                        .envelope.by_trace = trace,
	                                        .envelope.by_ms = clock_real_ms() + left_ms });
}

/* RFC 3461 5.2.2 (b), RFC 2852 4.1.4: who is told that the mail was passed on */
static void told_of_relaying(void **state)
{
	static const struct {
		const char *sender;
		unsigned notify;
		enum envelope_by by;
		bool trace, reports, hurries, here;
		bool told;
	} rows[] = {
		{ "a@here.example", 0, ENVELOPE_BY_NONE, 0, 0, 0, 0, false },
		{ "a@here.example", DSN_SUCCESS, ENVELOPE_BY_NONE, 0, 0, 0, 0, true },
		{ "a@here.example", DSN_SUCCESS, ENVELOPE_BY_NONE, 0, 1, 0, 0, false },
		{ "a@here.example", DSN_SUCCESS, ENVELOPE_BY_NONE, 0, 0, 0, 1, false },
		{ "a@here.example", DSN_FAILURE, ENVELOPE_BY_NONE, 0, 0, 0, 0, false },
		{ "a@here.example", DSN_NEVER, ENVELOPE_BY_NOTIFY, 1, 0, 0, 0, false },
		{ "", DSN_SUCCESS, ENVELOPE_BY_NONE, 0, 0, 0, 0, false },
		{ "a@here.example", 0, ENVELOPE_BY_NOTIFY, 0, 1, 0, 0, true },
		{ "a@here.example", 0, ENVELOPE_BY_NOTIFY, 0, 1, 1, 0, false },
		{ "a@here.example", 0, ENVELOPE_BY_NOTIFY, 1, 1, 1, 0, true },
		{ "a@here.example", 0, ENVELOPE_BY_RETURN, 0, 1, 1, 0, false },
		{ "a@here.example", DSN_FAILURE, ENVELOPE_BY_RETURN, 1, 1, 1, 0, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned before = fixture_letters(&f, "notice", NULL);
		struct queue_batch batch;

		add_by(rows[i].sender, rows[i].notify, rows[i].by, rows[i].trace, 600000);
		batch = fixture_take(&f, 1);
		assert_int_equal(batch.count, 1);
		assert_int_equal(report_taken(&batch.items[0], rows[i].reports, rows[i].hurries,
		                              rows[i].here),
		                 OK);
		check_at(i, fixture_letters(&f, "notice", NULL) == before + rows[i].told);
		check_at(i, fixture_letters(&f, "bounce", NULL) == 0);
	}
}

/* RFC 2852 4.1.3: R goes back when its time is over, of N its sender is told once, and it is
 * tried on. */
static void the_end_of_the_senders_time(void **state)
{
	static const struct {
		enum envelope_by by;
		unsigned notices, bounces;
	} rows[] = { { ENVELOPE_BY_RETURN, 0, 1 }, { ENVELOPE_BY_NOTIFY, 1, 0 } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned notices = fixture_letters(&f, "notice", NULL);
		unsigned bounces = fixture_letters(&f, "bounce", NULL);

		add_by("a@here.example", 0, rows[i].by, false, 60000);
		for (int j = 0; j < 3; j++) {
			struct queue_batch batch = fixture_take(&f, 1);

			if (batch.count != 0)
				assert_int_equal(fixture_report(&f, &batch.items[0], "l"), OK);
			fixture_time_passes(61000);
		}
		check_at(i, fixture_letters(&f, "notice", NULL) == notices + rows[i].notices);
		check_at(i, fixture_letters(&f, "bounce", NULL) == bounces + rows[i].bounces);
		check_at(i, fixture_entries(&f).count == (rows[i].by == ENVELOPE_BY_NOTIFY));
	}
}

/* A bounce that cannot be written now keeps no other mail from going, and comes a minute later. */
static void late_without_a_bounce(void **state)
{
	static const enum err errors[] = { ERR_FULL, ERR_CORRUPT };

	(void)state;
	for (size_t i = 0; i < COUNT(errors); i++) {
		unsigned bounces = fixture_letters(&f, "bounce", NULL);
		struct queue_batch batch;

		add_by("a@here.example", 0, ENVELOPE_BY_RETURN, false, 60000);
		batch = fixture_take(&f, 1);
		assert_int_equal(fixture_report(&f, &batch.items[0], "l"), OK);
		fixture_time_passes(61000);
		fixture_add(&f, "a@here.example", "x@two.example");
		f.put_error = errors[i];
		batch = fixture_take(&f, 1);
		check_at(i, batch.count == 1);
		check_str(batch.dest.destination, STR("two.example"));
		assert_int_equal(fixture_report(&f, &batch.items[0], "d"), OK);
		batch = fixture_take(&f, 1);
		check_at(i, batch.count == 0 && batch.next_ms <= clock_real_ms() + 60000);
		check_at(i, fixture_letters(&f, "bounce", NULL) == bounces);
		f.put_error = OK;
		fixture_time_passes(61000);
		check_at(i, fixture_take(&f, 1).count == 0);
		check_at(i, fixture_letters(&f, "bounce", NULL) == bounces + 1);
		check_at(i, fixture_entries(&f).count == 0);
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
	assert_int_equal(fixture_entries(&f).items[0].envelope.rcpt_count, 1);
	fixture_time_passes(1000000);
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

static enum err sent_harm(struct txn *t, void *arg)
{
	const struct sent_rcpt rcpt = { .address = STR("x@one.example"), .state = SENT_QUEUED };
	const struct sent_new new = {
		.sent = { .account = 7, .id = *(uint64_t *)arg, .from = STR("a@here.example") },
		.rcpts = &rcpt,
		.rcpt_count = 1,
	};
	enum err e = sent_put(t, &new, 3);
	struct str key = STR_EMPTY;
	struct kv_iter it;

	kv_iter_prefix(&it, t, SPACE_SENT, STR_EMPTY);
	while (kv_iter_next(&it))
		key = str_dup(txn_arena(t), it.key); /* the last is the recipient's */
	if (e == OK)
		e = kv_iter_end(&it);
	return e == OK ? kv_put(t, SPACE_SENT, key, STR("\x63")) : e;
}

/* A damaged row of what is only told of it does not make anything go again. */
static void a_damaged_row(void **state)
{
	struct queue_batch batch;
	uint64_t id = sent_id_new(clock_real_ms());

	(void)state;
	assert_int_equal(store_write(f.ts.store, sent_harm, &id, NULL), OK);
	fixture_add_new(
		&f, (struct queue_new){ .envelope.sender = fixture_address(&f, "a@here.example"),
	                                .envelope.submitter = 7,
	                                .envelope.sent_id = id });
	batch = fixture_take(&f, 1);
	assert_int_equal(fixture_report(&f, &batch.items[0], "d"), OK);
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
	fixture_time_passes((int64_t)LIMIT_queue_lease_s * 1000 + 1);
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
	fixture_time_passes(5001);
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

	queue_wake_after(f.queue, t);
	return a->drop ? queue_drop(NULL, t, a->id)
	               : queue_retry(t, a->id, clock_real_ms(), &a->count);
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
	a.id = 3; /* the other server may have it any moment */
	assert_int_equal(store_write(f.ts.store, admin_run, &a, NULL), ERR_CONFLICT);
	assert_int_equal(fixture_report(&f, &batch.items[0], "l"), OK);
	assert_int_equal(store_write(f.ts.store, admin_run, &a, NULL), OK);
	assert_int_equal(fixture_entries(&f).count, 2);
	batch = fixture_take(&f, 1);
	assert_int_equal(batch.count, 1);
	a.id = batch.items[0].id;
	assert_int_equal(store_write(f.ts.store, admin_run, &a, NULL), ERR_CONFLICT);
	fixture_time_passes(1000 * LIMIT_queue_lease_s + 1); /* who holds it is gone */
	assert_int_equal(store_write(f.ts.store, admin_run, &a, NULL), OK);
	assert_int_equal(fixture_entries(&f).count, 1);
	assert_int_equal(fixture_fsck(&f, true), 0);
}

static enum err deed_error;

static enum err deed_put(struct txn *t, void *arg)
{
	enum err e = kv_put(t, SPACE_LOOKUP, STR("deed"), STR("done"));

	(void)arg;
	return e == OK ? deed_error : e;
}

/* A delivery here and the queue's forgetting of it are one: who fails has both undone. */
static void deeds_are_part_of_the_report(void **state)
{
	const struct queue_deed deed = { deed_put, NULL };
	struct queue_result results[2] = {
		{ .outcome = QUEUE_DELIVERED, .here = true, .deed = &deed },
		{ .outcome = QUEUE_DELIVERED, .reply = { .code = 250 } },
	};
	struct fixture_rows rows = { .f = &f, .prefix = "deed" };
	struct queue_batch batch;

	(void)state;
	fixture_add(&f, "a@here.example", "x@one.example y@one.example");
	batch = fixture_take(&f, 1);
	deed_error = ERR_LIMIT;
	assert_int_equal(queue_report(f.queue, &batch.items[0], results, NULL), ERR_LIMIT);
	assert_int_equal(store_read(f.ts.store, rows_run, &rows), OK);
	assert_int_equal(rows.count, 0);
	assert_int_equal(fixture_entries(&f).items[0].envelope.rcpt_count, 2);
	deed_error = OK;
	assert_int_equal(queue_report(f.queue, &batch.items[0], results, NULL), OK);
	assert_int_equal(store_read(f.ts.store, rows_run, &rows), OK);
	assert_int_equal(rows.count, 1);
	assert_int_equal(fixture_entries(&f).count, 0);
	/* not even once more by somebody whose lease has ended */
	deed_error = ERR_IO;
	assert_int_equal(queue_report(f.queue, &batch.items[0], results, NULL), ERR_CONFLICT);
}

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
		TEST(told_of_relaying),
		TEST(the_end_of_the_senders_time),
		TEST(double_bounce),
		TEST(late_without_a_bounce),
		TEST(bounce_that_cannot_be_made),
		TEST(a_damaged_row),
		TEST(leases_end),
		TEST(release_gives_back),
		TEST(administrator),
		TEST(deeds_are_part_of_the_report),
	};
	int failed = 0;

	backend = STORE_MEMORY;
	failed += cmocka_run_group_tests_name("memory", tests, NULL, NULL);
	backend = STORE_LMDB;
	failed += cmocka_run_group_tests_name("lmdb", tests, NULL, NULL);
	return failed;
}
