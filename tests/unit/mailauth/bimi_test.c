/* BIMI: records, whose domain is protected well enough, which record counts, and selectors. */
#include "harness/check.h"

#include "formats/mailauth/bimi.h"
#include "foundation/base/arena.h"
#include "network/dns/dns.h"

#include <stdio.h>
#include <string.h>

static void test_records(void **state)
{
	static const struct {
		const char *text, *what; /* "location evidence", "declined", or "-": wrong */
	} rows[] = {
		{ "v=BIMI1; l=https://a.example/l.svg", "https://a.example/l.svg " },
		{ "v=BIMI1;l=https://a.example/l.svg;a=https://a.example/c.pem;",
		  "https://a.example/l.svg https://a.example/c.pem" },
		{ "v=BIMI1; l=HTTPS://a.example/l; avp=brand; x=y", "HTTPS://a.example/l " },
		{ "v=BIMI1; l=; a=;", "declined" },
		{ "v=BIMI1; l=;", "declined" },
		{ "v=BIMI1; a=https://a.example/c.pem", "-" },
		{ "v=BIMI1; l=; a=https://a.example/c.pem", "-" },
		{ "v=BIMI1; l=http://a.example/l.svg", "-" },
		{ "v=BIMI1; l=https://", "-" },
		{ "v=BIMI1; l=https://a.example/a b", "-" },
		{ "v=BIMI1; l=https://a.example/\r\n\tl.svg", "-" },
		{ "v=BIMI1; l=https://a.example/\"l", "-" },
		{ "v=BIMI1; l=https://a.example/\xc3\xa4", "-" },
		{ "v=BIMI1; l=https://a.example/l.svg; a=self", "-" },
		{ "v=BIMI1; l=https://a.example/l.svg; l=https://b.example/l.svg", "-" },
		{ "v=BIMI2; l=https://a.example/l.svg", "-" },
		{ "l=https://a.example/l.svg; v=BIMI1", "-" },
		{ "", "-" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bimi_record r;
		char got[200] = "-";
		struct why why;

		if (bimi_record_parse(str_of(rows[i].text), &r, &why) == OK)
			snprintf(got, sizeof got, "%.*s %.*s", STR_ARG(r.location),
			         STR_ARG(r.evidence));
		if (got[0] == ' ' && r.declined)
			strcpy(got, "declined");
		check_at(i, strcmp(got, rows[i].what) == 0);
	}
}

static void test_addresses_are_not_too_long(void **state)
{
	char text[BIMI_URI_MAX + 64];
	struct bimi_record r;
	struct why why;

	(void)state;
	memset(text, 'a', sizeof text);
	memcpy(text, "v=BIMI1; l=https://", 19);
	assert_int_equal(bimi_record_parse(str_from(text, 11 + BIMI_URI_MAX), &r, &why), OK);
	assert_int_equal(r.location.n, BIMI_URI_MAX);
	assert_int_equal(bimi_record_parse(str_from(text, 12 + BIMI_URI_MAX), &r, &why),
	                 ERR_SYNTAX);
}

#define PICTURE "v=BIMI1; l=https://pictures.example/1.svg"

static const struct dns_fake_row zone[] = {
	{ "_dmarc.brand.com", "TXT", "v=DMARC1; p=reject" },
	{ "default._bimi.brand.com", "TXT", PICTURE },
	{ "default._bimi.brand.com", "TXT", "something else" },
	{ "winter._bimi.brand.com", "TXT", "v=BIMI1; l=https://pictures.example/w" },
	{ "default._bimi.own.brand.com", "TXT", "v=BIMI1; l=; a=" },
	{ "_dmarc.weak.brand.com", "TXT", "v=DMARC1; p=none" },
	{ "default._bimi.weak.brand.com", "TXT", PICTURE },
	{ "_dmarc.quiet.com", "TXT", "v=DMARC1; p=quarantine" },
	{ "_dmarc.some.com", "TXT", "v=DMARC1; p=quarantine; pct=50" },
	{ "default._bimi.some.com", "TXT", PICTURE },
	{ "_dmarc.below.com", "TXT", "v=DMARC1; p=reject; sp=none" },
	{ "default._bimi.below.com", "TXT", PICTURE },
	{ "_dmarc.loose.com", "TXT", "v=DMARC1; p=none" },
	{ "_dmarc.strict.loose.com", "TXT", "v=DMARC1; p=reject" },
	{ "default._bimi.strict.loose.com", "TXT", PICTURE },
	{ "_dmarc.try.com", "TXT", "v=DMARC1; p=reject; t=y" },
	{ "default._bimi.try.com", "TXT", PICTURE },
	{ "_dmarc.two.com", "TXT", "v=DMARC1; p=reject" },
	{ "default._bimi.two.com", "TXT", PICTURE },
	{ "default._bimi.two.com", "TXT", PICTURE "2" },
	{ "_dmarc.wrong.com", "TXT", "v=DMARC1; p=reject" },
	{ "default._bimi.wrong.com", "TXT", "v=BIMI1; l=ftp://a/" },
	{ "_dmarc.slow.com", "TXT", "v=DMARC1; p=reject" },
	{ "default._bimi.slow.com", "*", "SERVFAIL" },
	{ NULL, NULL, NULL },
};

static void test_which_record_counts(void **state)
{
	static const struct {
		const char *author, *selector, *what;
	} rows[] = {
		{ "brand.com", "", "pass default brand.com https://pictures.example/1.svg" },
		{ "brand.com", "winter", "pass winter brand.com https://pictures.example/w" },
		{ "brand.com", "summer", "none summer brand.com " },
		{ "news.brand.com", "", "pass default brand.com https://pictures.example/1.svg" },
		{ "own.brand.com", "", "declined default own.brand.com " },
		{ "weak.brand.com", "", "skipped default weak.brand.com " },
		{ "quiet.com", "", "none default quiet.com " },
		{ "some.com", "", "skipped default some.com " },
		{ "below.com", "", "skipped default below.com " },
		{ "strict.loose.com", "", "skipped default strict.loose.com " },
		{ "try.com", "", "skipped default try.com " },
		{ "nothing.com", "", "skipped default nothing.com " },
		{ "two.com", "", "none default two.com " },
		{ "wrong.com", "", "fail default wrong.com ftp://a/" },
		{ "slow.com", "", "temperror default slow.com " },
	};
	struct dns *dns = dns_fake_new(zone, false);
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dmarc_query ask = { .author = str_of(rows[i].author), .dns = dns };
		struct dmarc_discovery d;
		struct bimi_query q = { .dmarc = &d,
			                .selector = str_of(rows[i].selector),
			                .dns = dns };
		struct bimi_answer x;
		char got[200];

		dmarc_discover(&ask, &a, &d);
		bimi_look(&q, &a, &x);
		snprintf(got, sizeof got, "%s %.*s %.*s %.*s", bimi_result_name(x.result),
		         STR_ARG(x.selector), STR_ARG(x.domain), STR_ARG(x.location));
		check_at(i, strcmp(got, rows[i].what) == 0);
		check_at(i, (x.why.n == 0) == (x.result == BIMI_PASS || x.result == BIMI_DECLINED ||
		                               (x.result == BIMI_NONE && i != 12)));
	}
	arena_deinit(&a);
	dns_free(&dns);
}

static void test_selectors(void **state)
{
	static const struct {
		const char *header, *selector;
	} rows[] = {
		{ "BIMI-Selector: v=BIMI1; s=Winter\r\n\r\n", "winter" },
		{ "bimi-selector: v=BIMI1;\r\n s=a.b-c_d;\r\n\r\n", "a.b-c_d" },
		{ "BIMI-Selector: s=winter\r\n\r\n", "" },
		{ "BIMI-Selector: v=BIMI1; s=a..b\r\n\r\n", "" },
		{ "BIMI-Selector: v=BIMI1; s=.a\r\n\r\n", "" },
		{ "BIMI-Selector: v=BIMI1; s=a.\r\n\r\n", "" },
		{ "BIMI-Selector: v=BIMI1; s=a/b\r\n\r\n", "" },
		{ "BIMI-Selector: v=BIMI1; s=a\r\nBIMI-Selector: v=BIMI1; s=a\r\n\r\n", "" },
		{ "From: a@example.org\r\n\r\n", "" },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str header = str_of(rows[i].header);
		struct dkim_fields fields;

		dkim_fields_read(&fields, &header, 1, &a);
		check_at(i, str_eq(bimi_selector(&fields, &a), str_of(rows[i].selector)));
	}
	arena_deinit(&a);
}

static void test_names_of_a_signature(void **state)
{
	(void)state;
	assert_true(dkim_names_have(STR("From:\r\n\tBimi-Selector : To"), STR("BIMI-Selector")));
	assert_true(dkim_names_have(STR("from"), STR("From")));
	assert_false(dkim_names_have(STR("From:To"), STR("Fro")));
	assert_false(dkim_names_have(STR(""), STR("From")));
	assert_false(dkim_names_have(STR("a;From"), STR("From")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_addresses_are_not_too_long),
		cmocka_unit_test(test_which_record_counts),
		cmocka_unit_test(test_selectors),
		cmocka_unit_test(test_names_of_a_signature),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
