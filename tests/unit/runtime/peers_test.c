/* How many connections each network has. */
#include "harness/check.h"

#include "foundation/config/limits.h"
#include "network/runtime/peers.h"

#include <stdio.h>

static struct peers peers;

static struct addr ip(const char *text)
{
	struct addr a;

	assert_true(addr_parse_ip(str_of(text), &a));
	return a;
}

static bool enter(const char *text, unsigned max, struct peer *out)
{
	struct addr a = ip(text);

	return peers_enter(&peers, &a, max, out);
}

static void test_ipv4_by_address(void **state)
{
	struct peer a, b, c;

	(void)state;
	assert_true(enter("192.0.2.1", 2, &a));
	assert_true(enter("192.0.2.1", 2, &b));
	assert_false(enter("192.0.2.1", 2, &c));
	assert_true(enter("192.0.2.2", 2, &c));
	assert_int_equal(peers_weight(&a), 2);
	assert_int_equal(peers_weight(&c), 1);
	peers_leave(&peers, &a);
	assert_true(enter("192.0.2.1", 2, &a));
	peers_leave(&peers, &a);
	peers_leave(&peers, &b);
	peers_leave(&peers, &c);
	peers_leave(&peers, &c); /* again is a no-op */
}

static void test_ipv6_by_64(void **state)
{
	struct peer a, b;

	(void)state;
	assert_true(enter("2001:db8:1:1::1", 1, &a));
	assert_false(enter("2001:db8:1:1:ffff::2", 1, &b));
	assert_true(enter("2001:db8:1:2::1", 1, &b));
	peers_leave(&peers, &a);
	peers_leave(&peers, &b);
}

/* One of its /64 after another: a /48 has its own bound. */
static void test_ipv6_by_48(void **state)
{
	enum { EACH = 2, SITE = EACH * LIMIT_conn_site_factor };
	struct peer held[SITE], other;
	char text[64];

	(void)state;
	for (int i = 0; i < SITE; i++) {
		snprintf(text, sizeof text, "2001:db8:5:%x::1", (unsigned)i);
		assert_true(enter(text, EACH, &held[i]));
	}
	assert_int_equal(peers_weight(&held[0]), EACH);
	assert_false(enter("2001:db8:5:ffff::1", EACH, &other));
	assert_true(enter("2001:db8:6:ffff::1", EACH, &other));
	peers_leave(&peers, &other);
	peers_leave(&peers, &held[3]);
	assert_true(enter("2001:db8:5:ffff::1", EACH, &held[3]));
	for (int i = 0; i < SITE; i++)
		peers_leave(&peers, &held[i]);
}

static void test_no_bound(void **state)
{
	struct peer held[50];

	(void)state;
	for (size_t i = 0; i < COUNT(held); i++)
		assert_true(enter("127.0.0.1", 0, &held[i]));
	assert_int_equal(peers_weight(&held[0]), COUNT(held));
	for (size_t i = 0; i < COUNT(held); i++)
		peers_leave(&peers, &held[i]);
}

static int make(void **state)
{
	(void)state;
	peers_init(&peers);
	return 0;
}

/* peers_deinit asserts that nothing is left. */
static int drop(void **state)
{
	(void)state;
	peers_deinit(&peers);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_ipv4_by_address),
		TEST(test_ipv6_by_64),
		TEST(test_ipv6_by_48),
		TEST(test_no_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
