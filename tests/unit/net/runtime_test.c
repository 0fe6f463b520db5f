/* The runtime, with a small line protocol over loopback. */
#include "harness/check.h"
#include "harness/peer.h"

#include "base/clock.h"
#include "base/fault.h"
#include "base/mem.h"
#include "net/pool.h"
#include "net/runtime.h"
#include "net/socket.h"
#include "observe/event.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- the protocol --------------------------------------------------------------
 *
 * Answers each line with itself; "quit", "big" (a megabyte, as a generator), "flood" (the
 * same by conn_flush), "later" (answers when woken), "wait" (a deadline of 50 ms), "slow"
 * (a step that takes 300 ms). */

enum { LINE_MAX_BYTES = 100, BIG_LINES = 10000, BIG_LINE = 100 };

struct echo {
	unsigned big_left;
};

static atomic_int opened, closed, eofs;
static pthread_mutex_t waker_lock = PTHREAD_MUTEX_INITIALIZER;
static struct waker last_waker; /* waker_lock */

static void sleep_ms(int ms)
{
	usleep((unsigned)ms * 1000);
}

static enum step echo_open(struct conn *c)
{
	opened++;
	conn_set_session(c, NEW(struct echo));
	buf_put(conn_out(c), STR("hello\r\n"));
	conn_deadline(c, 20000);
	return STEP_PARK;
}

static void put_big_line(struct conn *c, unsigned n)
{
	buf_fmt(conn_out(c), "%0*u\r\n", BIG_LINE - 2, n);
}

static enum step go_on_big(struct conn *c)
{
	struct echo *e = conn_session(c);

	while (e->big_left != 0 && !conn_out_full(c))
		put_big_line(c, e->big_left--);
	return STEP_AGAIN;
}

static enum step command(struct conn *c, struct str line)
{
	struct echo *e = conn_session(c);

	if (str_eq(line, STR("quit"))) {
		buf_put(conn_out(c), STR("bye\r\n"));
		return STEP_CLOSE;
	}
	if (str_eq(line, STR("big"))) {
		e->big_left = BIG_LINES;
		return go_on_big(c);
	}
	if (str_eq(line, STR("flood"))) {
		for (unsigned n = BIG_LINES; n != 0; n--) {
			put_big_line(c, n);
			if (!conn_flush_full(c))
				return STEP_CLOSE;
		}
		return STEP_PARK;
	}
	if (str_eq(line, STR("later"))) {
		pthread_mutex_lock(&waker_lock);
		last_waker = conn_waker(c);
		pthread_mutex_unlock(&waker_lock);
		buf_put(conn_out(c), STR("wait for it\r\n"));
		return STEP_PARK;
	}
	if (str_eq(line, STR("wait"))) {
		conn_deadline(c, 50);
		return STEP_PARK;
	}
	if (str_eq(line, STR("slow")))
		sleep_ms(300);
	buf_put(conn_out(c), line);
	buf_put(conn_out(c), STR("\r\n"));
	return STEP_PARK;
}

static enum step echo_run(struct conn *c, unsigned events)
{
	struct echo *e = conn_session(c);
	struct str line;

	assert_true(events != 0);
	if (events & CONN_EOF)
		eofs++;
	if (events & (CONN_STOP | CONN_TIMEOUT)) {
		buf_put(conn_out(c),
		        events & CONN_STOP ? STR("421 stop\r\n") : STR("421 slow\r\n"));
		return STEP_CLOSE;
	}
	if (events & CONN_WAKE)
		buf_put(conn_out(c), STR("woken\r\n"));
	for (int n = 0; n < 20; n++) {
		enum step next;

		if (e->big_left != 0)
			return go_on_big(c);
		switch (conn_line(c, LINE_MAX_BYTES, &line)) {
		case CONN_MORE:
			return STEP_PARK;
		case CONN_TOO_LONG:
			buf_put(conn_out(c), STR("too long\r\n"));
			break;
		case CONN_LINE:
			next = command(c, line);
			if (next != STEP_PARK)
				return next;
			break;
		}
	}
	return STEP_AGAIN;
}

static void echo_close(struct conn *c)
{
	closed++;
	mem_free(conn_session(c));
}

static const struct proto echo = {
	.name = "echo",
	.refusal = STR("421 full\r\n"),
	.open = echo_open,
	.run = echo_run,
	.close = echo_close,
};

/* --- the fixture ------------------------------------------------------------ */

static struct runtime *runtime;
static struct addr at;

static void start(const struct runtime_config *config)
{
	struct conn_service service = { .name = "echo", .proto = &echo };
	struct addr loopback;
	struct why why = { "" };

	opened = closed = eofs = 0;
	event_fd_set(-1);
	assert_true(addr_parse(STR("127.0.0.1:0"), &loopback));
	assert_int_equal(runtime_new(config, &runtime, &why), OK);
	assert_int_equal(runtime_listen(runtime, &service, &loopback, &at, &why), OK);
	assert_int_equal(runtime_start(runtime, &why), OK);
}

static void stop(void)
{
	runtime_stop(runtime, 1000);
	runtime_free(&runtime);
	assert_int_equal(opened, closed);
}

static int fixture_make(void **state)
{
	static const struct runtime_config config = { .workers_max = 8 };

	(void)state;
	start(&config);
	return 0;
}

static int fixture_drop(void **state)
{
	(void)state;
	stop();
	return 0;
}

static int greeted(void)
{
	int fd = peer_connect(&at);

	peer_expect(fd, "hello\r\n");
	return fd;
}

static void wait_for(atomic_int *counter, int value)
{
	for (int i = 0; i < 1000 && *counter < value; i++)
		sleep_ms(10);
	assert_int_equal(*counter, value);
}

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

static int narrow_peer(void)
{
	int size = 4096, fd = greeted();

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	return fd;
}

static void send_times(int fd, const char *z, int times)
{
	while (times-- > 0)
		peer_send(fd, z);
}

/* A peer that does not read is cut, whether its output waits in the poller or a worker. */
static void test_write_deadline(void **state)
{
	static const struct runtime_config config = { .workers_max = 8, .write_ms = 200 };
	int generator, flusher;

	(void)state;
	stop();
	start(&config);
	generator = narrow_peer();
	send_times(generator, "big\r\n", 40);
	flusher = narrow_peer();
	send_times(flusher, "flood\r\n", 40);
	wait_for(&closed, 2);
	peer_close(generator);
	peer_close(flusher);
}

/* --- many ------------------------------------------------------------------- */

static void test_trickle(void **state)
{
	/* Both ends are ours: two descriptors each. */
	int peers = (int)MIN(socket_limit_raise() / 2 - 200, (size_t)5000);
	static const struct runtime_config config = { .workers_max = 4 };
	int *fds = mem_new((size_t)peers * sizeof *fds);
	int64_t began;
	int fd;

	(void)state;
	stop();
	start(&config);
	for (int i = 0; i < peers; i++)
		fds[i] = greeted();
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < peers; i++)
			peer_send(fds[i], "x");
	}
	began = clock_mono_ms();
	fd = greeted();
	peer_send(fd, "me\r\n");
	peer_expect(fd, "me\r\n");
	assert_true(clock_mono_ms() - began < 1000);
	peer_close(fd);
	assert_true(runtime_stats(runtime).open >= (uint64_t)peers);
	assert_true(runtime_stats(runtime).workers <= 4);
	for (int i = 0; i < peers; i++) {
		peer_send(fds[i], "\r\n");
		peer_expect(fds[i], "xxx\r\n");
		peer_close(fds[i]);
	}
	wait_for(&closed, peers + 1);
	mem_free(fds);
}

static void test_limits(void **state)
{
	static const struct {
		struct runtime_config config;
		int allowed;
	} rows[] = {
		{ { .connections_max = 3 }, 3 },
		{ { .connections_per_address = 2, .limit_loopback = true }, 2 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int fds[8], refused;

		stop();
		start(&rows[i].config);
		for (int n = 0; n < rows[i].allowed; n++)
			fds[n] = greeted();
		refused = peer_connect(&at);
		peer_expect(refused, "421 full\r\n");
		peer_expect_end(refused, true);
		peer_close(refused);
		assert_int_equal(runtime_stats(runtime).refused, 1);
		peer_close(fds[0]);
		wait_for(&closed, 1);
		fds[0] = greeted();
		for (int n = 0; n < rows[i].allowed; n++)
			peer_close(fds[n]);
	}
}

static int64_t cpu_ms(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000 +
	       (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1000;
}

/* The kernel has no descriptor left: a waiting peer is told so, one after another, and later
 * ones are served as soon as there are descriptors again. */
static void test_descriptors_run_out(void **state)
{
	struct rlimit before, tight;
	struct sockaddr_storage sa;
	socklen_t n = addr_to_socket(&at, &sa);
	int fds[3], fd;

	(void)state;
	sleep_ms(20);
	for (size_t i = 0; i < COUNT(fds); i++)
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	getrlimit(RLIMIT_NOFILE, &before);
	tight = before;
	fd = dup(0);
	tight.rlim_cur = (rlim_t)fd; /* the first free number is already too high */
	close(fd);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	for (size_t i = 0; i < COUNT(fds); i++) {
		assert_int_equal(connect(fds[i], (struct sockaddr *)&sa, n), 0);
		peer_expect(fds[i], "421 full\r\n");
		peer_expect_end(fds[i], true);
	}
	setrlimit(RLIMIT_NOFILE, &before);
	for (size_t i = 0; i < COUNT(fds); i++)
		peer_close(fds[i]);
	peer_close(greeted());
}

/* Accepting fails for a reason of the kernel's: it is tried again, without spinning. */
static void test_accept_fails(void **state)
{
	int64_t cpu_before;
	int fd;

	(void)state;
	cpu_before = cpu_ms();
	fault_arm_point("socket_accept", 1, ENOMEM);
	fd = peer_connect(&at); /* in the backlog */
	sleep_ms(500);          /* paused, tried again, paused ... */
	assert_true(fault_fired());
	assert_true(cpu_ms() - cpu_before < 200);
	fault_arm(0);
	peer_expect(fd, "hello\r\n");
	peer_close(fd);
}

/* Parked connections and idle workers cost no wake-ups. */
static void test_idle_is_idle(void **state)
{
	int fds[100];
	struct rusage before, after;

	(void)state;
	for (size_t i = 0; i < COUNT(fds); i++)
		fds[i] = greeted();
	sleep_ms(50);
	getrusage(RUSAGE_SELF, &before);
	sleep_ms(500);
	getrusage(RUSAGE_SELF, &after);
	assert_true(after.ru_nvcsw - before.ru_nvcsw < 10);
	for (size_t i = 0; i < COUNT(fds); i++)
		peer_close(fds[i]);
}

/* --- stopping --------------------------------------------------------------- */

static void test_stop(void **state)
{
	static const struct runtime_config config = { .workers_max = 8 };
	int idle = greeted(), busy = greeted();

	(void)state;
	peer_send(busy, "slow\r\n");
	sleep_ms(50);
	assert_int_equal(runtime_stop(runtime, 5000), 0);
	peer_expect(idle, "421 stop\r\n");
	peer_expect_end(idle, false);
	peer_expect(busy, "slow\r\n421 stop\r\n");
	peer_expect_end(busy, false);
	peer_close(idle);
	peer_close(busy);
	runtime_free(&runtime);
	start(&config);
}

static void test_stop_cuts(void **state)
{
	static const struct runtime_config config = { .workers_max = 8 };
	int fds[2];
	int64_t began;

	(void)state;
	for (size_t i = 0; i < COUNT(fds); i++) {
		fds[i] = narrow_peer();
		send_times(fds[i], "flood\r\n", 40);
	}
	sleep_ms(300);
	began = clock_mono_ms();
	assert_int_equal(runtime_stop(runtime, 200), 2);
	assert_true(clock_mono_ms() - began < 1500);
	runtime_free(&runtime);
	assert_int_equal(closed, 2);
	for (size_t i = 0; i < COUNT(fds); i++)
		peer_close(fds[i]);
	start(&config);
}

/* --- faults ----------------------------------------------------------------- */

/* Whatever call fails, the runtime ends cleanly or serves the next peer. */
static void test_faults(void **state)
{
	static const struct runtime_config config = { .workers_max = 4, .write_ms = 500 };
	struct conn_service service = { .name = "echo", .proto = &echo };
	struct addr loopback;

	(void)state;
	assert_true(addr_parse(STR("127.0.0.1:0"), &loopback));
	for (unsigned n = 1; n < 200; n++) {
		struct runtime *r = NULL;
		struct addr bound;
		struct why why = { "" };
		enum err e;
		bool fired;

		fault_arm(n);
		e = runtime_new(&config, &r, &why);
		if (e == OK)
			e = runtime_listen(r, &service, &loopback, &bound, &why);
		if (e == OK)
			e = runtime_start(r, &why);
		if (e == OK) {
			char reply[6];
			int fd = peer_connect(&bound);
			ssize_t got = send(fd, "hi\r\nquit\r\n", 10, MSG_NOSIGNAL);

			(void)got;
			while (recv(fd, reply, sizeof reply, 0) > 0) {
			}
			close(fd);
		} else {
			check_at(n, why.text[0] != '\0');
		}
		fired = fault_fired();
		fault_arm(0);
		if (e == OK) {
			int fd = peer_connect(&bound);

			peer_expect(fd, "hello\r\n");
			peer_close(fd);
			runtime_stop(r, 1000);
		}
		runtime_free(&r);
		if (!fired)
			return;
	}
	fail_msg("faults never end");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_dialogue),
		TEST(test_pipelining),
		TEST(test_dribble),
		TEST(test_line_limits),
		cmocka_unit_test(test_strict),
		TEST(test_half_close),
		TEST(test_gone_while_parked),
		TEST(test_reset),
		TEST(test_deadline),
		TEST(test_wake),
		TEST(test_wake_race),
		TEST(test_big_output),
		TEST(test_write_deadline),
		TEST(test_trickle),
		TEST(test_limits),
		TEST(test_descriptors_run_out),
		TEST(test_accept_fails),
		TEST(test_idle_is_idle),
		TEST(test_stop),
		TEST(test_stop_cuts),
		TEST(test_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
