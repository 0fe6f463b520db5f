/* Patterns of aliases: what fits, what is taken over into targets, what is refused. */
#include "harness/check.h"

#include "foundation/base/arena.h"
#include "foundation/config/limits.h"
#include "model/directory/pattern.h"

#include <string.h>

static void what_fits(void **state)
{
	static const struct {
		const char *pattern, *name, *target, *want; /* NULL: does not fit */
	} rows[] = {
		{ "sales-*", "sales-north", "{1}", "north" },
		{ "sales-*", "sales-", "x{1}", "x" },
		{ "sales-*", "sales", "", NULL },
		{ "SALES-*", "sales-n", "*", "n" },
		{ "*", "any", "*+tag", "any+tag" },
		{ "*.*", "a.b.c", "{1}|{2}", "a.b|c" },
		{ "a.b*", "axb", "", NULL }, /* a dot is a dot */
		{ "(x)+*", "(x)+y", "{1}", "y" },
		{ "*\xc3\xb6*", "j\xc3\xb6rg", "{1}-{2}", "j-rg" },
		{ "/^(info|team)-(.+)$/", "team-a", "{2}.{1}", "a.team" },
		{ "/^(info|team)-(.+)$/", "team-", "", NULL },
		{ "/news/", "my-newsletter", "n", "n" },
		{ "/NEWS/", "news", "n", "n" },
		{ "/^(a)?b$/", "b", "x{1}y{9}", "xy" },
		{ "/^\\W$/", "-", "ok", "ok" },
		{ "/^((((a+)+)+)+)+$/", "aaaa", "{4}", "aaaa" },
		{ "sales-*", "sales-x", "{0}{10}{a}{", "{0}{10}{a}{" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str pattern = str_of(rows[i].pattern), name = str_of(rows[i].name);
		struct pattern_match match, again;
		struct arena a = { 0 };
		struct pattern *kept;

		check_at(i, pattern_is(pattern));
		check_at(i, pattern_check(pattern, NULL) == OK);
		check_at(i, pattern_fits(pattern, name, &match) == (rows[i].want != NULL));
		kept = pattern_new(pattern);
		check_at(i, pattern_takes(kept, name, &again) == (rows[i].want != NULL));
		check_at(i, memcmp(&again, &match, sizeof match) == 0);
		pattern_free(&kept);
		if (rows[i].want != NULL)
			check_str_at(i, pattern_fill(&a, str_of(rows[i].target), &match),
			             str_of(rows[i].want));
		arena_deinit(&a);
	}
}

static void what_is_refused(void **state)
{
	static const struct {
		const char *pattern, *want;
	} rows[] = {
		{ "/(/", "no regular expression" }, { "/a{1,9}/", "has no \"{\"" },
		{ "/(a)\\1/", "has no \"{\"" },     { "a *", "no blanks" },
		{ "/a\tb/", "no blanks" },
	};
	char large[LIMIT_alias_pattern + 2];
	struct str text = { large, LIMIT_alias_pattern };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct why why = { "" };

		check_at(i, pattern_check(str_of(rows[i].pattern), &why) == ERR_SYNTAX);
		check_at(i, strstr(why.text, rows[i].want) != NULL);
	}
	memset(large, '*', sizeof large);
	assert_int_equal(pattern_check(text, NULL), OK);
	text.n++;
	assert_int_equal(pattern_check(text, NULL), ERR_LIMIT);
}

static void what_is_a_pattern(void **state)
{
	(void)state;
	assert_false(pattern_is(STR("sales")));
	assert_false(pattern_is(STR("/")));
	assert_false(pattern_is(STR("/x")));
	assert_true(pattern_is(STR("//")));
	assert_true(pattern_has_marks(STR("a{9}")) && pattern_has_marks(STR("*")));
	assert_false(pattern_has_marks(STR("a{10}{")));
	assert_true(pattern_rank(STR("ab*")) > pattern_rank(STR("a*")));
	assert_true(pattern_rank(STR("*")) > pattern_rank(STR("/aaaa/")));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fits),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(what_is_a_pattern),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
