/* How many connections a destination gets: begins small, grows with what is taken, settles where
 * the remote has enough, and whoever is not proven takes no room from those that are. */
#include "harness/check.h"

#include "foundation/base/arena.h"
#include "foundation/config/limits.h"
#include "model/queue/destinations/pace.h"

#include <stdio.h>

#define THERE STR("there.example")

enum { MANY = 64 };

/* A remote that takes so many connections at a time, and the connections that we have to it. */
struct model {
	struct pace *pace;
	uint64_t marks[MANY];
	unsigned open, takes, most, refused;
	uint64_t bound; /* 0: none */
	int64_t now_ms;
};

/* One connection more, if we may: true when the remote took it. */
static bool connect_one(struct model *m)
{
	uint64_t mark;

	if (!pace_may(m->pace, THERE))
		return false;
	assert_true(m->open < MANY);
	mark = pace_begin(m->pace, THERE, m->bound, m->now_ms);
	if (m->open >= m->takes) {
		(void)pace_bad(m->pace, THERE, mark, m->now_ms, STR("421 too many"));
		pace_end(m->pace, THERE, m->now_ms);
		m->refused++;
		return false;
	}
	m->marks[m->open++] = mark;
	m->most = MAX(m->most, m->open);
	return true;
}

/* A second: as many connections as we may, a message over each; each ends after ten of them. */
static void second(struct model *m, unsigned n)
{
	while (connect_one(m)) {
	}
	for (unsigned i = 0; i < m->open; i++)
		(void)pace_good(m->pace, THERE, m->now_ms);
	if (n % 10 == 5 && m->open != 0) {
		pace_end(m->pace, THERE, m->now_ms);
		m->open--;
	}
	m->now_ms += 1000;
}

static void run(struct model *m, unsigned seconds)
{
	for (unsigned n = 0; n < seconds; n++)
		second(m, n);
}

/* Where the remote takes n, n is what it gets, and it has to say 421 seldom: at most once a
 * minute. */
static void settles(void **state)
{
	static const unsigned rows[] = { 1, 2, 3, 5, 8, 13, 19 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct model m = { .pace = pace_new(), .takes = rows[i], .now_ms = 1 };
		unsigned refused, open = 0;

		run(&m, 60);
		refused = m.refused;
		for (unsigned n = 0; n < 600; n++) {
			second(&m, n);
			open += m.open;
		}
		check_at(i, open >= 600 * rows[i] * 8 / 10 && m.most <= rows[i]);
		check_at(i, m.refused - refused <= 10);
		pace_free(&m.pace);
	}
}

static void begins_small_and_keeps_to_the_bound(void **state)
{
	struct model m = { .pace = pace_new(), .takes = MANY, .now_ms = 1 };

	(void)state;
	while (connect_one(&m)) {
	}
	assert_int_equal(m.open, PACE_BEGIN);
	run(&m, 60);
	assert_int_equal(m.open, LIMIT_smtp_out_per_destination);
	m.bound = 3; /* by other settings, from the next connection on */
	pace_end(m.pace, THERE, m.now_ms);
	m.open--;
	assert_true(connect_one(&m));
	while (m.open > 2) {
		assert_false(connect_one(&m));
		pace_end(m.pace, THERE, m.now_ms);
		m.open--;
	}
	assert_true(connect_one(&m));
	assert_false(connect_one(&m));
	pace_free(&m.pace);
	/* or from the very first */
	m = (struct model){ .pace = pace_new(), .takes = MANY, .bound = 2, .now_ms = 1 };
	while (connect_one(&m)) {
	}
	assert_int_equal(m.open, 2);
	pace_free(&m.pace);
}

/* What five connections hear at once is one piece of news. */
static void cut_once(void **state)
{
	struct model m = { .pace = pace_new(), .takes = MANY, .now_ms = 1 };
	struct pace_state found[2];
	struct arena a = { 0 };

	(void)state;
	run(&m, 8); /* to twenty */
	for (unsigned i = 0; i < m.open; i++)
		(void)pace_bad(m.pace, THERE, m.marks[i], m.now_ms, STR("421 bye"));
	assert_int_equal(pace_list(m.pace, &a, 2, found), 1);
	assert_int_equal(found[0].cuts, 1);
	assert_int_equal(found[0].limit, m.open / 2);
	assert_int_equal(found[0].connections, m.open);
	check_str(found[0].text, STR("421 bye"));
	arena_deinit(&a);
	pace_free(&m.pace);
}

/* After an outage it may grow again as at first: nobody had more. */
static void an_outage_is_no_ceiling(void **state)
{
	struct model m = { .pace = pace_new(), .takes = 0, .now_ms = 1 };

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		assert_false(connect_one(&m));
	assert_true(pace_may(m.pace, THERE)); /* one at least */
	m.takes = MANY;
	run(&m, 10);
	assert_true(m.open > PACE_BEGIN);
	pace_free(&m.pace);
}

static void proven(void **state)
{
	struct pace *p = pace_new();
	uint64_t mark;

	(void)state;
	assert_true(pace_may(p, THERE)); /* never heard of */
	assert_false(pace_is_proven(p, THERE));
	mark = pace_begin(p, THERE, 0, 1);
	assert_false(pace_is_proven(p, THERE));
	(void)pace_good(p, THERE, 1);
	assert_true(pace_is_proven(p, THERE));
	assert_int_equal(pace_connections(p, THERE), 1);
	(void)pace_bad(p, THERE, mark, 2, STR("no answer"));
	assert_false(pace_is_proven(p, THERE));
	pace_end(p, THERE, 2);
	pace_free(&p);
	assert_null(p);
	pace_free(&p);
}

/* Those that hear of it at the same time are told the same: their mail was not tried. */
static void one_too_many(void **state)
{
	struct pace *p = pace_new();
	uint64_t marks[3];

	(void)state;
	for (size_t i = 0; i < COUNT(marks); i++)
		marks[i] = pace_begin(p, THERE, 0, 1);
	(void)pace_good(p, THERE, 1);
	assert_true(pace_bad(p, THERE, marks[2], 2, STR("421 too many")));
	assert_true(pace_bad(p, THERE, marks[1], 2, STR("421 too many")));
	/* begun since then, with nothing taken meanwhile */
	assert_false(pace_bad(p, THERE, pace_begin(p, THERE, 0, 3), 3, STR("421 closed")));
	pace_free(&p);
}

/* Whatever domains mail is sent to, memory has a bound; those that have connections stay. */
static void bounded(void **state)
{
	enum { MORE = LIMIT_queue_paces + 100 };
	struct pace *p = pace_new();
	struct arena a = { 0 };
	struct pace_state *found = arena_array(&a, struct pace_state, 3 * MORE);

	(void)state;
	(void)pace_begin(p, THERE, 0, 1);
	for (unsigned i = 0; i < 2 * MORE; i++) {
		char name[40];
		struct str d = str_from(name, (size_t)snprintf(name, sizeof name, "d%u", i));

		(void)pace_bad(p, d, pace_begin(p, d, 0, i + 2), i + 2, STR("x"));
		pace_end(p, d, i + 2);
	}
	assert_true(pace_list(p, &a, 3 * MORE, found) <= LIMIT_queue_paces + 1);
	assert_int_equal(pace_connections(p, THERE), 1);
	arena_deinit(&a);
	pace_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settles),
		cmocka_unit_test(begins_small_and_keeps_to_the_bound),
		cmocka_unit_test(cut_once),
		cmocka_unit_test(an_outage_is_no_ceiling),
		cmocka_unit_test(proven),
		cmocka_unit_test(one_too_many),
		cmocka_unit_test(bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
