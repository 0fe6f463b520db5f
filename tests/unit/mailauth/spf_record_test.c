/* SPF records: the grammar of RFC 7208 12, beside what the public suite has (tests/e2e). */
#include "harness/check.h"
#include "harness/exact.h"

#include "formats/mailauth/spf_record.h"
#include "foundation/base/arena.h"

#include <string.h>

static enum err parse(const char *text, struct arena *a, struct spf_record *out)
{
	struct why why = { "" };

	return spf_record_parse(str_of(text), a, out, &why);
}

static void test_versions(void **state)
{
	static const struct {
		const char *text;
		bool is;
	} rows[] = {
		{ "v=spf1", true },       { "v=spf1 ", true },     { "V=SPF1 -all", true },
		{ "v=spf10 -all", false }, { "v=spf1\t-all", false }, { " v=spf1", false },
		{ "v=spf", false },       { "", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, spf_record_is(str_of(rows[i].text)) == rows[i].is);
}

static void test_terms(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		size_t terms;
	} rows[] = {
		{ "v=spf1", true, 0 },
		{ "v=spf1   ", true, 0 },
		{ "v=spf1 a  mx   -all ", true, 3 },
		{ "v=spf1 A MX:Example.ORG -ALL", true, 3 },
		{ "v=spf1 a/24 a//64 a/24//64 a:x.org/24//64", true, 4 },
		{ "v=spf1 a/33", false, 0 },
		{ "v=spf1 a//129", false, 0 },
		{ "v=spf1 a/024", false, 0 },
		{ "v=spf1 a/", false, 0 },
		{ "v=spf1 a//", false, 0 },
		{ "v=spf1 a:/24", false, 0 },
		{ "v=spf1 a:x.org/a", false, 0 },
		{ "v=spf1 ip4:192.0.2.1 ip4:192.0.2.0/24 ip4:0.0.0.0/0", true, 3 },
		{ "v=spf1 ip4:192.0.2", false, 0 },
		{ "v=spf1 ip4:192.0.2.1/33", false, 0 },
		{ "v=spf1 ip4:192.0.2.1//32", false, 0 },
		{ "v=spf1 ip4:[192.0.2.1]", false, 0 },
		{ "v=spf1 ip4", false, 0 },
		{ "v=spf1 ip6:2001:db8::/32 ip6:::1 ip6:::ffff:192.0.2.1", true, 3 },
		{ "v=spf1 ip6:192.0.2.1", false, 0 },
		{ "v=spf1 ip6:fe80::1%1", false, 0 },
		{ "v=spf1 ip6:2001:db8::/129", false, 0 },
		{ "v=spf1 all:", false, 0 },
		{ "v=spf1 all/8", false, 0 },
		{ "v=spf1 all.", false, 0 },
		{ "v=spf1 include", false, 0 },
		{ "v=spf1 include:", false, 0 },
		{ "v=spf1 include:org", false, 0 }, /* a domain-end needs its dot */
		{ "v=spf1 include:x.org.", true, 1 },
		{ "v=spf1 include:x.123", false, 0 },
		{ "v=spf1 include:x.1-3", true, 1 },
		{ "v=spf1 include:x.-a", false, 0 },
		{ "v=spf1 exists:%{i}", true, 1 },
		{ "v=spf1 exists", false, 0 },
		{ "v=spf1 ptr ptr:x.org", true, 2 },
		{ "v=spf1 ptr/24", false, 0 },
		{ "v=spf1 redirect=x.org exp=y.org", true, 0 },
		{ "v=spf1 redirect=x.org REDIRECT=y.org", false, 0 },
		{ "v=spf1 exp=x.org exp=x.org", false, 0 },
		{ "v=spf1 exp=", false, 0 },
		{ "v=spf1 unknown=", true, 0 },
		{ "v=spf1 unknown=%{i} x.y-z_1=a=b", true, 0 },
		{ "v=spf1 unknown=%{q}", false, 0 },
		{ "v=spf1 1unknown=x", false, 0 },
		{ "v=spf1 nothing", false, 0 },
		{ "v=spf1 +-all", false, 0 },
		{ "v=spf1 -", false, 0 },
		{ "v=spf1 -redirect=x.org", false, 0 },
		{ "v=spf1 a\tmx", false, 0 },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct spf_record record;

		check_at(i, (parse(rows[i].text, &a, &record) == OK) == rows[i].ok);
		if (rows[i].ok)
			check_at(i, record.count == rows[i].terms);
	}
	arena_deinit(&a);
}

static void test_what_a_term_has(void **state)
{
	struct spf_record record;
	struct arena a = { 0 };

	(void)state;
	assert_int_equal(parse("v=spf1 ~a:%{d2}/20//60 ?ip6:2001:db8::/33 exp=e.org redirect=r.org",
	                       &a, &record),
	                 OK);
	assert_int_equal(record.count, 2);
	assert_int_equal(record.terms[0].mechanism, SPF_A);
	assert_int_equal(record.terms[0].result, SPF_SOFTFAIL);
	assert_true(str_eq(record.terms[0].domain, STR("%{d2}")));
	assert_int_equal(record.terms[0].v4_bits, 20);
	assert_int_equal(record.terms[0].v6_bits, 60);
	assert_true(str_eq(record.terms[0].text, STR("~a:%{d2}/20//60")));
	assert_int_equal(record.terms[1].mechanism, SPF_IP6);
	assert_int_equal(record.terms[1].result, SPF_NEUTRAL);
	assert_int_equal(record.terms[1].v6_bits, 33);
	assert_true(str_eq(record.exp, STR("e.org")));
	assert_true(str_eq(record.redirect, STR("r.org")));
	arena_deinit(&a);
}

static void cut(struct str text, void *arg)
{
	struct spf_record record;
	struct why why = { "" };

	if (!spf_record_is(text))
		return;
	(void)!spf_record_parse(text, arg, &record, &why);
	assert_true(record.count <= 3);
}

/* What is cut anywhere is read as what is left of it, or refused; never read beyond. */
static void test_cut_anywhere(void **state)
{
	struct arena a = { 0 };

	(void)state;
	exact_each(STR("v=spf1 a:%{ir2.-}.x.org/24//64 ip6:2001:db8::/32 exp=%{d}.e.org -all"),
	           true, cut, &a);
	arena_deinit(&a);
}

static void test_more_terms_than_there_may_be(void **state)
{
	static char text[8 + 3 * (SPF_TERMS_MAX + 1) + 1];
	struct spf_record record;
	struct arena a = { 0 };

	(void)state;
	strcpy(text, "v=spf1");
	for (int i = 0; i < SPF_TERMS_MAX; i++)
		strcat(text, " a");
	assert_int_equal(parse(text, &a, &record), OK);
	assert_int_equal(record.count, SPF_TERMS_MAX);
	strcat(text, " a");
	assert_int_equal(parse(text, &a, &record), ERR_SYNTAX);
	arena_deinit(&a);
}

static void test_networks(void **state)
{
	static const struct {
		const char *network;
		unsigned bits;
		const char *ip;
		bool has;
	} rows[] = {
		{ "192.0.2.0", 24, "192.0.2.255", true },
		{ "192.0.2.0", 24, "192.0.3.0", false },
		{ "192.0.2.128", 25, "192.0.2.127", false },
		{ "192.0.2.1", 32, "192.0.2.1", true },
		{ "192.0.2.1", 32, "192.0.2.0", false },
		{ "192.0.2.1", 0, "10.0.0.1", true },
		{ "2001:db8::", 33, "2001:db8:7fff::1", true },
		{ "2001:db8::", 33, "2001:db8:8000::1", false },
		{ "::", 0, "192.0.2.1", false }, /* another family */
		{ "0.0.0.0", 0, "2001:db8::1", false },
		{ "2001:db8::1", 128, "2001:db8::1", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct addr network, ip;

		check_at(i, addr_parse_ip(str_of(rows[i].network), &network) &&
		                    addr_parse_ip(str_of(rows[i].ip), &ip));
		check_at(i, spf_network_has(&network, rows[i].bits, &ip) == rows[i].has);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_terms),
		cmocka_unit_test(test_what_a_term_has),
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_more_terms_than_there_may_be),
		cmocka_unit_test(test_networks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
