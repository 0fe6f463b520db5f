/* model/search/token.c: see token.h. */
#include "model/search/token.h"

#include "foundation/text/utf8.h"

#include <string.h>

static enum token_kind kind_above_ascii(uint32_t c)
{
	static const struct {
		uint32_t lo, hi;
		enum token_kind kind;
	} ranges[] = { /* ascending; everything else is part of words */
		       { 0x80, 0xa9, KIND_NONE },
		       { 0xab, 0xb4, KIND_NONE },
		       { 0xb6, 0xb9, KIND_NONE },
		       { 0xbb, 0xbf, KIND_NONE },
		       { 0xe00, 0xeff, KIND_PAIRS },   /* Thai, Lao          */
		       { 0x1000, 0x109f, KIND_PAIRS }, /* Myanmar            */
		       { 0x1780, 0x17ff, KIND_PAIRS }, /* Khmer              */
		       { 0x2000, 0x206f, KIND_NONE },  /* punctuation        */
		       { 0x2e80, 0x2fdf, KIND_PAIRS }, /* radicals           */
		       { 0x3000, 0x3004, KIND_NONE },
		       { 0x3005, 0x3007, KIND_PAIRS },
		       { 0x3008, 0x303f, KIND_NONE },
		       { 0x3040, 0x30ff, KIND_PAIRS }, /* Hiragana, Katakana */
		       { 0x31f0, 0x31ff, KIND_PAIRS },
		       { 0x3400, 0x4dbf, KIND_PAIRS },
		       { 0x4e00, 0x9fff, KIND_PAIRS }, /* Han                */
		       { 0xf900, 0xfaff, KIND_PAIRS },
		       { 0xfffd, 0xfffd, KIND_NONE },
		       { 0x20000, 0x3ffff, KIND_PAIRS }
	};

	for (size_t i = 0; i < COUNT(ranges) && c >= ranges[i].lo; i++)
		if (c <= ranges[i].hi)
			return ranges[i].kind;
	return KIND_WORD;
}

static enum token_kind token_kind_of(uint32_t c)
{
	if (c >= 0x80)
		return kind_above_ascii(c);
	return ascii_alnum((char)c) ? KIND_WORD : KIND_NONE;
}

struct str token_run_next(struct cur *c, enum token_kind *kind)
{
	const char *from = c->p;
	struct cur at = *c;

	*kind = KIND_NONE;
	while (!cur_done(&at)) {
		enum token_kind k = token_kind_of(utf8_next(&at));

		if (c->p != from && k != *kind)
			break;
		*kind = k;
		*c = at;
	}
	return str_from(from, (size_t)(c->p - from));
}

/* --- texts ------------------------------------------------------------------------------ */

static bool utf8_inside(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

static void word_give(struct tokenizer *t)
{
	t->fn(t->arg, str_from(t->word, t->n));
	t->began = true;
}

/* Keeps only the end of the word: some bytes, and the rest of the character in which they begin. */
static void word_keep(struct tokenizer *t, size_t some)
{
	const char *from = t->word + t->n - some;

	while (from > t->word && utf8_inside(*from))
		from--;
	t->n -= (size_t)(from - t->word);
	memmove(t->word, from, t->n);
}

void tokenizer_end(struct tokenizer *t)
{
	if (t->n && !(t->pairs && t->began))
		word_give(t);
	t->n = 0;
	t->began = false;
}

static void word_char(struct tokenizer *t, struct str bytes)
{
	if (t->n + bytes.n > TOKEN_MAX) {
		word_give(t);
		word_keep(t, TOKEN_WITHIN);
	}
	memcpy(t->word + t->n, bytes.p, bytes.n);
	t->n += bytes.n;
}

static void pairs_char(struct tokenizer *t, struct str bytes)
{
	size_t before = t->n;

	memcpy(t->word + t->n, bytes.p, bytes.n);
	t->n += bytes.n;
	if (before == 0)
		return;
	word_give(t);
	word_keep(t, t->n - before);
}

void tokenizer_take(struct tokenizer *t, struct str folded)
{
	struct cur c = cur_of(folded);

	while (!cur_done(&c)) {
		const char *from = c.p;
		enum token_kind kind = token_kind_of(utf8_next(&c));
		struct str bytes = str_from(from, (size_t)(c.p - from));

		if (kind == KIND_NONE || (kind == KIND_PAIRS) != t->pairs)
			tokenizer_end(t);
		t->pairs = kind == KIND_PAIRS;
		if (kind == KIND_WORD)
			word_char(t, bytes);
		else if (kind == KIND_PAIRS)
			pairs_char(t, bytes);
	}
}

/* --- patterns --------------------------------------------------------------------------- */

/* A run of one kind in a pattern. */
struct run {
	struct str text;
	enum token_kind kind;
	bool first, last; /* of the pattern: a word of the text may extend beyond it */
};

static bool run_next(struct cur *c, struct str pattern, struct run *out)
{
	const char *from = c->p;
	enum token_kind kind = KIND_NONE;

	while (!cur_done(c)) {
		struct cur at = *c;
		enum token_kind k = token_kind_of(utf8_next(&at));

		if (kind != KIND_NONE && k != kind)
			break;
		if (k == KIND_NONE)
			from = at.p;
		kind = k;
		*c = at;
	}
	*out = (struct run){ .text = str_from(from, (size_t)(c->p - from)),
		             .kind = kind,
		             .first = from == pattern.p,
		             .last = cur_done(c) };
	return out->text.n != 0;
}

static struct str cut_end(struct str s, size_t n)
{
	size_t from = s.n > n ? s.n - n : 0;

	while (from < s.n && utf8_inside(s.p[from]))
		from++;
	return str_sub(s, from, s.n);
}

/* A word: whole, or as much as is certainly within one piece. */
static size_t word_token(const struct run *r, struct token *out)
{
	out->word = r->text;
	out->pair = false;
	out->part = r->first ? (r->last ? TOKEN_CONTAINS : TOKEN_SUFFIX)
	                     : (r->last ? TOKEN_PREFIX : TOKEN_WHOLE);
	if (r->text.n <= TOKEN_WITHIN || (out->part == TOKEN_WHOLE && r->text.n <= TOKEN_MAX))
		return 1;
	if (out->part == TOKEN_WHOLE)
		out->part = TOKEN_PREFIX;
	out->word = out->part == TOKEN_SUFFIX ? cut_end(r->text, TOKEN_WITHIN)
	                                      : utf8_cut(r->text, TOKEN_WITHIN);
	return 1;
}

/* Two adjacent characters are a word; a single one is in a word of one or two. */
static size_t pair_tokens(const struct run *r, struct token *out, size_t room)
{
	struct cur c = cur_of(r->text);
	const char *from = c.p;
	size_t n = 0;

	(void)utf8_next(&c);
	if (cur_done(&c)) {
		*out = (struct token){ r->text, TOKEN_CONTAINS, true };
		return 1;
	}
	while (!cur_done(&c) && n < room) {
		const char *second = c.p;

		(void)utf8_next(&c);
		out[n++] =
			(struct token){ str_from(from, (size_t)(c.p - from)), TOKEN_WHOLE, true };
		from = second;
	}
	return n;
}

size_t token_pattern(struct str pattern, struct token out[PATTERN_TOKENS], bool *exact)
{
	struct cur c = cur_of(pattern);
	struct run run;
	size_t n = 0;

	while (n < PATTERN_TOKENS && run_next(&c, pattern, &run))
		n += run.kind == KIND_PAIRS ? pair_tokens(&run, &out[n], PATTERN_TOKENS - n)
		                            : word_token(&run, &out[n]);
	*exact = n == 1 && out[0].word.n == pattern.n;
	return n;
}
