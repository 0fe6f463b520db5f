/* model/search/fuzzy.c: see fuzzy.h. */
#include "model/search/fuzzy.h"

#include "foundation/text/fold.h"
#include "foundation/text/utf8.h"

/* Languages in which words of one stem may begin with different letters: stemming removes prefixes,
 * changes the beginning or converts the script. In the others, comparing the first letter excludes
 * most words. */
static const uint32_t anew = BIT(LANGUAGE_ARABIC) | BIT(LANGUAGE_INDONESIAN) | BIT(LANGUAGE_IRISH) |
                             BIT(LANGUAGE_NEPALI) | BIT(LANGUAGE_SERBIAN) | BIT(LANGUAGE_TAMIL) |
                             BIT(LANGUAGE_YIDDISH);
/* Those of them in which both letters may be ASCII. */
static const uint32_t anew_ascii = BIT(LANGUAGE_INDONESIAN) | BIT(LANGUAGE_IRISH);

/* Languages that are not written in ASCII letters: their stemmers leave such words alone. */
static const uint32_t other_scripts =
	BIT(LANGUAGE_ARABIC) | BIT(LANGUAGE_ARMENIAN) | BIT(LANGUAGE_GREEK) | BIT(LANGUAGE_HINDI) |
	BIT(LANGUAGE_NEPALI) | BIT(LANGUAGE_RUSSIAN) | BIT(LANGUAGE_TAMIL) | BIT(LANGUAGE_YIDDISH);

/* The score of a word by field: a subject says more about a message than a word of its body, and
 * other fields are mostly written by programs (RFC 6203 4). */
static const uint8_t worth[SEARCH_FIELDS][FUZZY_GRADES] = {
	/*                 NO TYPO PART STEM WORD */
	[FIELD_SUBJECT] = { 0, 40, 65, 85, 100 }, [FIELD_FROM] = { 0, 35, 60, 80, 95 },
	[FIELD_TO] = { 0, 30, 50, 70, 85 },       [FIELD_CC] = { 0, 30, 50, 70, 85 },
	[FIELD_BCC] = { 0, 30, 50, 70, 85 },      [FIELD_OTHER] = { 0, 1, 5, 10, 20 },
	[FIELD_BODY] = { 0, 10, 25, 55, 70 },
};

static void scores_make(struct fuzzy *f, unsigned fields)
{
	unsigned most = 1;

	for (unsigned i = 0; i < SEARCH_FIELDS; i++)
		if (fields & BIT(i))
			most = MAX(most, worth[i][FUZZY_WORD]);
	for (unsigned i = 0; i < SEARCH_FIELDS; i++)
		for (unsigned g = FUZZY_TYPO; fields & BIT(i) && g < FUZZY_GRADES; g++)
			f->scores[i][g] = (uint8_t)MAX(1, worth[i][g] * 100 / most);
}

static bool has_digit(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (ascii_digit(s.p[i]))
			return true;
	return false;
}

static uint32_t begins_with(struct str word)
{
	struct cur c = cur_of(word);

	return cur_done(&c) ? 0 : fold_base(utf8_next(&c));
}

void fuzzy_init(struct fuzzy *f, struct str pattern, unsigned fields)
{
	struct token tokens[PATTERN_TOKENS];
	bool exact;

	*f = (struct fuzzy){ .n = token_pattern(pattern, tokens, &exact) };
	for (size_t i = 0; i < f->n; i++) {
		struct str word = tokens[i].word;

		f->words[i] = (struct fuzzy_word){
			.word = word,
			.pair = tokens[i].pair,
			.typos = !tokens[i].pair && utf8_count(word) >= FUZZY_TYPO_CHARS &&
			         !has_digit(word), /* another number is not a typo */
			.begins = begins_with(word),
		};
	}
	scores_make(f, fields);
	f->stemmer = stemmer_new();
}

void fuzzy_deinit(struct fuzzy *f)
{
	stemmer_free(&f->stemmer);
	arena_deinit(&f->arena);
	f->n = 0;
}

/* --- typos ------------------------------------------------------------------------------ */

static size_t same_begin(struct str a, struct str b)
{
	size_t n = 0, most = MIN(a.n, b.n);

	while (n < most && a.p[n] == b.p[n])
		n++;
	return utf8_cut(a, n).n;
}

static size_t same_end(struct str a, struct str b)
{
	size_t n = 0, most = MIN(a.n, b.n);

	while (n < most && a.p[a.n - 1 - n] == b.p[b.n - 1 - n])
		n++;
	while (n > 0 && ((unsigned char)a.p[a.n - n] & 0xc0) == 0x80)
		n--;
	return n;
}

/* Do the words differ only by two swapped letters? */
static bool swapped(struct str a, struct str b)
{
	struct cur x = cur_of(a), y = cur_of(b);
	uint32_t first = utf8_next(&x), second = utf8_next(&y);

	return !cur_done(&x) && !cur_done(&y) && utf8_next(&x) == second &&
	       utf8_next(&y) == first && cur_done(&x) && cur_done(&y);
}

/* a and b are different words. False when their first letters differ. Compares the parts between
 * their common beginning and their common end. */
static bool one_typo(struct str a, struct str b)
{
	size_t begin = same_begin(a, b), end;
	size_t x, y;

	if (begin == 0)
		return false;
	a = str_sub(a, begin, a.n);
	b = str_sub(b, begin, b.n);
	end = same_end(a, b);
	a.n -= end;
	b.n -= end;
	if (has_digit(b))
		return false;
	x = utf8_count(a);
	y = utf8_count(b);
	return (x <= 1 && y <= 1) || (x == 2 && y == 2 && swapped(a, b));
}

/* --- matching --------------------------------------------------------------------------- */

/* Most tokens of a mailbox are ids, hashes or encoded data. Without this check, stemming them would
 * be most of the work. */
static bool may_share_stem(const struct fuzzy_word *w, struct str word)
{
	return word.n <= w->word.n + FUZZY_STEM_MORE && !has_digit(word);
}

static struct str stem_of(struct fuzzy *f, struct fuzzy_word *w, enum language language)
{
	if (w->stems[language].n == 0)
		w->stems[language] = str_dup(&f->arena, stem(f->stemmer, language, w->word));
	return w->stems[language];
}

static uint32_t stems_match(struct fuzzy *f, struct fuzzy_word *w, struct str word,
                            uint32_t languages)
{
	bool ascii = (unsigned char)word.p[0] < 0x80;
	uint32_t same = 0;

	if (!may_share_stem(w, word))
		return 0;
	if (ascii)
		languages &= ~other_scripts;
	if (begins_with(word) != w->begins)
		languages &= ascii && w->begins < 0x80 ? anew_ascii : anew;
	for (languages &= ~BIT(LANGUAGE_NONE); languages; languages &= languages - 1) {
		enum language l = (enum language)__builtin_ctz(languages);
		struct str want = stem_of(f, w, l);

		if (str_eq(stem(f->stemmer, l, word), want))
			same |= BIT(l);
	}
	return same;
}

struct fuzzy_match fuzzy_match_inexact(struct fuzzy *f, size_t i, struct str word, bool in,
                                       uint32_t languages)
{
	struct fuzzy_word *w = &f->words[i];
	struct fuzzy_match m = { .grade = in ? FUZZY_PART : FUZZY_NO };

	if (w->pair)
		return m;
	if (!in && w->typos && one_typo(w->word, word))
		m.grade = FUZZY_TYPO;
	m.stems = stems_match(f, w, word, languages);
	return m;
}

struct fuzzy_match fuzzy_match(struct fuzzy *f, size_t i, struct str word, uint32_t languages)
{
	bool in = str_find(word, f->words[i].word) >= 0;

	if (in && word.n == f->words[i].word.n)
		return (struct fuzzy_match){ .grade = FUZZY_WORD };
	if (!in && (word.n == 0 || !fuzzy_may_begin(f, i, word.p[0], languages)))
		return (struct fuzzy_match){ .grade = FUZZY_NO };
	return fuzzy_match_inexact(f, i, word, in, languages);
}

bool fuzzy_begins_anew(enum language language)
{
	return anew & BIT(language);
}

bool fuzzy_may_begin(const struct fuzzy *f, size_t i, char first, uint32_t languages)
{
	const struct fuzzy_word *w = &f->words[i];

	if (w->pair)
		return false;
	return languages & anew_ascii || (unsigned char)first >= 0x80 || w->begins >= 0x80 ||
	       (uint32_t)(unsigned char)first == w->begins;
}

enum fuzzy_grade fuzzy_grade_in(struct fuzzy_match m, enum language language)
{
	return m.stems & BIT(language) ? MAX(m.grade, FUZZY_STEM) : m.grade;
}

unsigned fuzzy_total(const struct fuzzy *f, const uint8_t best[PATTERN_TOKENS])
{
	unsigned sum = 0, pairs = 0, pairs_found = 0;

	for (size_t i = 0; i < f->n; i++) {
		sum += best[i];
		pairs += f->words[i].pair;
		pairs_found += f->words[i].pair && best[i];
		if (!best[i] && !f->words[i].pair)
			return 0;
	}
	if (2 * pairs_found < pairs || sum == 0)
		return 0;
	return (unsigned)MAX(1, sum / f->n);
}
