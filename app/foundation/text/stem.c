/* foundation/text/stem.c: see stem.h. */
#include "foundation/text/stem.h"

#include "foundation/base/mem.h"

#include <libstemmer.h>

enum { WORD_MAX = 256 /* a longer one is no word */ };

static const char *const names[LANGUAGES] = {
	[LANGUAGE_ARABIC] = "arabic",         [LANGUAGE_ARMENIAN] = "armenian",
	[LANGUAGE_BASQUE] = "basque",         [LANGUAGE_CATALAN] = "catalan",
	[LANGUAGE_DANISH] = "danish",         [LANGUAGE_DUTCH] = "dutch",
	[LANGUAGE_ENGLISH] = "english",       [LANGUAGE_FINNISH] = "finnish",
	[LANGUAGE_FRENCH] = "french",         [LANGUAGE_GERMAN] = "german",
	[LANGUAGE_GREEK] = "greek",           [LANGUAGE_HINDI] = "hindi",
	[LANGUAGE_HUNGARIAN] = "hungarian",   [LANGUAGE_INDONESIAN] = "indonesian",
	[LANGUAGE_IRISH] = "irish",           [LANGUAGE_ITALIAN] = "italian",
	[LANGUAGE_LITHUANIAN] = "lithuanian", [LANGUAGE_NEPALI] = "nepali",
	[LANGUAGE_NORWEGIAN] = "norwegian",   [LANGUAGE_PORTUGUESE] = "portuguese",
	[LANGUAGE_ROMANIAN] = "romanian",     [LANGUAGE_RUSSIAN] = "russian",
	[LANGUAGE_SERBIAN] = "serbian",       [LANGUAGE_SPANISH] = "spanish",
	[LANGUAGE_SWEDISH] = "swedish",       [LANGUAGE_TAMIL] = "tamil",
	[LANGUAGE_TURKISH] = "turkish",       [LANGUAGE_YIDDISH] = "yiddish",
};

struct stemmer {
	struct sb_stemmer *of[LANGUAGES];
};

struct stemmer *stemmer_new(void)
{
	return NEW(struct stemmer);
}

void stemmer_free(struct stemmer **s)
{
	struct stemmer *old = *s;

	*s = NULL;
	if (!old)
		return;
	for (int i = 0; i < LANGUAGES; i++)
		sb_stemmer_delete(old->of[i]);
	mem_free(old);
}

struct str stem(struct stemmer *s, enum language language, struct str word)
{
	const sb_symbol *p;
	int n;

	if (!names[language] || word.n > WORD_MAX)
		return word;
	if (!s->of[language])
		s->of[language] = sb_stemmer_new(names[language], NULL);
	assert(s->of[language]); /* it exists, and allocation does not fail */
	p = sb_stemmer_stem(s->of[language], (const sb_symbol *)word.p, (int)word.n);
	n = p ? sb_stemmer_length(s->of[language]) : 0;
	return n > 0 ? str_from((const char *)p, (size_t)n) : word;
}
