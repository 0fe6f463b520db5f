/* DMARC records: RFC 7489 6.3 and 6.4, and what RFC 9989 changes. */
#include "harness/check.h"
#include "harness/exact.h"

#include "formats/mailauth/dmarc_record.h"
#include "foundation/base/arena.h"

#include <stdio.h>

static void test_versions(void **state)
{
	static const struct {
		const char *text;
		bool is;
	} rows[] = {
		{ "v=DMARC1", true },          { "v=DMARC1; p=none", true },
		{ "v = DMARC1 ;p=none", true }, { "V=DMARC1", true },
		{ "v=DMARC1;", true },         { "v=dmarc1; p=none", false }, /* 6.3: precisely */
		{ "v=DMARC10", false },        { " v=DMARC1", false },
		{ "p=none; v=DMARC1", false }, { "v=DMARC1 p=none", false },
		{ "v=", false },               { "v", false },
		{ "", false },                 { ";v=DMARC1", false },
		{ "v=spf1 -all", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, dmarc_record_is(str_of(rows[i].text)) == rows[i].is);
}

/* "reject/none/none s r t y 50" of what counts, or "-". */
static const char *tell(const char *text, enum dmarc_method method, char room[static 64])
{
	static const char *const psd[] = { "u", "y", "n" };
	struct dmarc_record r;
	struct why why;

	if (dmarc_record_parse(str_of(text), method, &r, &why) != OK)
		return "-";
	snprintf(room, 64, "%s/%s/%s %s%s %s %s %u%s", dmarc_policy_name(r.p),
	         dmarc_policy_name(r.sp), dmarc_policy_name(r.np), r.strict_dkim ? "s" : "r",
	         r.strict_spf ? "s" : "r", r.testing ? "t" : "-", psd[r.psd], r.pct,
	         r.repaired ? " repaired" : "");
	return room;
}

static void test_policies(void **state)
{
	static const struct {
		const char *text, *suffixes, *tree; /* NULL: the same */
	} rows[] = {
		{ "v=DMARC1; p=none", "none/none/none rr - u 100", NULL },
		{ "v=DMARC1;p=reject", "reject/reject/reject rr - u 100", NULL },
		{ "v=DMARC1; p=reject;", "reject/reject/reject rr - u 100", NULL },
		{ "v=DMARC1; P = Reject ; SP=\tNONE", "reject/none/none rr - u 100", NULL },
		{ "v=DMARC1; p=none; np=reject", "none/none/reject rr - u 100", NULL },
		{ "v=DMARC1; sp=quarantine; np=none; p=reject", "reject/quarantine/none rr - u 100",
		  NULL },
		{ "v=DMARC1; p=none; adkim=s; aspf=r", "none/none/none sr - u 100", NULL },
		{ "v=DMARC1; p=none; adkim=x; aspf=S", "none/none/none rs - u 100", NULL },
		{ "v=DMARC1; p=none; t=y; psd=n", "none/none/none rr t n 100", NULL },
		{ "v=DMARC1; p=none; t=n; psd=Y", "none/none/none rr - y 100", NULL },
		{ "v=DMARC1; p=none; t=; psd=u", "none/none/none rr - u 100", NULL },
		{ "v=DMARC1; p=none; pct=50", "none/none/none rr - u 50",
		  "none/none/none rr - u 100" },
		{ "v=DMARC1; p=none; pct=0", "none/none/none rr - u 0",
		  "none/none/none rr - u 100" },
		{ "v=DMARC1; p=none; pct=101", "none/none/none rr - u 100", NULL },
		{ "v=DMARC1; p=none; pct=-1", "none/none/none rr - u 100", NULL },
		{ "v=DMARC1; p=none; pct=5x", "none/none/none rr - u 100", NULL },
		{ "v=DMARC1; p=none; p=reject", "none/none/none rr - u 100", NULL },
		{ "v=DMARC1; p=none; unknown=1; ; =; x; y=\"\xc3\xa9\"",
		  "none/none/none rr - u 100", NULL },
		/* RFC 7489 6.6.3 step 6; a missing p is none by RFC 9989 4.7 */
		{ "v=DMARC1", "-", "none/none/none rr - u 100" },
		{ "v=DMARC1; psd=y", "-", "none/none/none rr - y 100" },
		{ "v=DMARC1; sp=reject", "-", "none/reject/reject rr - u 100" },
		{ "v=DMARC1; rua=mailto:a@b.example", "none/none/none rr - u 100 repaired",
		  "none/none/none rr - u 100" },
		{ "v=DMARC1; p=", "-", NULL },
		{ "v=DMARC1; p=rejected", "-", NULL },
		{ "v=DMARC1; p=rejected; rua=nonsense", "-", NULL },
		{ "v=DMARC1; p=rejected; sp=reject; rua=mailto:a@b.example",
		  "none/none/none rr - u 100 repaired", NULL },
		{ "v=DMARC1; p=reject; sp=rejected", "-", NULL },
		{ "v=DMARC1; p=reject; np=rejected", "-", NULL },
		{ "v=DMARC1; p=reject; sp=x; rua=mailto:a@b.example; adkim=s",
		  "none/none/none sr - u 100 repaired", NULL },
	};
	char room[64];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *tree = rows[i].tree != NULL ? rows[i].tree : rows[i].suffixes;

		check_str_at(i, str_of(tell(rows[i].text, DMARC_SUFFIXES, room)),
		             str_of(rows[i].suffixes));
		check_str_at(i, str_of(tell(rows[i].text, DMARC_TREE, room)), str_of(tree));
	}
}

static void test_why(void **state)
{
	struct dmarc_record r;
	struct why why;

	(void)state;
	assert_int_equal(dmarc_record_parse(STR("v=DMARC1"), DMARC_SUFFIXES, &r, &why), ERR_SYNTAX);
	assert_string_equal(why.text, "there is no p=");
	assert_int_equal(dmarc_record_parse(STR("v=DMARC1; p=none; sp=1; psd=y"), DMARC_TREE, &r,
	                                    &why),
	                 ERR_SYNTAX);
	assert_string_equal(why.text, "sp= is none of none, quarantine and reject");
	assert_int_equal(r.psd, DMARC_PSD_YES);
}

static void test_options(void **state)
{
	static const struct {
		const char *text;
		unsigned fo;
		uint32_t interval_s;
	} rows[] = {
		{ "v=DMARC1; p=none", DMARC_FO_ALL, 86400 },
		{ "v=DMARC1; p=none; fo=1; ri=3600", DMARC_FO_ANY, 3600 },
		{ "v=DMARC1; p=none; fo=d : S:x; ri=0", DMARC_FO_DKIM | DMARC_FO_SPF, 0 },
		{ "v=DMARC1; p=none; fo=0:1:d:s; ri=4294967296",
		  DMARC_FO_ALL | DMARC_FO_ANY | DMARC_FO_DKIM | DMARC_FO_SPF, 86400 },
		{ "v=DMARC1; p=none; fo=; ri=", DMARC_FO_ALL, 86400 },
		{ "v=DMARC1; p=none; fo=:x:10; rf=iodef", DMARC_FO_ALL, 86400 },
	};
	struct dmarc_record r;
	struct why why;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		check_at(i, dmarc_record_parse(str_of(rows[i].text), DMARC_SUFFIXES, &r, &why) ==
		                    OK);
		check_at(i, r.fo == rows[i].fo);
		check_at(i, r.interval_s == rows[i].interval_s);
	}
}

/* All URIs, as "URI SIZE" with blanks between them. */
static struct str uris(struct arena *a, const char *value)
{
	struct str out = STR_EMPTY;
	struct dmarc_record r;
	struct why why;

	if (dmarc_record_parse(str_fmt(a, "v=DMARC1; p=none; rua=%s", value), DMARC_SUFFIXES, &r,
	                       &why) != OK)
		return STR("-");
	for (size_t i = 0; i < r.rua.count; i++)
		out = str_fmt(a, "%.*s%s%.*s %" PRIu64, STR_ARG(out), i != 0 ? " " : "",
		              STR_ARG(r.rua.items[i].uri), r.rua.items[i].max_bytes);
	return out;
}

static void test_uris(void **state)
{
	static const struct {
		const char *value, *want;
	} rows[] = {
		{ "mailto:a@b.example", "mailto:a@b.example 0" },
		{ " mailto:a@b.example , https://x.example/r ",
		  "mailto:a@b.example 0 https://x.example/r 0" },
		{ "mailto:a@b.example!10m", "mailto:a@b.example 10485760" },
		{ "mailto:a@b.example!10M,mailto:c@d.example!5",
		  "mailto:a@b.example 10485760 mailto:c@d.example 5" },
		{ "mailto:a@b.example!1k", "mailto:a@b.example 1024" },
		{ "mailto:a@b.example!1g", "mailto:a@b.example 1073741824" },
		{ "mailto:a@b.example!1t", "mailto:a@b.example 1099511627776" },
		{ "mailto:a@b.example!16777216t", "" }, /* 2^64: past 64 bits */
		{ "mailto:a@b.example!18446744073709551615",
		  "mailto:a@b.example 18446744073709551615" },
		{ "mailto:a@b.example!18446744073709551616", "" },
		{ "mailto:a@b.example!", "" },
		{ "mailto:a@b.example!m", "" },
		{ "mailto:a@b.example!10x", "" },
		{ "mailto:a@b.example!10mm", "" },
		{ "mailto:a@b.example!1!2", "" },
		{ "a@b.example", "" },
		{ "mailto:", "" },
		{ ":x", "" },
		{ "1mailto:x", "" },
		{ "mailto:a b", "" },
		{ "mailto:\xc3\xa9@b.example", "" },
		{ ",,mailto:a@b.example,,", "mailto:a@b.example 0" },
		{ "", "" },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_str_at(i, uris(&a, rows[i].value), str_of(rows[i].want));
	arena_deinit(&a);
}

static void test_uris_limited(void **state)
{
	struct str text = STR("v=DMARC1; p=none; ruf=x:1");
	struct arena a = { 0 };
	struct dmarc_record r;
	struct why why;

	(void)state;
	for (size_t i = 1; i <= DMARC_URIS_MAX; i++) {
		assert_int_equal(dmarc_record_parse(text, DMARC_TREE, &r, &why), OK);
		assert_int_equal(r.ruf.count, i);
		assert_false(r.ruf.limited);
		text = str_fmt(&a, "%.*s,x:1", STR_ARG(text));
	}
	assert_int_equal(dmarc_record_parse(text, DMARC_TREE, &r, &why), OK);
	assert_int_equal(r.ruf.count, DMARC_URIS_MAX);
	assert_true(r.ruf.limited);
	arena_deinit(&a);
}

static void test_mailto(void **state)
{
	static const struct {
		const char *uri, *want; /* NULL: it is none */
	} rows[] = {
		{ "mailto:a@b.example", "a@b.example" },
		{ "MAILTO:a%2Bx@B.example?subject=hello", "a+x@b.example" },
		{ "mailto:a%21%2c@b.example", NULL }, /* "," only in quotes */
		{ "mailto:a%21@b.example", "a!@b.example" },
		{ "mailto:a%2@b.example", NULL },
		{ "mailto:a%", NULL },
		{ "mailto:a%00@b.example", NULL },
		{ "mailto:a%0d%0aX:@b.example", NULL },
		{ "mailto:a@b.example,c@d.example", NULL },
		{ "mailto:@b.example", NULL },
		{ "mailto:?", NULL },
		{ "https://a@b.example", NULL },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dmarc_uri uri = { .uri = str_of(rows[i].uri) };
		struct mailaddr address;
		bool ok = dmarc_uri_mailto(&uri, &a, &address);

		check_at(i, ok == (rows[i].want != NULL));
		if (ok)
			check_str_at(i, mailaddr_text(&a, &address), str_of(rows[i].want));
	}
	arena_deinit(&a);
}

static void parse_cut(struct str text, void *arg)
{
	struct dmarc_record r;
	struct why why;

	(void)arg;
	if (dmarc_record_is(text))
		(void)!dmarc_record_parse(text, DMARC_SUFFIXES, &r, &why);
}

static void test_cut(void **state)
{
	(void)state;
	exact_each(STR("v=DMARC1; p=reject; sp=none; np=none; adkim=s; aspf=s; pct=5; fo=1:d; ri=3;"
	               " t=y; psd=n; rua=mailto:a@b.example!10m,https://c.example/; ruf=x:%"),
	           true, parse_cut, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions),     cmocka_unit_test(test_policies),
		cmocka_unit_test(test_why),          cmocka_unit_test(test_options),
		cmocka_unit_test(test_uris),         cmocka_unit_test(test_uris_limited),
		cmocka_unit_test(test_mailto),       cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
