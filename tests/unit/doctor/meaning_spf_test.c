/* SPF records, judged by whom they let send, and mended. */
#include "harness/check.h"

#include "foundation/base/clock.h"
#include "foundation/config/settings.h"
#include "operations/doctor/records/dns_facts.h"

#include <string.h>

#define DOMAIN "x.example"

static struct arena arena;

/* What the records lead on to. */
static const struct dns_fake_row world[] = {
	{ DOMAIN, "MX", "10 mx.example" },
	{ DOMAIN, "A", "192.0.2.80" },
	{ "mx.example", "A", "192.0.2.1" },
	{ "mx.example", "AAAA", "2001:db8::1" },
	{ "ours.example", "TXT", "v=spf1 ip4:192.0.2.0/28 ip6:2001:db8::/64 -all" },
	{ "theirs.example", "TXT", "v=spf1 ip4:198.51.100.0/24 -all" },
	{ "deep.example", "TXT",
	  "v=spf1 a:mx.example a:mx.example a:mx.example a:mx.example a:mx.example a:mx.example "
	  "a:mx.example a:mx.example a:mx.example -all" },
	{ "nobody.example", "A", "198.51.100.9" },
	{ "dead.example", "*", "SERVFAIL" },
	{ NULL, NULL, NULL },
};

static struct dns_home home_of(const char *v4, const char *v6)
{
	struct dns_home h = { .hostname = STR("mx.example") };

	if (v4 != NULL)
		assert_true(addr_parse_ip(str_of(v4), &h.own[h.own_count++]));
	if (v6 != NULL)
		assert_true(addr_parse_ip(str_of(v6), &h.own[h.own_count++]));
	memcpy(h.all, h.own, sizeof h.own);
	h.all_count = h.own_count;
	return h;
}

static struct dns_seen judge(const struct dns_home *h, struct str *there, size_t n)
{
	const struct dns_record r = { .name = STR(DOMAIN),
		                      .type = "TXT",
		                      .expected = STR("v=spf1 mx -all") };
	struct dns *d = dns_fake_new(world, false);
	struct dns_judging j = {
		.home = h, .dns = d, .deadline_ms = clock_mono_ms() + 1000, .a = &arena
	};
	struct dns_seen s = { .seen = there, .seen_count = n };

	dns_judge(&r, DNS_OK, &j, &s);
	dns_free(&d);
	return s;
}

static void whom_it_lets_send(void **state)
{
	static const struct {
		const char *there;
		enum dns_state want;
		const char *advice; /* words of it; NULL: none                 */
		const char *wanted; /* what to put there; NULL: what is there  */
	} rows[] = {
		{ "v=spf1 mx -all", DNS_STATE_OK, NULL, NULL },
		/* All of these let us send, whatever else they say. */
		{ "v=spf1 mx include:theirs.example -all", DNS_STATE_OK, NULL, NULL },
		{ "v=spf1 include:ours.example ~all", DNS_STATE_OK, NULL, NULL },
		{ "v=spf1 redirect=ours.example", DNS_STATE_OK, NULL, NULL },
		{ "v=spf1 a:mx.example -all", DNS_STATE_OK, NULL, NULL },
		{ "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::1 ?all", DNS_STATE_OK, NULL, NULL },
		{ "V=SPF1 MX -ALL", DNS_STATE_OK, NULL, NULL },
		/* These do not. */
		{ "v=spf1 a -all", DNS_STATE_FAIL, "192.0.2.1, 2001:db8::1", "v=spf1 mx a -all" },
		{ "v=spf1 -all", DNS_STATE_FAIL, "192.0.2.1", "v=spf1 mx -all" },
		{ "v=spf1 include:theirs.example ~all", DNS_STATE_FAIL, "keeps",
		  "v=spf1 mx include:theirs.example ~all" },
		{ "v=spf1 ip4:192.0.2.1 -all", DNS_STATE_FAIL, "2001:db8::1",
		  "v=spf1 mx ip4:192.0.2.1 -all" },
		{ "v=spf1 -all mx", DNS_STATE_FAIL, "192.0.2.1", "v=spf1 mx -all mx" },
		/* RFC 7208 4.6: what cannot be read does not count at all. */
		{ "v=spf1 mx ipv4:192.0.2.1 -all", DNS_STATE_FAIL, "cannot be parsed",
		  "v=spf1 mx -all" },
		{ "v=spf1 mx ip4:192.0.2.300 include:theirs.example -all", DNS_STATE_FAIL,
		  "cannot be parsed", "v=spf1 mx include:theirs.example -all" },
		/* 4.6.4: eleven questions. */
		{ "v=spf1 mx include:deep.example -all", DNS_STATE_FAIL, "more than 10", NULL },
		{ "v=spf1 include:deep.example mx -all", DNS_STATE_FAIL, "more than 10", NULL },
		{ "v=spf1 mx include:gone.example -all", DNS_STATE_FAIL, "gone.example", NULL },
		{ "v=spf1 mx a:a.gone a:b.gone a:c.gone -all", DNS_STATE_WARN, "to nothing", NULL },
		/* Everybody may. */
		{ "v=spf1 mx +all", DNS_STATE_WARN, "every server", "v=spf1 mx ~all" },
		{ "v=spf1 all", DNS_STATE_WARN, "every server", "v=spf1 mx ~all" },
		{ "v=spf1 mx ip4:0.0.0.0/0 -all", DNS_STATE_WARN, "every server", NULL },
		/* It cannot be known. */
		{ "v=spf1 include:dead.example -all", DNS_STATE_UNKNOWN, "could not be queried",
		  NULL },
	};
	const struct dns_home h = home_of("192.0.2.1", "2001:db8::1");

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str there = str_of(rows[i].there);
		struct dns_seen s = judge(&h, &there, 1);

		if (s.state != rows[i].want)
			fail_msg("row %zu: %s, %.*s", i, dns_state_name(s.state),
			         STR_ARG(s.advice));
		check_at(i, (rows[i].advice == NULL) == (s.advice.n == 0));
		check_at(i,
		         rows[i].advice == NULL || str_find(s.advice, str_of(rows[i].advice)) >= 0);
		if (!str_eq(s.wanted,
		            str_of(rows[i].wanted != NULL ? rows[i].wanted : rows[i].there)))
			fail_msg("row %zu: %.*s", i, STR_ARG(s.wanted));
	}
}

/* At home: an address of its own by IPv6, and by IPv4 that of the router, which DNS tells. */
static void behind_a_router_by_ipv4_alone(void **state)
{
	struct dns_home h = home_of(NULL, "2001:db8::1");
	struct str six = STR("v=spf1 ip6:2001:db8::1 -all"), both = STR("v=spf1 mx -all");
	struct dns_seen s;

	(void)state;
	assert_int_equal(judge(&h, &six, 1).state, DNS_STATE_OK);
	assert_true(addr_parse_ip(STR("192.0.2.1"), &h.all[h.all_count++]));
	s = judge(&h, &six, 1);
	assert_int_equal(s.state, DNS_STATE_FAIL);
	assert_true(str_find(s.advice, STR("192.0.2.1")) >= 0);
	assert_int_equal(judge(&h, &both, 1).state, DNS_STATE_OK);
	/* By IPv6 there are no such routers: what DNS has besides is somebody else's. */
	h = home_of("192.0.2.1", NULL);
	assert_true(addr_parse_ip(STR("2001:db8::99"), &h.all[h.all_count++]));
	assert_int_equal(judge(&h, &both, 1).state, DNS_STATE_OK);
}

/* The MX hosts may send, and this server is to become one: it is not SPF that is to be mended. */
static void before_the_domain_moved(void **state)
{
	const struct dns_home h = home_of("192.0.2.7", NULL);
	struct str there = STR("v=spf1 mx -all");
	struct dns_home other = h;
	struct dns_seen s;

	(void)state;
	other.hostname = STR("new.example");
	s = judge(&other, &there, 1);
	assert_int_equal(s.state, DNS_STATE_FAIL);
	assert_true(str_find(s.advice, STR("not one of them yet")) >= 0);
	check_str(s.wanted, there);
	/* It is one, but not by this address. */
	s = judge(&h, &there, 1);
	assert_int_equal(s.state, DNS_STATE_FAIL);
	check_str(s.wanted, STR("v=spf1 ip4:192.0.2.7 mx -all"));
}

static void one_address_of_several(void **state)
{
	struct dns_home h = home_of("192.0.2.1", NULL);
	struct str there = STR("v=spf1 mx -all");
	struct dns_seen s;

	(void)state;
	assert_true(addr_parse_ip(STR("192.0.2.9"), &h.own[h.own_count++]));
	s = judge(&h, &there, 1);
	assert_int_equal(s.state, DNS_STATE_WARN);
	check_str(s.wanted, STR("v=spf1 ip4:192.0.2.9 mx -all"));
	h.smarthost = true; /* whose addresses nobody here knows */
	assert_int_equal(judge(&h, &there, 1).state, DNS_STATE_OK);
}

static void several_become_one(void **state)
{
	struct str there[] = { STR("v=spf1 include:theirs.example a -all"),
		               STR("v=spf1 ip4:192.0.2.1 a ~all exp=why.example") };
	const struct dns_home h = home_of("192.0.2.1", NULL);
	struct dns_seen s;

	(void)state;
	s = judge(&h, there, 2);
	assert_int_equal(s.state, DNS_STATE_FAIL);
	assert_true(str_find(s.advice, STR("several SPF")) >= 0);
	check_str(s.wanted, STR("v=spf1 mx include:theirs.example a ip4:192.0.2.1 -all"));
}

/* Behind a router, and DNS has no address of the host yet. */
static void nobody_knows_where_we_are(void **state)
{
	struct dns_home h = home_of(NULL, NULL);
	struct str there = STR("v=spf1 include:theirs.example ~all");
	struct dns_seen s = judge(&h, &there, 1);

	(void)state;
	assert_int_equal(s.state, DNS_STATE_FAIL);
	check_str(s.wanted, STR("v=spf1 mx include:theirs.example ~all"));
	there = s.wanted;
	assert_int_equal(judge(&h, &there, 1).state, DNS_STATE_OK);
	there = STR("v=spf1 include:theirs.example ~all");
	h.smarthost = true;
	assert_int_equal(judge(&h, &there, 1).state, DNS_STATE_OK);
}

/* The house's name servers have private addresses of the host, so no more is known of what others
 * see than what they let pass. */
static void from_inside_of_a_house(void **state)
{
	static const struct {
		const char *public; /* what the zone's own servers know; NULL: nothing */
		const char *there;
		enum dns_state want;
	} rows[] = {
		{ NULL, "v=spf1 ip4:198.51.100.9 -all", DNS_STATE_UNKNOWN },
		{ NULL, "v=spf1 mx -all", DNS_STATE_OK },
		{ "198.51.100.9", "v=spf1 ip4:198.51.100.9 -all", DNS_STATE_OK },
		{ "198.51.100.9", "v=spf1 mx -all", DNS_STATE_UNKNOWN },
		{ "198.51.100.9", "v=spf1 ip4:198.51.100.10 -all", DNS_STATE_UNKNOWN },
		{ NULL, "v=spf1 mx +all", DNS_STATE_WARN },
		{ NULL, "v=spf1 ipv4:198.51.100.9 -all", DNS_STATE_FAIL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dns_home h = home_of(NULL, NULL);
		struct str there = str_of(rows[i].there);
		struct dns_seen s;

		h.inside = true;
		if (rows[i].public != NULL)
			assert_true(addr_parse_ip(str_of(rows[i].public), &h.all[h.all_count++]));
		s = judge(&h, &there, 1);
		check_at(i, s.state == rows[i].want);
		check_at(i, s.state != DNS_STATE_UNKNOWN ||
		                    (str_find(s.advice, STR("ROOST_DOCTOR_RESOLVERS")) >= 0 &&
		                     str_eq(s.wanted, there)));
	}
}

/* Which answers are those of a house. */
static void where_a_house_is_seen(void **state)
{
	static const struct {
		struct dns_fake_row rows[3];
		bool inside;
	} rows[] = {
		{ { { "mx.example", "A", "192.168.1.10" } }, true },
		{ { { "mx.example", "A", "198.51.100.9" } }, false },
		{ { { "mx.example", "A", "192.168.1.10" }, { "mx.example", "A", "198.51.100.9" } },
		  false },
		{ { { "mx.example", "A", "192.168.1.1" }, { "mx.example", "AAAA", "2001:db8::1" } },
		  true },
		{ { { "mx.example", "A", "198.51.100.9" }, { "mx.example", "AAAA", "fd00::1" } },
		  true },
		{ { { "mx.example", "*", "SERVFAIL" } }, false },
		{ { { NULL, NULL, NULL } }, false },
	};
	const struct settings s = { .hostname = STR("MX.example") };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dns *d = dns_fake_new(rows[i].rows, false);
		struct dns_home h;

		dns_home_see(&h, &s, &d, clock_mono_ms() + 1000, &arena);
		check_at(i, h.inside == rows[i].inside);
		dns_free(&d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whom_it_lets_send),
		cmocka_unit_test(behind_a_router_by_ipv4_alone),
		cmocka_unit_test(nobody_knows_where_we_are),
		cmocka_unit_test(before_the_domain_moved),
		cmocka_unit_test(one_address_of_several),
		cmocka_unit_test(several_become_one),
		cmocka_unit_test(from_inside_of_a_house),
		cmocka_unit_test(where_a_house_is_seen),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_deinit(&arena);
	return failed;
}
