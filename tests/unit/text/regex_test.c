/* Regular expressions: what fits and what groups take, what is none, and random ones beside those
 * of the C library. */
#include "harness/check.h"

#include "foundation/base/buf.h"
#include "foundation/text/regex.h"

#include <regex.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* The parts as "whole|first|second", as far as want goes; "-" when it does not match. */
static void parts_print(char *out, size_t size, bool fits, const struct str *parts, size_t count)
{
	size_t n = 0;

	if (!fits) {
		(void)snprintf(out, size, "-");
		return;
	}
	for (size_t i = 0; i < count; i++)
		n += (size_t)snprintf(out + n, size - n, "%s%.*s", i ? "|" : "", STR_ARG(parts[i]));
}

static void what_fits(void **state)
{
	static const struct {
		const char *expression, *text, *want;
	} rows[] = {
		{ "", "abc", "" },
		{ "abc", "xABCy", "ABC" },
		{ "^abc$", "xabc", "-" },
		{ "a.c", "abc", "abc" },
		{ "a\\.c", "abc", "-" },
		{ "a*", "baaa", "" }, /* the first place counts, also of nothing */
		{ "a+", "baaa", "aaa" },
		{ "x(a|ab)(c|bcd)(d*)", "xabcd", "xabcd|ab|c|d" },
		{ "(a|ab|b)*", "ab", "ab|ab" },
		{ "(.*)-(.*)", "a-b-c", "a-b-c|a-b|c" },
		{ "^(info|team)-(.+)$", "team-a", "team-a|team|a" },
		{ "(a)?b", "b", "b|" },
		{ "(a*)*", "b", "|" },
		{ "((a)|b)+", "ab", "ab|b" },
		{ "()|x", "x", "x|" },
		{ "a||b", "b", "b" },
		{ "a{2}", "caaa", "aa" },
		{ "a{2}", "ca", "-" },
		{ "(ab){1,2}c", "abababc", "ababc|ab" },
		{ "a{0}b", "ab", "b" },
		{ "a{2,}", "aaaaa", "aaaaa" },
		{ "x{0,2}y", "xxxy", "xxy" },
		{ "(a{2}){2}b", "aaaab", "aaaab|aa" },
		{ "a{1,3}{2}", "aaaaaaa", "aaaaaa" },
		{ "[0-9]{1,3}(\\.[0-9]{1,3}){3}", "at 192.0.2.10:", "192.0.2.10|.10" },
		{ "[]a]+", "x]a", "]a" },
		{ "[^]a]+", "a]x", "x" },
		{ "[a-c-]+", "x-bz", "-b" },
		{ "[[:digit:][:upper:]]+", "-a1_", "a1" }, /* case does not count */
		{ "[[.-.]x]+", "a-x", "-x" },
		{ "[[=a=]]+", "bab", "a" },
		{ "\\w+", "-a_1-", "a_1" },
		{ "\\W", "ab-", "-" },
		{ "\\bb", "ab b", "b" },
		{ "\\<b\\>", "ab b", "b" },
		{ "a\\B", "a ab", "a" },
		{ "\\d\\D\\s\\S", "1a b", "1a b" },
		{ "x^a", "xa", "-" },
		{ "((((((((((a))))))))))", "a", "a|a|a|a|a|a|a|a|a|a" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct regex *r = regex_new(str_of(rows[i].expression), 0, NULL);
		struct str parts[REGEX_GROUPS];
		char got[200];
		size_t count = 1;
		bool fits;

		check_at(i, r != NULL);
		fits = regex_match(r, str_of(rows[i].text), parts);
		for (const char *c = rows[i].want; *c != '\0'; c++)
			count += *c == '|';
		parts_print(got, sizeof got, fits, parts, count);
		check_str_at(i, str_of(got), str_of(rows[i].want));
		regex_free(&r);
	}
}

static void what_is_none(void **state)
{
	static const char *const rows[] = {
		"(",
		")",
		"a(b",
		"a)",
		"[",
		"[a",
		"[]",
		"[^]",
		"[b-a]",
		"[[:none:]]",
		"[[:alpha:",
		"*a",
		"(*a)",
		"a|*",
		"^*",
		"a{2,1}",
		"a{256}",
		"a{",
		"a{x}",
		"a{1",
		"^{2}",
		"{",
		"\\",
		"\\1",
		"\\q",
		"[[.ab.]]",
		"+",
		"(((((((((((((((((((((a)))))))))))))))))))))",
	};
	static char large[REGEX_BYTES + 1];
	struct str parts[REGEX_GROUPS];
	struct regex *exact;
	struct why why;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		check_at(i, regex_new(str_of(rows[i]), 0, &why) == NULL);
		check_at(i, strstr(why.text, "no regular expression") != NULL);
	}
	memset(large, 'a', sizeof large);
	assert_null(regex_new(str_from(large, sizeof large), 0, &why));
	assert_null(regex_new(STR("((a{255}){255}){255}"), 0, &why));
	assert_non_null(strstr(why.text, "states"));
	exact = regex_new(STR("aB{2}"), REGEX_CASE, &why);
	assert_true(regex_match(exact, STR("aBB"), parts));
	assert_false(regex_match(exact, STR("abB"), parts));
	regex_free(&exact);
}

/* --- beside the C library ------------------------------------------------------------------ */

struct chance {
	uint64_t state;
};

static unsigned chance(struct chance *c, unsigned n)
{
	c->state = c->state * 6364136223846793005 + 1442695040888963407;
	return (unsigned)(c->state >> 33) % n;
}

/* One that POSIX gives a meaning: no empty alternative, no repetition of a repetition. */
static void expression_make(struct chance *c, struct buf *out, unsigned left)
{
	static const char *const atoms[] = { "a", "b", "c", ".", "[ab]", "[^a]", "[b-c]", "\\." };
	unsigned pieces = 1 + chance(c, 3);

	for (unsigned i = 0; i < pieces; i++) {
		if (left != 0 && chance(c, 3) == 0) {
			buf_byte(out, '(');
			expression_make(c, out, left - 1);
			buf_byte(out, ')');
		} else {
			buf_put(out, str_of(atoms[chance(c, COUNT(atoms))]));
		}
		if (chance(c, 3) == 0)
			buf_byte(out, "*+?"[chance(c, 3)]);
	}
	if (left != 0 && chance(c, 4) == 0) {
		buf_byte(out, '|');
		expression_make(c, out, left - 1);
	}
}

static void text_make(struct chance *c, struct buf *out)
{
	for (unsigned n = chance(c, 9); n != 0; n--)
		buf_byte(out, "abcABC.-"[chance(c, 8)]);
}

static void compared(const char *expression, const char *text)
{
	struct regex *ours = regex_new(str_of(expression), 0, NULL);
	struct str parts[REGEX_GROUPS];
	regmatch_t at[1];
	regex_t theirs;
	bool fits;

	assert_int_equal(regcomp(&theirs, expression, REG_EXTENDED | REG_ICASE), 0);
	fits = regexec(&theirs, text, 1, at, 0) == 0;
	if (ours == NULL || regex_match(ours, str_of(text), parts) != fits ||
	    (fits && (parts[0].p != text + at[0].rm_so ||
	              parts[0].n != (size_t)(at[0].rm_eo - at[0].rm_so))))
		fail_msg("/%s/ and \"%s\": not as the C library has it", expression, text);
	regfree(&theirs);
	regex_free(&ours);
}

static void random_ones(void **state)
{
	struct chance c = { 20260101 };
	struct buf expression, text;

	(void)state;
	buf_init(&expression, 4096);
	buf_init(&text, 64);
	for (int i = 0; i < 20000; i++) {
		buf_reset(&expression);
		buf_reset(&text);
		if (chance(&c, 4) == 0)
			buf_byte(&expression, '^');
		expression_make(&c, &expression, 3);
		if (chance(&c, 4) == 0)
			buf_byte(&expression, '$');
		buf_byte(&expression, '\0');
		text_make(&c, &text);
		buf_byte(&text, '\0');
		compared(expression.p, text.p);
	}
	buf_deinit(&expression);
	buf_deinit(&text);
}

/* --- time ---------------------------------------------------------------------------------- */

/* Patterns for which a matcher that backtracks would need years. */
static void dear_ones(void **state)
{
	static const char *const rows[] = {
		"^(((a+)+)+)+$",
		"(a*)*b",
		"(a|a)*b",
		"(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)x",
		"((((((((a?)?)?)?)?)?)?)?)*b",
	};
	static char text[2000];
	clock_t before = clock();
	struct str parts[REGEX_GROUPS];

	(void)state;
	memset(text, 'a', sizeof text);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct regex *r = regex_new(str_of(rows[i]), 0, NULL);

		check_at(i, regex_match(r, str_from(text, sizeof text), parts) == (i == 0));
		regex_free(&r);
	}
	assert_true(clock() - before < 5 * CLOCKS_PER_SEC); /* of this process's CPU */
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fits),
		cmocka_unit_test(what_is_none),
		cmocka_unit_test(random_ones),
		cmocka_unit_test(dear_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
