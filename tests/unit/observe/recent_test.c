/* The events in memory, and the history of a day. */
#include "harness/check.h"

#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "foundation/observe/event.h"
#include "foundation/observe/history.h"
#include "foundation/observe/recent.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static int setup(void **state)
{
	(void)state;
	event_fd_set(-1);
	return 0;
}

struct seen {
	unsigned count;
	struct recent_event last;
	char text[64]; /* of the last event's first field */
};

static bool see(const struct recent_event *e, void *arg)
{
	struct seen *s = arg;

	s->count++;
	s->last = *e;
	snprintf(s->text, sizeof s->text, "%.*s", STR_ARG(e->fields[0].value.text));
	return true;
}

static struct seen look(uint64_t after, struct recent_filter f)
{
	struct seen s = { 0 };

	recent_each(after, &f, see, &s);
	return s;
}

static uint64_t now(void)
{
	static const struct recent_filter none = { 0 };
	struct seen s = { 0 };

	return recent_each(0, &none, see, &s);
}

static void events_are_kept_with_names_and_values(void **state)
{
	uint64_t before = now();
	struct seen s;

	(void)state;
	event(mail_delivered, STR("k3v7q"), ev_z("k3v7q-1"), ev_z("ada@example.org"), ev_int(1),
	      ev_int(77));
	/* Debug: it is not kept. */
	event(connection_opened, STR("k3v7q"), ev_z("smtp"), ev_z("192.0.2.1"));
	s = look(before, (struct recent_filter){ 0 });
	assert_int_equal(s.count, 1);
	assert_string_equal(s.last.name, "mail_delivered");
	assert_string_equal(s.text, "k3v7q-1");
	assert_int_equal(s.last.seq, before + 1);
	assert_int_equal(s.last.field_count, 4);
	check_str(s.last.fields[3].name, STR("uid"));
	assert_int_equal(s.last.fields[3].value.number, 77);
}

static void filters(void **state)
{
	static const struct {
		struct recent_filter filter;
		unsigned count;
	} rows[] = {
		{ { 0 }, 3 },
		{ { .level = EVENT_WARN }, 1 },
		{ { .session = STR("s1") }, 2 },
		{ { .session = STR("s") }, 0 }, /* all of it */
		{ { .address = STR("ADA@") }, 2 },
		{ { .address = STR("192.0.2.9") }, 2 },
		{ { .account = STR("ada@example.org") }, 2 },
		{ { .account = STR("ada") }, 0 },
		{ { .account = STR("ada@example.org"), .level = EVENT_WARN }, 1 },
		{ { .address = STR("no such") }, 0 },
	};
	uint64_t before = now();

	(void)state;
	event(login_ok, STR("s1"), ev_z("imap"), ev_z("192.0.2.9"), ev_z("ada@example.org"));
	event(login_locked, STR("s1"), ev_z("192.0.2.9"), ev_z("ada@example.org"), ev_int(9));
	event(server_ready, STR(""), ev_int(1));
	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, look(before, rows[i].filter).count == rows[i].count);
}

static void the_ring_is_bounded_and_numbers_go_on(void **state)
{
	static char big[500];
	struct seen s;
	uint64_t before = now();

	(void)state;
	for (unsigned i = 0; i < RECENT_EVENTS + 10; i++)
		event(server_ready, STR(""), ev_int(i));
	s = look(0, (struct recent_filter){ 0 });
	assert_true(s.count <= RECENT_EVENTS);
	assert_int_equal(s.last.seq, before + RECENT_EVENTS + 10);
	memset(big, 'x', sizeof big);
	for (unsigned i = 0; i < RECENT_EVENTS; i++)
		event(rcpt_refused, STR("i"), ev_z("smtp"), ev_z("p"), ev_str(str_from(big, 500)),
		      ev_str(str_from(big, 500)), ev_int(550), ev_str(str_from(big, 500)));
	s = look(0, (struct recent_filter){ 0 });
	assert_true(s.count < (unsigned)RECENT_BYTES / 1500);
	/* A number of another process's life shows all there is. */
	assert_int_equal(look(UINT64_MAX, (struct recent_filter){ 0 }).count, s.count);
}

static void *emit_later(void *arg)
{
	(void)arg;
	clock_sleep_ms(50);
	event(server_ready, STR(""), ev_int(5));
	return NULL;
}

static void *stop_later(void *arg)
{
	(void)arg;
	clock_sleep_ms(50);
	recent_stop(true);
	return NULL;
}

static void who_waits_hears_of_it(void **state)
{
	uint64_t before = now();
	pthread_t thread;

	(void)state;
	assert_false(recent_wait(before, clock_mono_ms() + 20));
	pthread_create(&thread, NULL, emit_later, NULL);
	assert_true(recent_wait(before, clock_mono_ms() + 20000));
	pthread_join(thread, NULL);
	assert_true(recent_wait(before, clock_mono_ms() + 20000)); /* there already */
}

static void a_stop_lets_go_of_who_waits(void **state)
{
	int64_t begun = clock_mono_ms();
	uint64_t before = now();
	pthread_t thread;

	(void)state;
	pthread_create(&thread, NULL, stop_later, NULL);
	assert_false(recent_wait(before, begun + 20000));
	assert_true(clock_mono_ms() - begun < 10000);
	pthread_join(thread, NULL);
	recent_stop(false);
}

/* --- history --------------------------------------------------------------------- */

static const int64_t day = 86400 * 1000, noon = 20000 * 86400000LL + 12 * 3600000;

static uint64_t sum(int64_t at, enum history_what what)
{
	struct history_point points[HISTORY_STEPS];
	uint64_t n = 0;

	history_get(at, points);
	for (size_t i = 0; i < HISTORY_STEPS; i++)
		n += points[i].counts[what];
	return n;
}

static void a_day_in_steps(void **state)
{
	struct history_point points[HISTORY_STEPS];
	uint64_t today[HISTORY_WHATS];

	(void)state;
	history_add(HISTORY_IN, 1, noon - 13 * 3600000); /* yesterday */
	history_add(HISTORY_IN, 2, noon - 1000);
	history_add(HISTORY_OUT, 3, noon);
	history_add(HISTORY_OUT, 4, noon + 1000);
	history_get(noon + 2000, points);
	assert_int_equal(points[HISTORY_STEPS - 1].time_ms, noon);
	assert_int_equal(points[HISTORY_STEPS - 1].counts[HISTORY_OUT], 7);
	assert_int_equal(points[HISTORY_STEPS - 2].counts[HISTORY_IN], 2);
	assert_int_equal(sum(noon, HISTORY_IN), 3);
	history_today(noon, today);
	assert_int_equal(today[HISTORY_IN], 2);
	assert_int_equal(sum(noon + day, HISTORY_IN), 0); /* the place is there, the time is not */
	assert_int_equal(sum(noon + day, HISTORY_OUT), 0);
	history_add(HISTORY_OUT, 1, noon + day);
	assert_int_equal(sum(noon + day, HISTORY_OUT), 1);
}

static void it_outlives_the_process(void **state)
{
	int64_t at = noon + 100 * day;
	struct buf b;

	(void)state;
	history_add(HISTORY_REFUSED, 5, at - 3600000);
	buf_init(&b, 100000);
	history_pack(&b, at);
	history_unpack(buf_str(&b));
	assert_int_equal(sum(at, HISTORY_REFUSED), 10); /* twice: it was there still */
	history_unpack(str_sub(buf_str(&b), 0, b.n - 1));
	history_unpack(STR("\x02xyz"));
	assert_int_equal(sum(at, HISTORY_REFUSED), 10);
	buf_deinit(&b);
}

static void metrics_count_in_it(void **state)
{
	uint64_t before = sum(clock_real_ms(), HISTORY_REFUSED);

	(void)state;
	metric_add(METRIC_smtp_in_refused, 2);
	metric_add(METRIC_login_ok, 2);
	assert_int_equal(sum(clock_real_ms(), HISTORY_REFUSED), before + 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_are_kept_with_names_and_values),
		cmocka_unit_test(filters),
		cmocka_unit_test(the_ring_is_bounded_and_numbers_go_on),
		cmocka_unit_test(who_waits_hears_of_it),
		cmocka_unit_test(a_stop_lets_go_of_who_waits),
		cmocka_unit_test(a_day_in_steps),
		cmocka_unit_test(it_outlives_the_process),
		cmocka_unit_test(metrics_count_in_it),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
