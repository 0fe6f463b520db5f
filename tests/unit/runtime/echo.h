/* tests/unit/runtime/echo.h: a small line protocol on the runtime, over loopback, for the tests of
 * the runtime. Include in one file of a program. */
#ifndef UNIT_NET_ECHO_H
#define UNIT_NET_ECHO_H
#include "harness/check.h"
#include "harness/peer.h"

#include "foundation/base/mem.h"
#include "foundation/observe/event.h"
#include "network/runtime/runtime.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- the protocol --------------------------------------------------------------
 *
 * Answers each line with itself; "quit", "big" (a megabyte, as a generator), "flood" (the
 * same at once), "later" (answers when woken), "wait" (a deadline of 50 ms), "slow" (a step
 * that takes 300 ms), "login" and "mail" (which make it trusted), "zip" (compression from here
 * on), "unzip" (no more), "long" (an answer in many steps, which says how often it changed
 * threads). */

enum { LINE_MAX_BYTES = 100, BIG_LINES = 10000, BIG_LINE = 100, LONG_STEPS = 1000 };

struct echo {
	unsigned big_left;
	unsigned long_left, long_moves;
	pthread_t thread;
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

static enum step go_on_long(struct conn *c)
{
	struct echo *e = conn_session(c);

	e->long_moves += !pthread_equal(e->thread, pthread_self());
	e->thread = pthread_self();
	if (--e->long_left == 0)
		buf_fmt(conn_out(c), "%u moves\r\n", e->long_moves);
	return STEP_AGAIN;
}

static enum step command(struct conn *c, struct str line)
{
	struct echo *e = conn_session(c);

	if (str_eq(line, STR("long"))) {
		e->long_left = LONG_STEPS;
		e->long_moves = 0;
		e->thread = pthread_self();
		return go_on_long(c);
	}
	if (str_eq(line, STR("quit"))) {
		buf_put(conn_out(c), STR("bye\r\n"));
		return STEP_CLOSE;
	}
	if (str_eq(line, STR("big"))) {
		e->big_left = BIG_LINES;
		return go_on_big(c);
	}
	if (str_eq(line, STR("flood"))) {
		for (unsigned n = BIG_LINES; n != 0; n--)
			put_big_line(c, n);
		return STEP_AGAIN;
	}
	if (str_eq(line, STR("later"))) {
		pthread_mutex_lock(&waker_lock);
		last_waker = conn_waker(c);
		pthread_mutex_unlock(&waker_lock);
		buf_put(conn_out(c), STR("wait for it\r\n"));
		return STEP_PARK;
	}
	if (str_eq(line, STR("zip"))) {
		buf_put(conn_out(c), STR("zipped\r\n"));
		conn_compress(c);
		return STEP_PARK;
	}
	if (str_eq(line, STR("unzip"))) {
		buf_put(conn_out(c), STR("unzipped\r\n"));
		conn_compress_end(c);
		return STEP_PARK;
	}
	if (str_eq(line, STR("wait"))) {
		conn_deadline(c, 50);
		return STEP_PARK;
	}
	if (str_eq(line, STR("login")))
		conn_trust_set(c, CONN_TRUST_LOGIN);
	if (str_eq(line, STR("mail")))
		conn_trust_set(c, CONN_TRUST_MAIL);
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
		if (e->long_left != 0)
			return go_on_long(c);
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

static inline int fixture_make(void **state)
{
	static const struct runtime_config config = { .workers_max = 8 };

	(void)state;
	start(&config);
	return 0;
}

static inline int fixture_drop(void **state)
{
	(void)state;
	stop();
	return 0;
}

static inline int greeted(void)
{
	int fd = peer_connect(&at);

	peer_expect(fd, "hello\r\n");
	return fd;
}

static inline void wait_for(atomic_int *counter, int value)
{
	for (int i = 0; i < 1000 && *counter < value; i++)
		sleep_ms(10);
	assert_int_equal(*counter, value);
}

static inline int narrow_peer(void)
{
	int size = 4096, fd = greeted();

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	return fd;
}

static inline void send_times(int fd, const char *z, int times)
{
	while (times-- > 0)
		peer_send(fd, z);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_drop)

#endif
