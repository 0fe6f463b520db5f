/* DNS by c-ares against a small name server of our own, and by table. */
#include "unit/dns/name_server.h"

#include "foundation/base/fault.h"

/* --- tests ------------------------------------------------------------------ */

static void test_statuses(void **state)
{
	static const struct {
		const char *name;
		enum dns_status want;
		size_t count;
	} rows[] = {
		{ "ok.example.org", DNS_OK, 2 },
		{ "ok.example.org.", DNS_OK, 2 },
		{ "nx.example.org", DNS_NXDOMAIN, 0 },
		{ "nodata.example.org", DNS_NODATA, 0 },
		{ "servfail.example.org", DNS_RETRY, 0 },
		{ "silent.example.org", DNS_RETRY, 0 },
		{ "garbage.example.org", DNS_RETRY, 0 },
		{ "wrongid.example.org", DNS_RETRY, 0 },
		{ "lies.example.org", DNS_NODATA, 0 },
		{ "cname.example.org", DNS_OK, 2 },
		{ "loop.example.org", DNS_NODATA, 0 },
		{ "truncated.example.org", DNS_OK, 2 },
		{ "many.example.org", DNS_OK, 400 },
		{ "refused.example.org", DNS_RETRY, 0 },
		{ "formerr.example.org", DNS_OK, 2 }, /* RFC 6891 7: asked again without EDNS */
		{ "half.example.org", DNS_RETRY, 0 },
		{ "echo.example.org", DNS_RETRY, 0 },
		{ "", DNS_BADNAME, 0 },
		{ ".", DNS_BADNAME, 0 },
		{ "a..b", DNS_BADNAME, 0 },
		{ ".a", DNS_BADNAME, 0 },
		{ "with space.org", DNS_OK, 2 }, /* RFC 2181 11 */
		{ "back\\slash.org", DNS_OK, 2 },
		{ "alice@a$b.\"(;)\xc3\xa4\x01.org", DNS_OK, 2 },
		{ "label-of-64-bytes-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.org",
		  DNS_BADNAME, 0 },
	};

	(void)state;
	assert_int_equal(asked, 0); /* nothing is sent before the first question */
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dns_addr_list out;
		enum dns_status s = dns_addresses(dns, &arena, str_of(rows[i].name),
		                                  DNS_V4 | DNS_V6, in_ms(3000), &out);

		if (s != rows[i].want || out.count != rows[i].count)
			fail_msg("row %zu: %s, %zu addresses", i, dns_status_text(s), out.count);
	}
}

static void test_addresses(void **state)
{
	static const struct {
		unsigned families;
		const char *first;
		size_t count;
	} rows[] = {
		{ DNS_V4 | DNS_V6, "2001:db8::1", 2 },
		{ DNS_V4, "192.0.2.1", 1 },
		{ DNS_V6, "2001:db8::1", 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[ADDR_TEXT_MAX];
		struct dns_addr_list out;

		assert_int_equal(dns_addresses(dns, &arena, STR("ok.example.org"), rows[i].families,
		                               in_ms(3000), &out),
		                 DNS_OK);
		check_at(i, out.count == rows[i].count && !out.authenticated);
		check_str_at(i, addr_ip_text(&out.items[0], text), str_of(rows[i].first));
	}
}

static void test_records(void **state)
{
	struct addr ip = { .family = ADDR_V4, .ip = { 192, 0, 2, 1 } };
	struct dns_text_list text;
	struct dns_mx_list mx;

	(void)state;
	assert_int_equal(dns_mx(dns, &arena, STR("mx.example.org"), in_ms(3000), &mx), DNS_OK);
	assert_int_equal(mx.count, 2);
	check_str(mx.items[0].host, STR("a.mx.example.org"));
	check_str(mx.items[1].host, STR("b.mx.example.org"));
	assert_int_equal(mx.items[1].preference, 20);
	assert_int_equal(dns_txt(dns, &arena, STR("txt.example.org"), in_ms(3000), &text), DNS_OK);
	assert_int_equal(text.count, 1);
	check_str(text.items[0], STR("abcdef"));
	assert_int_equal(dns_ptr(dns, &arena, &ip, in_ms(3000), &text), DNS_OK);
	assert_int_equal(text.count, 1);
	check_str(text.items[0], STR("mx.example.org"));
}

/* The caller's deadline holds, and the late end of its question harms nobody. */
static void test_deadline(void **state)
{
	struct dns_text_list text;
	int64_t began = clock_mono_ms();

	(void)state;
	assert_int_equal(dns_txt(dns, &arena, STR("silent.example.org"), in_ms(50), &text),
	                 DNS_RETRY);
	assert_true(clock_mono_ms() - began < 140);
}

/* What was asked for, as it came. */
static struct message last;

static bool note(struct message *m, const char *label, unsigned type, bool *say)
{
	(void)label, (void)say;
	last = *m;
	put_data(m, type);
	return true;
}

static void test_question_bytes(void **state)
{
	static const char name[] = "\017Bob@A$b\\\"();\xc3\xa4\x01\3org";
	struct dns_addr_list out;

	(void)state;
	hook = note;
	assert_int_equal(dns_addresses(dns, &arena, STR("Bob@A$b\\\"();\xc3\xa4\x01.org"), DNS_V4,
	                               in_ms(3000), &out),
	                 DNS_OK);
	assert_memory_equal(last.b + 12, name, sizeof name);
	assert_int_equal(out.count, 1);
	assert_int_equal(asked_flags & 0x10, 0); /* CD is for who judges himself */
	hook = NULL;
}

static void *ask_some(void *arg)
{
	struct arena a = { 0 };

	for (int i = 0; i < 20; i++) {
		struct dns_addr_list out;

		if (dns_addresses(dns, &a, i % 2 ? STR("ok.example.org") : STR("mx.example.org"),
		                  DNS_V4 | DNS_V6, in_ms(5000), &out) == DNS_OK)
			++*(atomic_int *)arg;
	}
	arena_deinit(&a);
	return NULL;
}

static void test_many_callers(void **state)
{
	pthread_t threads[8];
	atomic_int found = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(threads); i++)
		pthread_create(&threads[i], NULL, ask_some, &found);
	for (size_t i = 0; i < COUNT(threads); i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(found, 20 * COUNT(threads));
}

static void test_faults(void **state)
{
	struct addr_list none = { 0 };
	struct dns_text_list text;
	struct why why = { "" };
	struct dns *d = NULL;

	(void)state;
	fault_arm_point("dns_new", 1, ENOMEM);
	assert_int_equal(dns_new(&none, 0, &d, &why), ERR_IO);
	fault_arm_point("dns_ask", 1, ENOMEM);
	assert_int_equal(dns_txt(dns, &arena, STR("txt.example.org"), in_ms(1000), &text),
	                 DNS_RETRY);
	fault_arm(0);
}

/* --- other servers ---------------------------------------------------------- */

static void *ask_often(void *arg)
{
	struct arena own = { 0 };
	struct dns_text_list text;

	(void)arg;
	for (int i = 0; i < 50; i++) {
		enum dns_status s = dns_txt(dns, &own, STR("txt.example.org"), in_ms(5000), &text);

		assert_true(s == DNS_OK || s == DNS_RETRY);
	}
	arena_deinit(&own);
	return NULL;
}

/* To one that nobody answers at and back, also while others ask; what cannot be had leaves those
 * that are. */
static void test_servers_set(void **state)
{
	struct addr good = { .family = ADDR_V4, .port = port, .ip = { 127, 0, 0, 1 } };
	struct addr dead = { .family = ADDR_V4, .port = 1, .ip = { 127, 0, 0, 1 } };
	struct addr_list to_good = { &good, 1 }, to_dead = { &dead, 1 };
	struct dns_text_list text;
	struct why why = { "" };
	pthread_t others[4];

	(void)state;
	assert_int_equal(dns_servers_set(dns, &to_dead, &why), OK);
	assert_int_equal(dns_txt(dns, &arena, STR("txt.example.org"), in_ms(1000), &text),
	                 DNS_RETRY);
	fault_arm_point("dns_new", 1, ENOMEM);
	assert_int_equal(dns_servers_set(dns, &to_good, &why), ERR_IO);
	fault_arm(0);
	assert_int_equal(dns_txt(dns, &arena, STR("txt.example.org"), in_ms(1000), &text),
	                 DNS_RETRY);
	assert_int_equal(dns_servers_set(dns, &to_good, &why), OK);
	assert_int_equal(dns_txt(dns, &arena, STR("txt.example.org"), in_ms(5000), &text), DNS_OK);
	for (size_t i = 0; i < COUNT(others); i++)
		pthread_create(&others[i], NULL, ask_often, NULL);
	for (int i = 0; i < 20; i++)
		assert_int_equal(dns_servers_set(dns, &to_good, &why), OK);
	for (size_t i = 0; i < COUNT(others); i++)
		pthread_join(others[i], NULL);
	assert_int_equal(dns_txt(dns, &arena, STR("txt.example.org"), in_ms(5000), &text), DNS_OK);
}

/* --- by table --------------------------------------------------------------- */

static void test_fake(void **state)
{
	static const struct dns_fake_row zone[] = {
		{ "example.org", "MX", "20 b.example.org" },
		{ "example.org", "MX", "10 A.example.org." },
		{ "example.org", "TXT", "v=spf1 -all" },
		{ "null.example", "MX", "0 ." },
		{ "a.example.org", "A", "192.0.2.1" },
		{ "a.example.org", "AAAA", "2001:db8::1" },
		{ "broken.example", "*", "SERVFAIL" },
		{ "half.example", "AAAA", "SERVFAIL" },
		{ "half.example", "A", "192.0.2.2" },
		{ "1.2.0.192.in-addr.arpa", "PTR", "a.example.org" },
		{ "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", "PTR",
		  "six.example.org" },
		{ NULL, NULL, NULL },
	};
	struct dns *d = dns_fake_new(zone, true);
	struct dns_addr_list addrs;
	struct dns_text_list text;
	struct dns_mx_list mx;
	struct addr ip;

	(void)state;
	assert_int_equal(dns_mx(d, &arena, STR("Example.ORG."), 0, &mx), DNS_OK);
	assert_int_equal(mx.count, 2);
	assert_true(mx.authenticated);
	check_str(mx.items[0].host, STR("a.example.org"));
	assert_int_equal(dns_mx(d, &arena, STR("null.example"), 0, &mx), DNS_OK);
	check_str(mx.items[0].host, STR("")); /* RFC 7505 */
	assert_int_equal(dns_mx(d, &arena, STR("a.example.org"), 0, &mx), DNS_NODATA);
	assert_int_equal(dns_mx(d, &arena, STR("none.example"), 0, &mx), DNS_NXDOMAIN);
	assert_int_equal(dns_mx(d, &arena, STR("broken.example"), 0, &mx), DNS_RETRY);
	assert_int_equal(dns_addresses(d, &arena, STR("a.example.org"), DNS_V4 | DNS_V6, 0, &addrs),
	                 DNS_OK);
	assert_int_equal(addrs.count, 2);
	assert_int_equal(addrs.items[0].family, ADDR_V6);
	assert_int_equal(dns_addresses(d, &arena, STR("half.example"), DNS_V4 | DNS_V6, 0, &addrs),
	                 DNS_OK);
	assert_int_equal(dns_addresses(d, &arena, STR("half.example"), DNS_V6, 0, &addrs),
	                 DNS_RETRY);
	assert_true(addr_parse_ip(STR("192.0.2.1"), &ip));
	assert_int_equal(dns_ptr(d, &arena, &ip, 0, &text), DNS_OK);
	check_str(text.items[0], STR("a.example.org"));
	assert_true(addr_parse_ip(STR("2001:db8::1"), &ip));
	assert_int_equal(dns_ptr(d, &arena, &ip, 0, &text), DNS_OK);
	check_str(text.items[0], STR("six.example.org"));
	dns_free(&d);
	arena_deinit(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_statuses),    TEST(test_addresses),        TEST(test_records),
		TEST(test_deadline),    TEST(test_many_callers),     TEST(test_faults),
		TEST(test_servers_set), TEST(test_question_bytes),   cmocka_unit_test(test_fake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
