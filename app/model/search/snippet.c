/* model/search/snippet.c: see snippet.h. */
#include "model/search/snippet.h"

#include "foundation/text/fold.h"
#include "foundation/text/utf8.h"

enum {
	BEFORE = 60,    /* bytes of text before the first match, at most */
	WORD_MAX = 256, /* of a word that may match                      */
};

static const struct str mark = { "<mark>", 6 }, unmark = { "</mark>", 7 };

/* --- spans ------------------------------------------------------------------------------ */

/* A part of the text that is marked or not: a word, a character of a script without spaces, or the
 * text between those. */
struct span {
	struct str text;
	bool marked;
};

struct spans {
	const struct snippet *s;
	struct cur c;
	struct cur pairs; /* of the current run of pairs */
	bool paired;      /* the last character of it and the next one are a match */
	struct buf folded;
};

static bool snippet_matches(struct spans *w, struct str word, bool pair)
{
	const struct snippet *s = w->s;

	buf_reset(&w->folded);
	fold_put(&w->folded, word);
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->patterns[i].n; k++) {
			struct fuzzy_match m;

			if (s->patterns[i].words[k].pair != pair)
				continue;
			m = fuzzy_match(&s->patterns[i], k, buf_str(&w->folded), BIT(s->language));
			/* both characters of a pair, or none */
			if (fuzzy_grade_in(m, s->language) >= (pair ? FUZZY_WORD : s->least))
				return true;
		}
	return false;
}

/* One character, marked when it matches alone or together with the one before or after it. */
static struct span pair_next(struct spans *w)
{
	struct cur next;
	const char *from = w->pairs.p;
	struct span out = { .marked = w->paired };

	(void)utf8_next(&w->pairs);
	out.text = str_from(from, (size_t)(w->pairs.p - from));
	next = w->pairs;
	w->paired = false;
	if (!cur_done(&next)) {
		(void)utf8_next(&next);
		w->paired = snippet_matches(w, str_from(from, (size_t)(next.p - from)), true);
	}
	out.marked = out.marked || w->paired || snippet_matches(w, out.text, true);
	return out;
}

static bool span_next(struct spans *w, struct span *out)
{
	enum token_kind kind;

	if (!cur_done(&w->pairs)) {
		*out = pair_next(w);
		return true;
	}
	*out = (struct span){ .text = token_run_next(&w->c, &kind) };
	if (kind == KIND_PAIRS) {
		w->pairs = cur_of(out->text);
		w->paired = false;
		*out = pair_next(w);
	} else if (kind == KIND_WORD && out->text.n <= WORD_MAX) {
		out->marked = snippet_matches(w, out->text, false);
	}
	return out->text.n != 0;
}

static void spans_init(struct spans *w, const struct snippet *s, struct str text)
{
	*w = (struct spans){ .s = s, .c = cur_of(text), .pairs = cur_of(STR_EMPTY) };
	buf_init(&w->folded, FOLD_GROWTH * WORD_MAX);
}

/* Finds the position of the first match. */
static bool match_find(const struct snippet *s, struct str text, size_t *at)
{
	struct spans w;
	struct span span;
	bool found = false;

	spans_init(&w, s, text);
	while (!found && span_next(&w, &span)) {
		found = span.marked;
		*at = (size_t)(span.text.p - text.p);
	}
	buf_deinit(&w.folded);
	return found;
}

/* --- HTML ------------------------------------------------------------------------------- */

struct html {
	struct buf *out;
	size_t end;   /* of out: the limit of its length            */
	bool squeeze; /* white space runs are one space             */
	bool space;   /* a space is to be written                   */
	bool any;     /* something was written                      */
	bool hit;     /* something marked was written               */
	bool marked;  /* </mark> is to be written                   */
};

static bool snippet_is_blank(uint32_t ch)
{
	return ch <= ' ' || (ch >= 0x7f && ch <= 0xa0) || (ch >= 0x2028 && ch <= 0x202f) ||
	       ch == 0x3000;
}

static struct str escaped(uint32_t ch, char room[4])
{
	struct buf one = { .p = room, .cap = 4, .max = 4 };

	if (ch == '&')
		return STR("&amp;");
	if (ch == '<')
		return STR("&lt;");
	if (ch == '>')
		return STR("&gt;");
	utf8_put(&one, ch);
	return buf_str(&one);
}

/* False when it does not fit. */
static bool char_put(struct html *h, uint32_t ch, bool marked)
{
	char room[4];
	struct str text = escaped(snippet_is_blank(ch) ? ' ' : ch, room);
	size_t need = text.n + h->space;

	if (h->squeeze && snippet_is_blank(ch)) {
		h->space = h->any;
		return true;
	}
	need += h->marked == marked ? 0 : marked ? mark.n : unmark.n;
	if (h->out->n + need + (marked ? unmark.n : 0) > h->end)
		return false;
	if (h->marked && !marked)
		buf_put(h->out, unmark);
	if (h->space)
		buf_byte(h->out, ' ');
	if (marked && !h->marked)
		buf_put(h->out, mark);
	buf_put(h->out, text);
	h->marked = marked;
	h->space = false;
	h->any = true;
	h->hit = h->hit || marked;
	return true;
}

static void html_put(struct html *h, const struct snippet *s, struct str text)
{
	struct spans w;
	struct span span;
	bool room = true;

	spans_init(&w, s, text);
	while (room && span_next(&w, &span)) {
		struct cur c = cur_of(span.text);

		while (room && !cur_done(&c))
			room = char_put(h, utf8_next(&c), span.marked);
	}
	if (h->marked)
		buf_put(h->out, unmark);
	buf_deinit(&w.folded);
}

/* The beginning of a word some bytes before at, or else that of a character. */
static size_t begin_before(struct str text, size_t at)
{
	size_t from = at > BEFORE ? at - BEFORE : 0, word;

	while (from > 0 && from < at && ((unsigned char)text.p[from] & 0xc0) == 0x80)
		from++;
	for (word = from; word < at && text.p[word] != ' ' && text.p[word] != '\n';)
		word++;
	return from == 0 ? 0 : word + 1 < at ? word + 1 : from;
}

bool snippet_subject_put(struct buf *out, const struct snippet *s, struct str text)
{
	struct html h = { .out = out, .end = out->max };
	size_t at;

	if (!match_find(s, text, &at))
		return false;
	html_put(&h, s, text);
	return true;
}

bool snippet_preview_put(struct buf *out, const struct snippet *s, struct str text)
{
	struct html h = { .out = out, .end = out->n + SNIPPET_PREVIEW_MAX, .squeeze = true };
	size_t at, before;

	if (!match_find(s, text, &at))
		return false;
	before = out->n;
	html_put(&h, s, str_sub(text, begin_before(text, at), text.n));
	if (!h.hit) { /* the text before the match was too long when escaped, as markup is */
		buf_cut(out, before);
		h = (struct html){ .out = out, .end = h.end, .squeeze = true };
		html_put(&h, s, str_sub(text, at, text.n));
	}
	return true;
}
