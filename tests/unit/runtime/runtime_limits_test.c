/* The runtime with many peers, more than it takes, and a kernel that has run out. */
#include "unit/runtime/echo.h"

#include "foundation/base/clock.h"
#include "foundation/base/fault.h"
#include "network/runtime/socket.h"

#include <errno.h>
#include <sys/resource.h>

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

static int logged_in(void)
{
	int fd = greeted();

	peer_send(fd, "login\r\n");
	peer_expect(fd, "login\r\n");
	return fd;
}

static void test_limits(void **state)
{
	static const struct {
		struct runtime_config config;
		int allowed;
	} rows[] = {
		{ { .connections_max = 3 }, 3 },
		{ { .descriptors_max = 3 }, 3 },
		{ { .connections_per_address = 2, .limit_loopback = true }, 2 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int fds[8], refused;

		stop();
		start(&rows[i].config);
		for (int n = 0; n < rows[i].allowed; n++)
			fds[n] = logged_in();
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_trickle),      TEST(test_limits),       TEST(test_descriptors_run_out),
		TEST(test_accept_fails), TEST(test_idle_is_idle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
