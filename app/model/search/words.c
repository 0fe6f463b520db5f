/* model/search/words.c: see words.h. */
#include "model/search/words.h"

#include "formats/message/header.h"
#include "foundation/base/arena.h"
#include "foundation/text/fold.h"
#include "model/search/text.h"
#include "model/search/token.h"

/* --- words ------------------------------------------------------------------------------ */

struct walk {
	search_word_fn *fn;
	void *arg;
	enum search_field field;
	bool names; /* of header fields count, too */
	bool on;
	struct tokenizer words;
	struct buf folded;
};

static void on_word(void *arg, struct str word)
{
	struct walk *w = arg;

	w->on = w->on && w->fn(w->arg, w->field, word);
}

static void walk_init(struct walk *w, bool names, search_word_fn *fn, void *arg)
{
	*w = (struct walk){ .fn = fn, .arg = arg, .names = names, .on = true };
	w->words.fn = on_word;
	w->words.arg = w;
	buf_init(&w->folded, FOLD_GROWTH * SEARCH_FOLD_PIECE);
}

static void text_walk(struct walk *w, struct str text)
{
	while (text.n && w->on) {
		buf_reset(&w->folded);
		fold_put(&w->folded, search_fold_piece(&text));
		tokenizer_take(&w->words, buf_str(&w->folded));
	}
}

static bool piece_walk(void *arg, const struct search_piece *p)
{
	struct walk *w = arg;

	if (p->first)
		tokenizer_end(&w->words);
	if (p->header && w->names) {
		w->field = p->field == FIELD_BODY ? FIELD_BODY : FIELD_OTHER;
		text_walk(w, p->name);
		tokenizer_end(&w->words);
	}
	w->field = p->field;
	text_walk(w, p->text);
	return w->on;
}

static bool walk_end(struct walk *w)
{
	tokenizer_end(&w->words);
	buf_deinit(&w->folded);
	return w->on;
}

bool search_words(struct str raw, size_t header_bytes, const struct message_limits *limits,
                  search_word_fn *fn, void *arg)
{
	struct arena a = { 0 };
	struct message m;
	struct walk w;

	walk_init(&w, true, fn, arg);
	(void)search_header_walk(str_sub(raw, 0, header_bytes), STR_EMPTY, piece_walk, &w);
	tokenizer_end(&w.words);
	if (w.on) {
		message_parse(&a, raw, limits, &m);
		(void)search_body_walk(&m, piece_walk, &w);
		arena_deinit(&a);
	}
	return walk_end(&w);
}

bool search_field_words(struct str header, struct str name, search_word_fn *fn, void *arg)
{
	struct walk w;

	walk_init(&w, false, fn, arg);
	(void)search_header_walk(header, name, piece_walk, &w);
	return walk_end(&w);
}

/* --- language --------------------------------------------------------------------------- */

void search_language_init(struct search_language *t, struct str header)
{
	struct header_field field;

	*t = (struct search_language){ .declared = LANGUAGE_NONE };
	t->is_declared = header_find(header, STR("content-language"), &field) &&
	             language_of_field(field.value, &t->declared);
}

bool search_language_take(struct search_language *t, enum search_field field, struct str word)
{
	if (t->is_declared)
		return false;
	if (field == FIELD_SUBJECT || field == FIELD_BODY)
		return language_guess_take(&t->guess, word);
	return true;
}

enum language search_language_end(const struct search_language *t)
{
	return t->is_declared ? t->declared : language_guess_end(&t->guess);
}

static bool language_word(void *arg, enum search_field field, struct str word)
{
	return search_language_take(arg, field, word);
}

enum language search_language_of(struct str raw, size_t header_bytes,
                               const struct message_limits *limits)
{
	struct search_language t;

	search_language_init(&t, str_sub(raw, 0, header_bytes));
	if (!t.is_declared)
		(void)search_words(raw, header_bytes, limits, language_word, &t);
	return search_language_end(&t);
}
