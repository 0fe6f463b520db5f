/* Questions to one name server: what is sent, and which answers count. */
#include "harness/check.h"

#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "network/dns/direct.h"

#include <string.h>

#define NAME "\3www\7example\3org\0"
#define COUNTS(answers, authority) "\0\1\0" answers "\0" authority "\0\0"

static void test_question(void **state)
{
	const struct str expected = STR("AB\1\0\0\1\0\0\0\0\0\1" NAME
	                                "\0\17\0\1\0\0\51\4\320\0\0\0\0\0\0");
	struct dns_direct q = { .name = STR("WWW.example.org"), .type = RR_MX, .recurse = true };
	struct buf b;

	(void)state;
	buf_init(&b, 512);
	assert_true(dns_direct_put(&b, &q, 0x4142));
	assert_true(str_eq(buf_str(&b), expected));
	q.name = STR("a..b");
	assert_false(dns_direct_put(&b, &q, 1));
	buf_deinit(&b);
}

#define ASKED NAME "\0\1\0\1"
#define ADDRESS "\300\14\0\1\0\1\0\0\1\54\0\4\300\0\2\1"
#define DELEGATED "\300\20\0\2\0\1\0\0\1\54\0\5\2ns\300\20"

static void test_answers(void **state)
{
	static const struct {
		struct str bytes;
		bool recurse, taken, truncated;
		enum dns_status status;
		const char *why; /* of DNS_RETRY */
	} rows[] = {
		{ STR("AB\204\0" COUNTS("\1", "\0") ASKED ADDRESS),
		  false, true, false, DNS_OK, NULL },
		{ STR("AC\204\0" COUNTS("\1", "\0") ASKED ADDRESS),
		  false, false, false, DNS_OK, NULL },
		{ STR("AB\4\0" COUNTS("\1", "\0") ASKED ADDRESS),
		  false, false, false, DNS_OK, NULL },
		{ STR("AB\204\0" COUNTS("\1", "\0") NAME "\0\17\0\1" ADDRESS), false, false, false,
		  DNS_OK, NULL },
		{ STR("AB\206\0" COUNTS("\0", "\0") ASKED), false, true, true, DNS_OK, NULL },
		{ STR("AB\204\0" COUNTS("\0", "\0") ASKED), false, true, false, DNS_NODATA, NULL },
		{ STR("AB\204\3" COUNTS("\0", "\0") ASKED),
		  false, true, false, DNS_NXDOMAIN, NULL },
		{ STR("AB\200\0" COUNTS("\0", "\1") ASKED DELEGATED), false, true, false, DNS_RETRY,
		  "says that others have the zone" },
		{ STR("AB\200\0" COUNTS("\0", "\1") ASKED DELEGATED), true, true, false, DNS_NODATA,
		  NULL },
		{ STR("AB\200\2" COUNTS("\0", "\0") ASKED), false, true, false, DNS_RETRY,
		  "says that it failed (SERVFAIL)" },
		{ STR("AB\200\5" COUNTS("\0", "\0") ASKED), false, true, false, DNS_RETRY,
		  "refuses to answer for this zone" },
		{ STR("AB\204\0" COUNTS("\1", "\0") ASKED "\300"), false, true, false, DNS_RETRY,
		  "answers with something malformed" },
		{ STR("AB\204"), false, false, false, DNS_OK, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dns_direct q = { .name = STR("www.example.org"),
			                .type = RR_A,
			                .recurse = rows[i].recurse };
		struct arena a = { 0 };
		bool truncated;

		check_at(i, dns_direct_take(rows[i].bytes, 0x4142, &q, &a, &truncated) ==
		                    rows[i].taken);
		if (rows[i].taken) {
			check_at(i, truncated == rows[i].truncated);
			check_at(i, q.status == rows[i].status);
			check_at(i, (q.why == NULL) == (rows[i].why == NULL));
			check_at(i, q.why == NULL || strcmp(q.why, rows[i].why) == 0);
		}
		if (i == 0)
			check_at(i, q.count == 1 && str_eq(q.data[0], STR("192.0.2.1")) &&
			                    q.ttl_s == 300 && q.authoritative);
		arena_deinit(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_question),
		cmocka_unit_test(test_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
