/* Bodies of requests: in memory, in a file, and within the budget of all. */
#include "harness/check.h"

#include "foundation/base/fault.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "network/http_server/body.h"

#include <sys/mman.h>

static int files;

static int open_file(void *context)
{
	(void)context;
	files++;
	return memfd_create("body", MFD_CLOEXEC);
}

static struct http_bodies all;

static int make(void **state)
{
	(void)state;
	files = 0;
	all = (struct http_bodies){ .open_file = open_file };
	return 0;
}

static void put_many(struct http_body *b, size_t bytes)
{
	static const char piece[1000] = { 'a' };

	for (; bytes >= sizeof piece; bytes -= sizeof piece)
		assert_int_equal(http_body_put(b, str_from(piece, sizeof piece)), OK);
}

static void test_short_stays_in_memory(void **state)
{
	struct http_body b;
	struct str got;

	(void)state;
	assert_true(http_body_begin(&b, &all, KIB(64), 5));
	assert_int_equal(http_body_put(&b, STR("hel")), OK);
	assert_int_equal(http_body_put(&b, STR("lo")), OK);
	assert_int_equal(http_body_view(&b, &got), OK);
	check_str(got, STR("hello"));
	assert_int_equal(files, 0);
	assert_int_equal(all.bytes, 5);
	http_body_end(&b);
	http_body_end(&b);
	assert_int_equal(all.bytes, 0);
}

static void test_long_goes_to_a_file(void **state)
{
	struct http_body b;
	struct str got;

	(void)state;
	assert_true(http_body_begin(&b, &all, MIB(1), 500000));
	put_many(&b, 500000);
	assert_int_equal(files, 1);
	assert_int_equal(b.memory.n, 0);
	assert_int_equal(http_body_view(&b, &got), OK);
	assert_int_equal(got.n, 500000);
	assert_true(got.p[0] == 'a' && got.p[499000] == 'a');
	http_body_end(&b);
	assert_int_equal(all.bytes, 0);
}

static void test_more_than_its_maximum(void **state)
{
	struct http_body b;

	(void)state;
	assert_true(http_body_begin(&b, &all, 10, 0));
	assert_int_equal(http_body_put(&b, STR("0123456789")), OK);
	assert_int_equal(http_body_put(&b, STR("x")), ERR_LIMIT);
	http_body_end(&b);
}

/* Long bodies use up their part of the budget; short ones go on. */
static void test_budget(void **state)
{
	enum { EACH = LIMIT_http_bodies / 8 };
	struct http_body long_ones[7], one, small;

	(void)state;
	for (size_t i = 0; i < COUNT(long_ones); i++)
		assert_true(http_body_begin(&long_ones[i], &all, EACH, EACH));
	assert_false(http_body_begin(&one, &all, EACH, 1));
	http_body_end(&one);
	assert_true(http_body_begin(&one, &all, EACH, 0)); /* no length: it fails as it comes */
	assert_int_equal(http_body_put(&one, STR("x")), ERR_LIMIT);
	http_body_end(&one);
	assert_true(http_body_begin(&small, &all, LIMIT_http_body_open, 100));
	http_body_end(&small);
	http_body_end(&long_ones[0]);
	assert_true(http_body_begin(&one, &all, EACH, EACH));
	http_body_end(&one);
	for (size_t i = 1; i < COUNT(long_ones); i++)
		http_body_end(&long_ones[i]);
	assert_int_equal(all.bytes, 0);
}

/* The disk is full: the rest is ignored, and there is no body. */
static void test_write_fails(void **state)
{
	struct http_body b;
	struct str got;

	(void)state;
	assert_true(http_body_begin(&b, &all, MIB(1), 0));
	put_many(&b, 16000);
	fault_arm_point("http_body_write", 1, 28);
	assert_int_equal(http_body_put(&b, str_from((char[1000]){ 0 }, 1000)), ERR_IO);
	fault_arm(0);
	assert_int_equal(http_body_put(&b, STR("x")), ERR_IO);
	assert_int_equal(http_body_view(&b, &got), ERR_IO);
	http_body_end(&b);
	assert_int_equal(all.bytes, 0);
}

#define TEST(name) cmocka_unit_test_setup(name, make)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_short_stays_in_memory), TEST(test_long_goes_to_a_file),
		TEST(test_more_than_its_maximum), TEST(test_budget),
		TEST(test_write_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
