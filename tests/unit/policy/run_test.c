/* Stages that wait for others: on the pool, in order, woken, left amid it; and changes of a message
 * at their limits. */
#include "unit/policy/fixture.h"

#include "flow/policy/authentication/dmarc.h"
#include "flow/policy/task.h"
#include "foundation/base/clock.h"
#include "foundation/base/fault.h"
#include "foundation/config/limits.h"

#include <pthread.h>
#include <stdatomic.h>

/* --- checks that wait until the test lets them ------------------------------------- */

static atomic_bool gate;
static atomic_int ran, tasks;

static enum policy_need slow(const struct policy_run *r)
{
	(void)r;
	return POLICY_SLOW;
}

static enum policy_need quick(const struct policy_run *r)
{
	(void)r;
	return POLICY_QUICK;
}

static void at_gate(struct policy_task *task)
{
	(void)task;
	atomic_fetch_add(&tasks, 1);
	while (!atomic_load(&gate))
		clock_sleep_ms(1);
}

static void slow_start(struct policy_run *r)
{
	for (int i = 0; i < 3; i++)
		policy_task(r, arena_new(policy_arena(r), struct policy_task), at_gate);
}

static void slow_run(struct policy_run *r)
{
	policy_tasks_wait(r);
	atomic_fetch_add(&ran, 1);
	policy_tag(r, "slow");
}

static void last_run(struct policy_run *r)
{
	policy_reject(r, 0, NULL, "after %d", atomic_load(&ran));
}

static void accept_run(struct policy_run *r)
{
	policy_accept(r, "known");
}

#define ALL .stages = BIT(POLICY_STAGES) - 1, .roles = POLICY_MX

static const struct policy_check waiting[] = {
	{ .name = "first", ALL, .need = slow, .start = slow_start, .run = slow_run },
	{ .name = "second", ALL, .need = slow, .start = slow_start, .run = slow_run },
	{ .name = "last", ALL, .need = quick, .run = last_run },
};
static const struct policy_check accepting[] = {
	{ .name = "known", ALL, .need = quick, .run = accept_run },
	{ .name = "always", ALL, .flags = POLICY_ALWAYS, .need = quick, .run = last_run },
};
static const struct policy_check accepted[] = {
	{ .name = "known", ALL, .need = quick, .run = accept_run },
	{ .name = "slow", ALL, .need = slow, .run = slow_run },
};

static void set_up(struct fixture *f, const struct policy_check *checks, size_t count)
{
	const struct policy_config config = { .checks = checks,
		                              .check_count = count,
		                              .threads = 4 };

	atomic_store(&gate, false);
	atomic_store(&ran, 0);
	atomic_store(&tasks, 0);
	fixture_open(f, NULL, &config);
	fixture_connect(f, "192.0.2.1");
}

/* The caller is not kept; all questions are asked at one time; the verdict wakes. */
static void test_parked(void **state)
{
	struct fixture f = { 0 };

	(void)state;
	set_up(&f, waiting, COUNT(waiting));
	f.run = policy_begin(f.policy, f.session, POLICY_CONNECT, (struct waker){ 0 });
	assert_false(policy_ready(f.run, &f.verdict));
	while (atomic_load(&tasks) != 6)
		clock_sleep_ms(1);
	assert_false(policy_ready(f.run, &f.verdict));
	assert_int_equal(atomic_load(&ran), 0);
	atomic_store(&gate, true);
	while (!policy_ready(f.run, &f.verdict))
		clock_sleep_ms(1);
	assert_int_equal(f.verdict.kind, POLICY_REJECT);
	assert_true(str_eq(f.verdict.text, STR("after 2")));
	assert_int_equal(f.verdict.code, 554);
	fixture_leave(&f);
	fixture_close(&f);
}

struct leaving {
	struct fixture *f;
	atomic_bool gone;
};

static void on_gone(void *arg)
{
	struct leaving *l = arg;

	policy_session_free(l->f->policy, &l->f->session);
	atomic_store(&l->gone, true);
}

/* A connection that is lost amid a question is not freed under its feet. */
static void test_left(void **state)
{
	struct fixture f = { 0 };
	struct leaving l = { .f = &f };

	(void)state;
	set_up(&f, waiting, COUNT(waiting));
	f.run = policy_begin(f.policy, f.session, POLICY_CONNECT, (struct waker){ 0 });
	while (atomic_load(&tasks) != 6)
		clock_sleep_ms(1);
	policy_leave(&f.run, on_gone, &l);
	assert_null(f.run);
	assert_false(atomic_load(&l.gone));
	atomic_store(&gate, true);
	while (!atomic_load(&l.gone))
		clock_sleep_ms(1);
	fake_close(f.conn);
	fixture_close(&f);
}

static const struct policy_check one_slow[] = {
	{ .name = "slow", ALL, .need = slow, .start = slow_start, .run = slow_run },
};

/* A network has so many threads and no more; others are asked meanwhile, and who leaves the line
 * is gone at once. */
static void test_turns(void **state)
{
	enum { MOST = 13, MANY = MOST + 2, ALL_TASKS = 3 * (MOST + 1) };
	const struct policy_config config = { .checks = one_slow,
		                              .check_count = COUNT(one_slow),
		                              .threads = LIMIT_policy_threads };
	struct policy_session *sessions[MANY + 1];
	struct policy_run *runs[MANY + 1];
	struct fixture f = { 0 };
	struct leaving l = { .f = &f };

	(void)state;
	atomic_store(&gate, false);
	atomic_store(&ran, 0);
	atomic_store(&tasks, 0);
	fixture_open(&f, NULL, &config);
	fixture_connect(&f, "192.0.2.1");
	for (unsigned i = 0; i <= MANY; i++) { /* the last is of another network */
		f.conn->peer.ip[2] = i == MANY ? 3 : 2;
		f.conn->peer.ip[3] = (unsigned char)i;
		sessions[i] = policy_session_new(f.policy, f.conn, POLICY_MX, &f.settings);
		runs[i] = policy_begin(f.policy, sessions[i], POLICY_CONNECT, (struct waker){ 0 });
	}
	while (atomic_load(&tasks) < ALL_TASKS)
		clock_sleep_ms(1);
	clock_sleep_ms(20);
	assert_int_equal(atomic_load(&tasks), ALL_TASKS);
	policy_session_free(f.policy, &f.session);
	f.session = sessions[MANY - 1];
	policy_leave(&runs[MANY - 1], on_gone, &l);
	assert_true(atomic_load(&l.gone));
	atomic_store(&gate, true);
	for (unsigned i = 0; i <= MANY; i++) {
		if (i == MANY - 1)
			continue;
		while (!policy_ready(runs[i], &f.verdict))
			clock_sleep_ms(1);
		policy_end(&runs[i]);
		policy_session_free(f.policy, &sessions[i]);
	}
	assert_int_equal(atomic_load(&ran), MANY);
	fake_close(f.conn);
	fixture_close(&f);
}

static void missed_run(struct policy_run *r)
{
	policy_tempfail(r, 451, "4.7.1", "missed");
}

static const struct policy_check crowded[] = {
	{ .name = "slow", ALL, .need = slow, .start = slow_start, .run = slow_run },
	{ .name = "filter",
	  .stages = BIT(POLICY_STAGES) - 1,
	  .roles = POLICY_MX,
	  .flags = POLICY_FILTER,
	  .need = slow,
	  .run = slow_run,
	  .missed = missed_run },
};
static const struct policy_check crowded_users[] = {
	{ .name = "slow",
	  .stages = BIT(POLICY_STAGES) - 1,
	  .roles = POLICY_MX | POLICY_SUBMISSION,
	  .need = slow,
	  .start = slow_start,
	  .run = slow_run },
};

/* Whoever gets no thread in the time that a check has goes on without it: a check of DNS passes,
 * a filter says what it wants to be done then. */
static void test_late(void **state)
{
	const struct policy_config config = { .checks = crowded,
		                              .check_count = COUNT(crowded),
		                              .threads = 1 };
	struct policy_session *other;
	struct policy_run *run;
	struct fixture f = { 0 };

	(void)state;
	atomic_store(&gate, false);
	atomic_store(&ran, 0);
	atomic_store(&tasks, 0);
	fixture_open(&f, NULL, &config);
	fixture_connect(&f, "192.0.2.1");
	f.run = policy_begin(f.policy, f.session, POLICY_CONNECT, (struct waker){ 0 });
	while (atomic_load(&tasks) != 3) /* two threads ask, and the one that waits */
		clock_sleep_ms(1);
	assert_int_equal(policy_wait_ms(f.run), 0);
	f.conn->peer.ip[0] = 1;
	other = policy_session_new(f.policy, f.conn, POLICY_MX, &f.settings);
	run = policy_begin(f.policy, other, POLICY_CONNECT, (struct waker){ 0 });
	assert_false(policy_ready(run, &f.verdict));
	assert_in_range(policy_wait_ms(run), LIMIT_policy_stage_ms - 2000, LIMIT_policy_stage_ms);
	clock_shift_mono(LIMIT_policy_stage_ms);
	assert_false(policy_ready(run, &f.verdict)); /* the filter has more time */
	assert_in_range(policy_wait_ms(run), LIMIT_filter_ms - LIMIT_policy_stage_ms - 2000,
	                LIMIT_filter_ms - LIMIT_policy_stage_ms);
	clock_shift_mono(LIMIT_filter_ms);
	assert_true(policy_ready(run, &f.verdict));
	assert_int_equal(f.verdict.kind, POLICY_TEMPFAIL);
	assert_true(str_eq(f.verdict.text, STR("missed")));
	assert_int_equal(atomic_load(&ran), 0);
	policy_end(&run);
	policy_session_free(f.policy, &other);
	atomic_store(&gate, true);
	while (!policy_ready(f.run, &f.verdict))
		clock_sleep_ms(1);
	clock_shift_mono(-LIMIT_filter_ms - LIMIT_policy_stage_ms);
	fixture_leave(&f);
	fixture_close(&f);
}

/* Who submits mail has threads that no stranger can hold. */
static void test_rooms(void **state)
{
	const struct policy_config config = { .checks = crowded_users,
		                              .check_count = COUNT(crowded_users),
		                              .threads = 1 };
	struct policy_session *sessions[3];
	struct policy_run *runs[3];
	struct fixture f = { 0 };

	(void)state;
	atomic_store(&gate, false);
	atomic_store(&tasks, 0);
	fixture_open(&f, NULL, &config);
	fixture_connect(&f, "192.0.2.1");
	for (size_t i = 0; i < COUNT(runs); i++) {
		sessions[i] = policy_session_new(f.policy, f.conn,
		                                 i < 2 ? POLICY_MX : POLICY_SUBMISSION,
		                                 &f.settings);
		runs[i] = policy_begin(f.policy, sessions[i], POLICY_MAIL, (struct waker){ 0 });
		assert_true((policy_wait_ms(runs[i]) != 0) == (i == 1));
	}
	while (atomic_load(&tasks) < 2)
		clock_sleep_ms(1);
	atomic_store(&gate, true);
	for (size_t i = 0; i < COUNT(runs); i++) {
		while (!policy_ready(runs[i], &f.verdict))
			clock_sleep_ms(1);
		policy_end(&runs[i]);
		policy_session_free(f.policy, &sessions[i]);
	}
	fixture_leave(&f);
	fixture_close(&f);
}

/* A filter that is not asked at a stage, or about such sessions, needs no thread there. */
static void test_need(void **state)
{
	static const struct {
		unsigned role;
		enum policy_stage stage;
		bool ready;
	} rows[] = {
		{ POLICY_MX, POLICY_CONNECT, true },
		{ POLICY_MX, POLICY_DATA, true },
		{ POLICY_SUBMISSION, POLICY_CONNECT, true },
		{ POLICY_SUBMISSION, POLICY_DATA, false },
		{ POLICY_SUBMISSION, POLICY_END, false },
		{ POLICY_LMTP, POLICY_END, true },
	};
	const struct policy_config config = { .threads = 1 };
	struct fixture f = { 0 };

	(void)state;
	f.settings.milters = STR("unix:/nowhere/f for=submission stages=data fail=accept");
	f.settings.hooks = STR("http://127.0.0.1:1/ for=submission stages=end fail=accept");
	fixture_open(&f, NULL, &config);
	fixture_connect(&f, "192.0.2.1");
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct policy_session *s =
			policy_session_new(f.policy, f.conn, rows[i].role, &f.settings);
		struct policy_run *run = policy_begin(f.policy, s, rows[i].stage,
		                                      (struct waker){ 0 });

		if (rows[i].ready)
			check_at(i, policy_ready(run, &f.verdict));
		while (!policy_ready(run, &f.verdict))
			clock_sleep_ms(1);
		check_at(i, (s->mail_note_count != 0) == !rows[i].ready);
		policy_end(&run);
		policy_session_free(f.policy, &s);
	}
	fixture_leave(&f);
	fixture_close(&f);
}

/* A run that nobody waits for asks no further check. */
static void test_left_rests(void **state)
{
	struct fixture f = { 0 };
	struct leaving l = { .f = &f };

	(void)state;
	set_up(&f, waiting, COUNT(waiting));
	f.run = policy_begin(f.policy, f.session, POLICY_CONNECT, (struct waker){ 0 });
	while (atomic_load(&tasks) != 6)
		clock_sleep_ms(1);
	policy_leave(&f.run, on_gone, &l);
	atomic_store(&gate, true);
	while (!atomic_load(&l.gone))
		clock_sleep_ms(1);
	assert_int_equal(atomic_load(&ran), 1); /* of the two that are slow */
	fake_close(f.conn);
	fixture_close(&f);
}

/* What is left without a run, or after one, is gone at once. */
static void test_left_done(void **state)
{
	struct fixture f = { 0 };
	struct leaving l = { .f = &f };

	(void)state;
	set_up(&f, accepting, COUNT(accepting));
	f.run = policy_begin(f.policy, f.session, POLICY_CONNECT, (struct waker){ 0 });
	assert_true(policy_ready(f.run, &f.verdict));
	policy_leave(&f.run, on_gone, &l);
	assert_true(atomic_load(&l.gone));
	fake_close(f.conn);
	fixture_close(&f);
}

/* Who is let in is asked no more, but by what is always asked. */
static void test_accept(void **state)
{
	struct fixture f = { 0 };

	(void)state;
	set_up(&f, accepted, COUNT(accepted));
	assert_int_equal(fixture_ask(&f, POLICY_CONNECT), POLICY_ACCEPT);
	assert_int_equal(fixture_ask(&f, POLICY_MAIL), POLICY_PASS);
	assert_int_equal(atomic_load(&ran), 0);
	fixture_leave(&f);
	fixture_close(&f);

	set_up(&f, accepting, COUNT(accepting));
	assert_int_equal(fixture_ask(&f, POLICY_CONNECT), POLICY_REJECT);
	fixture_leave(&f);
	fixture_close(&f);
}

/* --- limits ------------------------------------------------------------------------- */

static enum err add(struct policy_changes *c, struct arena *a, const char *name, struct str value)
{
	const struct policy_change change = { .kind = CHANGE_ADD,
		                              .name = str_of(name),
		                              .value = value };

	return policy_changes_add(c, a, &change, NULL);
}

static void test_changes_limits(void **state)
{
	struct policy_changes c;
	struct arena a = { 0 };
	struct buf big;

	(void)state;
	policy_changes_init(&c);
	for (size_t i = 0; i < LIMIT_policy_changes; i++)
		assert_int_equal(add(&c, &a, "X", STR("y")), OK);
	assert_int_equal(add(&c, &a, "X", STR("y")), ERR_LIMIT);
	policy_changes_init(&c);
	buf_init(&big, LIMIT_policy_change_bytes + 1);
	memset(buf_room(&big, LIMIT_policy_change_bytes), 'x', LIMIT_policy_change_bytes);
	buf_commit(&big, LIMIT_policy_change_bytes);
	assert_int_equal(add(&c, &a, "X", buf_str(&big)), ERR_LIMIT);
	buf_cut(&big, LIMIT_policy_change_bytes - 1);
	assert_int_equal(add(&c, &a, "X", buf_str(&big)), OK);
	assert_int_equal(add(&c, &a, "Y", STR_EMPTY), ERR_LIMIT);
	buf_deinit(&big);
	arena_deinit(&a);
}

/* Nothing that a filter says can end a field, or begin another. */
static void test_changes_form(void **state)
{
	static const struct {
		const char *name, *value;
		bool ok;
	} rows[] = {
		{ "X-A", "b", true },
		{ "X-A", "b\r\n c", true },
		{ "X-A", "b\n\tc", true },
		{ "X-A", "b\nc", false },
		{ "X-A", "b\n", false },
		{ "X-A", "b\r\nc", false },
		{ "X-A", "b\rc", false },
		{ "X A", "b", false },
		{ "X:A", "b", false },
		{ "", "b", false },
		{ "X-\xc3", "b", false },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct policy_changes c;

		policy_changes_init(&c);
		check_at(i, (add(&c, &a, rows[i].name, str_of(rows[i].value)) == OK) == rows[i].ok);
	}
	arena_deinit(&a);
}

/* A body has CRLF for whatever may be taken for the end of a line, and no NUL. */
static void test_changes_body(void **state)
{
	static const struct {
		struct str value, kept;
	} rows[] = {
		{ STR("a\r\nb\r\n"), STR("a\r\nb\r\n") },
		{ STR("a\n.\nQUIT\n"), STR("a\r\n.\r\nQUIT\r\n") },
		{ STR("a\r.\r\n"), STR("a\r\n.\r\n") },
		{ STR("\n\r\r\n\n\r"), STR("\r\n\r\n\r\n\r\n\r\n") },
		{ STR(""), STR("") },
		{ STR("a\0b"), { NULL, 0 } },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct policy_change change = { .kind = CHANGE_BODY, .value = rows[i].value };
		const struct policy_change *kept;
		struct policy_changes c;
		enum err e;

		policy_changes_init(&c);
		e = policy_changes_add(&c, &a, &change, NULL);
		check_at(i, (e == OK) == (rows[i].kept.p != NULL));
		if (e)
			continue;
		kept = container_of(c.items.next, struct policy_change, link);
		check_at(i, str_eq(kept->value, rows[i].kept) && c.bytes == rows[i].kept.n);
	}
	arena_deinit(&a);
}

/* All of what one filter wants, or nothing of it. */
static void test_changes_join(void **state)
{
	struct policy_changes all, more;
	struct arena a = { 0 };

	(void)state;
	policy_changes_init(&all);
	for (size_t i = 0; i + 1 < LIMIT_policy_changes; i++)
		assert_int_equal(add(&all, &a, "X", STR("y")), OK);
	policy_changes_init(&more);
	assert_int_equal(add(&more, &a, "X", STR("y")), OK);
	assert_int_equal(add(&more, &a, "X", STR("y")), OK);
	assert_int_equal(policy_changes_join(&all, &more, NULL), ERR_LIMIT);
	assert_int_equal(all.count, LIMIT_policy_changes - 1);
	policy_changes_init(&more);
	assert_int_equal(add(&more, &a, "X", STR("y")), OK);
	assert_int_equal(policy_changes_join(&all, &more, NULL), OK);
	assert_int_equal(all.count, LIMIT_policy_changes);
	assert_int_equal(more.count, 0);
	arena_deinit(&a);
}

/* Addresses are what MAIL and RCPT may have, also beyond ASCII. */
static void test_changes_utf8(void **state)
{
	static const struct {
		enum policy_change_kind kind;
		size_t rcpts; /* there are then */
	} rows[] = { { CHANGE_SENDER, 0 }, { CHANGE_RCPT_ADD, 1 }, { CHANGE_RCPT_DELETE, 0 } };
	struct policy_changes c;
	struct arena a = { 0 };

	(void)state;
	policy_changes_init(&c);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct policy_change change = { .kind = rows[i].kind,
			                              .value = STR("j\xc3\xb6rg@example.org") };
		struct envelope envelope = { 0 };

		check_at(i, policy_changes_add(&c, &a, &change, NULL) == OK);
		policy_changes_envelope(&c, &a, &envelope);
		check_at(i, str_eq(envelope.sender.local, STR("j\xc3\xb6rg")));
		check_at(i, envelope.rcpt_count == rows[i].rcpts);
	}
	arena_deinit(&a);
}

/* However much is said, what is kept of it has an end. */
static void test_notes_limit(void **state)
{
	struct fixture f = { 0 };
	struct trace_step *steps;
	struct arena a = { 0 };

	(void)state;
	set_up(&f, accepting, COUNT(accepting));
	for (size_t i = 0; i < LIMIT_policy_notes + 5; i++)
		fixture_ask(&f, POLICY_RCPT);
	assert_int_equal(policy_steps(f.session, false, &a, &steps), LIMIT_policy_notes);
	arena_deinit(&a);
	fixture_leave(&f);
	fixture_close(&f);
}

/* Often, since what is left behind depends on how fast the threads are (the sanitizer tells). */
static void test_open_fails(void **state)
{
	const struct policy_config config = { .threads = 2 };
	bool fired = true;

	(void)state;
	for (unsigned n = 1; fired; n++) {
		for (int k = 0; k < 50; k++) {
			struct policy *p = NULL;
			enum err e;

			fault_arm(n);
			e = policy_open(&config, &p, NULL);
			fired = fault_fired();
			fault_arm(0);
			assert_true(fired == (e != OK));
			assert_true(policy_close(&p, clock_mono_ms() + 5000));
		}
	}
}

static const struct policy_check crowded_mail[] = {
	{ .name = "slow", ALL, .need = slow, .start = slow_start, .run = slow_run },
	{ .name = "dmarc",
	  .stages = BIT(POLICY_END),
	  .roles = POLICY_MX,
	  .need = dmarc_need,
	  .start = dmarc_start,
	  .run = dmarc_run,
	  .missed = dmarc_missed },
};

/* The domain that must be asked whether it wants mail refused is not passed over: who makes a crowd
 * would get any mail through. */
static void test_late_authors(void **state)
{
	static const struct {
		const char *setting, *peer;
		enum policy_kind kind;
	} rows[] = {
		{ "obey", "1.0.2.1", POLICY_TEMPFAIL },
		{ "record", "1.0.2.1", POLICY_PASS },
		{ "obey", "10.0.2.1", POLICY_PASS },
	};
	const struct policy_config config = { .checks = crowded_mail,
		                              .check_count = COUNT(crowded_mail),
		                              .threads = 1 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct policy_session *other;
		struct policy_run *run;
		struct fixture f = { .settings.dmarc = str_of(rows[i].setting) };

		atomic_store(&gate, false);
		atomic_store(&tasks, 0);
		fixture_open(&f, NULL, &config);
		fixture_connect(&f, "192.0.2.1");
		f.run = policy_begin(f.policy, f.session, POLICY_CONNECT, (struct waker){ 0 });
		while (atomic_load(&tasks) != 3)
			clock_sleep_ms(1);
		assert_true(addr_parse_ip(str_of(rows[i].peer), &f.conn->peer));
		other = policy_session_new(f.policy, f.conn, POLICY_MX, &f.settings);
		other->message = STR("DKIM-Signature: x\r\nFrom: a@b.example\r\n\r\n");
		run = policy_begin(f.policy, other, POLICY_END, (struct waker){ 0 });
		check_at(i, !policy_ready(run, &f.verdict));
		clock_shift_mono(LIMIT_policy_stage_ms);
		check_at(i, policy_ready(run, &f.verdict));
		check_at(i, f.verdict.kind == rows[i].kind);
		policy_end(&run);
		policy_session_free(f.policy, &other);
		atomic_store(&gate, true);
		while (!policy_ready(f.run, &f.verdict))
			clock_sleep_ms(1);
		clock_shift_mono(-LIMIT_policy_stage_ms);
		fixture_leave(&f);
		fixture_close(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parked),       cmocka_unit_test(test_left),
		cmocka_unit_test(test_turns),        cmocka_unit_test(test_left_rests),
		cmocka_unit_test(test_left_done),    cmocka_unit_test(test_accept),
		cmocka_unit_test(test_changes_limits), cmocka_unit_test(test_changes_form),
		cmocka_unit_test(test_changes_body), cmocka_unit_test(test_changes_join),
		cmocka_unit_test(test_changes_utf8), cmocka_unit_test(test_notes_limit),
		cmocka_unit_test(test_open_fails),   cmocka_unit_test(test_late),
		cmocka_unit_test(test_late_authors),
		cmocka_unit_test(test_rooms),        cmocka_unit_test(test_need),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
