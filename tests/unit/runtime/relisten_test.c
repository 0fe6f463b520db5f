/* Where a service listens, changed while it is used. */
#include "unit/runtime/echo.h"

#include "foundation/base/clock.h"
#include "network/runtime/socket.h"

#include <poll.h>

static struct addr loopback(const char *ip, uint16_t port)
{
	struct addr a;

	assert_true(addr_parse_ip(str_of(ip), &a));
	a.port = port;
	return a;
}

/* One that is free now. */
static uint16_t port_free(void)
{
	struct addr any = loopback("127.0.0.1", 0), bound;
	int fd;

	assert_int_equal(socket_listen(&any, &fd, &bound, NULL), OK);
	socket_close(&fd);
	return bound.port;
}

static enum err set(const struct addr *items, size_t count, struct why *why)
{
	const struct conn_service service = { .name = "echo", .proto = &echo };
	struct addr_list list = { (struct addr *)(uintptr_t)items, count };

	return runtime_listen_set(runtime, &service, &list, why);
}

static enum err try(const struct addr *items, size_t count, struct why *why)
{
	struct addr_list list = { (struct addr *)(uintptr_t)items, count };

	return runtime_listen_try(runtime, "echo", &list, why);
}

static bool answers(const struct addr *where)
{
	struct why why;
	int fd;
	bool yes;

	if (socket_connect_begin(where, NULL, &fd, &why) != OK)
		return false;
	yes = socket_wait(fd, POLLOUT, clock_mono_ms() + 2000) &&
	      socket_connect_end(fd, &why) == OK;
	socket_close(&fd);
	return yes;
}

static void a_new_place_opens_and_the_old_one_closes_and_nobody_is_cut(void **state)
{
	struct addr to = loopback("127.0.0.1", port_free()), found[2];
	struct why why = { "" };
	int fd = greeted();

	(void)state;
	assert_int_equal(try(&to, 1, &why), OK);
	assert_false(answers(&to));
	assert_int_equal(set(&to, 1, &why), OK);
	assert_true(answers(&to));
	assert_false(answers(&at));
	peer_send(fd, "ping\r\n");
	peer_expect(fd, "ping\r\n");
	peer_close(fd);
	assert_int_equal(set(&to, 1, &why), OK); /* the same again changes nothing */
	assert_true(answers(&to));
	assert_int_equal(runtime_listens(runtime, "echo", found, COUNT(found)), 1);
	assert_true(addr_eq(&found[0], &to));
	assert_int_equal(set(NULL, 0, &why), OK);
	assert_false(answers(&to));
	assert_int_equal(runtime_listens(runtime, "echo", found, COUNT(found)), 0);
}

/* Any free port becomes the one that it is; no more are told than there is room for. */
static void the_real_ports_are_told(void **state)
{
	const struct addr any[2] = { loopback("127.0.0.1", 0), loopback("::1", 0) };
	struct addr found[3];
	struct why why = { "" };

	(void)state;
	assert_int_equal(set(any, 2, &why), OK);
	assert_int_equal(runtime_listens(runtime, "echo", found, COUNT(found)), 2);
	for (size_t i = 0; i < 2; i++)
		assert_true(found[i].port != 0 && answers(&found[i]));
	assert_int_equal(runtime_listens(runtime, "echo", found, 1), 1);
	assert_int_equal(runtime_listens(runtime, "other", found, COUNT(found)), 0);
}

static void what_cannot_be_opened_leaves_all_as_it_was(void **state)
{
	struct addr other = loopback("127.0.0.1", 0), bound, both[2];
	struct why why = { "" };
	int held;

	(void)state;
	assert_int_equal(socket_listen(&other, &held, &bound, NULL), OK);
	both[0] = loopback("127.0.0.1", port_free());
	both[1] = bound; /* somebody has it */
	assert_int_not_equal(try(both, 2, &why), OK);
	assert_int_not_equal(set(both, 2, &why), OK);
	assert_true(why.text[0] != '\0');
	assert_true(answers(&at));
	assert_false(answers(&both[0]));
	socket_close(&held);
	both[1] = loopback("192.0.2.1", 0); /* nobody of this machine */
	assert_int_not_equal(try(both, 2, &why), OK);
	assert_int_not_equal(set(both, 2, &why), OK);
	assert_true(answers(&at));
}

/* *:P and 127.0.0.1:P cannot both be: the one that goes makes room. */
static void the_same_port_elsewhere(void **state)
{
	struct addr all = { .family = ADDR_ANY, .port = port_free() };
	struct addr one = loopback("127.0.0.1", all.port), two[2];
	struct why why = { "" };

	(void)state;
	assert_int_equal(set(&all, 1, &why), OK);
	assert_int_equal(try(&one, 1, &why), OK);
	assert_int_equal(set(&one, 1, &why), OK);
	assert_true(answers(&one));
	assert_int_equal(try(&all, 1, &why), OK);
	assert_int_equal(set(&all, 1, &why), OK);
	assert_true(answers(&one));
	/* A failure behind it puts everything back. */
	two[0] = one;
	two[1] = loopback("192.0.2.1", all.port);
	assert_int_not_equal(try(two, 2, &why), OK);
	assert_int_not_equal(set(two, 2, &why), OK);
	assert_true(answers(&one));
	assert_int_equal(set(&all, 1, &why), OK);
	assert_true(answers(&one));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_new_place_opens_and_the_old_one_closes_and_nobody_is_cut, fixture_make,
			fixture_drop),
		cmocka_unit_test_setup_teardown(what_cannot_be_opened_leaves_all_as_it_was,
		                                fixture_make, fixture_drop),
		cmocka_unit_test_setup_teardown(the_real_ports_are_told, fixture_make,
		                                fixture_drop),
		cmocka_unit_test_setup_teardown(the_same_port_elsewhere, fixture_make,
		                                fixture_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
