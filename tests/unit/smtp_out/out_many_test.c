/* The SMTP client with several messages and many recipients on one connection. */
#include "unit/smtp_out/out_fixture.h"

#include "foundation/config/limits.h"

static void test_one_connection_for_many(void **state)
{
	struct fixture f;

	(void)state;
	open_with(&f, NULL, 0);
	many_post(&f, 60);
	attempt(&f);
	many_expect(&f, 60);
	assert_int_equal(atomic_load(&f.remote.connections), 1);
	assert_int_equal(atomic_load(&f.remote.quits), 1);
	close_all(&f);
}

/* A remote so slow that the lease ends meanwhile: somebody else sends the message then, so it
 * must not be ended here. */
static void test_slower_than_the_lease(void **state)
{
	static const char *const rcpts[] = { "a@remote.example" };
	static const struct {
		int64_t takes_s;
		enum place_name place;
	} rows[] = {
		{ LIMIT_queue_lease_s / 2, TAKEN },
		{ LIMIT_queue_lease_s - 60, QUEUED }, /* the answer could come too late */
		{ LIMIT_queue_lease_s + 60, QUEUED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture f;

		open_with(&f, NULL, 0);
		f.remote.data_takes_ms = rows[i].takes_s * 1000;
		post(&f, rcpts, 1, BODY);
		attempt(&f);
		clock_shift_real(-rows[i].takes_s * 1000);
		expect_place(&f, i, rcpts[0], rows[i].place);
		close_all(&f);
	}
}

/* Where a message flows so slowly that its end would come too late, the rest is not sent, and the
 * attempt counts while it is ours. */
static void test_flows_slower_than_the_lease(void **state)
{
	enum { SIZE = 24 << 20 };
	static const char *const rcpts[] = { "a@remote.example" };
	static const struct {
		int64_t takes_s;
		bool chunking;
		enum place_name place;
	} rows[] = {
		{ LIMIT_queue_lease_s / 2, false, TAKEN },
		{ LIMIT_queue_lease_s / 2, true, TAKEN },
		{ LIMIT_queue_lease_s - 5 * 60, false, QUEUED },
		{ LIMIT_queue_lease_s - 5 * 60, true, QUEUED },
	};
	struct buf body;

	(void)state;
	buf_init(&body, SIZE + 200);
	buf_put(&body, STR("Subject: x\r\n\r\n"));
	while (body.n < SIZE)
		buf_put(&body, STR("A line of some length, of which there are many more.\r\n"));
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct remote_manner m = { .chunking = rows[i].chunking };
		struct fixture f;

		open_with(&f, &m, 1);
		f.remote.body_takes_ms = rows[i].takes_s * 1000;
		post(&f, rcpts, 1, buf_str(&body));
		attempt(&f);
		clock_shift_real(-rows[i].takes_s * 1000);
		expect_place(&f, i, rcpts[0], rows[i].place);
		while (atomic_load(&f.remote.open) != 0)
			usleep(1000);
		check_at(i, (atomic_load(&f.remote.body_came) >= SIZE) == (rows[i].place == TAKEN));
		close_all(&f);
	}
	buf_deinit(&body);
}

/* Nor does it count how many steps there are, each within its time. */
static void test_many_slow_steps(void **state)
{
	static const char *const rcpts[] = { "a@remote.example", "b@remote.example",
		                             "c@remote.example", "d@remote.example",
		                             "e@remote.example" };
	struct remote_manner m = { .no_pipelining = true };
	struct fixture f;

	(void)state;
	open_with(&f, &m, 1);
	f.remote.rcpt_takes_ms = (int64_t)LIMIT_queue_lease_s * 1000;
	post(&f, rcpts, COUNT(rcpts), BODY);
	attempt(&f);
	while (atomic_load(&f.remote.open) != 0)
		usleep(1000);
	f.remote.rcpt_takes_ms = 0;
	check_at(0, remote_heard(&f.remote, "RCPT TO:<b@"));
	check_at(1, !remote_heard(&f.remote, "RCPT TO:<c@"));
	clock_shift_real(-2 * (int64_t)LIMIT_queue_lease_s * 1000);
	close_all(&f);
}

/* A server that takes one message for each connection, and ends it in one way or another. */
static void test_connections_that_end(void **state)
{
	static const char *const ends[] = { "!250 ok, and goodbye" };
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < COUNT(ends); i++) {
		open_with(&f, (struct remote_manner[]){ { .end = ends[i] } }, 1);
		many_post(&f, 10);
		attempt(&f);
		many_expect(&f, 10);
		assert_int_equal(atomic_load(&f.remote.connections), 10);
		close_all(&f);
	}
}

/* Who refuses DATA is still in the transaction, and would say so at the next message's MAIL:
 * that is not about that message. */
static void test_data_refused_is_not_about_the_next_message(void **state)
{
	static const struct {
		const char *data;
		enum place_name place;
	} rows[] = { { "451 4.7.1 not now", QUEUED }, { "554 5.7.1 no", RETURNED } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture f;

		open_with(&f, &(struct remote_manner){ .data = rows[i].data }, 1);
		many_post(&f, 2);
		attempt(&f);
		expect_place(&f, i, "u0x@remote.example", rows[i].place);
		expect_place(&f, i, "u1x@remote.example", rows[i].place);
		check_at(i, !text_has(bobs_mail, &f.town, "nested"));
		assert_int_equal(atomic_load(&f.remote.connections), 1);
		close_all(&f);
	}
}

/* What is said of RSET is not about the recipients after it: they take another connection. */
static void test_more_recipients_than_one_transaction_takes(void **state)
{
	struct arena a = { 0 };
	const char *rcpts[250];
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < COUNT(rcpts); i++)
		rcpts[i] =
			str_z(&a, str_fmt(&a, "u%zu%s@remote.example", i, i < 100 ? "x550" : "x"));
	for (int good = 0; good < 2; good++) {
		open_with(&f, (struct remote_manner[]){ { .rset = good ? NULL : "550 5.7.1 no" } },
		          1);
		post(&f, rcpts, COUNT(rcpts), BODY);
		attempt(&f);
		for (size_t i = 0; i < COUNT(rcpts); i++)
			expect_place(&f, i, rcpts[i], i < 100 ? RETURNED : TAKEN);
		assert_int_equal(atomic_load(&f.remote.rsets), 1);
		assert_int_equal(atomic_load(&f.remote.connections), good ? 1 : 2);
		close_all(&f);
	}
	arena_deinit(&a);
}

/* RFC 9422 4.1: each part of a message counts as one on its connection. */
static void test_one_transaction_a_connection(void **state)
{
	struct remote_manner one = { .ehlo = "250-remote.example\r\n250 LIMITS MAILMAX=1" };
	struct arena a = { 0 };
	const char *rcpts[250];
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < COUNT(rcpts); i++)
		rcpts[i] = str_z(&a, str_fmt(&a, "u%zux@remote.example", i));
	open_with(&f, &one, 1);
	post(&f, rcpts, COUNT(rcpts), BODY);
	attempt(&f);
	for (size_t i = 0; i < COUNT(rcpts); i++)
		expect_place(&f, i, rcpts[i], TAKEN);
	assert_int_equal(atomic_load(&f.remote.connections), 3);
	close_all(&f);
	arena_deinit(&a);
}

/* RFC 5321 4.5.3.1.10: a 552 to RCPT may mean that there are too many. */
static void test_too_many_recipients(void **state)
{
	static const char *const rcpts[] = { "a@remote.example", "b552@remote.example" };
	struct fixture f;

	(void)state;
	open_with(&f, NULL, 0);
	post(&f, rcpts, 2, BODY);
	attempt(&f);
	expect_place(&f, 0, rcpts[0], TAKEN);
	expect_place(&f, 1, rcpts[1], QUEUED);
	close_all(&f);
	open_with(&f, NULL, 0);
	post(&f, rcpts + 1, 1, BODY);
	attempt(&f);
	expect_place(&f, 2, rcpts[1], RETURNED);
	close_all(&f);
}

/* A 421 to RCPT ends the connection (RFC 5321 3.8): those after it wait, whatever was said
 * before. */
static void test_421_amid_recipients(void **state)
{
	static const char *const rcpts[] = { "a@remote.example", "b550@remote.example",
		                             "c421@remote.example", "d@remote.example",
		                             "e550@remote.example" };

	(void)state;
	for (size_t n = 2; n <= COUNT(rcpts); n++)
		for (int stepwise = 0; stepwise < 2; stepwise++) {
			struct fixture f;

			open_with(&f, &(struct remote_manner){ .no_pipelining = stepwise }, 1);
			post(&f, rcpts + 1, n - 1, BODY);
			attempt(&f);
			for (size_t i = 1; i < n; i++)
				expect_place(&f, i, rcpts[i], i == 1 ? RETURNED : QUEUED);
			close_all(&f);
		}
}

/* A reply without end does not hold a thread or its memory. */
static void test_endless_reply(void **state)
{
	static const char *const rcpts[] = { "a@remote.example" };
	struct fixture f;
	struct buf endless;

	(void)state;
	buf_init(&endless, 1 << 20);
	while (endless.n < 36000)
		buf_put(&endless, STR("250-AUTH and on\r\n"));
	buf_put(&endless, STR("250-\0"));
	open_with(&f, (struct remote_manner[]){ { .ehlo = endless.p } }, 1);
	post(&f, rcpts, 1, BODY);
	attempt(&f);
	expect_place(&f, 0, rcpts[0], QUEUED);
	close_all(&f);
	buf_deinit(&endless);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_connection_for_many),
		cmocka_unit_test(test_slower_than_the_lease),
		cmocka_unit_test(test_flows_slower_than_the_lease),
		cmocka_unit_test(test_many_slow_steps),
		cmocka_unit_test(test_connections_that_end),
		cmocka_unit_test(test_data_refused_is_not_about_the_next_message),
		cmocka_unit_test(test_more_recipients_than_one_transaction_takes),
		cmocka_unit_test(test_one_transaction_a_connection),
		cmocka_unit_test(test_too_many_recipients),
		cmocka_unit_test(test_421_amid_recipients),
		cmocka_unit_test(test_endless_reply),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
