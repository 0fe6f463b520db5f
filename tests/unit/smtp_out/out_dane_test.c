/* Tests of smtp/out_dane: what DNS says of a host's TLSA records (RFC 7672 2.2). */
#include "harness/check.h"

#include "foundation/base/arena.h"
#include "foundation/crypto/tlsa.h"
#include "network/dns/dns.h"
#include "protocols/smtp_out/dane.h"

#define D "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static const struct dns_fake_row zone[] = {
	{ "_25._tcp.good.example", "TLSA", "3 1 1 " D },
	{ "_25._tcp.mixed.example", "TLSA", "1 1 1 " D },
	{ "_25._tcp.mixed.example", "TLSA", "2 0 1 " D },
	{ "_25._tcp.mixed.example", "TLSA", "3 1 1 " D },
	{ "_25._tcp.useless.example", "TLSA", "0 0 1 " D },
	{ "_25._tcp.useless.example", "TLSA", "nonsense" },
	{ "_25._tcp.broken.example", "*", "SERVFAIL" },
	{ "_25._tcp.bogus.example", "*", "BOGUS it has expired" },
	{ "_25._tcp.typeless.example", "TXT", "no TLSA" },
	{ "_2525._tcp.port.example", "TLSA", "3 1 1 " D },
	{ NULL, NULL, NULL },
};

struct row {
	const char *host, *canonical;
	bool authenticated, alias_signed; /* of the addresses                 */
	bool records_signed;              /* of the TLSA records              */
	uint16_t port;
	enum out_dane dane;
	size_t count;
	const char *base;
};

static const struct row rows[] = {
	{ "good.example", "", true, false, true, 25, OUT_DANE_USABLE, 1, "good.example" },
	{ "mixed.example", "", true, false, true, 25, OUT_DANE_USABLE, 2, "mixed.example" },
	{ "useless.example", "", true, false, true, 25, OUT_DANE_UNUSABLE, 0, "" },
	{ "broken.example", "", true, false, true, 25, OUT_DANE_UNKNOWN, 0, "" },
	{ "bogus.example", "", true, false, true, 25, OUT_DANE_UNKNOWN, 0, "" },
	{ "typeless.example", "", true, false, true, 25, OUT_DANE_NONE, 0, "" },
	{ "none.example", "", true, false, true, 25, OUT_DANE_NONE, 0, "" },
	{ "port.example", "", true, false, true, 2525, OUT_DANE_USABLE, 1, "port.example" },
	{ "port.example", "", true, false, true, 25, OUT_DANE_NONE, 0, "" },
	/* records that are not signed are none */
	{ "good.example", "", true, false, false, 25, OUT_DANE_NONE, 0, "" },
	/* RFC 7672 2.2.2: where the host is not signed it is not even asked */
	{ "good.example", "", false, false, true, 25, OUT_DANE_NONE, 0, "" },
	{ "broken.example", "", false, false, true, 25, OUT_DANE_NONE, 0, "" },
	/* an alias out of a signed zone: its own name's records */
	{ "good.example", "", false, true, true, 25, OUT_DANE_USABLE, 1, "good.example" },
	{ "broken.example", "", false, true, true, 25, OUT_DANE_UNKNOWN, 0, "" },
	/* RFC 7672 2.2.3: where it leads first, then the name itself */
	{ "good.example", "mixed.example", true, false, true, 25, OUT_DANE_USABLE, 2,
	  "mixed.example" },
	{ "good.example", "none.example", true, false, true, 25, OUT_DANE_USABLE, 1,
	  "good.example" },
	{ "good.example", "broken.example", true, false, true, 25, OUT_DANE_UNKNOWN, 0, "" },
	{ "good.example", "useless.example", true, false, true, 25, OUT_DANE_UNUSABLE, 0, "" },
};

static void test_find(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *r = &rows[i];
		struct dns *dns = dns_fake_new(zone, r->records_signed);
		struct dns_addr_list addresses = { .authenticated = r->authenticated,
			                           .alias_signed = r->alias_signed,
			                           .canonical = str_of(r->canonical) };
		struct out_dane_host host = { .host = str_of(r->host),
			                      .port = r->port,
			                      .domain = STR("domain.example"),
			                      .addresses = &addresses };
		struct out_tls_hop hop = { 0 };
		struct arena a = { 0 };

		out_dane_find(dns, &host, &a, &hop);
		check_at(i, hop.dane == r->dane);
		check_at(i, (hop.records != NULL) == (r->count != 0));
		/* there are records, whatever they are worth (RFC 8460 4.5) */
		check_at(i, (hop.tlsa_policy.n != 0) == (r->dane == OUT_DANE_USABLE ||
		                                         r->dane == OUT_DANE_UNUSABLE));
		check_at(i, (hop.dane_trouble.n != 0) == (r->dane == OUT_DANE_UNKNOWN));
		if (hop.records != NULL) {
			check_at(i, hop.records->count == r->count);
			check_at(i, hop.records->name_count == 2);
			check_str_at(i, hop.records->names[0], str_of(r->base));
			check_str_at(i, hop.records->names[1], STR("domain.example"));
		}
		arena_deinit(&a);
		dns_free(&dns);
	}
}

/* RFC 7672 3.2.2: each once. */
static void test_names(void **state)
{
	static const struct {
		const char *domain, *alias, *names[TLSA_NAMES_MAX + 1];
	} cases[] = {
		{ "", "", { "good.example" } },
		{ "domain.example", "", { "good.example", "domain.example" } },
		{ "domain.example", "far.example",
		  { "good.example", "domain.example", "far.example" } },
		{ "domain.example", "good.example", { "good.example", "domain.example" } },
		{ "Good.example", "far.example", { "good.example", "far.example" } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct dns *dns = dns_fake_new(zone, true);
		struct dns_addr_list addresses = { .authenticated = true };
		struct out_dane_host host = { .host = STR("good.example"),
			                      .port = 25,
			                      .domain = str_of(cases[i].domain),
			                      .alias = str_of(cases[i].alias),
			                      .addresses = &addresses };
		struct out_tls_hop hop = { 0 };
		struct arena a = { 0 };
		size_t n = 0;

		out_dane_find(dns, &host, &a, &hop);
		assert_non_null(hop.records);
		for (; cases[i].names[n] != NULL && n < hop.records->name_count; n++)
			check_str_at(i, hop.records->names[n], str_of(cases[i].names[n]));
		check_at(i, cases[i].names[n] == NULL && hop.records->name_count == n);
		arena_deinit(&a);
		dns_free(&dns);
	}
}

static void test_words(void **state)
{
	static const struct {
		const char *host, *policy, *trouble;
	} words[] = {
		{ "good.example", "3 1 1 " D "\n", "" },
		{ "mixed.example", "1 1 1 " D "\n2 0 1 " D "\n3 1 1 " D "\n", "" },
		{ "broken.example", "", "DNS did not answer" },
		{ "bogus.example", "", "the signatures in DNS are wrong: it has expired" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++) {
		struct dns *dns = dns_fake_new(zone, true);
		struct dns_addr_list addresses = { .authenticated = true };
		struct out_dane_host host = { .host = str_of(words[i].host),
			                      .port = 25,
			                      .addresses = &addresses };
		struct out_tls_hop hop = { 0 };
		struct arena a = { 0 };

		out_dane_find(dns, &host, &a, &hop);
		check_str_at(i, hop.tlsa_policy, str_of(words[i].policy));
		check_str_at(i, hop.dane_trouble, str_of(words[i].trouble));
		arena_deinit(&a);
		dns_free(&dns);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
