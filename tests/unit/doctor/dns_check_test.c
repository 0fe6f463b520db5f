/* What DNS says about the records a domain should have, and what to do about it. */
#include "harness/check.h"

#include "foundation/base/clock.h"
#include "network/dns/dns.h"
#include "operations/doctor/records/dns_check.h"

#include <string.h>

static struct arena arena;

/* A server that has no public address of its own, and is called mx.example. */
static struct dns_judging judging(struct dns *d)
{
	static const struct dns_home home = { .hostname = STR("mx.example") };

	return (struct dns_judging){
		.home = &home, .dns = d, .deadline_ms = clock_mono_ms() + 1000, .a = &arena
	};
}

static struct dns_seen check(const struct dns_fake_row *rows, bool authenticated,
                             const struct dns_record *record)
{
	struct dns *d = dns_fake_new(rows, authenticated);
	struct dns_records all = { .items = { *record }, .count = 1 };
	struct dns_judging j = judging(d);
	struct dns_seen seen;

	dns_check(&j, &all, &seen);
	dns_free(&d);
	return seen;
}

#define HOST "x.example"

/* Each row: what should be there, what is, and the judgement. */
static void each_kind_of_record(void **state)
{
	static const struct {
		const char *type, *expected;
		bool optional;
		const char *there[2];
		enum dns_state want;
		const char *advice; /* words of it; NULL: none */
	} rows[] = {
		{ "A", "192.0.2.1", false, { "192.0.2.1" }, DNS_STATE_OK, NULL },
		{ "A", "192.0.2.1", false, { "192.0.2.9", "192.0.2.1" }, DNS_STATE_OK, NULL },
		{ "A", "192.0.2.1", false, { "192.0.2.9" }, DNS_STATE_FAIL, "Replace" },
		{ "A", "192.0.2.1", false, { NULL }, DNS_STATE_FAIL, "Add this record" },
		{ "AAAA", "2001:db8::1", true, { NULL }, DNS_STATE_WARN, "if you need it" },
		{ "AAAA", "2001:db8::1", true, { "2001:db8::1" }, DNS_STATE_OK, NULL },
		{ "MX", "10 mx.example", false, { "10 mx.example" }, DNS_STATE_OK, NULL },
		{ "MX", "10 mx.example", false, { "20 mx.example" }, DNS_STATE_OK, NULL },
		{ "MX",
		  "10 mx.example",
		  false,
		  { "5 old.example", "10 mx.example" },
		  DNS_STATE_FAIL,
		  "lowest" },
		{ "MX",
		  "10 mx.example",
		  false,
		  { "10 mx.example", "20 backup.example" },
		  DNS_STATE_OK,
		  NULL },
		{ "MX",
		  "10 mx.example",
		  false,
		  { "10 backup.example", "10 mx.example" },
		  DNS_STATE_OK,
		  NULL },
		{ "MX",
		  "10 mx.example",
		  false,
		  { "5 old.example", "20 mx.example" },
		  DNS_STATE_FAIL,
		  "lowest" },
		{ "MX", "10 mx.example", false, { NULL }, DNS_STATE_FAIL, "Add this record" },
		{ "TXT",
		  "v=spf1 mx -all",
		  false,
		  { "proof=1" },
		  DNS_STATE_FAIL,
		  "Add this record" },
		{ "CNAME", "mx.example", true, { "MX.example" }, DNS_STATE_OK, NULL },
		{ "CNAME", "mx.example", true, { "other.example" }, DNS_STATE_WARN, "Add this" },
		{ "SRV", "0 1 993 mx.example", true, { "0 1 993 mx.example" }, DNS_STATE_OK, NULL },
		{ "SRV",
		  "0 1 993 mx.example",
		  true,
		  { "0 1 143 mx.example" },
		  DNS_STATE_WARN,
		  "Replace" },
		/* Behind a router: any public address. */
		{ "A", "", false, { "198.51.100.7" }, DNS_STATE_OK, NULL },
		{ "A", "", false, { "10.0.0.1" }, DNS_STATE_FAIL, "private network" },
		{ "A", "", false, { NULL }, DNS_STATE_FAIL, "public address" },
		/* RFC 2782: the numbers only order those that are there. */
		{ "SRV", "0 1 993 mx.example", true, { "5 7 993 MX.example" }, DNS_STATE_OK, NULL },
		{ "SRV",
		  "0 1 993 mx.example",
		  true,
		  { "5 1 993 mx.example", "0 1 993 old.example" },
		  DNS_STATE_WARN,
		  "Replace" },
		{ "TLSA", "3 1 1 aa", true, { "3 1 1 AA" }, DNS_STATE_OK, "DNSSEC" },
		{ "TLSA", "3 1 1 aa", true, { "3 1 1 bb" }, DNS_STATE_WARN, "next to" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dns_fake_row zone[] = { { HOST, rows[i].type, rows[i].there[0] },
			                       { HOST, rows[i].type, rows[i].there[1] },
			                       { NULL, NULL, NULL } };
		struct dns_record r = { .name = STR(HOST),
			                .type = rows[i].type,
			                .expected = str_of(rows[i].expected),
			                .optional = rows[i].optional };
		struct dns_seen seen;

		for (size_t k = 0; k < 2; k++)
			if (rows[i].there[k] == NULL)
				zone[k] = (struct dns_fake_row){ NULL, NULL, NULL };
		seen = check(zone, false, &r);
		check_at(i, seen.state == rows[i].want);
		check_at(i, (rows[i].advice == NULL) == (seen.advice.n == 0));
		check_at(i, rows[i].advice == NULL ||
		                    str_find(seen.advice, str_of(rows[i].advice)) >= 0);
		/* Whoever does not answer makes no record wrong. */
		zone[0] = (struct dns_fake_row){ HOST, "*", "SERVFAIL" };
		zone[1] = (struct dns_fake_row){ NULL, NULL, NULL };
		seen = check(zone, false, &r);
		check_at(i, seen.state == DNS_STATE_UNKNOWN && seen.advice.n != 0);
	}
}

/* Whoever is shown a key that is in no record that counts brings no mail. */
static void a_signed_zone_makes_tlsa_count(void **state)
{
	static const struct {
		const char *there, *wants;
		enum dns_state plain, secure;
	} rows[] = {
		{ "3 1 1 aa", "", DNS_STATE_OK, DNS_STATE_OK },
		{ "3 1 1 bb", "next to", DNS_STATE_WARN, DNS_STATE_FAIL },
		{ "2 1 1 bb", "next to", DNS_STATE_WARN, DNS_STATE_WARN }, /* perhaps our chain's */
		{ NULL, "Add this", DNS_STATE_WARN, DNS_STATE_WARN },
	};
	const struct dns_record r = { .name = STR(HOST),
		                      .type = "TLSA",
		                      .optional = true,
		                      .expected = STR("3 1 1 aa") };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct dns_fake_row zone[] = { { rows[i].there != NULL ? HOST : NULL, "TLSA",
			                               rows[i].there },
			                             { NULL, NULL, NULL } };
		struct dns_seen plain = check(zone, false, &r), secure = check(zone, true, &r);

		check_at(i, plain.state == rows[i].plain && plain.advice.n != 0);
		check_at(i, secure.state == rows[i].secure);
		check_at(i, str_find(secure.advice, str_of(rows[i].wants)) >= 0);
		check_at(i, str_find(secure.advice, STR("Replace")) < 0);
	}
}

/* All that is made for a domain is there when the zone has just that, and not when it is empty; but
 * CAA, which nobody needs. */
static void what_is_made_is_what_is_checked(void **state)
{
	static const struct dns_fake_row none[] = { { NULL, NULL, NULL } };
	struct dns_fake_row zone[DNS_RECORDS + 1];
	struct dns_seen seen[DNS_RECORDS];
	struct str address = STR("192.0.2.1");
	const struct dns_facts facts = { .domain = STR("example.org"),
		                         .hostname = STR("mx.example.org"),
		                         .addresses = &address,
		                         .address_count = 1,
		                         .tlsa = (struct str[]){ STR("aabb") },
		                         .tlsa_count = 1,
		                         .caa = STR("ca.example"),
		                         .imaps = 993,
		                         .pop3s = 995,
		                         .submissions = 465,
		                         .submission = 587,
		                         .https = 443 };
	struct dns_records all;
	struct dns *d;

	(void)state;
	dns_records_make(&all, &facts, &arena);
	assert_true(all.count > 5 && all.count <= DNS_RECORDS);
	for (size_t i = 0; i < all.count; i++)
		zone[i] =
			(struct dns_fake_row){ str_z(&arena, all.items[i].name), all.items[i].type,
			                       str_z(&arena, all.items[i].expected) };
	zone[all.count] = none[0];
	for (int full = 0; full < 2; full++) {
		struct dns_judging j;

		d = dns_fake_new(full ? zone : none, true);
		j = judging(d);
		dns_check(&j, &all, seen);
		dns_free(&d);
		for (size_t i = 0; i < all.count; i++)
			check_at(i, (seen[i].state == DNS_STATE_OK) ==
			                    (full || strcmp(all.items[i].type, "CAA") == 0));
	}
}

static void the_spf_record_among_others(void **state)
{
	static const struct dns_fake_row zone[] = {
		{ HOST, "TXT", "proof=1" },       { HOST, "TXT", "v=spf10 -all" },
		{ HOST, "TXT", "v=spf1 a -all" }, { "y.example", "TXT", "proof=2" },
		{ "z.example", "*", "SERVFAIL" }, { NULL, NULL, NULL }
	};
	struct dns *d = dns_fake_new(zone, false);
	int64_t soon = clock_mono_ms() + 1000;

	(void)state;
	check_str(dns_spf_find(d, STR(HOST), soon, &arena), STR("v=spf1 a -all"));
	check_str(dns_spf_find(d, STR("y.example"), soon, &arena), STR_EMPTY);
	check_str(dns_spf_find(d, STR("z.example"), soon, &arena), STR_EMPTY);
	check_str(dns_spf_find(d, STR("nobody.example"), soon, &arena), STR_EMPTY);
	dns_free(&d);
}

/* Who puts the file in place of what is there loses nothing; who adds it makes nothing double, and
 * keeps nobody from getting certificates. */
static void the_zone_file_keeps_what_is_there(void **state)
{
	static const struct dns_fake_row zone[] = {
		{ "_dmarc." HOST, "TXT", "v=DMARC1; p=reject; rua=mailto:me@" HOST },
		{ "a." HOST, "A", "192.0.2.1" },
		{ "mute." HOST, "*", "SERVFAIL" },
		{ NULL, NULL, NULL },
	};
	struct dns_records all = {
		.items = { { .name = STR("_dmarc." HOST), "TXT", "d",
			     STR("v=DMARC1; p=none; rua=mailto:postmaster@" HOST) },
		           { .name = STR("a." HOST), "CNAME", "c", STR("mx.example") },
		           { .name = STR("mute." HOST), "SRV", "s", STR("0 1 1 mx.example") },
		           { .name = STR("new." HOST), "CNAME", "n", STR("mx.example") },
		           { .name = STR(HOST), "CAA", "i", STR("0 issue \"ca.example\"") },
		           { .name = STR("mute." HOST), "CAA", "i",
			     STR("0 issue \"ca.example\"") } },
		.count = 6
	};
	struct dns *d = dns_fake_new(zone, false);
	struct dns_judging j = judging(d);
	struct dns_home home = *j.home;
	struct dns_seen seen[6];
	struct buf b;

	(void)state;
	assert_true(addr_parse_ip(STR("192.0.2.1"), &home.all[0]));
	home.all_count = 1;
	j.home = &home;
	dns_check(&j, &all, seen);
	buf_init(&b, 4096);
	dns_zone_put(&b, &all, seen, STR(HOST));
	assert_true(str_eq(buf_str(&b),
	                   STR("; " HOST ": what its mail needs\n$TTL 3600\n"
	                       "\n; d\n_dmarc." HOST ". IN TXT "
	                       "\"v=DMARC1; p=reject; rua=mailto:me@" HOST "\"\n"
	                       "\n; s\n; The present records could not be queried. Add the "
	                       "record only if none exists.\n"
	                       "mute." HOST ". IN SRV 0 1 1 mx.example.\n"
	                       "\n; n\nnew." HOST ". IN CNAME mx.example.\n")));
	buf_deinit(&b);
	dns_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_record),
		cmocka_unit_test(a_signed_zone_makes_tlsa_count),
		cmocka_unit_test(the_zone_file_keeps_what_is_there),
		cmocka_unit_test(what_is_made_is_what_is_checked),
		cmocka_unit_test(the_spf_record_among_others),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_deinit(&arena);
	return failed;
}
