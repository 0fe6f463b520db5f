/* check_host() over a table of DNS: what the public suite (tests/e2e/test_spf_suite.py) does not
 * say: which term decided and why, and how much was asked. */
#include "harness/check.h"

#include "formats/mailauth/spf.h"
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "network/dns/dns.h"

#include <string.h>

static const struct dns_fake_row zone[] = {
	{ "ip.example", "TXT", "v=spf1 ip4:192.0.2.0/28 ~all" },
	{ "hosts.example", "TXT", "v=spf1 a mx a:other.example -all" },
	{ "hosts.example", "A", "192.0.2.1" },
	{ "hosts.example", "MX", "10 mx.example" },
	{ "mx.example", "A", "192.0.2.2" },
	{ "other.example", "A", "192.0.2.3" },
	{ "in.example", "TXT",
	  "v=spf1 ?include:ip.example include:hosts.example -all exp=e.example" },
	{ "e.example", "TXT", "%{c} is not ours, %{s}" },
	{ "to.example", "TXT", "v=spf1 redirect=in.example" },
	{ "nowhere.example", "TXT", "v=spf1 include:none.example -all" },
	{ "none.example", "A", "192.0.2.9" },
	{ "two.example", "TXT", "v=spf1 -all" },
	{ "two.example", "TXT", "v=spf1 +all" },
	{ "other-texts.example", "TXT", "something else" },
	{ "other-texts.example", "TXT", "v=spf1 +all" },
	{ "loop.example", "TXT", "v=spf1 include:loop.example -all" },
	{ "round.example", "TXT", "v=spf1 redirect=round.example" },
	{ "voids.example", "TXT", "v=spf1 a:no1.example a:no2.example a:no3.example -all" },
	{ "broken.example", "*", "SERVFAIL" },
	{ "asks-broken.example", "TXT", "v=spf1 ip4:192.0.2.1 a:broken.example -all" },
	{ "wrong.example", "TXT", "v=spf1 ip4:192.0.2.1 nonsense -all" },
	{ "empty.example", "TXT", "v=spf1" },
	{ "name.example", "TXT", "v=spf1 exists:%{l}.%{p}.name.example -all" },
	{ "alice.unknown.name.example", "A", "127.0.0.2" },
	{ "six.example", "TXT", "v=spf1 mx ip6:2001:db8::/32 -all" },
	{ "six.example", "MX", "10 mx.example" },
	{ "six.example", "MX", "20 other.example" },
	{ "six.example", "MX", "30 none.example" },
	{ "helo.example", "TXT", "v=spf1 exists:%{l}.helo.example -all" },
	{ "postmaster.helo.example", "A", "127.0.0.2" },
	{ "long.example", "TXT", "v=spf1 -all exp=long-words.example" },
	{ "long-words.example", "TXT", "%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}"
	                               "%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}" },
	/* %{p}: one lookup, chosen by the domain whose record it stands in */
	{ "50.2.0.192.in-addr.arpa", "PTR", "far.example" },
	{ "50.2.0.192.in-addr.arpa", "PTR", "h.sub.b.example" },
	{ "far.example", "A", "192.0.2.50" },
	{ "h.sub.b.example", "A", "192.0.2.50" },
	{ "a.example", "TXT", "v=spf1 exists:%{p}.no.a.example include:b.example -all" },
	{ "b.example", "TXT", "v=spf1 exists:%{p}.yes.b.example -all" },
	{ "h.sub.b.example.yes.b.example", "A", "127.0.0.2" },
	{ "eight.example", "TXT",
	  "v=spf1 a a a a a a a a exists:%{p}.eight.example -all exp=%{p}.e.example" },
	{ "eight.example", "A", "192.0.2.9" },
	{ "nine.example", "TXT", "v=spf1 a a a a a a a a a exists:%{p}.nine.example -all" },
	{ "nine.example", "A", "192.0.2.9" },
	{ NULL, NULL, NULL },
};

static void test_answers(void **state)
{
	static const struct {
		const char *domain, *ip, *result, *term, *why;
		unsigned lookups;
	} rows[] = {
		{ "ip.example", "192.0.2.15", "pass", "ip4:192.0.2.0/28", "", 0 },
		{ "ip.example", "192.0.2.16", "softfail", "~all", "", 0 },
		{ "ip.example", "2001:db8::1", "softfail", "~all", "", 0 },
		{ "ip.example.", "192.0.2.15", "pass", "ip4:192.0.2.0/28", "", 0 },
		{ "hosts.example", "192.0.2.1", "pass", "a", "", 1 },
		{ "hosts.example", "192.0.2.2", "pass", "mx", "", 2 },
		{ "hosts.example", "192.0.2.3", "pass", "a:other.example", "", 3 },
		{ "hosts.example", "192.0.2.4", "fail", "-all", "", 3 },
		{ "in.example", "192.0.2.15", "neutral", "?include:ip.example", "", 1 },
		{ "in.example", "192.0.2.200", "fail", "-all", "", 5 },
		{ "to.example", "192.0.2.200", "fail", "-all", "", 6 },
		{ "nowhere.example", "192.0.2.1", "permerror", "", "none.example has no SPF record",
		  1 },
		{ "none.example", "192.0.2.1", "none", "", "none.example has no SPF record", 0 },
		{ "missing.example", "192.0.2.1", "none", "", "missing.example has no SPF record",
		  0 },
		{ "two.example", "192.0.2.1", "permerror", "",
		  "two.example has more than one SPF record", 0 },
		{ "other-texts.example", "192.0.2.1", "pass", "+all", "", 0 },
		{ "loop.example", "192.0.2.1", "permerror", "",
		  "more than 10 DNS lookups are needed", 10 },
		{ "round.example", "192.0.2.1", "permerror", "",
		  "more than 10 DNS lookups are needed", 10 },
		{ "voids.example", "192.0.2.1", "permerror", "", "more than 2 names do not exist",
		  3 },
		{ "broken.example", "192.0.2.1", "temperror", "",
		  "DNS did not answer for broken.example", 0 },
		{ "asks-broken.example", "192.0.2.1", "pass", "ip4:192.0.2.1", "", 0 },
		{ "asks-broken.example", "192.0.2.2", "temperror", "",
		  "DNS did not answer for broken.example", 1 },
		{ "wrong.example", "192.0.2.1", "permerror", "",
		  "in the record of wrong.example \"nonsense\" is wrong", 0 },
		{ "empty.example", "192.0.2.1", "neutral", "", "", 0 },
		{ "name.example", "192.0.2.1", "pass", "exists:%{l}.%{p}.name.example", "", 2 },
		{ "b.example", "192.0.2.50", "pass", "exists:%{p}.yes.b.example", "", 2 },
		{ "a.example", "192.0.2.50", "pass", "include:b.example", "", 4 },
		{ "eight.example", "192.0.2.50", "fail", "-all", "", 10 },
		{ "nine.example", "192.0.2.50", "permerror", "",
		  "more than 10 DNS lookups are needed", 10 },
		{ "six.example", "2001:db8::1", "pass", "ip6:2001:db8::/32", "", 1 },
		{ "org", "192.0.2.1", "none", "", "\"org\" is no domain name", 0 },
		{ "[192.0.2.1]", "192.0.2.1", "none", "", "\"[192.0.2.1]\" is no domain name", 0 },
	};
	struct dns *dns = dns_fake_new(zone, false);
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct spf_query q = { .local = STR("alice"),
			               .domain = str_of(rows[i].domain),
			               .helo = STR("helo.example"),
			               .dns = dns,
			               .deadline_ms = clock_mono_ms() + 60000 };
		struct spf_answer answer;

		check_at(i, addr_parse_ip(str_of(rows[i].ip), &q.ip));
		spf_check_mail(&q, &a, &answer);
		check_at(i, str_eq(spf_result_text(answer.result), str_of(rows[i].result)));
		check_at(i, str_eq(answer.term, str_of(rows[i].term)));
		check_at(i, str_eq(answer.why, str_of(rows[i].why)));
		check_at(i, answer.lookups == rows[i].lookups);
	}
	arena_deinit(&a);
	dns_free(&dns);
}

static struct spf_answer ask(struct dns *dns, struct arena *a, const char *domain,
                             void (*check)(const struct spf_query *, struct arena *,
                                           struct spf_answer *))
{
	struct spf_query q = { .local = str_of(*domain != '\0' ? "alice" : ""),
		               .domain = str_of(domain),
		               .helo = STR("helo.example"),
		               .dns = dns };
	struct spf_answer answer;

	assert_true(addr_parse_ip(STR("192.0.2.200"), &q.ip));
	check(&q, a, &answer);
	return answer;
}

/* RFC 7208 2.4: of a null reverse-path it is postmaster at the name of EHLO. */
static void test_null_sender(void **state)
{
	struct dns *dns = dns_fake_new(zone, false);
	struct arena a = { 0 };

	(void)state;
	assert_int_equal(ask(dns, &a, "", spf_check_mail).result, SPF_PASS);
	assert_int_equal(ask(dns, &a, "", spf_check_helo).result, SPF_PASS);
	assert_int_equal(ask(dns, &a, "two.example", spf_check_helo).result, SPF_PASS);
	assert_int_equal(ask(dns, &a, "helo.example", spf_check_mail).result, SPF_FAIL);
	arena_deinit(&a);
	dns_free(&dns);
}

/* The words are those of the record that decided, and none when they are too many. */
static void test_explanations(void **state)
{
	struct dns *dns = dns_fake_new(zone, false);
	struct arena a = { 0 };
	struct spf_answer answer;

	(void)state;
	answer = ask(dns, &a, "to.example", spf_check_mail);
	assert_true(str_eq(answer.explanation, STR("192.0.2.200 is not ours, alice@to.example")));
	answer = ask(dns, &a, "long.example", spf_check_mail);
	assert_int_equal(answer.result, SPF_FAIL);
	assert_int_equal(answer.explanation.n, 0);
	arena_deinit(&a);
	dns_free(&dns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_null_sender),
		cmocka_unit_test(test_explanations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
