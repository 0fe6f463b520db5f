/* The laws of order: by priority, in turn between destinations and between named queues, nobody
 * walks over those that are dead or busy; and what taking costs does not depend on how much is
 * there. */
#include "unit/queue/fixture.h"

#include "foundation/observe/event.h"
#include "model/queue/add.h"
#include "model/queue/admin.h"
#include "model/queue/destinations/destinations.h"
#include "model/queue/entry.h"
#include "model/queue/destinations/pace.h"
#include "model/queue/take.h"
#include "model/store/kv.h"

#include <stdlib.h>

enum { MANY = 20000 };

static struct str name_key(char room[static DEST_KEY_MAX], struct arena *a, const char *queue,
                           unsigned n)
{
	struct queue_destination dest = { .queue = str_of(queue),
		                   .destination = str_fmt(a, "d%u.example", n) };

	return dest_key(room, &dest);
}

static void hint(struct dests *l, struct arena *a, const char *queue, unsigned n, int priority,
                 int64_t due_ms)
{
	char room[DEST_KEY_MAX];

	dests_hint(l, name_key(room, a, queue, n), priority, due_ms, INT64_MAX, 1000);
}

/* "d7.example" for what comes, "-" for nothing. */
static struct str pick(struct dests *l, struct arena *a, const struct queue_want *want)
{
	struct dests_pick p;
	struct queue_destination dest;

	if (!dests_pick(l, want, a, &p))
		return STR("-");
	assert_true(dest_of_key(p.key, &dest));
	return dest.destination;
}

static int64_t fixed_wait(unsigned failures, void *arg)
{
	(void)arg;
	return 1000 * (int64_t)failures;
}

static void keys(void **state)
{
	const struct queue_destination rows[] = {
		{ STR(""), STR(""), STR("") },
		{ STR("bulk"), STR("office"), STR("one.example") },
		{ STR(""), STR("office"), STR("") },
	};
	const struct str none[] = { STR(""), STR("\0\0"), STR("\0\0\0\0"),
		                           STR("a\0b\0c") };
	struct queue_destination back;
	char room[DEST_KEY_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		check_at(i, dest_of_key(dest_key(room, &rows[i]), &back));
		check_at(i, str_eq(back.queue, rows[i].queue) &&
		                    str_eq(back.route, rows[i].route) &&
		                    str_eq(back.destination, rows[i].destination));
	}
	for (size_t i = 0; i < COUNT(none); i++)
		check_at(i, !dest_of_key(none[i], &back));
}

static void order(void **state)
{
	struct pace *pace = pace_new();
	struct dests *l = dests_new(pace);
	struct arena a = { 0 };
	struct str busy[] = { STR("d3.example"), STR_EMPTY }, full = STR("bulk");
	struct queue_want want = { .now_ms = 1000 };

	(void)state;
	hint(l, &a, "", 1, 0, 5000); /* later */
	hint(l, &a, "", 2, 0, 900);
	hint(l, &a, "", 3, 0, 100);
	hint(l, &a, "", 4, 9, 950);
	hint(l, &a, "", 5, -9, 1);
	check_str(pick(l, &a, &want), STR("d4.example")); /* the highest priority */
	check_str(pick(l, &a, &want), STR("d2.example")); /* then who came first */
	hint(l, &a, "", 2, 0, 901);                       /* has more: to the tail */
	check_str(pick(l, &a, &want), STR("d3.example"));
	check_str(pick(l, &a, &want), STR("d2.example"));
	check_str(pick(l, &a, &want), STR("d5.example"));
	check_str(pick(l, &a, &want), STR("-"));
	assert_int_equal(dests_next(l, &want), 5000);

	hint(l, &a, "", 3, 0, 100);
	want.may = may_unless;
	want.may_arg = busy;
	check_str(pick(l, &a, &want), STR("-"));
	assert_int_equal(dests_next(l, &want), 5000);
	want.may = NULL;
	hint(l, &a, "bulk", 6, 5, 100);
	want.skip_queues = &full;
	want.skip_queue_count = 1;
	check_str(pick(l, &a, &want), STR("d3.example"));
	check_str(pick(l, &a, &want), STR("-"));
	want.skip_queue_count = 0;
	check_str(pick(l, &a, &want), STR("d6.example"));
	want.now_ms = 5000;
	check_str(pick(l, &a, &want), STR("d1.example"));
	dests_free(&l);
	pace_free(&pace);
	arena_deinit(&a);
}

/* A queue with many destinations has no more turns than one with a single one. */
static void queues_in_turn(void **state)
{
	struct pace *pace = pace_new();
	struct dests *l = dests_new(pace);
	struct arena a = { 0 };
	struct queue_want want = { .now_ms = 1000 };
	unsigned turns = 0;

	(void)state;
	for (unsigned i = 1; i <= 100; i++)
		hint(l, &a, "bulk", i, 0, 10);
	for (int i = 0; i < 20; i++) {
		hint(l, &a, "", 0, 0, 900);
		turns += str_eq(pick(l, &a, &want), STR("d0.example"));
	}
	assert_in_range(turns, 9, 11);
	dests_free(&l);
	pace_free(&pace);
	arena_deinit(&a);
}

static void nobody_there(void **state)
{
	struct pace *pace = pace_new();
	struct dests *l = dests_new(pace);
	struct arena a = { 0 };
	struct queue_destination_state states[2];
	struct queue_want want = { .now_ms = 1000 };
	char room[DEST_KEY_MAX];
	struct str dead = name_key(room, &a, "", 1);

	(void)state;
	hint(l, &a, "", 1, 0, 100);
	assert_int_equal(dests_failed(l, dead, 1000, fixed_wait, NULL, STR("refused")), 1);
	/* the others of the same moment: no second failure */
	assert_int_equal(dests_failed(l, dead, 1500, fixed_wait, NULL, STR("refused")), 1);
	check_str(pick(l, &a, &want), STR("-"));
	assert_int_equal(dests_next(l, &want), 2000);
	assert_int_equal(dests_list(l, &a, 2, states), 1);
	assert_int_equal(states[0].failures, 1);
	check_str(states[0].text, STR("refused"));
	want.now_ms = 2000;
	want.no_suspects = true;
	check_str(pick(l, &a, &want), STR("-"));
	want.no_suspects = false;
	check_str(pick(l, &a, &want), STR("d1.example"));
	hint(l, &a, "", 1, 0, 100);
	assert_int_equal(dests_failed(l, dead, 2500, fixed_wait, NULL, STR("again")), 2);
	assert_int_equal(dests_next(l, &want), 4500);
	/* what expires earlier is looked at then */
	dests_hint(l, dead, 0, 2600, 3000, 2600);
	assert_int_equal(dests_next(l, &want), 3000);
	/* so is what is owed earlier, but not at once: an eighth of the wait goes by */
	dests_wake(l, dead, 2900, 2600);
	assert_int_equal(dests_next(l, &want), 2900);
	dests_wake(l, dead, 2999, 2600);
	assert_int_equal(dests_next(l, &want), 2900);
	dests_wake(l, dead, 2601, 2600);
	assert_int_equal(dests_next(l, &want), 2600 + 300 / 8);
	dests_reached(l, dead, 2600);
	want.now_ms = 2600;
	check_str(pick(l, &a, &want), STR("d1.example"));
	assert_int_equal(dests_list(l, &a, 2, states), 0);
	dests_free(&l);
	pace_free(&pace);
	arena_deinit(&a);
}

static uint64_t picks_us(unsigned dests, unsigned dead)
{
	struct pace *pace = pace_new();
	struct dests *l = dests_new(pace);
	struct arena a = { 0 };
	struct queue_want want = { .now_ms = 1000 };
	char room[DEST_KEY_MAX];
	uint64_t us;
	int64_t start;

	for (unsigned i = 0; i < dests + dead; i++)
		hint(l, &a, "", i, 0, 100);
	for (unsigned i = dests; i < dests + dead; i++)
		dests_failed(l, name_key(room, &a, "", i), 1000, fixed_wait, NULL, STR("dead"));
	want.now_ms = 2000; /* the dead are worth another try, though not now */
	want.no_suspects = true;
	assert_true(dests_next(l, &want) == 2000);
	start = clock_mono_us();
	for (int i = 0; i < 2000; i++) {
		struct dests_pick p;

		assert_true(dests_pick(l, &want, &a, &p));
		dests_hint(l, p.key, 0, 100, INT64_MAX, want.now_ms);
	}
	us = (uint64_t)(clock_mono_us() - start);
	dests_free(&l);
	pace_free(&pace);
	arena_deinit(&a);
	return us;
}

/* Not a bench: a walk over 20,000 destination queues would take a thousand times as long. */
static void costs_the_same(void **state)
{
	uint64_t few = picks_us(10, 0), many = picks_us(MANY, MANY);

	(void)state;
	assert_true(many < 20 * few + 20000);
}

/* --- when only those may be served that are proven --------------------------------------- */

static unsigned asked;

static bool may_counted(struct str destination, void *pace)
{
	asked++;
	return pace_may(pace, destination);
}

static void prove(struct pace *pace, struct dests *l, struct str destination)
{
	(void)pace_begin(pace, destination, 0, 1);
	(void)pace_good(pace, destination, 1);
	pace_end(pace, destination, 1);
	dests_prove(l, destination);
}

static void unprove(struct pace *pace, struct str destination)
{
	uint64_t mark = pace_begin(pace, destination, 0, 1);

	(void)pace_bad(pace, destination, mark, 1, STR("421"));
	pace_end(pace, destination, 1);
}

/* The others, ready or suspects, are not visited. All destination queues of a proven destination
 * are found, whether they existed before it was proven or not; removed ones are left out. */
static void only_proven(void **state)
{
	struct pace *pace = pace_new();
	struct dests *l = dests_new(pace);
	struct arena a = { 0 };
	struct queue_want want = {
		.now_ms = 1000, .proven = true, .may = may_counted, .may_arg = pace
	};
	char room[DEST_KEY_MAX];

	(void)state;
	for (unsigned i = 0; i < MANY; i++)
		hint(l, &a, "", i, 0, 100);
	for (unsigned i = MANY / 2; i < MANY; i++)
		dests_failed(l, name_key(room, &a, "", i), 1000, fixed_wait, NULL, STR("dead"));
	hint(l, &a, "bulk", 700, 3, 100);
	want.now_ms = 2000;
	asked = 0;
	check_str(pick(l, &a, &want), STR("-"));
	assert_int_equal(dests_next(l, &want), INT64_MAX);
	assert_int_equal(asked, 0);

	prove(pace, l, STR("d700.example"));
	prove(pace, l, STR("d12000.example")); /* a suspect by this destination queue */
	prove(pace, l, STR("d800.example"));
	unprove(pace, STR("d800.example"));
	assert_int_equal(dests_next(l, &want), 2000);
	check_str(pick(l, &a, &want), STR("d12000.example")); /* its turn, among the suspects */
	check_str(pick(l, &a, &want), STR("d700.example"));   /* of bulk, by priority */
	check_str(pick(l, &a, &want), STR("d700.example"));
	check_str(pick(l, &a, &want), STR("-"));
	hint(l, &a, "", 700, 0, 100);
	check_str(pick(l, &a, &want), STR("d700.example"));
	check_str(pick(l, &a, &want), STR("-"));
	assert_in_range(asked, 5, 20);

	want.proven = false;
	check_str(pick(l, &a, &want), STR("d10000.example"));
	check_str(pick(l, &a, &want), STR("d0.example"));
	dests_free(&l);
	pace_free(&pace);
	arena_deinit(&a);
}

/* --- with a store ------------------------------------------------------------------------ */

static uint64_t add_to(struct fixture *f, const char *rcpt, int8_t priority)
{
	struct envelope_rcpt one = { .address = fixture_address(f, rcpt) };

	struct queue_new new = { .envelope = { .sender = fixture_address(f, "a@here.example"),
		                               .rcpts = &one,
		                               .rcpt_count = 1,
		                               .priority = priority } };

	return fixture_add_new(f, new);
}

static void priorities(void **state)
{
	static const int8_t given[] = { 0, -9, 4, 9, 0, 4 };
	static const int8_t want[] = { 9, 4, 4, 0, 0, -9 };
	struct queue_batch batch;
	struct fixture f;

	(void)state;
	fixture_open(&f, STORE_LMDB);
	for (size_t i = 0; i < COUNT(given); i++)
		add_to(&f, "x@one.example", given[i]);
	add_to(&f, "x@two.example", 3);
	fixture_reopen(&f);
	batch = fixture_take(&f, 10);
	assert_int_equal(batch.count, COUNT(want));
	for (size_t i = 0; i < COUNT(want); i++)
		check_at(i, batch.items[i].envelope.priority == want[i]);
	assert_int_equal(fixture_take(&f, 10).count, 1);
	assert_int_equal(fixture_fsck(&f, true), 0);
	fixture_close(&f);
}

/* A dead destination with many entries costs one attempt; the rest of it waits, also those that
 * come meanwhile, and what expires goes back. */
static void a_dead_destination(void **state)
{
	struct queue_path away = { .unreachable = true }, there = { 0 };
	struct queue_result result = { .outcome = QUEUE_DELAYED, .path = &away };
	struct queue_destination_state states[2];
	struct queue_want want = { .max = 100, .owed = true };
	struct queue_batch batch;
	struct fixture f;

	(void)state;
	fixture_open(&f, STORE_LMDB);
	for (int i = 0; i < 30; i++)
		add_to(&f, "x@dead.example", 0);
	batch = fixture_take(&f, 5);
	assert_int_equal(batch.count, 5);
	assert_false(batch.suspect);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(queue_report(f.queue, &batch.items[i], &result, NULL), OK);
	assert_int_equal(fixture_take(&f, 5).count, 0);
	add_to(&f, "x@dead.example", 0);
	add_to(&f, "x@live.example", 0);
	batch = fixture_take(&f, 5);
	check_str(batch.dest.destination, STR("live.example"));
	assert_int_equal(queue_destinations(f.queue, &f.arena, 2, states), 1);
	assert_int_equal(states[0].failures, 1);

	fixture_time_passes(400000); /* ROOST_QUEUE_RETRY and a spread */
	batch = fixture_take(&f, 100);
	assert_true(batch.suspect);
	assert_int_equal(batch.count, 31);
	result.path = &there;
	assert_int_equal(queue_report(f.queue, &batch.items[0], &result, NULL), OK);
	assert_int_equal(queue_destinations(f.queue, &f.arena, 2, states), 0);
	assert_int_equal(queue_release(f.queue, batch.items, batch.count, 0, NULL), OK);

	batch = fixture_take(&f, 1);
	result.path = &away;
	fixture_time_passes(6 * 86400000LL);
	assert_int_equal(queue_report(f.queue, &batch.items[0], &result, NULL), OK);
	want.now_ms = clock_real_ms();
	want.only = &batch.dest;
	assert_int_equal(queue_take(f.queue, &want, &f.arena, &batch, NULL), OK);
	assert_int_equal(batch.count, 30); /* all that is left of them has expired */
	for (size_t i = 0; i < batch.count; i++)
		assert_int_equal(queue_report(f.queue, &batch.items[i], &result, NULL), OK);
	assert_int_equal(fixture_entries(&f).count, 1); /* the live one, which nobody reported */
	assert_int_equal(fixture_fsck(&f, true), 0);
	fixture_close(&f);
}

/* Rows as they were before there were dests. */
static enum err rows_of_before(struct txn *t, void *arg)
{
	struct fixture *f = arg;
	struct queue_list list;
	struct kv_iter it;
	enum err e = queue_list(t, 0, 10, &f->arena, &list);

	kv_iter_prefix(&it, t, SPACE_QUEUE_DUE, STR_EMPTY);
	while (e == OK && kv_iter_next(&it))
		e = kv_del(t, SPACE_QUEUE_DUE, it.key);
	if (kv_iter_end(&it) != OK)
		return ERR_IO;
	for (size_t i = 0; e == OK && i < list.count; i++) {
		char key[16];

		for (int n = 0; n < 8; n++) {
			key[n] = (char)(list.items[i].due_ms >> (56 - 8 * n));
			key[8 + n] = (char)(list.items[i].id >> (56 - 8 * n));
		}
		e = kv_put(t, SPACE_QUEUE_DUE, str_from(key, 16), list.items[i].destination);
	}
	return e;
}

static void a_store_of_before(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, STORE_LMDB);
	add_to(&f, "x@one.example", 0);
	add_to(&f, "x@two.example", 0);
	assert_int_equal(store_write(f.ts.store, rows_of_before, &f, NULL), OK);
	assert_true(fixture_fsck(&f, false) != 0);
	fixture_reopen(&f);
	assert_int_equal(fixture_fsck(&f, true), 0);
	assert_int_equal(fixture_take(&f, 5).count, 1);
	assert_int_equal(fixture_take(&f, 5).count, 1);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys),
		cmocka_unit_test(order),
		cmocka_unit_test(queues_in_turn),
		cmocka_unit_test(nobody_there),
		cmocka_unit_test(costs_the_same),
		cmocka_unit_test(only_proven),
		cmocka_unit_test(priorities),
		cmocka_unit_test(a_dead_destination),
		cmocka_unit_test(a_store_of_before),
	};

	event_fd_set(-1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
