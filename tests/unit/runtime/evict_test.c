/* A runtime that is full makes room: which connection ends for a new one. */
#include "unit/runtime/echo.h"

#include "foundation/base/clock.h"

enum { PLACES = 4 };

/* --- peers at other addresses ------------------------------------------------ */

/* All of 127.0.0.0/8 is this machine. */
static int greeted_from(const char *source, const struct addr *to)
{
	struct sockaddr_storage sa;
	struct addr from;
	socklen_t n;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(addr_parse_ip(str_of(source), &from));
	n = addr_to_socket(&from, &sa);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, n), 0);
	n = addr_to_socket(to, &sa);
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, n), 0);
	peer_expect(fd, "hello\r\n");
	return fd;
}

/* All connections are parked: a worker that waits a moment for the next line keeps its own. */
static void settle(void)
{
	struct runtime_stats s = runtime_stats(runtime);

	for (int i = 0; i < 1000 && (s.workers_busy != 0 || s.run_queue != 0); i++) {
		sleep_ms(10);
		s = runtime_stats(runtime);
	}
	assert_int_equal(s.workers_busy, 0);
}

static void say(int fd, const char *line)
{
	peer_send(fd, line);
	peer_expect(fd, line);
}

static void expect_evicted(int fd)
{
	peer_expect(fd, "421 full\r\n");
	peer_expect_end(fd, true);
	peer_close(fd);
}

static void all_alive(const int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		say(fds[i], "alive\r\n");
}

static int make_small(void **state)
{
	static const struct runtime_config config = { .workers_max = 4, .connections_max = PLACES };

	(void)state;
	start(&config);
	return 0;
}

/* --- which one ----------------------------------------------------------------- */

static void test_oldest_idle(void **state)
{
	int fds[PLACES], fresh;

	(void)state;
	for (size_t i = 0; i < PLACES; i++)
		fds[i] = greeted();
	settle();
	fresh = greeted();
	expect_evicted(fds[0]);
	fds[0] = fresh;
	all_alive(fds, PLACES);
	for (size_t i = 0; i < PLACES; i++)
		peer_close(fds[i]);
}

static void test_login_stays(void **state)
{
	int fds[PLACES], fresh;

	(void)state;
	for (size_t i = 0; i < PLACES; i++)
		fds[i] = greeted();
	for (size_t i = 0; i < PLACES; i++)
		if (i != 2)
			say(fds[i], "login\r\n");
	settle();
	fresh = greeted();
	expect_evicted(fds[2]);
	fds[2] = fresh;
	say(fresh, "login\r\n");
	settle();
	fresh = peer_connect(&at);
	expect_evicted(fresh); /* refused: all have logged in */
	all_alive(fds, PLACES);
	for (size_t i = 0; i < PLACES; i++)
		peer_close(fds[i]);
}

static void test_those_with_mail_last(void **state)
{
	int fds[PLACES], fresh;

	(void)state;
	for (size_t i = 0; i < PLACES; i++)
		fds[i] = greeted();
	for (size_t i = 0; i < PLACES - 1; i++)
		say(fds[i], "mail\r\n");
	settle();
	fresh = greeted();
	expect_evicted(fds[PLACES - 1]);
	say(fresh, "login\r\n");
	fds[PLACES - 1] = fresh;
	settle();
	fresh = greeted();
	expect_evicted(fds[0]);
	fds[0] = fresh;
	all_alive(fds, PLACES);
	for (size_t i = 0; i < PLACES; i++)
		peer_close(fds[i]);
}

static void test_network_with_most(void **state)
{
	int fds[PLACES], fresh;

	(void)state;
	fds[0] = greeted_from("127.0.0.2", &at); /* the oldest, but alone */
	fds[1] = greeted_from("127.0.0.3", &at);
	fds[2] = greeted_from("127.0.0.4", &at);
	fds[3] = greeted_from("127.0.0.3", &at);
	settle();
	fresh = greeted_from("127.0.0.5", &at);
	expect_evicted(fds[1]);
	fds[1] = fresh;
	all_alive(fds, PLACES);
	for (size_t i = 0; i < PLACES; i++)
		peer_close(fds[i]);
}

/* A peer that sends bytes but no whole line does not count as busy. */
static void test_trickling_is_idle(void **state)
{
	int fds[PLACES], fresh;

	(void)state;
	for (size_t i = 0; i < PLACES; i++)
		fds[i] = greeted();
	for (int n = 0; n < 10; n++) {
		peer_send(fds[0], "x");
		for (size_t i = 1; i < PLACES; i++)
			say(fds[i], "y\r\n");
	}
	settle();
	fresh = greeted();
	peer_close(fresh);
	expect_evicted(fds[0]);
	for (size_t i = 1; i < PLACES; i++)
		peer_close(fds[i]);
}

/* --- services ------------------------------------------------------------------- */

static struct addr other_at;

static int make_two(void **state)
{
	static const struct runtime_config config = { .workers_max = 4, .connections_max = 12 };
	struct conn_service second = { .name = "other", .proto = &echo };
	struct addr_list list = { .count = 1 };
	struct addr loopback;
	struct why why = { "" };

	(void)state;
	start(&config);
	assert_true(addr_parse(STR("127.0.0.1:0"), &loopback));
	list.items = &loopback;
	assert_int_equal(runtime_listen_set(runtime, &second, &list, &why), OK);
	assert_int_equal(runtime_listens(runtime, "other", &other_at, 1), 1);
	return 0;
}

/* Half of 12 is held: 3 for each of two. Connections with a login take 9, and no more. */
static void test_reserve_of_another_service(void **state)
{
	int fds[9], other[3], refused;

	(void)state;
	for (size_t i = 0; i < COUNT(fds); i++) {
		fds[i] = greeted();
		say(fds[i], "login\r\n");
	}
	settle();
	refused = peer_connect(&at);
	expect_evicted(refused);
	for (size_t i = 0; i < COUNT(other); i++) {
		settle();
		other[i] = greeted_from("127.0.0.1", &other_at);
		say(other[i], "login\r\n");
	}
	all_alive(fds, COUNT(fds));
	for (size_t i = 0; i < COUNT(fds); i++)
		peer_close(fds[i]);
	for (size_t i = 0; i < COUNT(other); i++)
		peer_close(other[i]);
}

/* Idle connections of one service end for those of another, beyond its reserve. */
static void test_idle_ones_of_another_service(void **state)
{
	int fds[9], other[9];

	(void)state;
	for (size_t i = 0; i < COUNT(fds); i++)
		fds[i] = greeted();
	for (size_t i = 0; i < COUNT(other); i++) {
		settle();
		other[i] = greeted_from("127.0.0.1", &other_at);
		say(other[i], "login\r\n");
	}
	all_alive(other, COUNT(other));
	for (size_t i = 0; i < 6; i++)
		expect_evicted(fds[i]);
	all_alive(fds + 6, 3);
	for (size_t i = 6; i < COUNT(fds); i++)
		peer_close(fds[i]);
	for (size_t i = 0; i < COUNT(other); i++)
		peer_close(other[i]);
}

#define SMALL(name) cmocka_unit_test_setup_teardown(name, make_small, fixture_drop)
#define TWO(name)   cmocka_unit_test_setup_teardown(name, make_two, fixture_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SMALL(test_oldest_idle),
		SMALL(test_login_stays),
		SMALL(test_those_with_mail_last),
		SMALL(test_network_with_most),
		SMALL(test_trickling_is_idle),
		TWO(test_reserve_of_another_service),
		TWO(test_idle_ones_of_another_service),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
