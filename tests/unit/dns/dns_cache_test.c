/* Answers that are kept and questions that are shared, against a name server that counts. */
#include "unit/dns/name_server.h"

#include "foundation/config/limits.h"
#include "foundation/observe/metrics.h"
#include "network/dns/cached.h"

#include <stdio.h>

enum { SECOND_MS = 1000 };

/* Time passes for what is kept. */
static void later(int64_t ms)
{
	clock_shift_mono(ms);
}

static enum dns_status text_of(struct dns *d, const char *name)
{
	struct dns_text_list out;

	return dns_txt(d, &arena, str_of(name), in_ms(5000), &out);
}

/* How often name servers are asked in the course of it. */
#define ASKED(n, what)                                     \
	do {                                               \
		int before_ = asked;                       \
		what;                                      \
		assert_int_equal(asked - before_, n); \
	} while (0)
#define FINDS(status, name) assert_int_equal(text_of(dns, name), status)

static void test_kept(void **state)
{
	struct dns_mx_list mx;

	(void)state;
	ASKED(1, FINDS(DNS_OK, "txt.example.org"));
	ASKED(0, FINDS(DNS_OK, "txt.example.org"));
	ASKED(0, FINDS(DNS_OK, "TXT.Example.org.")); /* RFC 4343 */
	ASKED(1, assert_int_equal(dns_mx(dns, &arena, STR("txt.example.org"), in_ms(5000), &mx),
	                          DNS_OK));
	later(59 * SECOND_MS);
	ASKED(0, FINDS(DNS_OK, "txt.example.org"));
	later(2 * SECOND_MS);
	ASKED(1, FINDS(DNS_OK, "txt.example.org"));
	ttl = 0; /* RFC 1035 3.2.1 */
	ASKED(2, FINDS(DNS_OK, "a.example.org"); FINDS(DNS_OK, "a.example.org"));
	ttl = 40000;
	ASKED(1, FINDS(DNS_OK, "long.example.org"));
	later(39000 * SECOND_MS);
	ASKED(0, FINDS(DNS_OK, "long.example.org"));
}

/* RFC 2308 5: the lesser of the SOA record's own time and its MINIMUM; not without one. */
static void test_denials(void **state)
{
	static const struct {
		const char *name;
		enum dns_status status;
	} rows[] = { { "nx.example.org", DNS_NXDOMAIN }, { "nodata.example.org", DNS_NODATA } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		ttl = 60;
		soa_ttl = -1;
		ASKED(2, FINDS(rows[i].status, rows[i].name); FINDS(rows[i].status, rows[i].name));
		soa_ttl = 20;
		ASKED(1, FINDS(rows[i].status, rows[i].name); FINDS(rows[i].status, rows[i].name));
		later(21 * SECOND_MS);
		ttl = 10;
		ASKED(1, FINDS(rows[i].status, rows[i].name));
		later(11 * SECOND_MS);
		ASKED(1, FINDS(rows[i].status, rows[i].name));
		later(11 * SECOND_MS);
		ttl = soa_ttl = 50000;
		ASKED(1, FINDS(rows[i].status, rows[i].name));
		later((LIMIT_dns_negative_s - 1) * SECOND_MS);
		ASKED(0, FINDS(rows[i].status, rows[i].name));
		later(2 * SECOND_MS);
		ASKED(1, FINDS(rows[i].status, rows[i].name));
		later(50000 * SECOND_MS);
	}
}

/* Failures are not kept. */
static void test_failures(void **state)
{
	(void)state;
	failing = true;
	FINDS(DNS_RETRY, "txt.example.org");
	failing = false;
	FINDS(DNS_OK, "txt.example.org");
}

static void *ask_one(void *arg)
{
	struct arena a = { 0 };
	struct dns_text_list out;
	enum dns_status s = dns_txt(dns, &a, STR("txt.example.org"), in_ms(5000), &out);
	bool right = s == DNS_OK && out.count == 1 && str_eq(out.items[0], STR("abcdef"));

	arena_deinit(&a);
	return right ? arg : NULL;
}

static void test_shared(void **state)
{
	int64_t before = metric_get(METRIC_dns_shared) + metric_get(METRIC_dns_kept);
	pthread_t threads[16];

	(void)state;
	delay_ms = 60;
	for (size_t i = 0; i < COUNT(threads); i++)
		pthread_create(&threads[i], NULL, ask_one, &threads[i]);
	for (size_t i = 0; i < COUNT(threads); i++) {
		void *right;

		pthread_join(threads[i], &right);
		check_at(i, right != NULL);
	}
	assert_int_equal(asked, 1);
	assert_int_equal(metric_get(METRIC_dns_shared) + metric_get(METRIC_dns_kept) - before, 15);
}

/* Who gives up early leaves the answer to others. */
static void test_given_up(void **state)
{
	int64_t before = metric_get(METRIC_dns_asked);
	struct dns_text_list out;

	(void)state;
	delay_ms = 60;
	assert_int_equal(dns_txt(dns, &arena, STR("txt.example.org"), in_ms(5), &out), DNS_RETRY);
	FINDS(DNS_OK, "txt.example.org");
	assert_int_equal(metric_get(METRIC_dns_asked) - before, 1);
	assert_int_equal(asked, 1);
}

/* RFC 8767. */
static void test_stale(void **state)
{
	(void)state;
	FINDS(DNS_OK, "txt.example.org");
	soa_ttl = 60;
	FINDS(DNS_NXDOMAIN, "nx.example.org");
	FINDS(DNS_NODATA, "nodata.example.org");
	failing = true;
	later(61 * SECOND_MS);
	FINDS(DNS_RETRY, "nx.example.org"); /* no mail goes back by an old word */
	FINDS(DNS_RETRY, "nodata.example.org");
	FINDS(DNS_OK, "txt.example.org");
	/* and nobody waits for those that fail, for a while */
	ASKED(0, FINDS(DNS_OK, "txt.example.org"));
	later(LIMIT_dns_stale_again_ms + 1);
	FINDS(DNS_OK, "txt.example.org");
	assert_int_equal(text_of(dns_fresh(dns), "txt.example.org"), DNS_RETRY);
	later(LIMIT_dns_stale_again_ms + 1);
	failing = false;
	ASKED(1, FINDS(DNS_OK, "txt.example.org"));
	failing = true;
	later((60 + LIMIT_dns_stale_s + 1) * SECOND_MS);
	FINDS(DNS_RETRY, "txt.example.org");
}

static void test_fresh(void **state)
{
	(void)state;
	FINDS(DNS_OK, "txt.example.org");
	ASKED(1, assert_int_equal(text_of(dns_fresh(dns), "txt.example.org"), DNS_OK));
	later(40 * SECOND_MS);
	ASKED(1, assert_int_equal(text_of(dns_fresh(dns), "txt.example.org"), DNS_OK));
	later(40 * SECOND_MS); /* of what was found then */
	ASKED(0, FINDS(DNS_OK, "txt.example.org"));
}

/* What is known is what would be answered at once: by who keeps answers, and while they count. */
static void test_known(void **state)
{
	(void)state;
	ASKED(0, assert_false(dns_txt_cached(dns, STR("txt.example.org"))));
	FINDS(DNS_OK, "txt.example.org");
	soa_ttl = 60;
	FINDS(DNS_NXDOMAIN, "nx.example.org");
	ASKED(0, assert_true(dns_txt_cached(dns, STR("TXT.example.org."))));
	assert_true(dns_txt_cached(dns, STR("nx.example.org")));
	assert_false(dns_txt_cached(dns, STR("other.example.org")));
	assert_false(dns_txt_cached(dns, STR("no..name")));
	assert_false(dns_txt_cached(dns_fresh(dns), STR("txt.example.org")));
	later(61 * SECOND_MS);
	assert_false(dns_txt_cached(dns, STR("txt.example.org")));
}

/* The door for who waits for nobody asks nobody, and remembers that something was missing. */
static void test_known_alone(void **state)
{
	struct dns_addr_list addresses;
	struct dns_text_list names;
	struct dns_mx_list mx;
	struct dns_cached known;
	struct addr ip;

	(void)state;
	assert_true(addr_parse_ip(STR("192.0.2.1"), &ip));
	FINDS(DNS_OK, "txt.example.org");
	assert_int_equal(dns_mx(dns, &arena, STR("txt.example.org"), in_ms(5000), &mx), DNS_OK);
	dns_cached_init(&known, dns);
	ASKED(0, assert_int_equal(text_of(&known.dns, "txt.example.org"), DNS_OK);
	      assert_int_equal(dns_mx(&known.dns, &arena, STR("txt.example.org"), 0, &mx),
	                       DNS_OK));
	assert_false(known.missed);
	ASKED(0, assert_int_equal(text_of(&known.dns, "other.example.org"), DNS_RETRY));
	assert_true(known.missed);
	ASKED(0, assert_int_equal(text_of(&known.dns, "txt.example.org"), DNS_RETRY));
	for (int i = 0; i < 3; i++) {
		enum dns_status s = DNS_OK;

		dns_cached_init(&known, dns);
		if (i == 0)
			ASKED(0, s = dns_mx(&known.dns, &arena, STR("a.example.org"), 0, &mx));
		else if (i == 1)
			ASKED(0, s = dns_ptr(&known.dns, &arena, &ip, 0, &names));
		else
			ASKED(0, s = dns_addresses(&known.dns, &arena, STR("a.example.org"),
			                           DNS_V4 | DNS_V6, 0, &addresses));
		assert_int_equal(s, DNS_RETRY);
		assert_true(known.missed);
	}
}

static void test_flush(void **state)
{
	struct addr server = { .family = ADDR_V4, .port = port, .ip = { 127, 0, 0, 1 } };
	struct addr_list servers = { &server, 1 };

	(void)state;
	FINDS(DNS_OK, "txt.example.org");
	FINDS(DNS_OK, "a.example.org");
	assert_int_equal(dns_flush(dns), 2);
	assert_int_equal(dns_flush(dns), 0);
	ASKED(1, FINDS(DNS_OK, "txt.example.org"));
	/* other servers, other answers; other rules, other verdicts */
	assert_int_equal(dns_servers_set(dns, &servers, NULL), OK);
	ASKED(1, FINDS(DNS_OK, "txt.example.org"));
	assert_int_equal(dns_security_set(dns, STR("off"), STR(""), NULL), OK);
	ASKED(1, FINDS(DNS_OK, "txt.example.org"));
}

/* One answer past LIMIT_dns_cache_answer is not kept; of all together what was not asked for the
 * longest goes. */
static void test_room(void **state)
{
	enum { NAMES = LIMIT_dns_cache / 1000 };
	char name[60];

	(void)state;
	/* twice each: the second time over TCP */
	ASKED(4, FINDS(DNS_OK, "huge.example.org"); FINDS(DNS_OK, "huge.example.org"));
	ttl = 3600;
	FINDS(DNS_OK, "big.example.org");
	for (int i = 0; i < NAMES; i++) {
		snprintf(name, sizeof name, "big.n%d.example.org", i);
		FINDS(DNS_OK, name);
		if (i % 100 == 0)
			ASKED(0, FINDS(DNS_OK, "big.example.org"));
		arena_reset(&arena);
	}
	ASKED(0, FINDS(DNS_OK, name); FINDS(DNS_OK, "big.example.org"));
	ASKED(1, FINDS(DNS_OK, "big.n0.example.org"));
	assert_in_range(dns_flush(dns), NAMES / 2, NAMES - 1);
}

/* A name as long as they come. */
static void test_long_name(void **state)
{
	char name[254];

	(void)state;
	memset(name, 'a', sizeof name);
	name[63] = name[127] = name[191] = '.';
	name[253] = '\0';
	ASKED(1, FINDS(DNS_OK, name));
	ASKED(0, FINDS(DNS_OK, name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_kept),     TEST(test_denials), TEST(test_failures), TEST(test_shared),
		TEST(test_given_up), TEST(test_stale),   TEST(test_fresh),    TEST(test_known),
		TEST(test_flush),    TEST(test_room),    TEST(test_long_name),
		TEST(test_known_alone),
	};

	try_ms = 5000; /* nothing is asked twice because the machine is busy */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
