/* Settings that are lists of rules: how the text is taken apart, and what is refused. */
#include "harness/check.h"

#include "foundation/base/buf.h"
#include "foundation/config/limits.h"
#include "foundation/config/rules.h"
#include "foundation/config/value.h"

#include <string.h>

/* "1:key=value|word 3:..." */
static void show(struct buf *out, const struct rules *rules)
{
	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *r = &rules->items[i];

		buf_fmt(out, "%s%u:", i != 0 ? " " : "", r->line);
		for (size_t j = 0; j < r->count; j++)
			buf_fmt(out, "%s%.*s%s%.*s", j != 0 ? "|" : "", STR_ARG(r->words[j].key),
			        r->words[j].key.n != 0 ? "=" : "", STR_ARG(r->words[j].value));
	}
}

static void texts_come_apart(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "", "" },
		{ "\n;; # nothing\n\t\r\n", "" },
		{ "a", "1:a" },
		{ "a=b c", "1:a=b|c" },
		{ "to=*.example.org via=mx # the rest\nto=x", "1:to=*.example.org|via=mx 2:to=x" },
		{ "a;b\nc ; d;", "1:a 1:b 2:c 2:d" },
		{ "\"a b\" k=\"c;d #\"", "1:a b|k=c;d #" },
		{ "k=\"say \\\"x\\\\y\\\"\"", "1:k=say \"x\\y\"" },
		{ "k=\"\" l=", "1:k=|l=" },
		{ "smtp://u:p=q@h:25", "1:smtp://u:p=q@h:25" },
		{ "A=b =c a=b=c", "1:A=b|=c|a=b=c" },
		{ "x#y", "1:x#y" },
		{ "a\r\nb", "1:a 2:b" },
		{ "\xc3\xa4=\xc3\xb6", "1:\xc3\xa4=\xc3\xb6" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct rules rules;
		struct why why = { "" };
		struct buf out;

		buf_init(&out, 4096);
		assert_int_equal(rules_parse(str_of(rows[i].text), &a, &rules, &why), OK);
		show(&out, &rules);
		check_str(buf_str(&out), str_of(rows[i].want));
		buf_deinit(&out);
		arena_deinit(&a);
	}
}

static void what_is_not_of_the_form_is_refused_by_line(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "a\nb \"c", "line 2, word 2: quotes" },
		{ "a=\"b\"c", "line 1, word 1: quotes" },
		{ "a\"b\"", "line 1, word 1: quotes" },
		{ "\"a\"\"b\"", "line 1, word 1: quotes" },
		{ "\"a\\n\"", "line 1, word 1: quotes" },
		{ "\"a\nb\"", "line 1, word 1: quotes" },
		{ "\"a\\", "line 1, word 1: quotes" },
		{ "a\n\001", "line 2 has control characters" },
		{ "a\x7f", "line 1 has control characters" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct rules rules;
		struct why why = { "" };

		assert_int_equal(rules_parse(str_of(rows[i].text), &a, &rules, &why), ERR_SYNTAX);
		assert_non_null(strstr(why.text, rows[i].want));
		arena_deinit(&a);
	}
}

static void there_are_no_more_than_the_limits_say(void **state)
{
	struct arena a = { 0 };
	struct rules rules;
	struct buf text;

	(void)state;
	buf_init(&text, 1 << 16);
	for (int i = 0; i < LIMIT_rules; i++)
		buf_put(&text, STR("a;"));
	assert_int_equal(rules_parse(buf_str(&text), &a, &rules, NULL), OK);
	assert_int_equal(rules.count, LIMIT_rules);
	buf_put(&text, STR("a"));
	assert_int_equal(rules_parse(buf_str(&text), &a, &rules, NULL), ERR_LIMIT);
	buf_reset(&text);
	for (int i = 0; i < LIMIT_rule_words; i++)
		buf_put(&text, STR("a "));
	assert_int_equal(rules_parse(buf_str(&text), &a, &rules, NULL), OK);
	buf_put(&text, STR("a"));
	assert_int_equal(rules_parse(buf_str(&text), &a, &rules, NULL), ERR_LIMIT);
	buf_deinit(&text);
	arena_deinit(&a);
}

static void words_are_known_and_come_once(void **state)
{
	static const struct rule_key keys[] = { { "", false }, { "to", true }, { "via", false } };
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "x to=a to=b via=c", "" },
		{ "x y", "line 1: word 2 says it again" },
		{ "via=a via=b", "line 1: word 2 says via= again" },
		{ "to=a pass=secret",
		  "line 1: word 2 is not known here; there are a bare word, to=, via=" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct rules rules;
		struct why why = { "" };
		enum err e;

		assert_int_equal(rules_parse(str_of(rows[i].text), &a, &rules, &why), OK);
		e = rule_check(&rules.items[0], keys, COUNT(keys), &why);
		assert_int_equal(e, rows[i].want[0] != '\0' ? ERR_SYNTAX : OK);
		check_str(str_of(why.text), str_of(rows[i].want));
		arena_deinit(&a);
	}
}

static void the_first_word_with_a_key_is_got(void **state)
{
	struct arena a = { 0 };
	struct rules rules;
	struct str value;

	(void)state;
	assert_int_equal(rules_parse(STR("x k=1 k=2"), &a, &rules, NULL), OK);
	assert_true(rule_get(&rules.items[0], STR("k"), &value));
	check_str(value, STR("1"));
	assert_true(rule_get(&rules.items[0], STR(""), &value));
	check_str(value, STR("x"));
	assert_false(rule_get(&rules.items[0], STR("l"), &value));
	arena_deinit(&a);
}

static void secrets_are_hidden_and_kept(void **state)
{
	static const struct str stored = STR(
		"# ours\nname=office to=smtps://relay.example password=\"a \\\"b\\\"\"\n"
		"https://h/T0/x?y=1 secret=0123 for=mx ; smtp://u:pw@h:25 secret=");
	static const struct str hidden = STR(
		"# ours\nname=office to=smtps://relay.example password=\"(secret-1)\"\n"
		"https://h/(secret-2) secret=(secret-3) for=mx ; smtp://u:(secret-4)@h:25 secret=");
	const struct {
		struct str text, want; /* want is empty: refused */
	} rows[] = {
		{ hidden, stored },
		{ STR("secret=(secret-3) (secret-1) # (secret-1)"),
		  STR("secret=0123 (secret-1) # (secret-1)") }, /* only where it is hidden again */
		{ STR("secret=new https://h/(secret-2)"), STR("secret=new https://h/T0/x?y=1") },
		{ STR("password=(secret-1x)"), STR("password=(secret-1x)") },
		{ STR("password=\"(secret-1)"), STR("password=\"(secret-1)") }, /* no rule */
		{ STR("secret=(secret-5)"), STR("") },
		{ STR("secret=(secret-0)"), STR("") },
	};
	struct arena a = { 0 };
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	rules_hide(stored, &b);
	assert_true(str_eq(buf_str(&b), hidden));
	buf_deinit(&b);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct why why = { "" };
		struct str out = STR("");
		enum err e = rules_reveal(rows[i].text, stored, &a, &out, &why);

		check_at(i, e == (rows[i].want.n != 0 ? OK : ERR_SYNTAX));
		check_at(i, str_eq(out, rows[i].want));
	}
	arena_deinit(&a);
}

static void patterns_fit_names(void **state)
{
	static const struct {
		const char *pattern, *name;
		bool fits;
	} rows[] = {
		{ "a", "a", true },
		{ "a", "A", true },
		{ "a", "ab", false },
		{ "", "", true },
		{ "", "a", false },
		{ "*", "", true },
		{ "*", "anything", true },
		{ "*.example.org", "x.example.org", true },
		{ "*.example.org", "example.org", false },
		{ "*.example.org", "x.Example.ORG.evil", false },
		{ "a*b*c", "axxbyyc", true },
		{ "a*b*c", "acb", false },
		{ "a**", "a", true },
		{ "*aab", "aaaab", true },
		{ "info@*", "info@example.org", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(rule_fits(str_of(rows[i].pattern), str_of(rows[i].name)),
		                 rows[i].fits);
}

/* What people type in other scripts is compared as what SMTP has (RFC 5890). */
static void domains_of_patterns_become_ascii(void **state)
{
	static const struct {
		const char *typed, *want; /* NULL: none */
	} rows[] = {
		{ "", "" },
		{ "*", "*" },
		{ "*@Example.ORG", "*@Example.ORG" },
		{ "bücher.example", "xn--bcher-kva.example" },
		{ "*.BÜCHER.example", "*.xn--bcher-kva.example" },
		{ "*@*.bücher.example", "*@*.xn--bcher-kva.example" },
		{ "jörg@*.example", "jörg@*.example" },
		{ "jörg@bücher.*", "jörg@xn--bcher-kva.*" },
		{ "a.example,x@bücher.example,*", "a.example,x@xn--bcher-kva.example,*" },
		{ "bücher.example.", "xn--bcher-kva.example." },
		{ "a.example , bücher.example ", "a.example ,xn--bcher-kva.example " },
		{ "a, bücher", "a,xn--bcher-kva" },
		{ "büch*.example", NULL },
		{ "x@b☃.example", NULL },
		{ "a.example,*ü", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct str out;

		check_at(i,
		         rule_domains(&a, str_of(rows[i].typed), &out) == (rows[i].want != NULL));
		check_at(i, rows[i].want == NULL || str_eq(out, str_of(rows[i].want)));
		arena_deinit(&a);
	}
}

static void values_of_the_common_forms(void **state)
{
	uint64_t n;
	bool yes;

	(void)state;
	assert_true(value_count(STR("20"), &n) && n == 20);
	assert_false(value_count(STR("1000001"), &n));
	assert_true(value_seconds(STR("5m"), &n) && n == 300);
	assert_false(value_seconds(STR("5w"), &n));
	assert_true(value_bytes(STR("2K"), &n) && n == 2048);
	assert_false(value_bytes(STR(""), &n));
	assert_true(value_bool(STR("on"), &yes) && yes);
	assert_false(value_bool(STR("maybe"), &yes));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_come_apart),
		cmocka_unit_test(what_is_not_of_the_form_is_refused_by_line),
		cmocka_unit_test(there_are_no_more_than_the_limits_say),
		cmocka_unit_test(words_are_known_and_come_once),
		cmocka_unit_test(the_first_word_with_a_key_is_got),
		cmocka_unit_test(secrets_are_hidden_and_kept),
		cmocka_unit_test(patterns_fit_names),
		cmocka_unit_test(domains_of_patterns_become_ascii),
		cmocka_unit_test(values_of_the_common_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
