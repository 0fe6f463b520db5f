/* How services share places and descriptors. */
#include "harness/check.h"

#include "foundation/config/limits.h"
#include "network/runtime/places.h"

static struct places places;
static struct place *smtp, *imap, *http;

static int make(void **state)
{
	(void)state;
	places = (struct places){ .connections_max = 8000, .descriptors_max = 20000 };
	smtp = places_of(&places, "smtp", 1);
	imap = places_of(&places, "imap", 1);
	http = places_of(&places, "http", 3);
	assert_ptr_equal(places_of(&places, "imap", 1), imap);
	return 0;
}

static unsigned fill(struct place *s)
{
	while (places_have_room(&places, s))
		s->open++;
	return s->open;
}

static void test_nobody_takes_all(void **state)
{
	(void)state;
	assert_int_equal(fill(smtp), 8000 - 2 * LIMIT_conn_reserve);
	assert_int_equal(fill(imap), LIMIT_conn_reserve);
	assert_int_equal(fill(http), LIMIT_conn_reserve);
	assert_false(places_have_room(&places, smtp));
	/* What IMAP gives back of its reserve is for IMAP. */
	imap->open--;
	assert_false(places_have_room(&places, smtp));
	assert_false(places_have_room(&places, http));
	assert_true(places_have_room(&places, imap));
}

/* A reserve is counted once: when it is used, the rest is shared as before. */
static void test_reserves_are_no_bound(void **state)
{
	(void)state;
	imap->open = 5000;
	assert_int_equal(fill(smtp), 8000 - 5000 - LIMIT_conn_reserve);
	assert_int_equal(fill(http), LIMIT_conn_reserve);
}

static void test_descriptors_run_out_first(void **state)
{
	(void)state;
	places.descriptors_max = 900; /* 150 for each, which is 50 of http's */
	assert_int_equal(fill(smtp), 600);
	assert_int_equal(fill(http), 50);
	assert_int_equal(fill(imap), 150);
}

static void test_small(void **state)
{
	(void)state;
	places.connections_max = 5;
	assert_int_equal(fill(smtp), 5);
	places.connections_max = 6;
	smtp->open = 0;
	assert_int_equal(fill(smtp), 4);
	assert_int_equal(fill(http), 1);
	assert_int_equal(fill(imap), 1);
}

static void test_whose_end_makes_room(void **state)
{
	(void)state;
	fill(smtp);
	fill(imap);
	assert_true(places_would_gain(&places, smtp, imap));
	assert_true(places_would_gain(&places, smtp, smtp));
	assert_true(places_would_gain(&places, imap, imap));
	assert_false(places_would_gain(&places, imap, smtp));
	imap->open++; /* the limit was lowered, say */
	assert_true(places_would_gain(&places, imap, smtp));
}

#define TEST(name) cmocka_unit_test_setup(name, make)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nobody_takes_all),
		TEST(test_reserves_are_no_bound),
		TEST(test_descriptors_run_out_first),
		TEST(test_small),
		TEST(test_whose_end_makes_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
