/* What is kept of mail that left: the history, how it ends, and addresses that are written to no
 * more. */
#include "unit/queue/fixture.h"

#include "foundation/observe/event.h"
#include "model/queue/past.h"
#include "model/queue/suppress.h"
#include "model/queue/take.h"

struct look {
	struct fixture *f;
	struct queue_past_query query;
	struct queue_past_list list;
};

static enum err look_run(struct txn *t, void *arg)
{
	struct look *l = arg;

	return queue_past_find(t, &l->query, &l->f->arena, &l->list);
}

static struct queue_past_list past(struct fixture *f, struct queue_past_query query)
{
	struct look l = { .f = f, .query = query };

	l.query.max = query.max != 0 ? query.max : 100;
	assert_int_equal(store_read(f->ts.store, look_run, &l), OK);
	return l.list;
}

static void open_with(struct fixture *f, uint64_t history, uint64_t suppress)
{
	fixture_open(f, STORE_LMDB);
	fixture_settings(f, (struct settings){ .queue_history_days = history,
		                               .queue_suppress_days = suppress });
	fixture_reopen(f);
}

static void history(void **state)
{
	struct queue_path path = { .route = STR("office"),
		                   .host = STR("mx.one.example"),
		                   .address = STR("192.0.2.1:25"),
		                   .tls = STR("TLS, DANE") };
	struct queue_result results[3] = {
		{ .outcome = QUEUE_DELIVERED,
		  .reply = { .code = 250, .text = STR("taken as 123") },
		  .path = &path },
		{ .outcome = QUEUE_DELAYED,
		  .reply = { .code = 451, .text = STR("later") },
		  .path = &path },
		{ .outcome = QUEUE_FAILED,
		  .reply = { .code = 550, .text = STR("no such user") },
		  .path = &path },
	};
	struct queue_past_list list;
	struct queue_batch batch;
	struct fixture f;

	(void)state;
	open_with(&f, 3, 0);
	fixture_add(&f, "a@here.example", "x@one.example y@one.example z@one.example");
	batch = fixture_take(&f, 1);
	assert_int_equal(queue_report(f.queue, &batch.items[0], results, NULL), OK);
	list = past(&f, (struct queue_past_query){ .before = 0 });
	assert_int_equal(list.count, 2); /* not the one that waits */
	check_str(list.items[0].rcpt.local, STR("z"));
	assert_false(list.items[0].delivered);
	check_str(list.items[1].rcpt.local, STR("x"));
	assert_true(list.items[1].delivered);
	assert_int_equal(list.items[1].attempts, 1);
	assert_int_equal(list.items[1].submitter, 7);
	check_str(list.items[1].reply.text, STR("taken as 123"));
	check_str(list.items[1].route, STR("office"));
	check_str(list.items[1].host, STR("mx.one.example"));
	check_str(list.items[1].address, STR("192.0.2.1:25"));
	check_str(list.items[1].tls, STR("TLS, DANE"));
	assert_int_equal(past(&f, (struct queue_past_query){ .text = STR("X@ONE") }).count, 1);
	assert_int_equal(past(&f, (struct queue_past_query){ .text = STR("192.0.2.1") }).count, 2);
	assert_int_equal(past(&f, (struct queue_past_query){ .text = STR("nobody") }).count, 0);
	assert_int_equal(past(&f, (struct queue_past_query){
					  .since_ms = clock_real_ms() + 1000 }).count, 0);
	assert_int_equal(past(&f, (struct queue_past_query){
					  .until_ms = clock_real_ms() - 60000 }).count, 0);
	list = past(&f, (struct queue_past_query){ .max = 1 });
	assert_true(list.count == 1 && list.next != 0);
	list = past(&f, (struct queue_past_query){ .max = 1, .before = list.next });
	assert_true(list.count == 1 && list.next == 0);
	check_str(list.items[0].rcpt.local, STR("x"));
	assert_int_equal(fixture_fsck(&f, true), 0);
	fixture_close(&f);
}

/* A domain is found by its U-labels, as it is in the queue. */
static void history_in_unicode(void **state)
{
	struct queue_past_query query = { .text = STR("x@b\xc3\xbc" "cher.example") };
	struct fixture f;

	(void)state;
	open_with(&f, 3, 0);
	fixture_add(&f, "a@here.example", "x@b\xc3\xbc" "cher.example");
	assert_int_equal(fixture_report(&f, &fixture_take(&f, 1).items[0], "d"), OK);
	assert_int_equal(past(&f, query).count, 1);
	query.text = STR("xn--bcher-kva");
	assert_int_equal(past(&f, query).count, 1);
	query.text = STR("b\xc3\xbc" "cher.test");
	assert_int_equal(past(&f, query).count, 0);
	fixture_close(&f);
}

/* What is too old goes with what comes, two for one; without a history all of it. */
static void history_ends(void **state)
{
	static const struct {
		int64_t days;
		size_t left;
	} rows[] = { { 0, 10 }, { 4, 9 }, { 0, 8 }, { 0, 7 }, { 0, 6 } };
	struct fixture f;

	(void)state;
	open_with(&f, 3, 0);
	for (int i = 0; i < 9; i++) {
		fixture_add(&f, "a@here.example", "x@one.example");
		assert_int_equal(fixture_report(&f, &fixture_take(&f, 1).items[0], "d"), OK);
	}
	for (size_t i = 0; i < COUNT(rows); i++) {
		clock_shift_real(rows[i].days * 86400000);
		fixture_add(&f, "a@here.example", "x@one.example");
		assert_int_equal(fixture_report(&f, &fixture_take(&f, 1).items[0], "d"), OK);
		check_at(i, past(&f, (struct queue_past_query){ .before = 0 }).count ==
		                    rows[i].left);
	}
	fixture_settings(&f, (struct settings){ .queue_history_days = 0 });
	fixture_reopen(&f);
	for (int i = 0; i < 4; i++) {
		clock_shift_real(1000);
		fixture_add(&f, "a@here.example", "x@one.example");
		assert_int_equal(fixture_report(&f, &fixture_take(&f, 1).items[0], "d"), OK);
	}
	assert_int_equal(past(&f, (struct queue_past_query){ .before = 0 }).count, 0);
	fixture_close(&f);
}

/* --- suppressed ------------------------------------------------------------------------- */

static void what_suppresses(void **state)
{
	static const struct {
		uint16_t code;
		const char *status, *remote;
		bool says;
	} rows[] = {
		{ 550, "5.1.1", "mx.one.example", true },   { 550, "5.1.10", "mx", true },
		{ 550, "5.7.1", "mx.one.example", false },  { 450, "5.1.1", "mx", false },
		{ 550, "5.1.1", "", false }, /* we said so */ { 550, "", "mx", false },
		{ 552, "5.2.2", "mx", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct envelope_reply reply = { .code = rows[i].code,
			                        .status = str_of(rows[i].status),
			                        .remote = str_of(rows[i].remote) };

		check_at(i, suppress_says(&reply) == rows[i].says);
	}
}

static void gone_fail(struct fixture *f, const char *sender)
{
	struct queue_result gone = { .outcome = QUEUE_FAILED,
		                     .reply = { .code = 550,
		                                .status = STR("5.1.1"),
		                                .text = STR("who is that"),
		                                .remote = STR("mx.one.example") } };
	struct queue_batch batch;

	fixture_add(f, sender, "Gone@one.example");
	batch = fixture_take(f, 1);
	assert_int_equal(batch.count, 1);
	assert_int_equal(queue_report(f->queue, &batch.items[0], &gone, NULL), OK);
}

static enum err lift(struct txn *t, void *arg)
{
	(void)arg;
	return queue_unsuppress(t, STR("here.example"), STR("GONE@one.example"));
}

static bool hits_sum(const struct queue_suppressed *s, void *arg)
{
	*(uint64_t *)arg += s->hits;
	return true;
}

static enum err hits(struct txn *t, void *arg)
{
	return queue_suppressed_each(t, hits_sum, arg);
}

static bool rows_count(const struct queue_suppressed *s, void *arg)
{
	(void)s;
	++*(unsigned *)arg;
	return true;
}

static enum err rows(struct txn *t, void *arg)
{
	return queue_suppressed_each(t, rows_count, arg);
}

struct suppress_many {
	unsigned from, count;
	int64_t until_ms;
};

static enum err suppress_some(struct txn *t, void *arg)
{
	const struct suppress_many *m = arg;
	enum err e = OK;

	for (unsigned i = m->from; e == OK && i < m->from + m->count; i++) {
		struct queue_suppressed s = {
			.domain = STR("here.example"),
			.address = str_fmt(txn_arena(t), "x%u@one.example", i * 7919 % 1000),
			.since_ms = clock_real_ms(),
			.until_ms = m->until_ms
		};

		e = queue_suppress(t, &s);
	}
	return e;
}

/* What ended goes as others come, whatever they are called; what an administrator wants for ever
 * stays. */
static void suppressed_no_more(void **state)
{
	struct suppress_many old = { 0, 50, clock_real_ms() + 1000 }, kept = { 50, 5, 0 },
			     new = { 60, 20, clock_real_ms() + 10 * 86400000LL };
	struct fixture f;
	unsigned count = 0;

	(void)state;
	open_with(&f, 3, 1);
	assert_int_equal(store_write(f.ts.store, suppress_some, &old, NULL), OK);
	assert_int_equal(store_write(f.ts.store, suppress_some, &kept, NULL), OK);
	assert_int_equal(store_read(f.ts.store, rows, &count), OK);
	assert_int_equal(count, 55);
	clock_shift_real(86400000);
	assert_int_equal(store_write(f.ts.store, suppress_some, &new, NULL), OK);
	count = 0;
	assert_int_equal(store_read(f.ts.store, rows, &count), OK);
	assert_int_equal(count, 25);
	fixture_close(&f);
}

static void suppressed(void **state)
{
	struct queue_batch batch;
	struct str bounce;
	struct fixture f;
	uint64_t sum = 0;

	(void)state;
	open_with(&f, 3, 10);
	gone_fail(&f, "a@here.example");
	assert_int_equal(fixture_letters(&f, "bounce", NULL), 1);
	/* the next is not tried, whatever the case; others of the message are */
	fixture_add(&f, "b@here.example", "gone@ONE.example x@one.example");
	batch = fixture_take(&f, 9);
	assert_int_equal(batch.count, 1);
	assert_int_equal(batch.items[0].envelope.rcpt_count, 1);
	check_str(batch.items[0].envelope.rcpts[0].address.local, STR("x"));
	assert_int_equal(fixture_report(&f, &batch.items[0], "d"), OK);
	assert_int_equal(fixture_take(&f, 9).count, 0);
	assert_int_equal(fixture_entries(&f).count, 0);
	assert_int_equal(fixture_letters(&f, "bounce", &bounce), 2);
	assert_true(str_find(bounce, STR("who is that")) > 0);
	assert_true(str_find(bounce, STR("bounced for good")) > 0);
	assert_int_equal(store_read(f.ts.store, hits, &sum), OK);
	assert_int_equal(sum, 1);
	/* another domain's mail is not touched by that */
	fixture_add(&f, "a@else.example", "gone@one.example");
	assert_int_equal(fixture_take(&f, 9).count, 1);
	/* nor anybody's when it has been lifted, or has ended */
	assert_int_equal(store_write(f.ts.store, lift, NULL, NULL), OK);
	assert_int_equal(store_write(f.ts.store, lift, NULL, NULL), ERR_MISSING);
	gone_fail(&f, "a@here.example");
	clock_shift_real(11 * 86400000LL);
	gone_fail(&f, "a@here.example");
	assert_int_equal(fixture_fsck(&f, true), 0);
	fixture_close(&f);
}

/* While there is no room for the bounces they wait, for no longer than that lasts. */
static void suppressed_without_room(void **state)
{
	struct queue_want want = { .now_ms = clock_real_ms() + 1000, .max = 9 };
	struct queue_batch batch;
	struct fixture f;

	(void)state;
	open_with(&f, 3, 10);
	gone_fail(&f, "a@here.example");
	for (int i = 0; i < 3; i++)
		fixture_add(&f, "b@here.example", "gone@one.example");
	f.put_error = ERR_FULL;
	fixture_add(&f, "b@here.example", "x@two.example");
	/* others go meanwhile */
	assert_int_equal(queue_take(f.queue, &want, &f.arena, &batch, NULL), OK);
	assert_int_equal(batch.count, 1);
	check_str(batch.items[0].envelope.rcpts[0].address.local, STR("x"));
	assert_int_equal(fixture_report(&f, &batch.items[0], "d"), OK);
	assert_int_equal(queue_take(f.queue, &want, &f.arena, &batch, NULL), OK);
	assert_int_equal(batch.count, 0);
	assert_in_range(batch.next_ms, want.now_ms + 1, want.now_ms + 61000);
	assert_int_equal(fixture_entries(&f).count, 3);
	assert_int_equal(fixture_letters(&f, "bounce", NULL), 1);
	f.put_error = OK;
	fixture_time_passes(62000);
	assert_int_equal(fixture_take(&f, 9).count, 0);
	assert_int_equal(fixture_entries(&f).count, 0);
	assert_int_equal(fixture_letters(&f, "bounce", NULL), 4);
	assert_int_equal(fixture_fsck(&f, true), 0);
	fixture_close(&f);
}

/* Rows of before 1.4 end before the address. */
static enum err old_row(struct txn *t, void *arg)
{
	struct str record = STR_EMPTY;
	struct kv_iter it;
	struct str key;
	enum err e;

	kv_iter_prefix(&it, t, SPACE_QUEUE_PAST, STR_EMPTY);
	if (kv_iter_next(&it))
		record = str_dup(txn_arena(t), str_sub(it.val, 0, it.val.n - 1));
	key = str_dup(txn_arena(t), it.key);
	e = kv_iter_end(&it);
	(void)arg;
	return e == OK ? kv_put(t, SPACE_QUEUE_PAST, key, record) : e;
}

static void older_history(void **state)
{
	struct fixture f;

	(void)state;
	open_with(&f, 3, 0);
	fixture_add(&f, "a@here.example", "x@one.example");
	assert_int_equal(fixture_report(&f, &fixture_take(&f, 1).items[0], "d"), OK);
	assert_int_equal(store_write(f.ts.store, old_row, NULL, NULL), OK);
	assert_int_equal(past(&f, (struct queue_past_query){ .before = 0 }).count, 1);
	assert_int_equal(fixture_fsck(&f, true), 0);
	fixture_close(&f);
}

/* Ids of one moment follow each other, however many there are. */
static void many_at_once(void **state)
{
	enum { RCPTS = 60, ROUNDS = 3 };
	struct queue_past_list list;
	char rcpts[RCPTS * 20] = "";
	char letters[RCPTS + 1];
	struct fixture f;
	size_t n = 0;

	(void)state;
	open_with(&f, 3, 0);
	for (int i = 0; i < RCPTS; i++) {
		n += (size_t)snprintf(rcpts + n, sizeof(rcpts) - n, "%sx%d@one.example",
		                      i ? " " : "", i);
		letters[i] = 'd';
	}
	letters[RCPTS] = '\0';
	for (int i = 0; i < ROUNDS; i++) {
		fixture_add(&f, "a@here.example", rcpts);
		assert_int_equal(fixture_report(&f, &fixture_take(&f, 1).items[0], letters), OK);
	}
	list = past(&f, (struct queue_past_query){ .max = 1000 });
	assert_int_equal(list.count, RCPTS * ROUNDS);
	for (size_t i = 1; i < list.count; i++)
		check_at(i, list.items[i].id < list.items[i - 1].id);
	fixture_close(&f);
}

static enum err harm(struct txn *t, void *arg)
{
	enum space s = *(enum space *)arg;

	return kv_put(t, s, STR("damaged\0x"), STR("\x63"));
}

static void fsck_finds(void **state)
{
	static enum space spaces[] = { SPACE_QUEUE_PAST, SPACE_QUEUE_SUPPRESSED };

	(void)state;
	for (size_t i = 0; i < COUNT(spaces); i++) {
		struct fixture f;

		open_with(&f, 3, 0);
		assert_int_equal(store_write(f.ts.store, harm, &spaces[i], NULL), OK);
		check_at(i, fixture_fsck(&f, false) == 1);
		fixture_close(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(history),    cmocka_unit_test(history_in_unicode),
		cmocka_unit_test(history_ends),
		cmocka_unit_test(what_suppresses), cmocka_unit_test(suppressed),
		cmocka_unit_test(suppressed_no_more),
		cmocka_unit_test(suppressed_without_room),
		cmocka_unit_test(older_history), cmocka_unit_test(many_at_once),
		cmocka_unit_test(fsck_finds),
	};

	event_fd_set(-1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
