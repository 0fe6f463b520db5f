/* Snippets of any text for any pattern, and what FUZZY says of its words. The first byte says how
 * long the pattern is, the second is a language. The law: a snippet is a part of the text, with
 * nothing added but escapes and marks, and has at least one mark; a preview has its maximum; what
 * contains a word matches it; stems begin as words do where fuzzy.c relies on it. */
#include "foundation/text/fold.h"
#include "foundation/text/utf8.h"
#include "model/search/snippet.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* HTML to text, in which white space counts for nothing. False: it is not as it should be. */
static bool plain_put(struct buf *out, struct str html, unsigned *marks)
{
	static const struct {
		struct str html;
		char ch;
	} escapes[] = { { { "&amp;", 5 }, '&' }, { { "&lt;", 4 }, '<' }, { { "&gt;", 4 }, '>' } };
	struct cur c = cur_of(html);
	bool marked = false;
	char byte;

	while (!cur_done(&c)) {
		bool escape = false;

		for (size_t i = 0; i < COUNT(escapes) && !escape; i++)
			if ((escape = cur_str(&c, escapes[i].html)))
				buf_byte(out, escapes[i].ch);
		if (escape)
			continue;
		if (cur_str(&c, marked ? STR("</mark>") : STR("<mark>"))) {
			*marks += !marked;
			marked = !marked;
		} else if (!cur_any(&c, &byte) || byte == '<' || byte == '>' || byte == '&') {
			return false;
		} else if (byte != ' ') {
			buf_byte(out, byte);
		}
	}
	return !marked;
}

/* The same of the text itself. */
static void solid_put(struct buf *out, struct str text)
{
	struct cur c = cur_of(text);

	while (!cur_done(&c)) {
		uint32_t ch = utf8_next(&c);

		if (!(ch <= ' ' || (ch >= 0x7f && ch <= 0xa0) || (ch >= 0x2028 && ch <= 0x202f) ||
		      ch == 0x3000))
			utf8_put(out, ch);
	}
}

static void snippet_check(const struct snippet *s, struct str text)
{
	struct buf subject, preview, plain, solid;
	unsigned marks = 0;
	bool match;

	buf_init(&subject, 20 * text.n + 100);
	buf_init(&preview, SNIPPET_PREVIEW_MAX);
	buf_init(&plain, 3 * text.n + 1);
	buf_init(&solid, 3 * text.n + 1);
	solid_put(&solid, text);
	match = snippet_subject_put(&subject, s, text);
	if (snippet_preview_put(&preview, s, text) != match || (subject.n != 0) != match)
		abort();
	if (!plain_put(&plain, buf_str(&subject), &marks) || (marks == 0) == match)
		abort();
	if (match && !str_eq(buf_str(&plain), buf_str(&solid)))
		abort();
	marks = 0;
	buf_reset(&plain);
	if (!plain_put(&plain, buf_str(&preview), &marks) || (marks == 0) == match ||
	    str_find(buf_str(&solid), buf_str(&plain)) < 0 || !utf8_valid(buf_str(&preview)) ||
	    !utf8_valid(buf_str(&subject)))
		abort();
	buf_deinit(&subject);
	buf_deinit(&preview);
	buf_deinit(&plain);
	buf_deinit(&solid);
}

struct words {
	struct fuzzy *f;
	enum language language;
};

static void on_word(void *arg, struct str word)
{
	struct words *w = arg;
	struct str s = stem(w->f->stemmer, w->language, word);

	if (s.n == 0 || !utf8_valid(s))
		abort();
	if (!fuzzy_begins_anew(w->language) &&
	    fold_base(utf8_next(&(struct cur){ s.p, s.p + s.n })) !=
	            fold_base(utf8_next(&(struct cur){ word.p, word.p + word.n })))
		abort();
	for (size_t i = 0; i < w->f->n; i++) {
		struct fuzzy_match m = fuzzy_match(w->f, i, word, BIT(w->language));
		enum fuzzy_grade grade = fuzzy_grade_in(m, w->language);

		if ((grade < FUZZY_PART) != (str_find(word, w->f->words[i].word) < 0) &&
		    grade != FUZZY_STEM)
			abort();
		if ((grade == FUZZY_WORD) != str_eq(word, w->f->words[i].word))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = str_from((const char *)data, size), text;
	struct buf pattern, folded;
	struct fuzzy f;
	struct words w = { .f = &f };
	struct tokenizer t = { .fn = on_word, .arg = &w };

	if (size < 2)
		return 0;
	buf_init(&pattern, FOLD_GROWTH * size);
	buf_init(&folded, FOLD_GROWTH * size);
	fold_put(&pattern, str_sub(in, 2, 2 + (size_t)data[0]));
	text = str_sub(in, 2 + (size_t)data[0], size);
	fold_put(&folded, text);
	w.language = (enum language)(data[1] % LANGUAGES);
	fuzzy_init(&f, buf_str(&pattern), SEARCH_EVERYWHERE);
	tokenizer_take(&t, buf_str(&folded));
	tokenizer_end(&t);
	snippet_check(&(struct snippet){ &f, 1, w.language, FUZZY_TYPO }, text);
	fuzzy_deinit(&f);
	buf_deinit(&pattern);
	buf_deinit(&folded);
	return 0;
}
