/* Records judged by what they mean to those who read them: DMARC, MTA-STS, TLS-RPT, DKIM, CAA,
 * names and addresses. */
#include "harness/check.h"

#include "foundation/base/clock.h"
#include "operations/doctor/records/dns_check.h"

#include <string.h>

enum { ROWS = 3 };

static struct arena arena;

static const struct dns_fake_row world[] = {
	{ "mx.example", "A", "192.0.2.1" },
	{ "_dmarc.parent.org", "TXT", "v=DMARC1; p=reject; sp=quarantine" },
	{ "_dmarc.dead.org", "*", "SERVFAIL" },
	{ "x.org._report._dmarc.takes.net", "TXT", "v=DMARC1" },
	{ "parent.org", "CAA", "0 issue \"ca.example\"" },
	{ "closed.org", "CAA", "0 issue \";\"" },
	{ "dead.org", "*", "SERVFAIL" },
	{ "here.x.org", "A", "192.0.2.1" },
	{ "away.x.org", "A", "192.0.2.99" },
	{ "half.x.org", "A", "192.0.2.1" },
	{ "half.x.org", "AAAA", "2001:db8::99" },
	{ "mail.x.org", "A", "192.0.2.1" },
	{ "line.isp.example", "A", "192.0.2.1" },
	{ "line6.isp.example", "AAAA", "2001:db8::1" },
	{ NULL, NULL, NULL },
};

struct row {
	const char *name, *type, *expected;
	const char *there[ROWS];
	enum dns_state want;
	const char *advice; /* words of it; NULL: none   */
	const char *wanted; /* what to put there; NULL: as expected */
	bool optional;
};

static void judge_row(size_t i, const struct row *row, const struct dns_home *home)
{
	const struct dns_record r = { .name = str_of(row->name),
		                      .type = row->type,
		                      .expected = str_of(row->expected),
		                      .optional = row->optional };
	struct dns *d = dns_fake_new(world, false);
	struct dns_judging j = {
		.home = home, .dns = d, .deadline_ms = clock_mono_ms() + 1000, .a = &arena
	};
	struct str there[ROWS];
	struct dns_seen s = { .seen = there };

	while (s.seen_count < ROWS && row->there[s.seen_count] != NULL) {
		there[s.seen_count] = str_of(row->there[s.seen_count]);
		s.seen_count++;
	}
	dns_judge(&r, s.seen_count != 0 ? DNS_OK : DNS_NODATA, &j, &s);
	dns_free(&d);
	if (s.state != row->want)
		fail_msg("row %zu: %s, %.*s", i, dns_state_name(s.state), STR_ARG(s.advice));
	check_at(i, (row->advice == NULL) == (s.advice.n == 0));
	if (row->advice != NULL && str_find(s.advice, str_of(row->advice)) < 0)
		fail_msg("row %zu: %.*s", i, STR_ARG(s.advice));
	if (!str_eq(s.wanted.n != 0 ? s.wanted : r.expected,
	            str_of(row->wanted != NULL ? row->wanted : row->expected)))
		fail_msg("row %zu: %.*s", i, STR_ARG(s.wanted));
}

static struct dns_home home_of(const char *own)
{
	struct dns_home h = { .hostname = STR("mx.example"), .challenge = STR("http-01") };

	assert_true(addr_parse_ip(STR("192.0.2.1"), &h.all[h.all_count++]));
	for (; own != NULL && h.own_count == 0; h.own_count++)
		assert_true(addr_parse_ip(str_of(own), &h.own[0]));
	return h;
}

static void judge_rows(const struct row *rows, size_t n)
{
	const struct dns_home home = home_of("192.0.2.1");

	for (size_t i = 0; i < n; i++)
		judge_row(i, &rows[i], &home);
}

#define OURS "v=DMARC1; p=none; rua=mailto:postmaster@x.org"
#define DMARC "_dmarc.x.org", "TXT", OURS

static void dmarc(void **state)
{
	static const struct row rows[] = {
		{ DMARC, { OURS }, DNS_STATE_OK, NULL, NULL, false },
		/* Another policy is never to be made weaker. */
		{ DMARC,
		  { "v=DMARC1; p=reject" },
		  DNS_STATE_OK,
		  NULL,
		  "v=DMARC1; p=reject",
		  false },
		{ DMARC,
		  { "v = DMARC1;p=quarantine;" },
		  DNS_STATE_OK,
		  NULL,
		  "v = DMARC1;p=quarantine;",
		  false },
		{ DMARC,
		  { "v=DMARC1; p=none", "v=DMARC1; p=reject" },
		  DNS_STATE_FAIL,
		  "several",
		  "v=DMARC1; p=reject",
		  false },
		/* What is no record is as if it was not there (RFC 7489 6.6.3). */
		{ DMARC,
		  { "v=DMARC1 p=none", "v=DMARC1; p=reject" },
		  DNS_STATE_OK,
		  NULL,
		  "v=DMARC1; p=reject",
		  false },
		{ DMARC, { "v=DMARC1; p=banana" }, DNS_STATE_FAIL, "be parsed", OURS, false },
		{ DMARC,
		  { "v=DMARC1; p=banana; rua=mailto:a@x.org; aspf=s" },
		  DNS_STATE_FAIL,
		  "cannot be parsed",
		  "v=DMARC1; p=none; rua=mailto:a@x.org; aspf=s",
		  false },
		{ DMARC, { "v=DMARC1" }, DNS_STATE_FAIL, "there is no p=", OURS, false },
		{ DMARC, { "v=DMARC1 p=none" }, DNS_STATE_FAIL, "follow DMARC1", OURS, false },
		{ DMARC,
		  { "v=DMARC1; rua=mailto:a@x.org" },
		  DNS_STATE_WARN,
		  "(p=)",
		  "v=DMARC1; p=none; rua=mailto:a@x.org",
		  false },
		{ DMARC,
		  { "v=DMARC1; p=reject; rua=postmaster@x.org" },
		  DNS_STATE_WARN,
		  "rua=",
		  "v=DMARC1; p=reject; rua=postmaster@x.org",
		  false },
		/* RFC 7489 7.1 */
		{ DMARC,
		  { "v=DMARC1; p=reject; rua=mailto:a@away.net" },
		  DNS_STATE_WARN,
		  "x.org._report._dmarc.away.net",
		  "v=DMARC1; p=reject; rua=mailto:a@away.net",
		  false },
		{ DMARC,
		  { "v=DMARC1; p=reject; rua=mailto:a@takes.net" },
		  DNS_STATE_OK,
		  NULL,
		  "v=DMARC1; p=reject; rua=mailto:a@takes.net",
		  false },
		{ DMARC, { NULL }, DNS_STATE_FAIL, "Add this record", NULL, false },
		/* RFC 7489 6.6.3 step 3: that of the organization. */
		{ "_dmarc.sub.parent.org",
		  "TXT",
		  "v=DMARC1; p=none; rua=mailto:postmaster@sub.parent.org",
		  { NULL },
		  DNS_STATE_OK,
		  "the record of parent.org applies, too, and requests quarantine",
		  "v=DMARC1; p=quarantine; rua=mailto:postmaster@sub.parent.org",
		  false },
		{ "_dmarc.sub.dead.org",
		  "TXT",
		  OURS,
		  { NULL },
		  DNS_STATE_UNKNOWN,
		  "Try again",
		  NULL,
		  false },
	};

	(void)state;
	judge_rows(rows, COUNT(rows));
}

#define STS "_mta-sts.x.org", "TXT", "v=STSv1; id=12"
#define RPT "_smtp._tls.x.org", "TXT", "v=TLSRPTv1; rua=mailto:postmaster@x.org"

static void policies_of_transport(void **state)
{
	static const struct row rows[] = {
		{ STS, { "v=STSv1; id=12" }, DNS_STATE_OK, NULL, NULL, true },
		{ STS, { "v=STSv1;id=12;" }, DNS_STATE_OK, NULL, "v=STSv1;id=12;", true },
		{ STS, { "v=STSv1; x=1; id=12" }, DNS_STATE_OK, NULL, "v=STSv1; x=1; id=12", true },
		{ STS, { "v=STSv1; id=13" }, DNS_STATE_WARN, "older", NULL, true },
		{ STS,
		  { "v=STSv1; id=12", "v=STSv1; id=12" },
		  DNS_STATE_FAIL,
		  "several",
		  NULL,
		  true },
		{ STS, { "v=STSv1" }, DNS_STATE_FAIL, "cannot be parsed", NULL, true },
		{ STS, { "v=STSv1; id=a-b" }, DNS_STATE_FAIL, "cannot be parsed", NULL, true },
		{ STS, { NULL }, DNS_STATE_WARN, "if you need it", NULL, true },
		{ RPT,
		  { "v=TLSRPTv1;rua=https://x.org/a" },
		  DNS_STATE_OK,
		  NULL,
		  "v=TLSRPTv1;rua=https://x.org/a",
		  true },
		{ RPT, { "v=TLSRPTv1; rua=ftp://x.org/a" }, DNS_STATE_FAIL, "rua=", NULL, true },
		{ RPT, { "v=TLSRPTv1;" }, DNS_STATE_FAIL, "no address", NULL, true },
		{ RPT, { "v=TLSRPTv1" }, DNS_STATE_FAIL, "no address", NULL, true },
		{ RPT,
		  { "v=TLSRPTv1; rua=mailto:a@x.org", "v=TLSRPTv1; rua=mailto:b@x.org" },
		  DNS_STATE_FAIL,
		  "several",
		  NULL,
		  true },
		{ RPT, { NULL }, DNS_STATE_WARN, "if you need it", NULL, true },
	};

	(void)state;
	judge_rows(rows, COUNT(rows));
}

#define P "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define KEY "e._domainkey.x.org", "TXT", "v=DKIM1; k=ed25519; " P

static void keys(void **state)
{
	static const struct row rows[] = {
		{ KEY, { "v=DKIM1; k=ed25519; " P }, DNS_STATE_OK, NULL, NULL, false },
		{ KEY, { "k=ed25519;" P ";s=email:x;t=s" }, DNS_STATE_OK, NULL, NULL, false },
		{ KEY, { "v=DKIM1; k=ed25519; s=web; " P }, DNS_STATE_FAIL, "s=", NULL, false },
		{ KEY, { "v=DKIM1; k=ed25519; s=tlsrpt; " P }, DNS_STATE_FAIL, "s=", NULL, false },
		{ KEY, { "v=DKIM1; k=ed25519; h=sha1; " P }, DNS_STATE_FAIL, "h=", NULL, false },
		{ KEY, { "k=ed25519; v=DKIM1; " P }, DNS_STATE_FAIL, "in front", NULL, false },
		{ KEY, { "v=DKIM1; k=ed25519; t=y; " P }, DNS_STATE_WARN, "t=y from", NULL, false },
		{ KEY, { "v=DKIM1; k=rsa; " P }, DNS_STATE_FAIL, "Another key", NULL, false },
		{ KEY,
		  { "v=DKIM1; k=ed25519; " P, "v=DKIM1; k=ed25519; " P },
		  DNS_STATE_FAIL,
		  "nothing else",
		  NULL,
		  false },
		{ KEY, { "v=DKIM1; k=ed25519; s=web; " P }, DNS_STATE_WARN, "s=", NULL, true },
		{ KEY, { NULL }, DNS_STATE_FAIL, "Add this record", NULL, false },
	};

	(void)state;
	judge_rows(rows, COUNT(rows));
}

#define ISSUE "0 issue \"ca.example\""
#define ACCOUNT(n) "0 issue \"ca.example; accounturi=https://ca.example/" n "\""
#define METHODS(list) "0 issue \"ca.example; ValidationMethods = " list "; x=y\""
#define CAA(name) name, "CAA", ACCOUNT("1")
#define WILD(name) name, "CAA", "0 issuewild \"ca.example\""

static void authorities(void **state)
{
	static const struct row rows[] = {
		{ CAA("x.org"), { ISSUE }, DNS_STATE_OK, NULL, NULL, true },
		{ CAA("x.org"),
		  { "0 issue \"CA.example ; a=b\"" },
		  DNS_STATE_OK,
		  NULL,
		  NULL,
		  true },
		{ CAA("x.org"), { ACCOUNT("1") }, DNS_STATE_OK, NULL, NULL, true },
		/* RFC 8657 3 */
		{ CAA("x.org"), { ACCOUNT("2") }, DNS_STATE_FAIL, "renewed", NULL, true },
		{ CAA("x.org"), { ACCOUNT("2"), ACCOUNT("1") }, DNS_STATE_OK, NULL, NULL, true },
		/* RFC 8657 4 */
		{ CAA("x.org"), { METHODS("a-01, http-01") }, DNS_STATE_OK, NULL, NULL, true },
		{ CAA("x.org"), { METHODS("dns-01") }, DNS_STATE_FAIL, "challenge", NULL, true },
		{ CAA("x.org"), { METHODS("dns-01"), ISSUE }, DNS_STATE_OK, NULL, NULL, true },
		/* RFC 8659 4.2 */
		{ CAA("x.org"),
		  { "0 issue \"other.example\"" },
		  DNS_STATE_FAIL,
		  "next to",
		  NULL,
		  true },
		{ CAA("x.org"), { "0 issue \";\"" }, DNS_STATE_FAIL, "next to", NULL, true },
		{ CAA("x.org"), { "0 issue \";\"", ISSUE }, DNS_STATE_OK, NULL, NULL, true },
		{ CAA("x.org"), { "0 iodef \"mailto:a@x.org\"" }, DNS_STATE_OK, NULL, NULL, true },
		{ CAA("x.org"), { "0 issuewild \";\"" }, DNS_STATE_OK, NULL, NULL, true },
		{ CAA("x.org"), { ISSUE, "128 tbs \"x\"" }, DNS_STATE_FAIL, "next to", NULL, true },
		/* None is needed: ours would be in the way of others. */
		{ CAA("x.org"),
		  { NULL },
		  DNS_STATE_OK,
		  "This record forbids all other authorities, and other accounts, for this name "
		  "and all names below it. Other applications could not renew their "
		  "certificates then. Roost needs no more than the same record at mx.example.",
		  NULL,
		  true },
		{ CAA("mx.example"),
		  { NULL },
		  DNS_STATE_OK,
		  "renew their certificates then.",
		  NULL,
		  true },
		{ WILD("x.org"), { NULL }, DNS_STATE_OK, "for wildcards of", NULL, true },
		/* RFC 8659 4.3 */
		{ WILD("x.org"), { ISSUE }, DNS_STATE_OK, NULL, NULL, true },
		{ WILD("x.org"),
		  { ISSUE, "0 issuewild \";\"" },
		  DNS_STATE_FAIL,
		  "next to",
		  NULL,
		  true },
		{ WILD("x.org"),
		  { "0 issue \";\"", "0 issuewild \"ca.example\"" },
		  DNS_STATE_OK,
		  NULL,
		  NULL,
		  true },
		/* RFC 8659 3: up the tree. */
		{ CAA("a.b.parent.org"), { NULL }, DNS_STATE_OK, "record of parent", NULL, true },
		{ CAA("sub.closed.org"), { NULL }, DNS_STATE_FAIL, "closed.org", NULL, true },
		{ CAA("sub.closed.org"), { ISSUE }, DNS_STATE_OK, NULL, NULL, true },
		{ CAA("sub.dead.org"), { NULL }, DNS_STATE_UNKNOWN, "dead.org", NULL, true },
	};

	(void)state;
	judge_rows(rows, COUNT(rows));
}

/* A record at the host's name is no narrower where that is this name, or one above. */
static void a_narrower_place(void **state)
{
	static const struct {
		const char *name;
		bool narrower;
	} rows[] = {
		{ "example", true },
		{ "other.example", true },
		{ "mx.example", false },
		{ "sub.mx.example", false },
	};
	const struct dns_home home = home_of(NULL);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct dns_record r = { .name = str_of(rows[i].name),
			                      .type = "CAA",
			                      .expected = STR(ISSUE) };
		struct dns_judging j = { .home = &home, .a = &arena };
		struct dns_seen s = { .seen = NULL };

		dns_judge(&r, DNS_NODATA, &j, &s);
		check_at(i, s.state == DNS_STATE_OK && str_find(s.advice, STR("accounts")) < 0);
		check_at(i, str_ends(s.advice, STR("the same record at mx.example.")) ==
		                    rows[i].narrower);
	}
}

static void names(void **state)
{
	static const struct row rows[] = {
		{ "here.x.org",
		  "CNAME",
		  "mx.example",
		  { "mx.example" },
		  DNS_STATE_OK,
		  NULL,
		  NULL,
		  true },
		{ "here.x.org",
		  "CNAME",
		  "mx.example",
		  { NULL },
		  DNS_STATE_OK,
		  "could replace",
		  NULL,
		  true },
		/* By another alias. */
		{ "here.x.org",
		  "CNAME",
		  "mx.example",
		  { "b.x.org" },
		  DNS_STATE_OK,
		  NULL,
		  NULL,
		  true },
		{ "away.x.org",
		  "CNAME",
		  "mx.example",
		  { NULL },
		  DNS_STATE_WARN,
		  "other servers (192.0.2.99)",
		  NULL,
		  true },
		{ "half.x.org",
		  "CNAME",
		  "mx.example",
		  { NULL },
		  DNS_STATE_WARN,
		  "other servers (2001:db8::99)",
		  NULL,
		  true },
		{ "away.x.org",
		  "CNAME",
		  "mx.example",
		  { "b.x.org" },
		  DNS_STATE_WARN,
		  "leads to 192.0.2.99",
		  NULL,
		  true },
		{ "none.x.org",
		  "CNAME",
		  "mx.example",
		  { NULL },
		  DNS_STATE_WARN,
		  "if you need it",
		  NULL,
		  true },
		{ "x.org",
		  "MX",
		  "10 mx.example",
		  { "10 mail.x.org" },
		  DNS_STATE_OK,
		  NULL,
		  NULL,
		  false },
		{ "x.org",
		  "MX",
		  "10 mx.example",
		  { "10 away.x.org" },
		  DNS_STATE_FAIL,
		  "another server first",
		  NULL,
		  false },
	};

	(void)state;
	judge_rows(rows, COUNT(rows));
}

#define PTR "1.2.0.192.in-addr.arpa", "PTR", "mx.example"
#define PTR6                                                                             \
	"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", "PTR", \
		"mx.example"
#define GREETS "the server greets with another name"

/* One that is not the host's costs trust; one that does not lead back is none. */
static void names_of_addresses(void **state)
{
	static const struct row rows[] = {
		{ PTR, { "mx.example" }, DNS_STATE_OK, NULL, NULL, false },
		{ PTR, { "MX.example", "away.x.org" }, DNS_STATE_OK, NULL, NULL, false },
		{ PTR, { "line.isp.example" }, DNS_STATE_WARN, GREETS, NULL, false },
		{ PTR, { "away.x.org", "line.isp.example" }, DNS_STATE_WARN, GREETS, NULL, false },
		{ PTR6, { "line6.isp.example" }, DNS_STATE_WARN, GREETS, NULL, false },
		{ PTR, { "line6.isp.example" }, DNS_STATE_FAIL, "reverse DNS", NULL, false },
		{ PTR, { "away.x.org" }, DNS_STATE_FAIL, "reverse DNS", NULL, false },
		{ PTR, { "gone.isp.example" }, DNS_STATE_FAIL, "reverse DNS", NULL, false },
		{ PTR, { "gone.isp.example" }, DNS_STATE_WARN, "reverse DNS", NULL, true },
		{ PTR, { NULL }, DNS_STATE_FAIL, "reverse DNS", NULL, false },
		{ PTR, { "dead.org" }, DNS_STATE_UNKNOWN, "Try again", NULL, false },
		{ PTR, { "dead.org", "line.isp.example" }, DNS_STATE_WARN, GREETS, NULL, false },
	};

	(void)state;
	judge_rows(rows, COUNT(rows));
}

/* Mail by IPv6 goes to whatever AAAA record there is, also where this machine has no IPv6. */
static void addresses_by_ipv6(void **state)
{
	static const struct {
		const char *own;
		struct row row;
	} rows[] = {
		{ "192.0.2.1", { "m.x", "AAAA", "", { NULL }, DNS_STATE_OK, NULL, NULL, true } },
		{ "192.0.2.1",
		  { "m.x",
		    "AAAA",
		    "",
		    { "2001:db8::9" },
		    DNS_STATE_WARN,
		    "2001:db8::9",
		    NULL,
		    true } },
		{ "2001:db8::1",
		  { "m.x",
		    "AAAA",
		    "2001:db8::1",
		    { "2001:db8::1" },
		    DNS_STATE_OK,
		    NULL,
		    NULL,
		    true } },
		{ "2001:db8::1",
		  { "m.x",
		    "AAAA",
		    "2001:db8::1",
		    { "2001:db8::1", "2001:db8::9" },
		    DNS_STATE_WARN,
		    "Remove the record 2001:db8::9",
		    NULL,
		    true } },
		{ "2001:db8::1",
		  { "m.x",
		    "AAAA",
		    "2001:db8::1",
		    { "2001:db8::9" },
		    DNS_STATE_WARN,
		    "add this one",
		    NULL,
		    true } },
		/* Behind a router nobody knows. */
		{ NULL,
		  { "m.x",
		    "AAAA",
		    "",
		    { "2001:db8::9" },
		    DNS_STATE_OK,
		    "from another network",
		    NULL,
		    true } },
		{ NULL,
		  { "m.x", "AAAA", "", { "fd00::9" }, DNS_STATE_FAIL, "private", NULL, true } },
		{ NULL, { "m.x", "AAAA", "", { NULL }, DNS_STATE_OK, NULL, NULL, true } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct dns_home home = home_of(rows[i].own);

		judge_row(i, &rows[i].row, &home);
	}
}

#define HOST_A(expected) "m.x", "A", expected

/* Who delivers by IPv4 takes any of the A records. */
static void addresses_by_ipv4(void **state)
{
	static const struct {
		const char *own;
		struct row row;
	} rows[] = {
		{ "192.0.2.1",
		  { HOST_A("192.0.2.1"), { "192.0.2.1" }, DNS_STATE_OK, NULL, NULL, false } },
		{ "192.0.2.1",
		  { HOST_A("192.0.2.1"),
		    { "192.0.2.1", "192.0.2.9" },
		    DNS_STATE_WARN,
		    "Remove the record 192.0.2.9, unless something there forwards to this server. "
		    "It is no address of this machine",
		    NULL,
		    false } },
		{ "192.0.2.1",
		  { HOST_A("192.0.2.1"),
		    { "192.0.2.9" },
		    DNS_STATE_FAIL,
		    "Replace",
		    NULL,
		    false } },
		/* One of many that has no row of its own. */
		{ "192.0.2.1",
		  { HOST_A("192.0.2.1"),
		    { "192.0.2.1", "192.0.2.77" },
		    DNS_STATE_OK,
		    NULL,
		    NULL,
		    false } },
		/* What a router has by IPv4 nobody knows, also with IPv6 of its own. */
		{ NULL,
		  { HOST_A(""),
		    { "192.0.2.1", "192.0.2.9" },
		    DNS_STATE_OK,
		    NULL,
		    NULL,
		    false } },
		{ "2001:db8::1",
		  { HOST_A(""), { "192.0.2.9" }, DNS_STATE_OK, NULL, NULL, false } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dns_home home = home_of(rows[i].own);

		assert_true(addr_parse_ip(STR("192.0.2.77"), &home.further[0]));
		home.further_count = 1;
		judge_row(i, &rows[i].row, &home);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dmarc), cmocka_unit_test(policies_of_transport),
		cmocka_unit_test(keys),  cmocka_unit_test(authorities),
		cmocka_unit_test(names), cmocka_unit_test(addresses_by_ipv6),
		cmocka_unit_test(addresses_by_ipv4), cmocka_unit_test(a_narrower_place),
		cmocka_unit_test(names_of_addresses),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_deinit(&arena);
	return failed;
}
