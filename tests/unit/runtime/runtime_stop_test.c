/* The runtime: stopping, and failing calls. */
#include "unit/runtime/echo.h"

#include "foundation/base/clock.h"
#include "foundation/base/fault.h"

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

/* Until nothing has moved for a while: the kernel takes no more of the output. */
static void wait_for_quiet(void)
{
	for (int quiet = 0; quiet < 20; quiet++) {
		if (runtime_stats(runtime).workers_busy != 0)
			quiet = 0;
		sleep_ms(10);
	}
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
	wait_for_quiet();
	began = clock_mono_ms();
	/* The kernel may have room for the rest of one: it need not be cut then. */
	assert_true(runtime_stop(runtime, 200) <= COUNT(fds));
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_stop),
		TEST(test_stop_cuts),
		TEST(test_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
