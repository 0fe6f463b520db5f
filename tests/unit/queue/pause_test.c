/* What an administrator lets rest, sends another way or moves; and what metrics tell of it. */
#include "model/queue/admin.h"
#include "model/queue/entry.h"
#include "model/queue/pauses.h"
#include "model/queue/queue.h"
#include "model/queue/take.h"
#include "unit/queue/each.h"

#include "foundation/config/limits.h"

static int open_with_rules(void **state)
{
	open_queue(state);
	fixture_settings(&f, (struct settings){
				    .queues = STR("define=bulk expire=2d\n"
				                  "to=two.example queue=bulk"),
				    .routes = STR("to=three.example via=mx name=n port=9"),
				    .relays = STR("name=isp to=smtp://isp.example\n"
		                                  "name=tor to=socks5://127.0.0.1") });
	fixture_reopen(&f);
	return 0;
}

static enum err pause_put(struct txn *t, void *arg)
{
	queue_wake_after(f.queue, t);
	return queue_pause(t, arg);
}

static enum err pause_end(struct txn *t, void *arg)
{
	const struct queue_pause *p = arg;

	queue_wake_after(f.queue, t);
	return queue_resume(t, p->of, p->name);
}

static void paused(struct queue_pause p)
{
	assert_int_equal(store_write(f.ts.store, pause_put, &p, NULL), OK);
}

static enum err resumed(struct queue_pause p)
{
	return store_write(f.ts.store, pause_end, &p, NULL);
}

/* Take all there is; who they were for, by their domains' first letters. */
static const char *taken(void)
{
	static char letters[40];
	struct queue_batch batch;
	size_t n = 0;

	while ((batch = fixture_take(&f, 9)).count != 0) {
		for (size_t i = 0; i < batch.count; i++)
			letters[n++] = batch.items[i].envelope.rcpts[0].address.domain.p[1];
		assert_int_equal(queue_release(f.queue, batch.items, batch.count,
		                               clock_real_ms() + 60000, NULL), OK);
	}
	letters[n] = '\0';
	clock_shift_real(60000);
	return letters;
}

static bool is_taken(const char *want)
{
	const char *got = taken();

	return strlen(got) == strlen(want) && strspn(got, want) == strlen(got);
}

/* one.example: "n"; two.example in the queue bulk: "w"; three.example by the route n: "h". */
static void pauses_last(void **state)
{
	const struct {
		struct queue_pause pause;
		const char *left;
	} rows[] = {
		{ { QUEUE_PAUSE_ALL, STR(""), 1, STR("") }, "" },
		{ { QUEUE_PAUSE_QUEUE, STR("bulk"), 1, STR("") }, "nh" },
		{ { QUEUE_PAUSE_QUEUE, STR(""), 1, STR("") }, "w" },
		{ { QUEUE_PAUSE_DESTINATION, STR("ONE.example"), 1, STR("why") }, "wh" },
		{ { QUEUE_PAUSE_DESTINATION, STR("three.example"), 1, STR("") }, "nw" },
		{ { QUEUE_PAUSE_DESTINATION, STR("@n/three.example"), 1, STR("") }, "nw" },
		{ { QUEUE_PAUSE_DESTINATION, STR("four.example"), 1, STR("") }, "nwh" },
	};

	(void)state;
	fixture_add(&f, "a@here.example", "x@one.example x@two.example x@three.example");
	assert_true(is_taken("nwh"));
	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned rules = queue_rules_now(f.queue);

		paused(rows[i].pause);
		check_at(i, is_taken(rows[i].left));
		check_at(i, queue_rules_now(f.queue) != rules); /* what is not begun comes back */
		fixture_reopen(&f);
		check_at(i, is_taken(rows[i].left));
		check_at(i, resumed(rows[i].pause) == OK);
		check_at(i, resumed(rows[i].pause) == ERR_MISSING);
		check_at(i, is_taken("nwh"));
	}
	/* what comes while it is paused, and an open connection */
	paused(rows[3].pause);
	fixture_add(&f, "a@here.example", "y@one.example");
	assert_true(is_taken("wh"));
	assert_int_equal(resumed(rows[3].pause), OK);
	assert_true(is_taken("nnwh"));
	assert_int_equal(fixture_fsck(&f, true), 0);
}

/* As "nwhe": one.example and two.example by the smarthost, three.example by a relay with others. */
static void by_smarthost_and_relay(void)
{
	fixture_settings(&f, (struct settings){
				    .smarthost = STR("smtp://relay.example"),
				    .routes = STR("to=three.example,seven.example via=isp"),
				    .relays = STR("name=isp to=smtp://isp.example") });
	fixture_reopen(&f);
}

/* A domain rests though its mail shares a way with that of others, who do not wait for it. */
static void a_domain_behind_a_smarthost(void **state)
{
	const struct queue_pause one = { QUEUE_PAUSE_DESTINATION, STR("One.example"), 1, STR("") };
	const struct queue_pause three = { QUEUE_PAUSE_DESTINATION, STR("three.example"), 1,
		                           STR("") };

	(void)state;
	by_smarthost_and_relay();
	fixture_add(&f, "a@here.example", "x@one.example x@two.example");
	fixture_add(&f, "a@here.example", "x@three.example x@seven.example");
	assert_int_equal(fixture_entries(&f).count, 2);
	paused(one);
	assert_true(is_taken("wh"));
	assert_int_equal(fixture_entries(&f).count, 3);
	fixture_reopen(&f);
	paused(three);
	fixture_add(&f, "a@here.example", "y@one.example y@two.example"); /* comes meanwhile */
	assert_true(is_taken("wwe"));
	assert_int_equal(fixture_fsck(&f, true), 0);
	assert_int_equal(resumed(one), OK);
	assert_true(is_taken("nnwwe"));
	assert_int_equal(resumed(three), OK);
	assert_true(is_taken("nnwweh"));
	assert_int_equal(fixture_fsck(&f, true), 0);
}

/* What is under way goes on; what of it comes back rests. And what rests is not the smarthost's
 * when that goes. */
static void a_domain_that_is_being_tried(void **state)
{
	const struct queue_pause one = { QUEUE_PAUSE_DESTINATION, STR("one.example"), 1, STR("") };
	struct queue_batch batch;
	struct queue_list list;

	(void)state;
	by_smarthost_and_relay();
	fixture_add(&f, "a@here.example", "x@one.example x@two.example");
	batch = fixture_take(&f, 1);
	assert_int_equal(batch.items[0].envelope.rcpt_count, 2);
	paused(one);
	assert_true(is_taken(""));
	assert_int_equal(fixture_report(&f, &batch.items[0], "ll"), OK);
	fixture_time_passes(3600 * 1000);
	assert_true(is_taken("w"));
	list = fixture_entries(&f);
	assert_int_equal(list.count, 2);
	check_str(list.items[0].destination, STR("@(smarthost)/one.example"));
	check_str(list.items[1].destination, STR(""));
	fixture_settings(&f, (struct settings){ 0 });
	fixture_reopen(&f);
	assert_true(is_taken("w"));
	check_str(fixture_entries(&f).items[0].destination, STR("one.example"));
	assert_int_equal(resumed(one), OK);
	assert_true(is_taken("nw"));
	fixture_time_passes(-3600 * 1000);
	assert_int_equal(fixture_fsck(&f, true), 0);
}

/* One more comes while entries are set apart, some at a time, for the one before. */
static void two_pauses_at_once(void **state)
{
	const struct queue_pause one = { QUEUE_PAUSE_DESTINATION, STR("one.example"), 1, STR("") };
	const struct queue_pause two = { QUEUE_PAUSE_DESTINATION, STR("two.example"), 1, STR("") };
	struct queue_list list;
	bool more = false;

	(void)state;
	by_smarthost_and_relay();
	fixture_add(&f, "a@here.example", "x@one.example");
	for (int i = 0; i < 500; i++) /* as many as are looked at in one commit */
		fixture_add(&f, "a@here.example", "x@two.example");
	paused(two);
	assert_int_equal(fixture_take(&f, 1).count, 0); /* begins with it */
	paused(one);
	do
		assert_int_equal(queue_place(f.queue, &more, NULL), OK);
	while (more);
	list = fixture_entries(&f);
	assert_int_equal(list.count, 501);
	for (size_t i = 0; i < list.count; i++)
		check_at(i, str_starts(list.items[i].destination, STR("@(smarthost)/")));
	assert_true(is_taken(""));
	assert_int_equal(fixture_fsck(&f, true), 0);
}

/* As people read it, or as the DNS knows it: one domain. */
static void a_domain_in_another_script(void **state)
{
	const struct queue_pause read = { .of = QUEUE_PAUSE_DESTINATION,
		                          .name = STR("Stra\u00dfe.example") };
	const struct queue_pause known = { .of = QUEUE_PAUSE_DESTINATION,
		                           .name = STR("xn--strae-oqa.example") };

	(void)state;
	fixture_add(&f, "a@here.example", "x@xn--strae-oqa.example");
	paused(read);
	assert_int_equal(fixture_take(&f, 1).count, 0);
	assert_int_equal(resumed(known), OK);
	paused(known);
	assert_int_equal(resumed(read), OK);
	assert_int_equal(fixture_take(&f, 1).count, 1);
}

static void no_more_on_an_open_connection(void **state)
{
	const struct queue_pause pause = { .of = QUEUE_PAUSE_DESTINATION,
		                           .name = STR("one.example") };
	struct queue_batch batch, more;
	struct queue_want want = { .max = 1 };

	(void)state;
	fixture_add(&f, "a@here.example", "x@one.example");
	fixture_add(&f, "a@here.example", "y@one.example");
	batch = fixture_take(&f, 1);
	paused(pause);
	want.now_ms = clock_real_ms();
	want.only = &batch.dest;
	assert_int_equal(queue_take(f.queue, &want, &f.arena, &more, NULL), OK);
	assert_int_equal(more.count, 0);
	assert_int_equal(resumed(pause), OK);
	assert_int_equal(queue_take(f.queue, &want, &f.arena, &more, NULL), OK);
	assert_int_equal(more.count, 1);
}

struct change {
	uint64_t id;
	struct str to;
	enum err (*fn)(struct queue *q, struct txn *t, uint64_t id, struct str to);
};

static enum err change_run(struct txn *t, void *arg)
{
	const struct change *c = arg;

	return c->fn(f.queue, t, c->id, c->to);
}

static enum err change(enum err (*fn)(struct queue *, struct txn *, uint64_t, struct str),
                       uint64_t id, struct str to)
{
	struct change c = { id, to, fn };

	return store_write(f.ts.store, change_run, &c, NULL);
}

static void another_way(void **state)
{
	uint64_t id = fixture_add(&f, "a@here.example", "x@three.example");
	struct queue_batch batch;
	struct queue_item item;

	(void)state;
	check_str(fixture_entries(&f).items[0].destination, STR("@n/three.example"));
	assert_int_equal(change(queue_requeue, id, STR("isp")), OK);
	check_str(fixture_entries(&f).items[0].destination, STR("@isp"));
	assert_int_equal(change(queue_requeue, id, STR("mx")), OK);
	check_str(fixture_entries(&f).items[0].destination, STR("three.example"));
	assert_int_equal(change(queue_requeue, id, STR("n")), OK);
	check_str(fixture_entries(&f).items[0].envelope.route, STR("n"));
	assert_int_equal(change(queue_requeue, id, STR("")), OK);
	check_str(fixture_entries(&f).items[0].destination, STR("@n/three.example"));
	assert_int_equal(change(queue_requeue, id, STR("tor")), ERR_SYNTAX); /* a proxy */
	assert_int_equal(change(queue_requeue, id, STR("nowhere")), ERR_SYNTAX);
	assert_int_equal(change(queue_requeue, 99, STR("isp")), ERR_MISSING);
	assert_int_equal(change(queue_move, id, STR("bulk")), OK);
	check_str(fixture_entries(&f).items[0].queue, STR("bulk"));
	item = fixture_entries(&f).items[0];
	assert_int_equal(item.expires_ms - item.created_ms, 2 * 86400000LL);
	assert_int_equal(change(queue_move, id, STR("none")), ERR_SYNTAX);
	batch = fixture_take(&f, 1);
	check_str(batch.dest.queue, STR("bulk"));
	assert_int_equal(change(queue_move, id, STR("")), ERR_CONFLICT);
	assert_int_equal(change(queue_requeue, id, STR("isp")), ERR_CONFLICT);
	assert_int_equal(fixture_report(&f, &batch.items[0], "l"), OK);
	/* what waited long is tried at once by another way */
	assert_int_equal(change(queue_requeue, id, STR("isp")), OK);
	assert_int_equal(fixture_take(&f, 1).count, 1);
	assert_int_equal(fixture_fsck(&f, true), 0);
}

/* --- metrics ----------------------------------------------------------------------------- */

static bool told(const char *line)
{
	struct buf b;
	bool found;

	buf_init(&b, 1 << 16);
	queue_metrics_put(f.queue, &b);
	found = str_find(buf_str(&b), str_of(line)) >= 0;
	buf_deinit(&b);
	return found;
}

static enum err many_put(struct txn *t, void *arg)
{
	struct queue_pauses pauses;
	enum err e = OK;

	(void)arg;
	for (int i = 0; e == OK && i < LIMIT_queue_pauses; i++)
		e = queue_pause(t, &(struct queue_pause){
					   .of = QUEUE_PAUSE_DESTINATION,
					   .name = str_fmt(txn_arena(t), "d%d.example", i) });
	assert_int_equal(e, OK);
	e = queue_pauses_read(t, txn_arena(t), &pauses);
	assert_int_equal(pauses.count, LIMIT_queue_pauses);
	return e;
}

static void one_pause_too_many(void **state)
{
	struct queue_pause old = { .of = QUEUE_PAUSE_DESTINATION, .name = STR("D7.example") };
	struct queue_pause more = { .of = QUEUE_PAUSE_ALL };

	(void)state;
	assert_int_equal(store_write(f.ts.store, many_put, NULL, NULL), OK);
	assert_int_equal(store_write(f.ts.store, pause_put, &more, NULL), ERR_LIMIT);
	paused(old); /* the same once more */
	assert_int_equal(resumed(old), OK);
	paused(more);
}

static void what_metrics_tell(void **state)
{
	struct queue_batch batch;

	(void)state;
	fixture_add(&f, "a@here.example", "x@one.example x@two.example");
	fixture_add(&f, "a@here.example", "y@two.example");
	paused((struct queue_pause){ .of = QUEUE_PAUSE_ALL });
	clock_shift_real(5000);
	assert_true(told("roost_queue_entries{queue=\"bulk\",state=\"waiting\"} 2\n"));
	assert_true(told("roost_queue_entries{queue=\"\",state=\"waiting\"} 1\n"));
	assert_true(told("roost_queue_entries{queue=\"\",state=\"held\"} 0\n"));
	assert_true(told("roost_queue_oldest_seconds 5\n"));
	assert_true(told("roost_queue_pauses 1\n"));
	assert_int_equal(resumed((struct queue_pause){ .of = QUEUE_PAUSE_ALL }), OK);
	clock_shift_real(4000);
	while ((batch = fixture_take(&f, 1)).count != 0)
		assert_int_equal(fixture_report(&f, &batch.items[0], "d"), OK);
	assert_true(told("roost_queue_wait_seconds_bucket{le=\"1\"} 0\n"));
	assert_true(told("roost_queue_wait_seconds_bucket{le=\"10\"} 3\n"));
	assert_true(told("roost_queue_wait_seconds_count 3\n"));
	fixture_reopen(&f); /* the last look was a moment ago */
	assert_true(told("roost_queue_oldest_seconds 0\n"));
}

#define RULED(name) cmocka_unit_test_setup_teardown(name, open_with_rules, close_queue)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULED(pauses_last),
		RULED(a_domain_behind_a_smarthost),
		RULED(a_domain_that_is_being_tried),
		RULED(two_pauses_at_once),
		RULED(a_domain_in_another_script),
		RULED(no_more_on_an_open_connection),
		RULED(another_way),
		RULED(one_pause_too_many),
		RULED(what_metrics_tell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
