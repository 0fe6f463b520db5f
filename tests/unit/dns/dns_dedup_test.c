/* A door that asks each question once: what is kept, what is shared, and what is not. */
#include "harness/check.h"

#include "foundation/base/clock.h"
#include "network/dns/cached.h"
#include "network/dns/dedup.h"

#include <pthread.h>
#include <stdatomic.h>

enum { FAIR_MS = 2500, LONG_MS = 10000 };

static const struct dns_fake_row zone[] = {
	{ "a.example", "TXT", "one" },
	{ "a.example", "TXT", "two" },
	{ "a.example", "A", "192.0.2.1" },
	{ "a.example", "AAAA", "2001:db8::1" },
	{ "a.example", "MX", "20 second.example" },
	{ "a.example", "MX", "10 first.example" },
	{ "1.2.0.192.in-addr.arpa", "PTR", "a.example" },
	{ "lost.example", "*", "SERVFAIL" },
	{ "bogus.example", "*", "BOGUS nothing fits" },
	{ NULL, NULL, NULL },
};

/* --- a name server that counts, and waits while the gate is shut ----------------------------- */

static struct dns *answers;
static atomic_uint asked;
static atomic_bool gate;

static void pass(void)
{
	atomic_fetch_add(&asked, 1);
	while (!atomic_load(&gate))
		clock_sleep_ms(1);
}

static enum dns_status counted_mx(struct dns *d, struct arena *a, struct str name,
                                  int64_t deadline_ms, struct dns_mx_list *out)
{
	(void)d;
	pass();
	return dns_mx(answers, a, name, deadline_ms, out);
}

static enum dns_status counted_addresses(struct dns *d, struct arena *a, struct str name,
                                         unsigned families, int64_t deadline_ms,
                                         struct dns_addr_list *out)
{
	(void)d;
	pass();
	return dns_addresses(answers, a, name, families, deadline_ms, out);
}

static enum dns_status counted_txt(struct dns *d, struct arena *a, struct str name,
                                   int64_t deadline_ms, struct dns_text_list *out)
{
	(void)d;
	pass();
	return dns_txt(answers, a, name, deadline_ms, out);
}

static enum dns_status counted_ptr(struct dns *d, struct arena *a, const struct addr *ip,
                                   int64_t deadline_ms, struct dns_text_list *out)
{
	(void)d;
	pass();
	return dns_ptr(answers, a, ip, deadline_ms, out);
}

static bool nothing_known(struct dns *d, struct str name, uint16_t type)
{
	(void)d;
	(void)name;
	(void)type;
	return false;
}

static const struct dns_ops counted_ops = { .mx = counted_mx,
	                                    .addresses = counted_addresses,
	                                    .txt = counted_txt,
	                                    .ptr = counted_ptr,
	                                    .cached = nothing_known };
static struct dns counted = { &counted_ops };

static struct arena arena;
static struct dns_dedup door;

static int set_up(void **state)
{
	(void)state;
	answers = dns_fake_new(zone, true);
	atomic_store(&asked, 0);
	atomic_store(&gate, true);
	dns_dedup_init(&door, &counted, FAIR_MS);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	dns_dedup_deinit(&door);
	dns_free(&answers);
	arena_deinit(&arena);
	return 0;
}

static enum dns_status text_of(const char *name, int64_t ms, struct dns_text_list *out)
{
	return dns_txt(&door.dns, &arena, str_of(name), clock_mono_ms() + ms, out);
}

/* --- tests ---------------------------------------------------------------------------------- */

/* The second time is as the first, and asks nobody. */
static void test_kept(void **state)
{
	struct dns_text_list texts;
	struct dns_addr_list addresses;
	struct dns_mx_list mx;
	struct addr ip;

	(void)state;
	assert_true(addr_parse_ip(STR("192.0.2.1"), &ip));
	for (int i = 0; i < 2; i++) {
		const char *name = i == 0 ? "a.example" : "A.Example."; /* RFC 4343 */

		assert_int_equal(text_of(name, LONG_MS, &texts), DNS_OK);
		assert_int_equal(texts.count, 2);
		assert_true(texts.authenticated);
		check_str(texts.items[1], STR("two"));
		assert_int_equal(
			dns_addresses(&door.dns, &arena, str_of(name), DNS_V4, 0, &addresses),
			DNS_OK);
		assert_int_equal(addresses.count, 1);
		assert_true(addr_eq_ip(&addresses.items[0], &ip));
		assert_int_equal(dns_addresses(&door.dns, &arena, str_of(name), DNS_V4 | DNS_V6, 0,
		                               &addresses),
		                 DNS_OK);
		assert_int_equal(addresses.count, 2);
		assert_int_equal(dns_mx(&door.dns, &arena, str_of(name), 0, &mx), DNS_OK);
		assert_int_equal(mx.count, 2);
		check_str(mx.items[0].host, STR("first.example"));
		assert_int_equal(dns_ptr(&door.dns, &arena, &ip, 0, &texts), DNS_OK);
		check_str(texts.items[0], STR("a.example"));
		assert_int_equal(text_of("none.example", LONG_MS, &texts), DNS_NXDOMAIN);
		assert_int_equal(atomic_load(&asked), 6);
	}
}

/* So are failures, but for those of haste; what they say is kept as well. */
static void test_failures(void **state)
{
	struct dns_text_list texts;

	(void)state;
	assert_int_equal(text_of("lost.example", FAIR_MS - 1000, &texts), DNS_RETRY);
	assert_int_equal(text_of("lost.example", LONG_MS, &texts), DNS_RETRY);
	assert_int_equal(atomic_load(&asked), 2);
	assert_int_equal(text_of("lost.example", LONG_MS, &texts), DNS_RETRY);
	assert_int_equal(text_of("lost.example", 0, &texts), DNS_RETRY);
	assert_int_equal(atomic_load(&asked), 2);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(text_of("bogus.example", LONG_MS, &texts), DNS_RETRY);
		assert_true(texts.trouble.bogus);
		check_str(texts.trouble.text, STR("nothing fits"));
	}
	assert_int_equal(atomic_load(&asked), 3);
}

/* What is there needs nobody who waits. */
static void test_known(void **state)
{
	struct dns_text_list texts;
	struct dns_addr_list addresses;
	struct dns_cached known;

	(void)state;
	assert_false(dns_txt_cached(&door.dns, STR("a.example")));
	assert_int_equal(text_of("a.example", LONG_MS, &texts), DNS_OK);
	assert_int_equal(text_of("lost.example", LONG_MS, &texts), DNS_RETRY);
	assert_true(dns_txt_cached(&door.dns, STR("a.example")));
	assert_true(dns_txt_cached(&door.dns, STR("lost.example")));
	assert_int_equal(dns_addresses(&door.dns, &arena, STR("a.example"), DNS_V4, 0, &addresses),
	                 DNS_OK);
	dns_cached_init(&known, &door.dns);
	assert_int_equal(dns_addresses(&known.dns, &arena, STR("a.example"), DNS_V4, 0, &addresses),
	                 DNS_OK);
	assert_false(known.missed);
	assert_int_equal(dns_addresses(&known.dns, &arena, STR("a.example"), DNS_V6, 0, &addresses),
	                 DNS_RETRY);
	assert_true(known.missed);
	assert_int_equal(atomic_load(&asked), 3);
}

/* NULL: it is as it should be. */
static void *ask_long(void *arg)
{
	struct arena a = { 0 };
	struct dns_text_list texts;
	enum dns_status status;

	status = dns_txt(&door.dns, &a, str_of(arg), clock_mono_ms() + LONG_MS, &texts);
	arena_deinit(&a);
	return status == DNS_OK && texts.count == 2 ? NULL : arg;
}

/* Who asks what another asks waits for the same answer, as long as he can. */
static void test_shared(void **state)
{
	static char name[] = "a.example";
	struct dns_text_list texts;
	pthread_t threads[3];
	void *wrong;

	(void)state;
	atomic_store(&gate, false);
	for (size_t i = 0; i < COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask_long, name), 0);
	while (atomic_load(&asked) == 0)
		clock_sleep_ms(1);
	assert_int_equal(text_of(name, 20, &texts), DNS_RETRY);
	assert_false(dns_txt_cached(&door.dns, STR("a.example")));
	atomic_store(&gate, true);
	for (size_t i = 0; i < COUNT(threads); i++)
		assert_true(pthread_join(threads[i], &wrong) == 0 && wrong == NULL);
	assert_int_equal(atomic_load(&asked), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_failures, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_known, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_shared, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
