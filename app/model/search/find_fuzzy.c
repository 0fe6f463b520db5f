/* model/search/find_fuzzy.c: FUZZY in the index; see find.h.
 *
 * Each word of the pattern is compared with all words of a segment. Words that contain it are found
 * as in any SEARCH, by searching a whole block at once. Other words can have the same stem or be a
 * typo only if they begin in the same way. Each document keeps its best score. */
#include "model/search/find.h"
#include "model/search/fuzzy.h"
#include "model/search/posting.h"
#include "model/search/segment.h"

#include "foundation/base/mem.h"
#include "model/store/store.h"

#include <string.h>

struct grading {
	const struct mail_txn *m;
	const struct segment *g;
	struct fuzzy *f;
	unsigned fields;
	struct str doc_languages;        /* of the documents, a byte each */
	uint32_t languages;              /* BIT of those that occur                      */
	uint8_t (*best)[PATTERN_TOKENS]; /* by document: of each word of the pattern */
};

/* --- a block ---------------------------------------------------------------------------- */

/* The words of a block, one after the other. */
struct block_words {
	const char *at, *end;
	const char *in; /* next occurrence of the pattern's word, or end */
	struct str pattern;
	struct str word;
	uint32_t index;
};

static void in_find(struct block_words *b, const char *from)
{
	ptrdiff_t at = str_find(str_from(from, (size_t)(b->end - from)), b->pattern);

	b->in = at < 0 ? b->end : from + at;
}

static bool words_next(struct block_words *b)
{
	const char *nul;

	if (b->at >= b->end || !(nul = memchr(b->at, '\0', (size_t)(b->end - b->at))))
		return false;
	b->word = str_from(b->at, (size_t)(nul - b->at));
	if (b->in < b->at)
		in_find(b, b->at);
	b->at = nul + 1;
	b->index++;
	return true;
}

static bool docs_score(struct grading *x, size_t i, struct str posting, enum search_field field,
                       struct fuzzy_match match)
{
	const uint8_t *scores = x->f->scores[field];
	struct cur c = cur_of(posting);
	uint32_t before = 0, lo, end;

	while (posting_next(&c, x->g->docs, &before, &lo, &end))
		for (; lo < end; lo++) {
			enum language l = (enum language)x->doc_languages.p[lo];
			uint8_t score = scores[fuzzy_grade_in(match, l)];

			x->best[lo][i] = MAX(x->best[lo][i], score);
		}
	return cur_done(&c);
}

/* False: damaged. */
static bool block_grade(struct grading *x, struct block *b, size_t i)
{
	struct block_words w = { .pattern = x->f->words[i].word };
	struct str posting;

	w.at = b->words.p + 1;
	w.end = b->words.p + b->words.n;
	in_find(&w, w.at);
	block_rewind(b);
	while (words_next(&w)) {
		bool in = w.in < w.word.p + w.word.n;
		struct fuzzy_match m = { .grade = FUZZY_WORD };

		if (!in && (w.word.n == 0 || !fuzzy_may_begin(x->f, i, w.word.p[0], x->languages)))
			continue;
		if (!in || w.word.n != w.pattern.n)
			m = fuzzy_match_inexact(x->f, i, w.word, in, x->languages);
		if ((m.grade != FUZZY_NO || m.stems) && (!block_posting(b, w.index - 1, &posting) ||
		                                         !docs_score(x, i, posting, b->field, m)))
			return false;
	}
	return true;
}

/* --- a segment -------------------------------------------------------------------------- */

static enum err field_grade(struct grading *x, enum search_field field)
{
	struct search_key prefix;
	struct kv_iter it;
	struct block b;
	enum err e = OK, walked;

	block_init(&b);
	search_key_term(&prefix, x->m->account, x->g->number, field, STR_EMPTY);
	kv_iter_prefix(&it, x->m->t, SPACE_SEARCH, search_key_str(&prefix));
	while (!e && kv_iter_next(&it)) {
		e = block_read(&b, x->m->t, it.val) ? OK : ERR_CORRUPT;
		for (size_t i = 0; i < x->f->n && !e; i++)
			e = block_grade(x, &b, i) ? OK : ERR_CORRUPT;
	}
	walked = kv_iter_end(&it);
	block_deinit(&b);
	return e ? e : walked;
}

static enum err languages_read(struct grading *x)
{
	enum err e = segment_languages(x->m, x->g, &x->doc_languages);

	for (size_t i = 0; !e && i < x->doc_languages.n; i++)
		x->languages |= BIT(x->doc_languages.p[i]);
	return e;
}

static bool is_look(struct cur *c, uint32_t docs, uint32_t doc, uint32_t *before, uint32_t *lo,
                    uint32_t *end)
{
	while (*end <= doc)
		if (!posting_next(c, docs, before, lo, end))
			return false;
	return *lo <= doc;
}

/* Documents that have to be read are hits without a score. */
static enum err hits_add(const struct grading *x, struct search_found *out)
{
	struct segment_docs docs;
	struct segment_doc doc;
	uint32_t before = 0, lo = 0, end = 0;
	struct str row;
	struct cur look;
	enum err e = segment_look(x->m, x->g, &row);

	if (e)
		return e;
	look = cur_of(row);
	segment_docs_init(&docs, x->m, x->g, 0, 0);
	while (segment_docs_next(&docs, &doc)) {
		bool read = is_look(&look, x->g->docs, doc.doc, &before, &lo, &end);
		unsigned score = fuzzy_total(x->f, x->best[doc.doc]);

		if (read)
			ids_add(&out->look, doc.email);
		if (read || score)
			ids_add(&out->hits, doc.email);
		if (score && !read)
			search_scores_add(&out->scores, doc.email, score);
	}
	return segment_docs_end(&docs);
}

static enum err segment_grade(const struct mail_txn *m, const struct segment *g, struct fuzzy *f,
                              unsigned fields, struct search_found *out)
{
	struct grading x = { .m = m, .g = g, .f = f, .fields = fields };
	enum err e = languages_read(&x);

	x.best = mem_new(g->docs * sizeof(*x.best));
	for (unsigned field = 0; field < SEARCH_FIELDS && !e; field++)
		if (fields & BIT(field))
			e = field_grade(&x, (enum search_field)field);
	if (!e)
		e = hits_add(&x, out);
	mem_free(x.best);
	return e;
}

/* --- all -------------------------------------------------------------------------------- */

enum err search_find_fuzzy(const struct mail_txn *m, unsigned fields, struct str pattern,
                           struct search_found *out)
{
	struct search_state *s;
	struct fuzzy f;
	enum err e;

	fuzzy_init(&f, pattern, fields);
	if (f.n == 0) {
		fuzzy_deinit(&f);
		return OK;
	}
	s = arena_new(txn_arena(m->t), struct search_state);
	e = search_state_get(m, s);
	for (uint32_t i = 0; i < s->count && !e; i++)
		e = segment_grade(m, &s->segments[i], &f, fields, out);
	fuzzy_deinit(&f);
	if (!e) {
		out->known_to = s->known_to;
		out->exact = true;
	} else {
		search_found_deinit(out);
	}
	return e == ERR_CORRUPT ? OK : e;
}

/* --- scores ----------------------------------------------------------------------------- */

void search_scores_add(struct search_scores *s, uint64_t email, unsigned score)
{
	if (s->n == s->cap) {
		s->cap = MAX(64, 2 * s->cap);
		s->emails = mem_resize(s->emails, s->cap * sizeof(*s->emails));
		s->scores = mem_resize(s->scores, s->cap * sizeof(*s->scores));
	}
	s->emails[s->n] = email;
	s->scores[s->n++] = (uint8_t)score;
}

unsigned search_found_score(const struct search_found *f, uint64_t email)
{
	const struct search_scores *s = &f->scores;
	size_t lo = 0, hi = s->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->emails[mid] < email)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < s->n && s->emails[lo] == email ? s->scores[lo] : 0;
}
