/* The runtime: lines, ends, waking, output. */
#include "unit/runtime/echo.h"

#include <stdio.h>
#include <string.h>

/* --- lines ------------------------------------------------------------------ */

static void test_dialogue(void **state)
{
	int fd = greeted();

	(void)state;
	for (int i = 0; i < 100; i++) {
		peer_send(fd, "ping\r\n");
		peer_expect(fd, "ping\r\n");
	}
	peer_send(fd, "quit\r\n");
	peer_expect(fd, "bye\r\n");
	peer_expect_end(fd, false);
	peer_close(fd);
}

/* While nobody waits for a thread: waking another for each step would cost more than most of
 * them do. */
static void test_long_answer_stays(void **state)
{
	int fd = greeted();

	(void)state;
	peer_send(fd, "long\r\n");
	peer_expect(fd, "0 moves\r\n");
	peer_close(fd);
}

static void test_pipelining(void **state)
{
	int fd = greeted();
	struct buf all, want;

	(void)state;
	buf_init(&all, MIB(1));
	buf_init(&want, MIB(1));
	for (int i = 0; i < 500; i++) {
		buf_fmt(&all, "line %d\r\n", i);
		buf_fmt(&want, "line %d\r\n", i);
	}
	buf_put(&all, STR("quit\r\nafter the end\r\n"));
	buf_put(&want, STR("bye\r\n"));
	buf_byte(&want, '\0');
	peer_send_bytes(fd, all.p, all.n);
	peer_expect(fd, want.p);
	peer_expect_end(fd, false);
	peer_close(fd);
	buf_deinit(&all);
	buf_deinit(&want);
}

static void test_dribble(void **state)
{
	static const char text[] = "one\r\n\r\nthree\r\n";
	int fd = greeted();

	(void)state;
	for (const char *p = text; *p != '\0'; p++) {
		peer_send_bytes(fd, p, 1);
		sleep_ms(2);
	}
	peer_expect(fd, text);
	peer_close(fd);
}

static void test_line_limits(void **state)
{
	static const struct {
		size_t n;
		const char *end;
		bool ok;
	} rows[] = {
		{ LINE_MAX_BYTES, "\r\n", true },
		{ LINE_MAX_BYTES + 1, "\r\n", false },
		{ 300000, "\r\n", false },
		{ 10, "\n and a lone cr \r too\r\n", true },
		{ LINE_MAX_BYTES + 1, "\n\r\n", false },
	};
	int fd = greeted();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf line;

		buf_init(&line, MIB(1));
		memset(buf_room(&line, rows[i].n), 'x', rows[i].n);
		buf_commit(&line, rows[i].n);
		buf_put(&line, str_of(rows[i].end));
		buf_byte(&line, '\0');
		peer_send(fd, line.p);
		peer_expect(fd, rows[i].ok ? line.p : "too long\r\n");
		buf_deinit(&line);
	}
	peer_send(fd, "still here\r\n");
	peer_expect(fd, "still here\r\n");
	peer_close(fd);
}

static void test_strict(void **state)
{
	(void)state;
	assert_true(conn_line_strict(STR("MAIL FROM:<>")));
	assert_false(conn_line_strict(STR("a\rb")));
	assert_false(conn_line_strict(STR("a\nb")));
	assert_false(conn_line_strict(STR("a\0b")));
}

/* --- ends ------------------------------------------------------------------- */

static void test_half_close(void **state)
{
	int fd = greeted();

	(void)state;
	peer_send(fd, "one\r\ntwo\r\nunfinished");
	shutdown(fd, SHUT_WR);
	peer_expect(fd, "one\r\ntwo\r\n");
	peer_expect_end(fd, false);
	peer_close(fd);
	wait_for(&closed, 1);
	assert_int_equal(eofs, 1);
}

static void test_gone_while_parked(void **state)
{
	int fd = greeted();

	(void)state;
	sleep_ms(20);
	peer_close(fd);
	wait_for(&closed, 1);
	assert_int_equal(eofs, 1);
}

static void test_reset(void **state)
{
	struct linger hard = { 1, 0 };
	int fd = greeted();

	(void)state;
	peer_send(fd, "big\r\n");
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
	peer_close(fd);
	wait_for(&closed, 1);
}

static void test_deadline(void **state)
{
	int fd = greeted();

	(void)state;
	peer_send(fd, "wait\r\n");
	sleep_ms(30);
	peer_send(fd, "x"); /* input does not move it */
	peer_expect(fd, "421 slow\r\n");
	peer_expect_end(fd, false);
	peer_close(fd);
}

/* --- waking ----------------------------------------------------------------- */

static void test_wake(void **state)
{
	int fd = greeted();

	(void)state;
	peer_send(fd, "later\r\n");
	peer_expect(fd, "wait for it\r\n");
	peer_expect_quiet(fd, 20);
	conn_wake(last_waker);
	peer_expect(fd, "woken\r\n");
	peer_send(fd, "quit\r\n");
	peer_expect(fd, "bye\r\n");
	peer_expect_end(fd, false);
	peer_close(fd);
	wait_for(&closed, 1);
	conn_wake(last_waker); /* harmless, also when the slot is in use again */
	fd = greeted();
	conn_wake(last_waker);
	peer_expect_quiet(fd, 20);
	conn_wake((struct waker){ 0 });
	peer_close(fd);
}

static atomic_bool wake_stop;

static void *wake_much(void *arg)
{
	struct waker w = *(struct waker *)arg;

	while (!wake_stop)
		conn_wake(w);
	return NULL;
}

/* Wakes against input against parking: no line is lost, no answer comes twice. */
static void test_wake_race(void **state)
{
	pthread_t threads[2];
	struct waker w;
	int fd = greeted();

	(void)state;
	peer_send(fd, "later\r\n");
	peer_expect(fd, "wait for it\r\n");
	pthread_mutex_lock(&waker_lock);
	w = last_waker;
	pthread_mutex_unlock(&waker_lock);
	wake_stop = false;
	for (size_t i = 0; i < COUNT(threads); i++)
		pthread_create(&threads[i], NULL, wake_much, &w);
	for (int i = 0; i < 300; i++) {
		char line[64];

		peer_send(fd, "ping\r\n");
		do {
			peer_line(fd, line, sizeof line);
		} while (strcmp(line, "woken") == 0);
		assert_string_equal(line, "ping");
	}
	peer_close(fd);
	wait_for(&closed, 1);
	wake_stop = true;
	for (size_t i = 0; i < COUNT(threads); i++)
		pthread_join(threads[i], NULL);
}

/* --- output ----------------------------------------------------------------- */

static void expect_big(int fd)
{
	for (unsigned n = BIG_LINES; n != 0; n--) {
		char line[BIG_LINE + 1], want[BIG_LINE + 1];

		peer_line(fd, line, sizeof line);
		snprintf(want, sizeof want, "%0*u", BIG_LINE - 2, n);
		assert_string_equal(line, want);
		if (n % 1000 == 0)
			sleep_ms(1);
	}
}

static void test_big_output(void **state)
{
	static const char *const commands[] = { "big\r\nafter\r\n", "flood\r\nafter\r\n" };

	(void)state;
	for (size_t i = 0; i < COUNT(commands); i++) {
		int fd = greeted();

		peer_send(fd, commands[i]);
		sleep_ms(100);
		expect_big(fd);
		peer_expect(fd, "after\r\n");
		peer_close(fd);
	}
}

/* A peer that does not read is cut. */
static void test_write_deadline(void **state)
{
	static const struct runtime_config config = { .workers_max = 8, .write_ms = 200 };
	int deaf;

	(void)state;
	stop();
	start(&config);
	deaf = narrow_peer();
	send_times(deaf, "big\r\n", 40);
	wait_for(&closed, 1);
	peer_close(deaf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_dialogue),    TEST(test_long_answer_stays),
		TEST(test_pipelining),  TEST(test_dribble),
		TEST(test_line_limits), cmocka_unit_test(test_strict),
		TEST(test_half_close),  TEST(test_gone_while_parked),
		TEST(test_reset),       TEST(test_deadline),
		TEST(test_wake),        TEST(test_wake_race),
		TEST(test_big_output),  TEST(test_write_deadline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
