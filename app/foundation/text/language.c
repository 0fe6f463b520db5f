/* foundation/text/language.c: see language.h. */
#include "foundation/text/language.h"

#include "foundation/base/cur.h"
#include "foundation/base/mem.h"
#include "foundation/text/utf8.h"

#include <pthread.h>
#include <string.h>

enum {
	WORDS = 500,     /* of a text that are used */
	WORD_BYTES = 24, /* longest small word */
	ENOUGH = 2,      /* minimum number of small words for a guess */
	SHARE = 10,      /* minimum share: one of this many words */
	SLOTS = 1 << 12, /* of the table: a quarter full                 */
};

/* --- tags ------------------------------------------------------------------------------- */

/* ISO 639 codes of two and three letters, the primary subtags of RFC 5646 2.2.1. */
static const char *const codes[LANGUAGES] = {
	[LANGUAGE_ARABIC] = "ar ara",
	[LANGUAGE_ARMENIAN] = "hy hye arm",
	[LANGUAGE_BASQUE] = "eu eus baq",
	[LANGUAGE_CATALAN] = "ca cat",
	[LANGUAGE_DANISH] = "da dan",
	[LANGUAGE_DUTCH] = "nl nld dut",
	[LANGUAGE_ENGLISH] = "en eng",
	[LANGUAGE_FINNISH] = "fi fin",
	[LANGUAGE_FRENCH] = "fr fra fre",
	[LANGUAGE_GERMAN] = "de deu ger",
	[LANGUAGE_GREEK] = "el ell gre",
	[LANGUAGE_HINDI] = "hi hin",
	[LANGUAGE_HUNGARIAN] = "hu hun",
	[LANGUAGE_INDONESIAN] = "id ind",
	[LANGUAGE_IRISH] = "ga gle",
	[LANGUAGE_ITALIAN] = "it ita",
	[LANGUAGE_LITHUANIAN] = "lt lit",
	[LANGUAGE_NEPALI] = "ne nep",
	[LANGUAGE_NORWEGIAN] = "no nor nb nob nn nno",
	[LANGUAGE_PORTUGUESE] = "pt por",
	[LANGUAGE_ROMANIAN] = "ro ron rum",
	[LANGUAGE_RUSSIAN] = "ru rus",
	[LANGUAGE_SERBIAN] = "sr srp",
	[LANGUAGE_SPANISH] = "es spa",
	[LANGUAGE_SWEDISH] = "sv swe",
	[LANGUAGE_TAMIL] = "ta tam",
	[LANGUAGE_TURKISH] = "tr tur",
	[LANGUAGE_YIDDISH] = "yi yid",
};

/* The next of several words separated by spaces. */
static bool language_word_next(struct cur *c, struct str *out)
{
	(void)cur_byte(c, ' ');
	if (!cur_until(c, ' ', out))
		cur_take(c, cur_left(c), out);
	return out->n != 0;
}

static bool is_alpha(unsigned char c)
{
	return ascii_alpha((char)c);
}

bool language_of_field(struct str value, enum language *out)
{
	struct cur c = cur_of(str_trim(value));
	struct str tag = cur_while(&c, is_alpha), code;

	*out = LANGUAGE_NONE;
	for (int i = 0; i < LANGUAGES; i++) {
		struct cur list = cur_of(str_of(codes[i]));

		while (language_word_next(&list, &code))
			if (str_eqi(tag, code))
				*out = (enum language)i;
	}
	return tag.n == 2 || tag.n == 3;
}

/* --- the table -------------------------------------------------------------------------- */

static struct slot {
	struct str word;
	uint32_t languages; /* BIT(enum language) */
} slots[SLOTS];
static pthread_once_t made = PTHREAD_ONCE_INIT;

/* The words of the table are constant, so the hash needs no seed. */
static struct slot *slot_of(struct str word)
{
	uint32_t h = 2166136261;

	for (size_t i = 0; i < word.n; i++)
		h = (h ^ (unsigned char)word.p[i]) * 16777619;
	h ^= h >> 15;
	while (slots[h % SLOTS].word.n && !str_eq(slots[h % SLOTS].word, word))
		h++;
	return &slots[h % SLOTS];
}

static void table_make(void)
{
	for (int i = 0; i < LANGUAGES; i++) {
		struct cur list = cur_of(str_of(language_words[i]));
		struct str word;

		while (language_word_next(&list, &word)) {
			struct slot *s = slot_of(word);

			s->word = word;
			s->languages |= BIT(i);
		}
	}
}

/* --- letters ---------------------------------------------------------------------------- */

/* Ranges of letters that only one language has, among those with a stemmer. Two use Devanagari:
 * their small words decide. Hebrew letters count as Yiddish only in its combinations, and Persian
 * has some Arabic letters of its own. Hence NONE: a letter of a language without a stemmer. */
static const struct letters {
	uint32_t lo, hi;
	enum language language;
} letters[] = {
	/* ascending */
	{ 0x370, 0x3ff, LANGUAGE_GREEK },    { 0x402, 0x402, LANGUAGE_SERBIAN },
	{ 0x404, 0x404, LANGUAGE_NONE },     { 0x44b, 0x44b, LANGUAGE_RUSSIAN },
	{ 0x44d, 0x44d, LANGUAGE_RUSSIAN },  { 0x452, 0x452, LANGUAGE_SERBIAN },
	{ 0x454, 0x454, LANGUAGE_NONE },     { 0x456, 0x457, LANGUAGE_NONE },
	{ 0x458, 0x45b, LANGUAGE_SERBIAN },  { 0x45f, 0x45f, LANGUAGE_SERBIAN },
	{ 0x530, 0x58f, LANGUAGE_ARMENIAN }, { 0x5f0, 0x5f2, LANGUAGE_YIDDISH },
	{ 0x620, 0x64a, LANGUAGE_ARABIC },   { 0x67e, 0x67e, LANGUAGE_NONE },
	{ 0x6a9, 0x6d2, LANGUAGE_NONE },     { 0xb80, 0xbff, LANGUAGE_TAMIL },
	{ 0x1f00, 0x1fff, LANGUAGE_GREEK },
};

static void letters_count(struct language_guess *g, struct str word)
{
	struct cur c = cur_of(word);
	uint32_t seen = 0;

	while (!cur_done(&c)) {
		uint32_t ch = utf8_next(&c);

		for (size_t i = 0; i < COUNT(letters) && ch >= letters[i].lo; i++)
			if (ch <= letters[i].hi)
				seen |= BIT(letters[i].language);
	}
	for (int i = 0; i < LANGUAGES; i++)
		g->counts[i] = (uint16_t)(g->counts[i] + (seen >> i & 1));
}

/* --- guessing --------------------------------------------------------------------------- */

bool language_guess_take(struct language_guess *g, struct str word)
{
	const struct slot *s;

	if (g->words >= WORDS)
		return false;
	(void)pthread_once(&made, table_make);
	g->words++;
	if (!utf8_ascii(word)) {
		g->foreign++;
		letters_count(g, word);
	}
	if (word.n > WORD_BYTES)
		return true;
	s = slot_of(word);
	for (uint32_t left = s->languages; left; left &= left - 1)
		g->counts[__builtin_ctz(left)]++;
	return true;
}

enum language language_guess_end(const struct language_guess *g)
{
	int best = LANGUAGE_NONE;

	for (int i = 0; i < LANGUAGES; i++)
		if (g->counts[i] > g->counts[best])
			best = i;
	if (g->counts[best] >= ENOUGH && g->counts[best] * SHARE >= g->words)
		return (enum language)best;
	return g->foreign ? LANGUAGE_NONE : LANGUAGE_ENGLISH;
}
