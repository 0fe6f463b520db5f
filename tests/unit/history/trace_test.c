/* Message traces: written, found, forgotten, checked. */
#include "harness/check.h"
#include "harness/temp_store.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/config/live.h"
#include "foundation/observe/event.h"
#include "model/history/fsck.h"
#include "model/history/record.h"
#include "model/history/trace.h"
#include "model/store/kv.h"

#include <stdio.h>

struct fixture {
	struct temp_store ts;
	struct settings settings;
	struct live *live;
	struct traces *traces;
	struct arena arena;
};

static void fixture_open(struct fixture *f, uint64_t days)
{
	*f = (struct fixture){ .settings = { .trace_days = days } };
	event_fd_set(-1);
	temp_store_open(&f->ts, STORE_LMDB);
	f->live = live_of(&f->settings);
	assert_int_equal(traces_open(f->ts.store, f->live, &f->traces, NULL), OK);
}

static uint64_t fixture_fsck(struct fixture *f)
{
	struct fsck_report report = { .say = NULL };

	assert_int_equal(fsck_run(f->ts.store, &trace_fsck, 1, &report, NULL), OK);
	return report.findings;
}

static void fixture_close(struct fixture *f)
{
	traces_close(&f->traces);
	live_free(&f->live);
	temp_store_remove(&f->ts);
	arena_deinit(&f->arena);
}

/* --- writing and reading --- */

struct put {
	struct fixture *f;
	struct trace trace;
	const struct trace_step *later;
	size_t later_count;
};

static enum err put_run(struct txn *t, void *arg)
{
	struct put *p = arg;
	enum err e = trace_put(p->f->traces, t, &p->trace);

	for (size_t i = 0; e == OK && i < p->later_count; i++)
		e = trace_step_put(t, p->trace.id, &p->later[i]);
	return e;
}

static uint64_t put(struct fixture *f, const char *from, const char *to, const char *message_id)
{
	struct str rcpt = str_of(to);
	struct trace_step step = { clock_real_ms(), TRACE_DELIVERED, 0, rcpt, STR("INBOX") };
	struct put p = { .f = f,
		         .trace = { .id = trace_id_new(f->traces),
		                    .session = STR("k3v7q"),
		                    .service = STR("smtp"),
		                    .peer = STR("192.0.2.1"),
		                    .from = str_of(from),
		                    .message_id = str_of(message_id),
		                    .size_bytes = 1234,
		                    .to = &rcpt,
		                    .to_count = 1,
		                    .steps = &step,
		                    .step_count = 1 } };

	assert_int_equal(store_write(f->ts.store, put_run, &p, NULL), OK);
	return p.trace.id;
}

struct look {
	struct fixture *f;
	struct trace_query query;
	struct trace_list list;
	uint64_t id;
	struct trace trace;
};

static enum err find_run(struct txn *t, void *arg)
{
	struct look *l = arg;

	return trace_find(t, &l->query, &l->f->arena, &l->list);
}

static struct trace_list find(struct fixture *f, struct trace_query query)
{
	struct look l = { .f = f, .query = query };

	assert_int_equal(store_read(f->ts.store, find_run, &l), OK);
	return l.list;
}

static struct trace_list find_text(struct fixture *f, const char *text)
{
	return find(f, (struct trace_query){ .text = str_of(text), .max = 10 });
}

static enum err get_run(struct txn *t, void *arg)
{
	struct look *l = arg;

	return trace_get(t, l->id, &l->f->arena, &l->trace);
}

static enum err get(struct fixture *f, uint64_t id, struct trace *out)
{
	struct look l = { .f = f, .id = id };
	enum err e = store_read(f->ts.store, get_run, &l);

	*out = l.trace;
	return e;
}

static void a_trace_comes_back_with_its_steps(void **state)
{
	struct fixture f;
	struct trace trace;
	struct trace_step later = { 0, TRACE_SENT, 0, STR("b@there"), STR("mx: 250 ok") };
	struct put p = { .f = &f, .later = &later, .later_count = 1 };
	uint64_t id;

	(void)state;
	fixture_open(&f, 7);
	id = put(&f, "a@here.example", "b@there.example", "<1@here.example>");
	later.time_ms = clock_real_ms() + 5000;
	p.later = &later;
	p.trace.id = id;
	assert_int_equal(get(&f, id, &trace), OK);
	p.trace = trace;
	assert_int_equal(store_write(f.ts.store, put_run, &p, NULL), OK);
	assert_int_equal(get(&f, id, &trace), OK);
	check_str(trace.from, STR("a@here.example"));
	check_str(trace.to[0], STR("b@there.example"));
	check_str(trace.message_id, STR("<1@here.example>"));
	check_str(trace.peer, STR("192.0.2.1"));
	assert_int_equal(trace.size_bytes, 1234);
	assert_int_equal(trace.step_count, 2);
	assert_int_equal(trace.steps[1].what, TRACE_SENT);
	assert_int_equal(trace.steps[1].time_ms, later.time_ms);
	check_str(trace.steps[1].detail, STR("mx: 250 ok"));
	assert_int_equal(get(&f, id + 1, &trace), ERR_MISSING);
	assert_int_equal(fixture_fsck(&f), 0);
	fixture_close(&f);
}

static void steps_of_what_is_not_kept_go_nowhere(void **state)
{
	struct fixture f;
	struct trace_step later = { 0, TRACE_SENT, 0, STR("x"), STR("y") };
	struct put p = { .f = &f, .later = &later, .later_count = 1 };
	uint64_t id;

	(void)state;
	fixture_open(&f, 0);
	assert_int_equal(trace_id_new(f.traces), 0);
	assert_int_equal(trace_id_new(NULL), 0);
	assert_int_equal(store_write(f.ts.store, put_run, &p, NULL), OK);
	assert_int_equal(find_text(&f, "").count, 0);
	fixture_close(&f);

	fixture_open(&f, 7);
	id = put(&f, "a@b", "c@d", "");
	assert_int_equal(traces_expire(f.ts.store, 7, 0, NULL, NULL), OK);
	p.trace = (struct trace){ .id = 0 };
	assert_int_equal(store_write(f.ts.store, put_run, &p, NULL), OK);
	assert_int_equal(fixture_fsck(&f), 0);
	(void)id;
	fixture_close(&f);
}

static void steps_have_a_maximum(void **state)
{
	static struct trace_step later[LIMIT_trace_steps + 1];
	struct fixture f;
	struct trace trace;
	struct put p = { .f = &f, .later = later, .later_count = COUNT(later) };
	uint64_t id;

	(void)state;
	fixture_open(&f, 7);
	id = put(&f, "a@b", "c@d", "");
	assert_int_equal(get(&f, id, &p.trace), OK);
	for (size_t i = 0; i < COUNT(later); i++)
		later[i] = (struct trace_step){ clock_real_ms(), TRACE_DELAYED, 0, STR("x"),
			                        STR("y") };
	assert_int_equal(store_write(f.ts.store, put_run, &p, NULL), OK);
	assert_int_equal(get(&f, id, &trace), OK);
	assert_int_equal(trace.step_count, 1 + LIMIT_trace_steps);
	fixture_close(&f);
}

static void recipients_beyond_the_limit_are_counted(void **state)
{
	struct str to[LIMIT_trace_rcpts + 3];
	struct fixture f;
	struct trace trace;
	struct put p = { .f = &f };

	(void)state;
	fixture_open(&f, 7);
	for (size_t i = 0; i < COUNT(to); i++)
		to[i] = STR("x@example.org");
	p.trace = (struct trace){ .id = trace_id_new(f.traces), .to = to, .to_count = COUNT(to) };
	assert_int_equal(store_write(f.ts.store, put_run, &p, NULL), OK);
	assert_int_equal(get(&f, p.trace.id, &trace), OK);
	assert_int_equal(trace.to_count, LIMIT_trace_rcpts);
	assert_int_equal(trace.to_more, 3);
	fixture_close(&f);
}

/* --- states --- */

static void states(void **state)
{
	enum { NONE = TRACE_WHATS };
	static const struct {
		enum trace_what steps[5];
		enum trace_state want;
	} rows[] = {
		{ { TRACE_DELIVERED, NONE }, TRACE_STATE_DELIVERED },
		{ { TRACE_REFUSED, NONE }, TRACE_STATE_REFUSED },
		{ { TRACE_DELIVERED, TRACE_FULL, NONE }, TRACE_STATE_FAILED },
		{ { TRACE_DELIVERED, TRACE_QUEUED, NONE }, TRACE_STATE_QUEUED },
		{ { TRACE_QUEUED, TRACE_SENT, NONE }, TRACE_STATE_DELIVERED },
		{ { TRACE_QUEUED, TRACE_DELAYED, NONE }, TRACE_STATE_DELAYED },
		{ { TRACE_QUEUED, TRACE_DELAYED, TRACE_SENT, NONE }, TRACE_STATE_DELIVERED },
		{ { TRACE_QUEUED, TRACE_FAILED, TRACE_BOUNCED, NONE }, TRACE_STATE_FAILED },
		{ { TRACE_QUEUED, TRACE_HELD, NONE }, TRACE_STATE_HELD },
		{ { TRACE_QUEUED, TRACE_HELD, TRACE_RELEASED, NONE }, TRACE_STATE_QUEUED },
		{ { TRACE_QUEUED, TRACE_HELD, TRACE_DROPPED, NONE }, TRACE_STATE_DROPPED },
		/* who led nowhere never was in the queue */
		{ { TRACE_DELIVERED, TRACE_FAILED, NONE }, TRACE_STATE_FAILED },
		{ { TRACE_FAILED, TRACE_QUEUED, NONE }, TRACE_STATE_QUEUED },
		{ { TRACE_FAILED, TRACE_QUEUED, TRACE_SENT, NONE }, TRACE_STATE_FAILED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct trace_step steps[5];
		struct trace trace = { .steps = steps };

		while (rows[i].steps[trace.step_count] != NONE) {
			steps[trace.step_count] =
				(struct trace_step){ .what = rows[i].steps[trace.step_count] };
			trace.step_count++;
		}
		check_at(i, trace_state(&trace) == rows[i].want);
	}
}

/* --- search --- */

static void found_by_address_message_id_and_time(void **state)
{
	static const struct {
		const char *text;
		size_t count;
	} rows[] = {
		{ "", 3 },
		{ "ada@example.org", 2 },
		{ "ADA@Example", 2 },
		{ "<two@x.example>", 1 },
		{ "192.0.2.1", 3 },
		{ "k3v7q", 3 },
		{ "k3v7", 0 }, /* a session is named whole */
		{ "nobody", 0 },
		{ "STRA\u00dfe.example", 1 }, /* as people read it */
	};
	struct trace_list list;
	struct fixture f;
	uint64_t first, second, third;

	(void)state;
	fixture_open(&f, 7);
	first = put(&f, "ada@example.org", "bob@example.org", "<one@x.example>");
	clock_sleep_ms(3);
	second = put(&f, "eve@x.example", "ada@example.org", "<two@x.example>");
	clock_sleep_ms(3);
	third = put(&f, "x@xn--strae-oqa.example", "bob@example.org", "");
	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, find_text(&f, rows[i].text).count == rows[i].count);
	list = find(&f, (struct trace_query){ .max = 2 });
	assert_true(list.more);
	assert_true(list.items[0].id == third && list.items[1].id == second);
	list = find(&f, (struct trace_query){ .max = 2, .before = second });
	assert_false(list.more);
	assert_true(list.count == 1 && list.items[0].id == first);
	assert_int_equal(list.items[0].step_count, 1);
	list = find(&f, (struct trace_query){ .max = 9, .since_ms = trace_time_ms(second) });
	assert_int_equal(list.count, 2);
	list = find(&f, (struct trace_query){ .max = 9, .until_ms = trace_time_ms(second) });
	assert_true(list.count == 1 && list.items[0].id == first);
	fixture_close(&f);
}

static void ids_grow_even_when_the_clock_does_not(void **state)
{
	struct fixture f;
	uint64_t last = 0;

	(void)state;
	fixture_open(&f, 7);
	for (int i = 0; i < 100; i++) {
		uint64_t id = trace_id_new(f.traces);

		check_at(i, id > last);
		last = id;
		if (i == 50)
			clock_shift_real(-3600 * 1000);
	}
	clock_shift_real(3600 * 1000);
	fixture_close(&f);
}

/* --- refused mail --- */

static void refuse(struct fixture *f, const char *session, const char *to)
{
	struct str rcpt = str_of(to);
	struct trace_step step = { clock_real_ms(), TRACE_REFUSED, 0, rcpt, STR("550 5.1.1 no") };
	struct trace trace = { .session = str_of(session),
		               .from = STR("spam@x.example"),
		               .to = &rcpt,
		               .to_count = 1,
		               .steps = &step,
		               .step_count = 1 };

	trace_refused(f->traces, &trace);
}

static void refusals_of_a_session_become_one(void **state)
{
	struct trace_list list;
	struct fixture f;

	(void)state;
	fixture_open(&f, 7);
	refuse(&f, "s1", "a@example.org");
	refuse(&f, "s1", "b@example.org");
	refuse(&f, "s2", "c@example.org");
	trace_refused(NULL, NULL);
	assert_int_equal(traces_flush(f.traces, NULL), OK);
	list = find_text(&f, "b@example.org");
	assert_int_equal(list.count, 1);
	assert_int_equal(list.items[0].to_count, 2);
	assert_int_equal(list.items[0].step_count, 2);
	assert_int_equal(trace_state(&list.items[0]), TRACE_STATE_REFUSED);
	assert_int_equal(find_text(&f, "c@example.org").count, 1);
	assert_int_equal(fixture_fsck(&f), 0);
	fixture_close(&f);
}

static void accept(struct fixture *f, const char *session, const char *mail)
{
	struct put p = { .f = f,
		         .trace = { .id = trace_id_new(f->traces),
		                    .session = str_of(session),
		                    .mail = str_of(mail) } };

	assert_int_equal(store_write(f->ts.store, put_run, &p, NULL), OK);
}

/* What a sender has heard, and a filter: the one message, not its neighbours of the session. */
static void found_by_the_id_of_the_message(void **state)
{
	static const struct {
		const char *text;
		size_t count;
	} rows[] = {
		{ "s1", 3 }, { "s1-1", 2 }, { "S1-2", 2 }, { "s1-3", 1 }, { "s1-", 0 },
		{ "s1-x", 0 }, { "-1", 0 }, { "s2", 1 }, { "s2-1", 0 }, { "s3-y", 1 },
	};
	struct trace_list list;
	struct fixture f;

	(void)state;
	fixture_open(&f, 7);
	accept(&f, "s1", "s1-1");
	accept(&f, "s1", "s1-2");
	accept(&f, "s2", "s2-7");
	accept(&f, "s3-y", "");
	refuse(&f, "s1", "a@example.org"); /* of no message, or of any of them */
	assert_int_equal(traces_flush(f.traces, NULL), OK);
	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, find_text(&f, rows[i].text).count == rows[i].count);
	list = find_text(&f, "s2-7");
	check_str(list.items[0].session, STR("s2"));
	check_str(list.items[0].mail, STR("s2-7"));
	list = find_text(&f, "s3-y");
	check_str(list.items[0].session, STR("s3-y"));
	check_str(list.items[0].mail, STR_EMPTY);
	assert_int_equal(fixture_fsck(&f), 0);
	fixture_close(&f);
}

static void refusals_are_written_without_being_asked(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, 7);
	refuse(&f, "s1", "a@example.org");
	for (int i = 0; i < 100 && find_text(&f, "a@example.org").count == 0; i++)
		clock_sleep_ms(100);
	assert_int_equal(find_text(&f, "a@example.org").count, 1);
	fixture_close(&f);
}

static void refusals_cannot_push_out_the_rest(void **state)
{
	char session[16];
	struct fixture f;
	struct trace_list list;

	(void)state;
	fixture_open(&f, 7);
	for (unsigned i = 0; i < LIMIT_trace_refused + 100; i++) {
		snprintf(session, sizeof session, "s%u", i);
		refuse(&f, session, "a@example.org");
		if (i % 100 == 99)
			assert_int_equal(traces_flush(f.traces, NULL), OK);
	}
	assert_int_equal(traces_flush(f.traces, NULL), OK);
	list = find(&f, (struct trace_query){ .max = 2 * LIMIT_trace_refused });
	assert_int_equal(list.count, LIMIT_trace_refused);
	fixture_close(&f);
}

/* --- expiry and fsck --- */

static void the_old_and_the_many_go(void **state)
{
	struct trace_step later = { 0, TRACE_SENT, 0, STR("x"), STR("y") };
	struct fixture f;
	struct put p = { .f = &f, .later = &later, .later_count = 1 };
	uint64_t gone, last = 0;

	(void)state;
	fixture_open(&f, 7);
	put(&f, "old@example.org", "b@example.org", "");
	clock_shift_real(3 * 86400 * 1000);
	for (int i = 0; i < 5; i++)
		last = put(&f, "a@example.org", "b@example.org", "");
	assert_int_equal(get(&f, last, &p.trace), OK);
	assert_int_equal(store_write(f.ts.store, put_run, &p, NULL), OK);
	assert_int_equal(traces_expire(f.ts.store, 7, 100, &gone, NULL), OK);
	assert_int_equal(gone, 0);
	assert_int_equal(traces_expire(f.ts.store, 2, 100, &gone, NULL), OK);
	assert_int_equal(gone, 1);
	assert_int_equal(find_text(&f, "old@").count, 0);
	assert_int_equal(traces_expire(f.ts.store, 2, 2, &gone, NULL), OK);
	assert_int_equal(gone, 3);
	assert_int_equal(find_text(&f, "").items[0].id, last);
	assert_int_equal(fixture_fsck(&f), 0);
	assert_int_equal(traces_expire(f.ts.store, 0, 2, &gone, NULL), OK);
	assert_true(gone <= 2);
	clock_shift_real(1000);
	assert_int_equal(traces_expire(f.ts.store, 0, 2, &gone, NULL), OK);
	assert_int_equal(find_text(&f, "").count, 0);
	assert_int_equal(fixture_fsck(&f), 0);
	clock_shift_real(-3 * 86400 * 1000 - 1000);
	fixture_close(&f);
}

static enum err spoil(struct txn *t, void *arg)
{
	char key[TRACE_KEY_BYTES];

	(void)arg;
	if (kv_put(t, SPACE_TRACE, record_key(key, 5), STR("\x01zz")) != OK ||
	    kv_put(t, SPACE_TRACE, STR("short"), STR("")) != OK ||
	    kv_put(t, SPACE_TRACE_STEP, STR("12345678abcd"), STR("\x07")) != OK)
		return ERR_IO;
	return OK;
}

static void fsck_tells_of_damage(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, 7);
	put(&f, "a@b", "c@d", "");
	assert_int_equal(store_write(f.ts.store, spoil, NULL, NULL), OK);
	assert_int_equal(fixture_fsck(&f), 4); /* two rows, a step twice: unread, and alone */
	assert_int_equal(find_text(&f, "").count, 1);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_trace_comes_back_with_its_steps),
		cmocka_unit_test(steps_of_what_is_not_kept_go_nowhere),
		cmocka_unit_test(steps_have_a_maximum),
		cmocka_unit_test(recipients_beyond_the_limit_are_counted),
		cmocka_unit_test(states),
		cmocka_unit_test(found_by_address_message_id_and_time),
		cmocka_unit_test(ids_grow_even_when_the_clock_does_not),
		cmocka_unit_test(refusals_of_a_session_become_one),
		cmocka_unit_test(found_by_the_id_of_the_message),
		cmocka_unit_test(refusals_are_written_without_being_asked),
		cmocka_unit_test(refusals_cannot_push_out_the_rest),
		cmocka_unit_test(the_old_and_the_many_go),
		cmocka_unit_test(fsck_tells_of_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
