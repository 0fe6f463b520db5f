/* model/search/fuzzy_text.c: see fuzzy_text.h. */
#include "model/search/fuzzy_text.h"

#include "model/search/words.h"

struct scoring {
	struct fuzzy *f;
	unsigned fields;
	enum language language;
	uint8_t best[PATTERN_TOKENS];
};

static bool on_word(void *arg, enum search_field field, struct str word)
{
	struct scoring *s = arg;

	if (!(s->fields & BIT(field)))
		return true;
	for (size_t i = 0; i < s->f->n; i++) {
		struct fuzzy_match m = fuzzy_match(s->f, i, word, BIT(s->language));
		uint8_t score = s->f->scores[field][fuzzy_grade_in(m, s->language)];

		s->best[i] = MAX(s->best[i], score);
	}
	return true;
}

unsigned fuzzy_text_score(struct fuzzy *f, unsigned fields, struct str name, struct str raw,
                          size_t header_bytes, const struct message_limits *limits)
{
	struct scoring s = { .f = f, .fields = fields };

	s.language = search_language_of(raw, header_bytes, limits);
	if (name.n)
		(void)search_field_words(str_sub(raw, 0, header_bytes), name, on_word, &s);
	else
		(void)search_words(raw, header_bytes, limits, on_word, &s);
	return fuzzy_total(f, s.best);
}
