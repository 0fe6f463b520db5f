/* What a domain should have in DNS, how it is written down; passwords; gateways. */
#include "harness/check.h"

#include "foundation/config/settings.h"
#include "operations/doctor/records/dns_facts.h"
#include "operations/doctor/records/dns_records.h"
#include "operations/doctor/server/server_checks.h"
#include "operations/doctor/own/own_sts.h"

#include <string.h>

static struct arena arena;

static void spf_keeps_what_others_put_there(void **state)
{
	static const struct {
		const char *present;
		bool smarthost;
		const char *merged;
	} rows[] = {
		{ "", false, "v=spf1 mx -all" },
		{ "", true, "v=spf1 mx ~all" },
		{ "v=spf10 a -all", false, "v=spf1 mx -all" }, /* RFC 7208 4.5: another version */
		{ "v=spf1 -all", false, "v=spf1 mx -all" },
		{ "V=SPF1 MX -all", false, "V=SPF1 MX -all" },
		{ "v=spf1  include:a.example   ip4:192.0.2.1 ?all", false,
		  "v=spf1 mx include:a.example ip4:192.0.2.1 ?all" },
		{ "v=spf1 -mx -all", false, "v=spf1 mx -mx -all" },
		{ "v=spf1 -all mx", false, "v=spf1 mx -all mx" }, /* 5.1: not looked at */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str got = dns_spf_merge(str_of(rows[i].present), rows[i].smarthost, &arena);

		if (!str_eq(got, str_of(rows[i].merged)))
			fail_msg("row %zu: %.*s", i, STR_ARG(got));
		check_at(i, str_eq(dns_spf_merge(got, rows[i].smarthost, &arena), got));
	}
}

static void long_text_is_split_for_the_zone(void **state)
{
	char text[600];
	struct dns_record r = { STR("x.example"), "TXT", "test", STR_EMPTY, false,
		                DNS_STANDING_USUAL };
	struct buf b;

	(void)state;
	memset(text, 'a', sizeof text);
	text[0] = '"';
	text[1] = '\\';
	r.expected = str_from(text, sizeof text);
	buf_init(&b, 10000);
	dns_zone_data_put(&b, &r);
	assert_true(str_starts(buf_str(&b), STR("\"\\\"\\\\aaa")));
	/* Three strings in quotes, two blanks, two escapes (RFC 1035 5.1). */
	assert_int_equal(b.n, 600 + 6 + 2 + 2);
	buf_deinit(&b);
}

static const struct dns_record *row(const struct dns_records *all, const char *name)
{
	for (size_t i = 0; i < all->count; i++)
		if (str_eq(all->items[i].name, str_of(name)))
			return &all->items[i];
	return NULL;
}

static void keys_have_rows(void **state)
{
	struct dkim_key keys[] = {
		{ .selector = STR("e1"), .algorithm = DKIM_ED25519_SHA256, .public = STR("abc"),
		  .state = DKIM_KEY_ACTIVE },
		{ .selector = STR("r0"), .algorithm = DKIM_RSA_SHA256, .public = STR("abc"),
		  .state = DKIM_KEY_RETIRED },
		{ .selector = STR("r2"), .algorithm = DKIM_RSA_SHA256, .public = STR("abc"),
		  .state = DKIM_KEY_PUBLISH },
		{ .selector = STR("r3"), .algorithm = DKIM_RSA_SHA256, .public = STR("abc"),
		  .state = DKIM_KEY_PUBLISH },
	};
	struct str next = STR("r2");
	struct dns_facts facts = { .domain = STR("x.example"),
				   .hostname = STR("mx.x.example"),
				   .keys = { keys, COUNT(keys) },
				   .next = &next,
				   .next_count = 1 };
	const struct dns_record *r;
	struct dns_records all;

	(void)state;
	dns_records_make(&all, &facts, &arena);
	r = row(&all, "e1._domainkey.x.example");
	assert_non_null(r);
	check_str(r->expected, STR("v=DKIM1; k=ed25519; p=YWJj"));
	assert_false(r->optional);
	r = row(&all, "r0._domainkey.x.example");
	assert_non_null(r);
	check_str(r->expected, STR("v=DKIM1; k=rsa; p=YWJj"));
	assert_true(r->optional); /* it signs no more */
	r = row(&all, "r2._domainkey.x.example");
	assert_true(r->optional && r->standing == DNS_STANDING_NEXT);
	assert_true(str_find(str_of(r->purpose), STR("by itself once DNS shows it")) >= 0);
	r = row(&all, "r3._domainkey.x.example");
	assert_true(r->optional && r->standing == DNS_STANDING_WAITING);
	assert_true(str_find(str_of(r->purpose), STR("activate it")) >= 0);
	assert_non_null(row(&all, "_dmarc.x.example"));
	assert_non_null(row(&all, "_smtp._tls.x.example"));
	assert_null(row(&all, "_mta-sts.x.example")); /* none: there is no policy */
	assert_int_equal(row(&all, "x.example")->standing, DNS_STANDING_USUAL);
	facts.mta_sts = STR("0123");
	dns_records_make(&all, &facts, &arena);
	check_str(row(&all, "_mta-sts.x.example")->expected, STR("v=STSv1; id=0123"));
	assert_non_null(row(&all, "mta-sts.x.example"));
	assert_int_equal(row(&all, "x.example")->standing, DNS_STANDING_TESTED);
	facts.mta_sts_mode = MTA_STS_ENFORCE;
	dns_records_make(&all, &facts, &arena);
	assert_string_equal(row(&all, "x.example")->type, "MX");
	assert_int_equal(row(&all, "x.example")->standing, DNS_STANDING_ENFORCED);
}

/* RFC 8461 8.3: while a record is there, others have to hear that the policy has ended. */
static void a_policy_that_ends(void **state)
{
	static const struct settings settings = { .hostname = STR("mx.example"),
		                                  .listen_https = STR("*:443") };
	static const struct {
		struct dns_fake_row zone[2];
		bool ends;
	} rows[] = {
		{ { { "_mta-sts.x.example", "TXT", "v=STSv1; id=1" } }, true },
		{ { { "_mta-sts.x.example", "TXT", "v=STSv1;" } }, true },
		{ { { "_mta-sts.x.example", "TXT", "other" } }, false },
		{ { { "_mta-sts.x.example", "*", "SERVFAIL" } }, false },
		{ { { NULL, NULL, NULL } }, false },
	};
	const struct dns_domain domain = { .name = STR("x.example"), .mta_sts = MTA_STS_NONE };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dns_facts_from from = { .settings = &settings,
			                       .dns = dns_fake_new(rows[i].zone, false) };
		const struct dns_record *r;
		struct dns_records all;
		struct dns_facts facts;

		dns_facts_find(&facts, &from, &domain, &arena);
		dns_free(&from.dns);
		dns_records_make(&all, &facts, &arena);
		assert_int_equal(row(&all, "x.example")->standing, DNS_STANDING_USUAL);
		r = row(&all, "_mta-sts.x.example");
		check_at(i, (r != NULL) == rows[i].ends);
		check_at(i, (row(&all, "mta-sts.x.example") != NULL) == rows[i].ends);
		check_at(i, r == NULL || r->standing == DNS_STANDING_ENDED);
		check_at(i, r == NULL || str_find(r->expected, mta_sts_id(MTA_STS_NONE, STR_EMPTY,
		                                                          &arena)) > 0);
	}
}

/* RFC 8461 3.1: the id changes whenever the policy does, and only then. */
static void policies(void **state)
{
	static const struct {
		enum mta_sts_mode mode;
		const char *text;
	} rows[] = {
		{ MTA_STS_TESTING,
		  "version: STSv1\r\nmode: testing\r\nmx: mx.example\r\nmax_age: 86400\r\n" },
		{ MTA_STS_ENFORCE,
		  "version: STSv1\r\nmode: enforce\r\nmx: mx.example\r\nmax_age: 604800\r\n" },
		{ MTA_STS_NONE, "version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n" },
	};
	struct str ids[COUNT(rows)], other;
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (size_t i = 0; i < COUNT(rows); i++) {
		buf_reset(&b);
		mta_sts_policy_put(&b, rows[i].mode, STR("mx.example"));
		check_str_at(i, buf_str(&b), str_of(rows[i].text));
		ids[i] = mta_sts_id(rows[i].mode, STR("mx.example"), &arena);
		check_at(i, ids[i].n > 0 && ids[i].n <= 32);
		check_str_at(i, mta_sts_id(rows[i].mode, STR("mx.example"), &arena), ids[i]);
		other = mta_sts_id(rows[i].mode, STR("mx2.example"), &arena);
		check_at(i, str_eq(other, ids[i]) == (rows[i].mode == MTA_STS_NONE));
		for (size_t k = 0; k < i; k++)
			check_at(i, !str_eq(ids[i], ids[k]));
	}
	buf_deinit(&b);
}

static void a_gateway_is_known_by_the_route(void **state)
{
	static const char route[] = "Iface\tDestination\tGateway\tFlags\n"
				    "eth0\t00000000\t010011AC\t0003\n"
				    "eth0\t000011AC\t00000000\t0001\n";
	struct addr peer;

	(void)state;
	assert_true(addr_parse_ip(STR("172.17.0.1"), &peer));
	assert_true(look_is_gateway(&peer, str_of(route)));
	assert_true(addr_parse_ip(STR("172.17.0.2"), &peer));
	assert_false(look_is_gateway(&peer, str_of(route)));
}

static void an_ipv6_gateway_too(void **state)
{
	static const char route[] =
		"fd000000000000000000000000000000 40 00000000000000000000000000000000 00 "
		"00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0\n"
		"00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
		"fd000000000000000000000000000001 00000400 00000001 00000000 00000003     eth0\n"
		"00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
		"00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo\n";
	static const struct {
		const char *peer;
		bool gateway;
	} rows[] = {
		{ "fd00::1", true },
		{ "fd00::2", false },
		{ "2001:db8::1", false },
		{ "::2", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct addr peer;

		assert_true(addr_parse_ip(str_of(rows[i].peer), &peer));
		check_at(i, look_is_gateway(&peer, str_of(route)) == rows[i].gateway);
		/* Cut anywhere it is no gateway, or the same. */
		for (size_t n = 0; n < sizeof route; n++)
			if (look_is_gateway(&peer, str_from(route, n)))
				check_at(i, rows[i].gateway);
	}
}

static void addresses_that_pass(void **state)
{
	const struct str table =
		STR("20010db8000000000000000000000001 02 40 00 80     eth0\n"
	            "20010db8000000000000000000000002 02 40 00 01     eth0\n"
	            "20010db8000000000000000000000003 02 40 00 20     eth0\n"
	            "20010db8000000000000000000000004 02 40 00 zz     eth0\n"
	            "20010db800000000000000000000000");
	static const struct {
		const char *ip;
		bool passes;
	} rows[] = {
		{ "2001:db8::1", false }, { "2001:db8::2", true },  { "2001:db8::3", true },
		{ "2001:db8::4", false }, { "2001:db8::5", false }, { "192.0.2.1", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct addr ip;

		check_at(i, addr_parse_ip(str_of(rows[i].ip), &ip));
		check_at(i, own_address_passes(&ip, table) == rows[i].passes);
	}
}

/* A key out of a file may change without our doing. */
static void keys_that_are_shown(void **state)
{
	struct str digest = STR("aabb");
	struct dns_facts facts = { .domain = STR("example.org"),
		                   .hostname = STR("mx.example.org"),
		                   .tlsa = &digest,
		                   .tlsa_count = 1 };
	struct dns_records all;

	(void)state;
	for (int i = 0; i < 2; i++) {
		const struct dns_record *r;

		facts.tlsa_files = i == 1;
		dns_records_make(&all, &facts, &arena);
		r = row(&all, "_25._tcp.mx.example.org");
		check_str(r->expected, STR("3 1 1 aabb"));
		assert_int_equal(str_find(str_of(r->purpose), STR("--reuse-key")) >= 0, i);
	}
}

/* RFC 6186 3.4: clients prefer the service with the lower number. */
static void clients_prefer_imap(void **state)
{
	struct dns_facts facts = { .domain = STR("example.org"),
		                   .hostname = STR("mx.example.org"),
		                   .imaps = 993,
		                   .pop3s = 995 };
	struct dns_records all;

	(void)state;
	dns_records_make(&all, &facts, &arena);
	check_str(row(&all, "_imaps._tcp.example.org")->expected, STR("0 1 993 mx.example.org"));
	check_str(row(&all, "_pop3s._tcp.example.org")->expected, STR("10 1 995 mx.example.org"));
	facts.pop3s = 0;
	dns_records_make(&all, &facts, &arena);
	assert_null(row(&all, "_pop3s._tcp.example.org"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_that_pass),
		cmocka_unit_test(spf_keeps_what_others_put_there),
		cmocka_unit_test(long_text_is_split_for_the_zone),
		cmocka_unit_test(keys_have_rows),
		cmocka_unit_test(keys_that_are_shown),
		cmocka_unit_test(policies),
		cmocka_unit_test(clients_prefer_imap),
		cmocka_unit_test(a_policy_that_ends),
		cmocka_unit_test(a_gateway_is_known_by_the_route),
		cmocka_unit_test(an_ipv6_gateway_too),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_deinit(&arena);
	return failed;
}
