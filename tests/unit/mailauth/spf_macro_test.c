/* Macros of SPF: the examples of RFC 7208 7.4 and the grammar of 7.1. */
#include "harness/check.h"

#include "formats/mailauth/spf_macro.h"
#include "foundation/base/arena.h"

#include <string.h>

static struct str name(void *arg)
{
	return str_of(arg);
}

static const char client[] = "mx.example.org";

static struct spf_macros macros_of(const struct addr *ip)
{
	return (struct spf_macros){
		.local = STR("strong-bad"),
		.origin = STR("email.example.com"),
		.domain = STR("email.example.com"),
		.helo = STR("mx.example.org"),
		.receiver = STR("roost.example"),
		.now_s = 1700000000,
		.ip = ip,
		.name = name,
		.arg = (void *)(uintptr_t)client,
	};
}

static void check_text(size_t at, const char *text, const char *ip, const char *want)
{
	struct spf_macros m;
	struct addr addr;
	struct buf b;

	check_at(at, addr_parse_ip(str_of(ip), &addr));
	check_at(at, spf_macro_check(str_of(text), SPF_MACRO_EXPLANATION));
	m = macros_of(&addr);
	buf_init(&b, 4096);
	spf_macro_put(&b, str_of(text), &m);
	check_at(at, str_eq(buf_str(&b), str_of(want)));
	buf_deinit(&b);
}

static void test_expansion(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		/* RFC 7208 7.4 */
		{ "%{s}", "strong-bad@email.example.com" },
		{ "%{o}", "email.example.com" },
		{ "%{d}", "email.example.com" },
		{ "%{d4}", "email.example.com" },
		{ "%{d3}", "email.example.com" },
		{ "%{d2}", "example.com" },
		{ "%{d1}", "com" },
		{ "%{dr}", "com.example.email" },
		{ "%{d2r}", "example.email" },
		{ "%{l}", "strong-bad" },
		{ "%{l-}", "strong.bad" },
		{ "%{lr}", "strong-bad" },
		{ "%{lr-}", "bad.strong" },
		{ "%{l1r-}", "strong" },
		{ "%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com" },
		{ "%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com" },
		{ "%{lr-}.lp.%{ir}.%{v}._spf.%{d2}",
		  "bad.strong.lp.3.2.0.192.in-addr._spf.example.com" },
		{ "%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}",
		  "3.2.0.192.in-addr.strong.lp._spf.example.com" },
		{ "%{d2}.trusted-domains.example.net",
		  "example.com.trusted-domains.example.net" },
		/* 7.1 */
		{ "%%%_%-", "% %20" },
		{ "%{S}", "strong-bad%40email.example.com" },
		{ "%{h} %{p} %{c} %{r} %{t}",
		  "mx.example.org mx.example.org 192.0.2.3 roost.example 1700000000" },
		{ "%{l-_+}", "strong.bad" },
		{ "%{d100}", "email.example.com" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_text(i, rows[i].text, "192.0.2.3", rows[i].want);
	check_text(100, "%{ir}.%{v}._spf.%{d2}", "2001:db8::cb01",
	           "1.0.B.C.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2.ip6._spf."
	           "example.com");
	check_text(101, "%{c}", "2001:db8::cb01", "2001:db8::cb01");
}

static void test_grammar(void **state)
{
	static const struct {
		const char *text;
		bool domain, explanation;
	} rows[] = {
		{ "%{i}", true, true },      { "%{c}", false, true }, { "%{q}", false, false },
		{ "%{i", false, false },     { "%i", false, false },  { "%", false, false },
		{ "a b.org", false, true },  { "%{d0}", false, false }, { "%{d2r.}", true, true },
		{ "%{dr2}", false, false },  { "%{d.r}", false, false }, { "%{d}.org", true, true },
		{ "%{d}org", false, true },  { "%{l}.%{d}", true, true }, { "a.%%", true, true },
		{ "%{d99999999999}", false, false }, { "", false, true },
		{ "x\x80.org", false, false },
		{ "x.org.", true, true },    { ".", false, true },    { "x..", false, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str text = str_of(rows[i].text);

		check_at(i, spf_macro_domain_check(text) == rows[i].domain);
		check_at(i, spf_macro_check(text, SPF_MACRO_EXPLANATION) == rows[i].explanation);
	}
}

/* RFC 7208 7.3: from the left, by labels, until 253 bytes remain. */
static void test_names_too_long(void **state)
{
	struct addr ip = { .family = ADDR_V4 };
	struct spf_macros m = macros_of(&ip);
	struct arena a = { 0 };
	struct str cut;

	(void)state;
	cut = spf_macro_name(STR("%{d}.%{d}.%{d}.%{d}.%{d}.%{d}.%{d}.%{d}.%{d}.%{d}.%{d}.%{d}."
	                         "%{d}.%{d}.%{d}."),
	                     &m, &a);
	/* 15 times 18 bytes less one, without the first "email." and "example." */
	assert_int_equal(cut.n, 251);
	assert_true(str_starts(cut, STR("com.email.")) || str_starts(cut, STR("example.com.")) ||
	            str_starts(cut, STR("email.")));
	m.local = str_from(memset(arena_alloc(&a, 300), 'x', 300), 300);
	assert_int_equal(spf_macro_name(STR("%{l}"), &m, &a).n, 0);
	assert_true(str_eq(spf_macro_name(STR("%{l}.x.org."), &m, &a), STR("x.org")));
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expansion),
		cmocka_unit_test(test_grammar),
		cmocka_unit_test(test_names_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
