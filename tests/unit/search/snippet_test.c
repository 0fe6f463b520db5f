/* Snippets: what a reader sees of a match (RFC 8621 5). */
#include "harness/check.h"

#include "foundation/text/fold.h"
#include "model/search/snippet.h"

#include "foundation/text/utf8.h"

enum { PATTERNS = 2 };

/* Patterns with a "|" between, at most PATTERNS. */
struct fixture {
	struct snippet s;
	struct fuzzy patterns[PATTERNS];
	struct buf folded;
};

static void fixture_open(struct fixture *f, const char *patterns, enum language language)
{
	struct cur c;
	struct str one;

	*f = (struct fixture){ .s = { .language = language, .least = FUZZY_PART } };
	buf_init(&f->folded, 1 << 14);
	fold_put(&f->folded, str_of(patterns));
	buf_byte(&f->folded, '|');
	c = cur_of(buf_str(&f->folded));
	for (f->s.patterns = f->patterns; cur_until(&c, '|', &one); cur_skip(&c, 1))
		fuzzy_init(&f->patterns[f->s.n++], one, SEARCH_EVERYWHERE);
}

static void fixture_close(struct fixture *f)
{
	for (size_t i = 0; i < f->s.n; i++)
		fuzzy_deinit(&f->patterns[i]);
	buf_deinit(&f->folded);
}

static void test_subject(void **state)
{
	static const struct {
		const char *patterns, *text, *want; /* NULL: no match */
		enum language language;
	} rows[] = {
		{ "report", "The report", "The <mark>report</mark>", LANGUAGE_NONE },
		{ "REPORT", "The Report", "The <mark>Report</mark>", LANGUAGE_NONE },
		{ "reports", "reporting  here", "<mark>reporting</mark>  here", LANGUAGE_ENGLISH },
		{ "reports", "reporting here", NULL, LANGUAGE_FRENCH },
		{ "port", "airports & <b>", "<mark>airports</mark> &amp; &lt;b&gt;",
		  LANGUAGE_NONE },
		{ "b", "a<b>c", "a&lt;<mark>b</mark>&gt;c", LANGUAGE_NONE },
		{ "none", "nothing", NULL, LANGUAGE_NONE },
		{ "!!", "!!", NULL, LANGUAGE_NONE }, /* no word */
		{ "one|two", "one, two, three", "<mark>one</mark>, <mark>two</mark>, three",
		  LANGUAGE_NONE },
		{ "one two", "one two", "<mark>one</mark> <mark>two</mark>", LANGUAGE_NONE },
		{ "haus", "die Häuser", "die <mark>Häuser</mark>", LANGUAGE_GERMAN },
		{ "strasse", "Straße 7", "<mark>Straße</mark> 7", LANGUAGE_NONE },
		{ "会議", "昨日の会議の議事", "昨日の<mark>会議</mark>の議事", LANGUAGE_NONE },
		{ "会議議事", "昨日の会議の議事", "昨日の<mark>会議</mark>の<mark>議事</mark>",
		  LANGUAGE_NONE },
		{ "議", "会議の議事", "会<mark>議</mark>の<mark>議</mark>事", LANGUAGE_NONE },
		{ "会議", "会社の議長", NULL, LANGUAGE_NONE },
		{ "x", "a\tx\r\n\x7f", "a <mark>x</mark>   ", LANGUAGE_NONE },
		{ "x", "\xff x", "\xef\xbf\xbd <mark>x</mark>", LANGUAGE_NONE },
		{ "x", "", NULL, LANGUAGE_NONE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture f;
		struct buf out;
		bool got;

		buf_init(&out, 1000);
		fixture_open(&f, rows[i].patterns, rows[i].language);
		got = snippet_subject_put(&out, &f.s, str_of(rows[i].text));
		check_at(i, got == (rows[i].want != NULL));
		check_str_at(i, buf_str(&out), str_of(rows[i].want ? rows[i].want : ""));
		fixture_close(&f);
		buf_deinit(&out);
	}
}

static void repeat(struct buf *out, const char *what, unsigned n)
{
	while (n-- > 0)
		buf_put(out, str_of(what));
}

/* Around the first match, squeezed, at most 255 bytes, never half a character or a mark. */
static void test_preview(void **state)
{
	static const struct {
		const char *before;
		unsigned n;
		const char *match, *after;
		const char *begins;
	} rows[] = {
		{ "", 0, "report", "", "<mark>report</mark>" },
		{ "a  \r\n\t b ", 1, "report", "", "a b <mark>report</mark>" },
		{ "some words ", 100, "report", " and more", "some words some " },
		{ "&", 60, "report", "", "<mark>report</mark>" },
		{ "<<<< ", 100, "report", "", "&lt;&lt;&lt;&lt; &lt;" },
		{ "ä", 300, " report", " ö", "ääää" },
		{ "漢", 300, "report", "字", "漢漢" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture f;
		struct buf text, out;

		buf_init(&text, 1 << 16);
		buf_init(&out, 1000);
		buf_put(&out, STR("kept"));
		repeat(&text, rows[i].before, rows[i].n);
		buf_put(&text, str_of(rows[i].match));
		repeat(&text, rows[i].after, 500);
		fixture_open(&f, "report", LANGUAGE_NONE);
		check_at(i, snippet_preview_put(&out, &f.s, buf_str(&text)));
		check_at(i, str_starts(buf_str(&out), STR("kept")));
		buf_drop(&out, 4);
		check_at(i, out.n <= SNIPPET_PREVIEW_MAX && utf8_valid(buf_str(&out)));
		check_at(i, str_starts(buf_str(&out), str_of(rows[i].begins)));
		check_at(i, str_find(buf_str(&out), STR("<mark>report</mark>")) >= 0);
		check_at(i, text.n < 1000 || out.n > SNIPPET_PREVIEW_MAX - 16);
		fixture_close(&f);
		buf_deinit(&text);
		buf_deinit(&out);
	}
}

/* A mark that does not fit is closed where the room ends. */
static void test_preview_long_word(void **state)
{
	struct fixture f;
	struct buf text, out;

	(void)state;
	buf_init(&text, 1 << 16);
	buf_init(&out, 1000);
	repeat(&text, "a", 30);
	repeat(&text, "report", 20);
	repeat(&text, "&", 30);
	fixture_open(&f, "report", LANGUAGE_NONE);
	assert_true(snippet_preview_put(&out, &f.s, buf_str(&text)));
	assert_true(str_ends(buf_str(&out), STR("&amp;")));
	buf_reset(&text);
	buf_reset(&out);
	repeat(&text, "ä", 60);
	repeat(&text, "report", 20);
	assert_true(snippet_preview_put(&out, &f.s, buf_str(&text)));
	assert_true(str_ends(buf_str(&out), STR("report</mark>")));
	assert_true(out.n <= SNIPPET_PREVIEW_MAX);
	fixture_close(&f);
	buf_deinit(&text);
	buf_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_subject),
		cmocka_unit_test(test_preview),
		cmocka_unit_test(test_preview_long_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
