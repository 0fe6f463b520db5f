/* What programs sent: kept, noted, asked twice, and forgotten. */
#include "harness/check.h"
#include "harness/temp_store.h"

#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "foundation/config/limits.h"
#include "model/history/sent.h"
#include "model/objects/objects.h"
#include "model/store/fsck.h"
#include "model/store/kv.h"

#include <string.h>

enum { DAY_MS = 86400000, ACCOUNT = 7 };

static const int64_t now_ms = (int64_t)20000 * DAY_MS;
static const struct sent_rcpt rcpts[] = {
	{ .address = STR("ada@example.net"), .state = SENT_QUEUED, .time_ms = 1 },
	{ .address = STR("bob@example.net"),
	  .state = SENT_REFUSED,
	  .time_ms = 1,
	  .reply = STR("550 5.1.1 no") },
};

static struct temp_store ts;

/* One call in a transaction of its own. */
struct deed {
	enum err (*run)(struct txn *t, struct deed *d);
	struct sent_new new;
	struct sent_key key;
	struct sent_rcpt note;
	uint64_t id, days;
	int64_t at_ms;
	struct arena a;
	struct sent sent;
	struct sent_rcpts rcpts;
	struct sent_query query;
	struct sent_list list;
};

static enum err deed_run(struct txn *t, void *arg)
{
	struct deed *d = arg;

	return d->run(t, d);
}

static enum err in_store(enum err (*run)(struct txn *, struct deed *), struct deed *d)
{
	d->run = run;
	return store_write(ts.store, deed_run, d, NULL);
}

static enum err put(struct txn *t, struct deed *d)
{
	return sent_put(t, &d->new, d->days);
}

static enum err get(struct txn *t, struct deed *d)
{
	enum err e = sent_get(t, ACCOUNT, d->id, &d->a, &d->sent);

	return e == OK ? sent_rcpts_get(t, ACCOUNT, d->id, 10, &d->a, &d->rcpts) : e;
}

static enum err note(struct txn *t, struct deed *d)
{
	return sent_note(t, ACCOUNT, d->id, &d->note);
}

/* It has come to its end. */
static void settle(const struct deed *of)
{
	struct deed d = { .id = of->new.sent.id,
		          .note = { .address = STR("ada@example.net"),
		                    .state = SENT_DELIVERED,
		                    .time_ms = 2 } };

	assert_int_equal(in_store(note, &d), OK);
}

static enum err wait(struct txn *t, struct deed *d)
{
	return sent_waits_put(t, d->new.sent.account, d->new.sent.id, d->id);
}

static enum err wait_no_more(struct txn *t, struct deed *d)
{
	return sent_waits_del(t, d->new.sent.account, d->new.sent.id, d->id);
}

/* An entry of the queue is of that message. */
static void lies_in_queue(const struct deed *of, uint64_t entry)
{
	struct deed d = { .new = of->new, .id = entry };

	assert_int_equal(in_store(wait, &d), OK);
}

static enum err key_get(struct txn *t, struct deed *d)
{
	return sent_key_get(t, ACCOUNT, d->key.hash, d->at_ms, &d->a, &d->key);
}

static enum err erase(struct txn *t, struct deed *d)
{
	(void)d;
	return sent_erase(t, ACCOUNT);
}

static struct deed message(int64_t at_ms, const struct sent_key *key)
{
	return (struct deed){
		.days = 2,
		.new = { .sent = { .account = ACCOUNT,
		                   .id = sent_id_new(at_ms),
		                   .created_ms = at_ms,
		                   .send_at_ms = at_ms + 5,
		                   .from = STR("eve@example.org"),
		                   .message_id = STR("<1@x>"),
		                   .tag = STR("bill"),
		                   .metadata = STR("{\"a\":\"b\"}"),
		                   .trace = 9 },
		         .rcpts = rcpts,
		         .rcpt_count = COUNT(rcpts),
		         .key = key },
	};
}

static void sane(void)
{
	struct fsck_report report = { .say = NULL };

	assert_int_equal(fsck_run(ts.store, &sent_fsck, 1, &report, NULL), OK);
	assert_int_equal(report.findings, 0);
}

static int setup(void **state)
{
	(void)state;
	temp_store_open(&ts, STORE_LMDB);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sane();
	temp_store_remove(&ts);
	return 0;
}

static void kept(void **state)
{
	struct deed d = message(now_ms, NULL);

	(void)state;
	assert_int_equal(in_store(put, &d), OK);
	assert_int_equal(in_store(put, &d), ERR_CONFLICT); /* the id */
	d.id = d.new.sent.id;
	temp_store_reopen(&ts);
	assert_int_equal(in_store(get, &d), OK);
	check_str(d.sent.from, STR("eve@example.org"));
	check_str(d.sent.message_id, STR("<1@x>"));
	check_str(d.sent.metadata, STR("{\"a\":\"b\"}"));
	assert_true(d.sent.trace == 9 && d.sent.send_at_ms == now_ms + 5);
	assert_int_equal(d.rcpts.count, 2);
	check_str(d.rcpts.items[1].address, STR("bob@example.net"));
	check_str(d.rcpts.items[1].reply, STR("550 5.1.1 no"));
	assert_true(d.rcpts.total == 2 && d.rcpts.in_state[SENT_QUEUED] == 1 &&
	            d.rcpts.in_state[SENT_REFUSED] == 1);
	d.id++;
	assert_int_equal(in_store(get, &d), ERR_MISSING);
	sane();
	assert_int_equal(in_store(erase, &d), OK);
	d.id--;
	assert_int_equal(in_store(get, &d), ERR_MISSING);
	arena_deinit(&d.a);
}

/* What is known of the message's first recipient, in row i of a table. */
static void check_first(size_t i, struct deed *d, enum sent_state state, bool stopped,
                        const char *reply)
{
	check_at(i, in_store(get, d) == OK);
	check_at(i, d->rcpts.items[0].state == state);
	check_at(i, d->rcpts.items[0].stopped == stopped);
	check_str_at(i, d->rcpts.items[0].reply, str_of(reply));
}

/* A bounce stays one; what is settled is not queued again; and whatever went, that the rest was
 * taken back is known. */
static void states(void **state)
{
	static const struct {
		enum sent_state now, after;
		bool stopped;
		const char *reply, *known;
	} rows[] = {
		{ SENT_DELAYED, SENT_DELAYED, false, "451 later", "451 later" },
		{ SENT_DELAYED, SENT_DELAYED, false, "", "451 later" },
		{ SENT_QUEUED, SENT_QUEUED, false, "", "" },
		{ SENT_CANCELLED, SENT_CANCELLED, true, "", "" },
		{ SENT_QUEUED, SENT_QUEUED, true, "", "" }, /* one was being tried just then */
		{ SENT_CANCELLED, SENT_CANCELLED, true, "", "" },
		{ SENT_DELIVERED, SENT_DELIVERED, true, "250 ok", "250 ok" },
		{ SENT_DELAYED, SENT_DELIVERED, true, "", "250 ok" },
		{ SENT_CANCELLED, SENT_DELIVERED, true, "", "250 ok" },
		{ SENT_BOUNCED, SENT_BOUNCED, true, "550 no", "550 no" },
		{ SENT_DELIVERED, SENT_BOUNCED, true, "250 ok", "550 no" },
		{ SENT_BOUNCED, SENT_BOUNCED, true, "551 no", "550 no" },
	};
	struct deed d = message(now_ms, NULL);

	(void)state;
	assert_int_equal(in_store(put, &d), OK);
	d.id = d.new.sent.id;
	for (size_t i = 0; i < COUNT(rows); i++) {
		d.note = (struct sent_rcpt){ .address = STR("ada@example.net"),
			                     .state = rows[i].now,
			                     .time_ms = 2,
			                     .reply = str_of(rows[i].reply) };
		check_at(i, in_store(note, &d) == OK);
		check_first(i, &d, rows[i].after, rows[i].stopped, rows[i].known);
	}
	/* What went before anything was taken back. */
	d.note = (struct sent_rcpt){ .address = STR("bob@example.net"), .state = SENT_CANCELLED };
	assert_int_equal(in_store(note, &d), OK);
	assert_int_equal(in_store(get, &d), OK);
	assert_true(d.rcpts.items[1].state == SENT_REFUSED && d.rcpts.items[1].stopped);
	check_str(d.rcpts.items[1].reply, STR("550 5.1.1 no"));
	d.note.address = STR("eve@example.net");
	assert_int_equal(in_store(note, &d), ERR_MISSING);
	d.note.address = STR("");
	assert_int_equal(in_store(note, &d), ERR_MISSING);
	arena_deinit(&d.a);
}

static enum err put_old_row(struct txn *t, struct deed *d)
{
	struct buf key, record;
	enum err e;

	buf_init(&key, 100);
	buf_init(&record, 100);
	pack_be32(&key, ACCOUNT);
	pack_be64(&key, d->id);
	buf_put(&key, d->note.address);
	pack_u64(&record, 1);
	pack_u64(&record, d->note.state);
	pack_u64(&record, 7);
	pack_str(&record, STR("words"));
	e = kv_put(t, SPACE_SENT, buf_str(&key), buf_str(&record));
	buf_deinit(&key);
	buf_deinit(&record);
	return e;
}

/* As rows were before they said whether something was stopped. */
static void rows_of_before(void **state)
{
	static const enum sent_state states[] = { SENT_QUEUED, SENT_DELIVERED, SENT_CANCELLED };
	struct deed d = message(now_ms, NULL);

	(void)state;
	assert_int_equal(in_store(put, &d), OK);
	d.id = d.new.sent.id;
	for (size_t i = 0; i < COUNT(states); i++) {
		d.note = (struct sent_rcpt){ .address = STR("ada@example.net"),
			                     .state = states[i] };
		check_at(i, in_store(put_old_row, &d) == OK);
		check_first(i, &d, states[i], states[i] == SENT_CANCELLED, "words");
	}
	arena_deinit(&d.a);
}

static void keys(void **state)
{
	struct sent_key key = { .hash = { 1 }, .request = { 2 }, .answer = STR("{}") };
	struct deed first = message(now_ms, &key), second = message(now_ms + 1000, &key);
	struct deed look = { .key = { .hash = { 1 } }, .at_ms = now_ms };
	int64_t day_ms = (int64_t)LIMIT_sent_key_s * 1000;

	(void)state;
	assert_int_equal(in_store(key_get, &look), ERR_MISSING);
	assert_int_equal(in_store(put, &first), OK);
	assert_int_equal(in_store(put, &second), ERR_CONFLICT);
	settle(&first);
	look.at_ms = now_ms + day_ms - 1;
	assert_int_equal(in_store(key_get, &look), OK);
	assert_int_equal(look.key.request[0], 2);
	check_str(look.key.answer, STR("{}"));
	look.at_ms = now_ms + day_ms;
	assert_int_equal(in_store(key_get, &look), ERR_MISSING);
	/* After a day it is another message's, and what goes with the old one leaves it alone. */
	second = message(now_ms + day_ms, &key);
	assert_int_equal(in_store(put, &second), OK);
	arena_deinit(&look.a);
	look = (struct deed){ .key = { .hash = { 1 } }, .at_ms = now_ms + 2 * DAY_MS + 500 };
	struct deed third = message(now_ms + 2 * DAY_MS + 1, NULL);
	assert_int_equal(in_store(put, &third), OK);
	assert_int_equal(in_store(key_get, &look),
	                 look.at_ms - second.new.sent.created_ms < day_ms ? OK : ERR_MISSING);
	look.at_ms = second.new.sent.created_ms + 1;
	assert_int_equal(in_store(key_get, &look), OK);
	arena_deinit(&look.a);
}

/* What is too old goes with what comes, two at a time. */
static void old_ones_go(void **state)
{
	struct deed olds[3], new = message(now_ms + 3 * DAY_MS, NULL);

	(void)state;
	for (size_t i = 0; i < COUNT(olds); i++) {
		olds[i] = message(now_ms + (int64_t)i, NULL);
		assert_int_equal(in_store(put, &olds[i]), OK);
		olds[i].id = olds[i].new.sent.id;
		settle(&olds[i]);
	}
	assert_int_equal(in_store(put, &new), OK);
	for (size_t i = 0; i < COUNT(olds); i++) {
		check_at(i, in_store(get, &olds[i]) == (i < 2 ? ERR_MISSING : OK));
		arena_deinit(&olds[i].a);
	}
}

static enum err object_read(struct txn *t, struct deed *d)
{
	struct object o;
	enum err e = object_get(t, ACCOUNT, OBJECT_SUBMISSION, d->id, &o);

	if (e == OK)
		check_str(o.record, d->new.object);
	return e ? e : objects_modseq(t, ACCOUNT, OBJECT_SUBMISSION, &d->days);
}

/* The object of a message is added, changes and is removed with it. */
static void objects_follow(void **state)
{
	struct deed d = message(now_ms, NULL), new = message(now_ms + 3 * DAY_MS, NULL), look = d;
	uint64_t object = 0, before;

	(void)state;
	d.new.object = look.new.object = STR("record");
	d.new.object_id = &object;
	assert_int_equal(in_store(put, &d), OK);
	look.id = object;
	assert_int_equal(in_store(object_read, &look), OK);
	before = look.days;
	d.id = d.new.sent.id;
	settle(&d);
	assert_int_equal(in_store(object_read, &look), OK);
	assert_int_equal(look.days, before + 1);
	settle(&d); /* nothing new */
	assert_int_equal(in_store(object_read, &look), OK);
	assert_int_equal(look.days, before + 1);
	assert_int_equal(in_store(put, &new), OK);
	assert_int_equal(in_store(get, &d), ERR_MISSING);
	assert_int_equal(in_store(object_read, &look), ERR_MISSING);
	arena_deinit(&d.a);
}

/* What is for later, or waits, is there for as long as it does; but not for ever. */
static void what_waits_stays(void **state)
{
	const int64_t hold_ms = (int64_t)LIMIT_smtp_hold_s * 1000;
	struct deed later = message(now_ms, NULL), waits = message(now_ms + 1, NULL);
	struct deed done = message(now_ms + 2, NULL), new = message(now_ms + 3 * DAY_MS, NULL);

	(void)state;
	later.new.sent.send_at_ms = now_ms + 10 * DAY_MS;
	assert_int_equal(in_store(put, &later), OK);
	settle(&later);
	assert_int_equal(in_store(put, &waits), OK);
	settle(&waits); /* an alias of which one has it, and another waits */
	lies_in_queue(&waits, 5);
	assert_int_equal(in_store(put, &done), OK);
	settle(&done);
	lies_in_queue(&done, 6);
	later.id = later.new.sent.id;
	waits.id = waits.new.sent.id;
	done.id = 6;
	assert_int_equal(in_store(wait_no_more, &done), OK);
	done.id = done.new.sent.id;
	assert_int_equal(in_store(put, &new), OK);
	assert_int_equal(in_store(get, &done), ERR_MISSING);
	assert_int_equal(in_store(get, &waits), OK);
	assert_int_equal(in_store(get, &later), OK);
	new = message(now_ms + 11 * DAY_MS, NULL);
	assert_int_equal(in_store(put, &new), OK);
	assert_int_equal(in_store(get, &waits), OK);
	assert_int_equal(in_store(get, &later), ERR_MISSING);
	new = message(now_ms + hold_ms + 3 * DAY_MS, NULL);
	assert_int_equal(in_store(put, &new), OK);
	assert_int_equal(in_store(get, &waits), ERR_MISSING);
	arena_deinit(&later.a);
	arena_deinit(&waits.a);
	arena_deinit(&done.a);
}

/* --- the list of all ----------------------------------------------------------------------- */

static enum err find(struct txn *t, struct deed *d)
{
	return sent_find(t, &d->query, &d->a, &d->list);
}

/* Of this test's time, without what chance adds. */
static uint64_t first_id(void)
{
	return sent_id_new(now_ms) >> 20 << 20;
}

/* A message of an account, with this id. */
static void add(uint32_t account, uint64_t id)
{
	struct deed d = message(now_ms, NULL);

	d.new.sent.account = account;
	d.new.sent.id = id;
	assert_int_equal(in_store(put, &d), OK);
}

/* "id/account ..." of a page, ended by "+" when there is more. */
static void found(struct deed *d, const char *expected)
{
	struct buf b;
	char room[1000];

	assert_int_equal(in_store(find, d), OK);
	buf_init_in(&b, room, sizeof room);
	for (size_t i = 0; i < d->list.count; i++) {
		const struct sent *s = &d->list.items[i].sent;

		buf_fmt(&b, "%s%" PRIu64 "/%" PRIu32, i == 0 ? "" : " ", s->id - first_id(),
		        s->account);
	}
	if (d->list.more)
		buf_put(&b, STR(" +"));
	check_str(buf_str(&b), str_of(expected));
}

static bool not_the_last(struct txn *t, uint32_t account, void *arg)
{
	(void)t;
	++*(int *)arg;
	return account != UINT32_MAX;
}

/* Of several accounts the newest first, also where ids are alike; page by page nothing is left out
 * and nothing comes twice. */
static void listed(void **state)
{
	const uint64_t id = first_id();
	struct deed d = { .query = { .max = 10, .rcpts = 1 } };
	int asked = 0;

	(void)state;
	found(&d, "");
	add(7, id + 1);
	add(3, id + 2);
	add(7, id + 3);
	add(3, id + 3);
	add(UINT32_MAX, id + 3);
	add(7, id + 4);
	found(&d, "4/7 3/4294967295 3/7 3/3 2/3 1/7");
	assert_true(d.list.items[0].rcpts.count == 1 && d.list.items[0].rcpts.total == 2);
	assert_true(d.list.items[0].rcpts.in_state[SENT_REFUSED] == 1);
	d.query.account = 3;
	found(&d, "3/3 2/3");
	d.query.account = 4;
	found(&d, "");
	d.query.account = 0;
	d.query.max = 2;
	found(&d, "4/7 3/4294967295 +");
	d.query.before = d.list.before, d.query.before_account = d.list.before_account;
	found(&d, "3/7 3/3 +");
	d.query.before = d.list.before, d.query.before_account = d.list.before_account;
	found(&d, "2/3 1/7");
	d.query.before = 0, d.query.max = 10;
	d.query.keep = not_the_last, d.query.arg = &asked;
	found(&d, "4/7 3/7 3/3 2/3 1/7");
	assert_int_equal(asked, 3); /* once for each account */
	arena_deinit(&d.a);
}

enum { MANY = 42, MANY_EACH = LIMIT_sent_look / 20 };

/* So many messages of account 7 with so many recipients each, all of whom have it. */
static void add_many(struct arena *a)
{
	struct sent_rcpt *gone = arena_array(a, struct sent_rcpt, MANY_EACH);

	for (int i = 0; i < MANY_EACH; i++)
		gone[i] = (struct sent_rcpt){ .address = str_fmt(a, "%d@example.net", i),
			                      .state = SENT_DELIVERED };
	for (uint64_t i = 0; i < MANY; i++) {
		struct deed m = message(now_ms, NULL);

		m.new.sent.id = first_id() + i;
		m.new.rcpts = gone;
		m.new.rcpt_count = MANY_EACH;
		assert_int_equal(in_store(put, &m), OK);
	}
}

/* A page ends when it has looked at enough. */
static void listed_of_many(void **state)
{
	struct deed d = { .query = { .max = 100 } };
	size_t count = 0;
	int pages = 0;

	(void)state;
	add_many(&d.a);
	do {
		assert_int_equal(in_store(find, &d), OK);
		d.query.before = d.list.before, d.query.before_account = d.list.before_account;
		count += d.list.count;
	} while (++pages < 9 && d.list.more);
	assert_int_equal(pages, 3);
	assert_int_equal(count, MANY);
	arena_deinit(&d.a);
}

/* Only what waits, whatever its states say and however much else there is; once each. */
static void listed_that_waits(void **state)
{
	struct deed d = { .query = { .max = 10, .waiting = true } };
	struct deed of = message(now_ms, NULL);

	(void)state;
	add_many(&d.a);
	found(&d, "");
	of.new.sent.account = 7;
	of.new.sent.id = first_id() + 1;
	lies_in_queue(&of, 3);
	lies_in_queue(&of, 4);
	of.new.sent.id = first_id() + 30;
	lies_in_queue(&of, 5);
	add(3, first_id() + 30);
	of.new.sent.account = 3;
	lies_in_queue(&of, 6);
	of.new.sent.id = first_id() + 99; /* forgotten, and not yet out of the queue */
	lies_in_queue(&of, 7);
	found(&d, "30/7 30/3 1/7");
	d.query.max = 2;
	found(&d, "30/7 30/3 +");
	d.query.before = d.list.before, d.query.before_account = d.list.before_account;
	found(&d, "1/7");
	of.id = 6;
	of.new.sent.id = first_id() + 30;
	assert_int_equal(in_store(wait_no_more, &of), OK);
	assert_int_equal(in_store(wait_no_more, &of), OK);
	d.query.max = 10, d.query.before = 0;
	found(&d, "30/7 1/7");
	arena_deinit(&d.a);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(kept),
		TEST(states),
		TEST(rows_of_before),
		TEST(keys),
		TEST(old_ones_go), TEST(objects_follow),
		TEST(what_waits_stays),
		TEST(listed),
		TEST(listed_of_many),
		TEST(listed_that_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
