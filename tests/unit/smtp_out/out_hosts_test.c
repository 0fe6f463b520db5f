/* The SMTP client where a destination has more than one host: whom the next one is asked for. */
#include "model/queue/admin.h"
#include "unit/smtp_out/out_fixture.h"

/* The first connection is the preferred host's, the second one the other's. */
static void test_the_next_host(void **state)
{
	static const char *const rcpts[] = { "a@two.example", "b550@two.example",
		                             "c450@two.example" };
	static const struct {
		struct remote_manner first, second;
		enum place_name a;
		unsigned connections, troubles;
	} rows[] = {
		{ { .mail = "451 4.3.0 disk full" }, { 0 }, TAKEN, 2, 0 },
		{ { .mail = "450 4.1.8 who are you?" }, { 0 }, TAKEN, 2, 0 },
		{ { .mail = "421 4.3.2 busy" }, { 0 }, TAKEN, 2, 0 },
		{ { .mail = "" }, { 0 }, TAKEN, 2, 0 },
		{ { .mail = "garbage" }, { 0 }, TAKEN, 2, 0 },
		{ { .data = "451 4.3.0 no" }, { 0 }, TAKEN, 2, 0 },
		{ { .data = "250 odd" }, { 0 }, TAKEN, 2, 0 },
		{ { .data = "" }, { 0 }, TAKEN, 2, 0 },
		{ { .end = "452 4.3.1 full" }, { 0 }, TAKEN, 2, 0 },
		{ { .end = "421 4.3.2 bye" }, { 0 }, TAKEN, 2, 0 },
		{ { .chunking = true, .end = "452 4.3.1 full" }, { 0 }, TAKEN, 2, 0 },
		/* c450 is nobody's, and is asked about everywhere */
		{ { 0 }, { 0 }, TAKEN, 2, 0 },
		/* for good is for good, and a is not tried again */
		{ { .mail = "550 5.7.1 no" }, { 0 }, RETURNED, 1, 0 },
		{ { .end = "554 5.7.1 spam" }, { 0 }, RETURNED, 2, 0 },
		/* nobody takes it */
		{ { .mail = "421 busy" }, { .mail = "421 busy" }, QUEUED, 2, 1 },
		{ { .mail = "421 busy" }, { .mail = "450 4.2.0 later" }, QUEUED, 2, 1 },
		{ { .mail = "450 4.2.0 later" }, { .mail = "421 busy" }, QUEUED, 2, 1 },
		{ { .mail = "421 busy" }, { .greeting = "" }, QUEUED, 2, 1 },
		{ { .mail = "451 4.2.0 no" }, { .mail = "550 5.7.1 no" }, RETURNED, 2, 0 },
		/* the first may have taken it: only c450 is tried at the second */
		{ { .end = "" }, { 0 }, QUEUED, 2, 0 },
		{ { .end = "!25" }, { 0 }, QUEUED, 2, 0 },
		{ { .end = "354 odd" }, { 0 }, QUEUED, 2, 0 },
		{ { .end = "999 x" }, { 0 }, QUEUED, 2, 0 },
		{ { .chunking = true, .end = "" }, { 0 }, QUEUED, 2, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (int stepwise = 0; stepwise < 2; stepwise++) {
			struct remote_manner both[] = { rows[i].first, rows[i].second };
			struct fixture f;

			both[0].no_pipelining = both[1].no_pipelining = stepwise;
			open_with(&f, both, 2);
			post(&f, rcpts, COUNT(rcpts), BODY);
			attempt(&f);
			expect_place(&f, i, rcpts[0], rows[i].a);
			check_at(i, rows[i].a != TAKEN || remote_times(&f.remote, rcpts[0]) == 1);
			check_at(i, atomic_load(&f.remote.connections) == rows[i].connections);
			check_at(i, f.troubles == rows[i].troubles);
			close_all(&f);
		}
}

/* More than one transaction has, of which none gets through at the first host; messages after
 * that go where the one before was taken. */
static void test_the_next_host_takes_all(void **state)
{
	struct arena a = { 0 };
	const char *rcpts[250];
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < COUNT(rcpts); i++)
		rcpts[i] = str_z(&a, str_fmt(&a, "u%zux@two.example", i));
	open_with(&f, (struct remote_manner[]){ { .mail = "451 4.3.0 full" }, { 0 } }, 2);
	post(&f, rcpts, COUNT(rcpts), BODY);
	post(&f, rcpts, 1, BODY);
	attempt(&f);
	for (size_t i = 0; i < COUNT(rcpts); i++)
		check_at(i, remote_times(&f.remote, rcpts[i]) == (i == 0 ? 2 : 1));
	assert_int_equal(atomic_load(&f.remote.connections), 2);
	assert_int_equal(town_queue(&f.town, NULL), 0);
	close_all(&f);
	arena_deinit(&a);
}

struct look {
	const char *text;
	bool found;
};

static enum err reply_look(struct txn *t, void *arg)
{
	struct look *look = arg;
	struct queue_list list;
	enum err e = queue_list(t, 0, 1, txn_arena(t), &list);

	look->found = e == OK && list.count == 1 &&
	              str_find(list.items[0].envelope.rcpts[0].reply.text, str_of(look->text)) >= 0;
	return e;
}

/* Is that what the entry's first recipient waits for? */
static bool waits_for(struct fixture *f, const char *text)
{
	struct look look = { text, false };

	assert_int_equal(store_read(f->town.mail.temp.store, reply_look, &look), OK);
	return look.found;
}

/* What is said last is what is told, but for a host that has nothing to say of the message. */
static void test_the_last_host_is_told_of(void **state)
{
	static const char *const rcpts[] = { "a@two.example" };
	static const struct {
		const char *mail, *greeting;
		bool second;
	} rows[] = { { "450 4.2.0 second", NULL, true }, { NULL, "554 second", false } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct remote_manner both[] = {
			{ .mail = "450 4.2.0 first" },
			{ .mail = rows[i].mail, .greeting = rows[i].greeting },
		};
		struct fixture f;

		open_with(&f, both, 2);
		post(&f, rcpts, 1, BODY);
		attempt(&f);
		check_at(i, waits_for(&f, rows[i].second ? "second" : "first"));
		close_all(&f);
	}
}

/* An answer for each: who has one for the time being is asked about at the next host, who has none
 * may have the message. */
static void test_lmtp_at_the_next_host(void **state)
{
	static const char *const rcpts[] = { "a@remote.example", "full@remote.example",
		                             "gone@remote.example", "aa@remote.example" };
	struct arena a = { 0 };
	struct fixture f;

	(void)state;
	open_with(&f, &(struct remote_manner){ .lmtp = true }, 1);
	f.settings.routes = STR("via=lists");
	f.settings.relays = str_fmt(&a,
	                            "name=lists to=lmtp://127.0.0.1:%u priority=1\n"
	                            "name=lists to=lmtp://127.0.0.1:%u priority=2",
	                            f.remote.port, f.remote.port);
	post(&f, rcpts, COUNT(rcpts), BODY);
	attempt_by(&f, STR("@lists"));
	expect_place(&f, 0, rcpts[0], TAKEN);
	expect_place(&f, 1, rcpts[1], QUEUED);
	expect_place(&f, 2, rcpts[2], QUEUED);
	assert_int_equal(remote_times(&f.remote, rcpts[3]), 1);
	assert_int_equal(atomic_load(&f.remote.connections), 2);
	close_all(&f);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_next_host),
		cmocka_unit_test(test_the_next_host_takes_all),
		cmocka_unit_test(test_the_last_host_is_told_of),
		cmocka_unit_test(test_lmtp_at_the_next_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
