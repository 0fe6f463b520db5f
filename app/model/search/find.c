/* model/search/find.c: see find.h. */
#include "model/search/find.h"

#include "foundation/base/mem.h"
#include "model/search/posting.h"
#include "model/search/segment.h"
#include "model/search/token.h"
#include "model/store/store.h"

#include <string.h>

/* Documents of a segment, one bit each. */
struct docs {
	uint32_t n;
	uint64_t *bits;
};

static void docs_init(struct docs *d, uint32_t n)
{
	d->n = n;
	d->bits = mem_new((n + 63) / 64 * sizeof(*d->bits));
}

static void docs_deinit(struct docs *d)
{
	mem_clear(&d->bits);
}

static bool docs_add(struct docs *d, struct str posting)
{
	struct cur c = cur_of(posting);
	uint32_t before = 0, lo, end;

	while (posting_next(&c, d->n, &before, &lo, &end))
		for (; lo < end; lo++)
			d->bits[lo / 64] |= (uint64_t)1 << lo % 64;
	return cur_done(&c);
}

/* --- words ------------------------------------------------------------------------------ */

/* The byte string to search among words, each between NULs. */
struct needle {
	size_t n;
	char p[TOKEN_MAX + 2];
	bool from_begin; /* a NUL is before it */
};

static struct needle needle_of(const struct token *t)
{
	struct needle k = { .from_begin = t->part == TOKEN_PREFIX || t->part == TOKEN_WHOLE };

	if (k.from_begin)
		k.p[k.n++] = '\0';
	assert(t->word.n <= TOKEN_MAX);
	memcpy(k.p + k.n, t->word.p, t->word.n);
	k.n += t->word.n;
	if (t->part == TOKEN_SUFFIX || t->part == TOKEN_WHOLE)
		k.p[k.n++] = '\0';
	return k;
}

static size_t nul_count(const char *p, const char *end)
{
	size_t n = 0;

	while (p < end && (p = memchr(p, '\0', (size_t)(end - p))) != NULL) {
		n++;
		p++;
	}
	return n;
}

/* Adds the documents of all words of the block that contain the needle. */
static bool block_find(struct block *b, const struct needle *k, struct docs *to)
{
	const char *end = b->words.p + b->words.n, *counted = b->words.p;
	size_t nuls = 0; /* before counted */
	struct str rest = b->words, posting, what = str_from(k->p, k->n);
	ptrdiff_t at;

	while ((at = str_find(rest, what)) >= 0) {
		const char *begin = rest.p + at + (k->from_begin ? 1 : 0);
		const char *next = memchr(begin, '\0', (size_t)(end - begin));

		nuls += nul_count(counted, begin);
		counted = begin;
		if (!next || nuls == 0 || !block_posting(b, (uint32_t)nuls - 1, &posting) ||
		    !docs_add(to, posting))
			return false;
		rest = str_from(next, (size_t)(end - next));
	}
	return true;
}

/* A search in a segment: each word of the pattern, and the documents that have it. */
struct finding {
	struct needle needles[PATTERN_TOKENS];
	struct docs docs[PATTERN_TOKENS];
	size_t count;
};

static bool block_find_all(struct block *b, struct finding *f)
{
	for (size_t i = 0; i < f->count; i++) {
		block_rewind(b);
		if (!block_find(b, &f->needles[i], &f->docs[i]))
			return false;
	}
	return true;
}

static enum err rows_find(const struct mail_txn *m, struct str prefix, struct finding *f)
{
	struct kv_iter it;
	struct block b;
	enum err e = OK, walked;

	block_init(&b);
	kv_iter_prefix(&it, m->t, SPACE_SEARCH, prefix);
	while (!e && kv_iter_next(&it))
		if (!block_read(&b, m->t, it.val) || !block_find_all(&b, f))
			e = ERR_CORRUPT;
	walked = kv_iter_end(&it);
	block_deinit(&b);
	return e ? e : walked;
}

/* A whole word, or a prefix, could be found without reading all blocks. Most patterns are neither,
 * so all blocks are read. */
static enum err words_find(const struct mail_txn *m, const struct segment *g, unsigned fields,
                           struct finding *f)
{
	struct search_key key;
	enum err e = OK;

	if (fields == SEARCH_EVERYWHERE) {
		search_key_kind(&key, m->account, g->number, ROW_TERMS);
		return rows_find(m, search_key_str(&key), f);
	}
	for (unsigned i = 0; i < SEARCH_FIELDS && !e; i++) {
		if (!(fields & BIT(i)))
			continue;
		search_key_term(&key, m->account, g->number, (enum search_field)i, STR_EMPTY);
		e = rows_find(m, search_key_str(&key), f);
	}
	return e;
}

/* --- a segment -------------------------------------------------------------------------- */

static enum err look_read(const struct mail_txn *m, const struct segment *g, struct docs *look)
{
	struct str row;
	enum err e = segment_look(m, g, &row);

	return e ? e : docs_add(look, row) ? OK : ERR_CORRUPT;
}

static bool docs_any(const struct docs *d)
{
	for (uint32_t i = 0; i < (d->n + 63) / 64; i++)
		if (d->bits[i])
			return true;
	return false;
}

static enum err ids_read(const struct mail_txn *m, const struct segment *g, const struct docs *hits,
                         const struct docs *look, struct search_found *out)
{
	struct segment_docs docs;
	struct segment_doc doc;

	if (!docs_any(hits))
		return OK;
	segment_docs_init(&docs, m, g, 0, 0);
	while (segment_docs_next(&docs, &doc)) {
		if (hits->bits[doc.doc / 64] >> doc.doc % 64 & 1)
			ids_add(&out->hits, doc.email);
		if (look->bits[doc.doc / 64] >> doc.doc % 64 & 1)
			ids_add(&out->look, doc.email);
	}
	return segment_docs_end(&docs);
}

/* The documents that contain all words. */
static void hits_take(struct docs *hits, const struct finding *f)
{
	for (uint32_t w = 0; w < (hits->n + 63) / 64; w++) {
		hits->bits[w] = f->docs[0].bits[w];
		for (size_t i = 1; i < f->count; i++)
			hits->bits[w] &= f->docs[i].bits[w];
	}
}

static enum err segment_find(const struct mail_txn *m, const struct segment *g, unsigned fields,
                             const struct token *tokens, size_t count, struct search_found *out)
{
	struct finding *f = arena_new(txn_arena(m->t), struct finding);
	struct docs hits, look;
	enum err e;

	docs_init(&hits, g->docs);
	docs_init(&look, g->docs);
	f->count = count;
	for (size_t i = 0; i < count; i++) {
		f->needles[i] = needle_of(&tokens[i]);
		docs_init(&f->docs[i], g->docs);
	}
	e = words_find(m, g, fields, f);
	hits_take(&hits, f);
	if (!e)
		e = look_read(m, g, &look);
	for (uint32_t w = 0; w < (g->docs + 63) / 64; w++)
		hits.bits[w] |= look.bits[w];
	if (!e)
		e = ids_read(m, g, &hits, &look, out);
	for (size_t i = 0; i < count; i++)
		docs_deinit(&f->docs[i]);
	docs_deinit(&hits);
	docs_deinit(&look);
	return e;
}

/* --- all -------------------------------------------------------------------------------- */

enum err search_find(const struct mail_txn *m, unsigned fields, struct str pattern,
                     struct search_found *out)
{
	struct token tokens[PATTERN_TOKENS];
	struct search_state *s;
	size_t count = token_pattern(pattern, tokens, &out->exact);
	enum err e = OK;

	if (count == 0)
		return OK;
	s = arena_new(txn_arena(m->t), struct search_state);
	e = search_state_get(m, s);
	for (uint32_t i = 0; i < s->count && !e; i++)
		e = segment_find(m, &s->segments[i], fields, tokens, count, out);
	if (!e)
		out->known_to = s->known_to;
	else
		search_found_deinit(out);
	return e == ERR_CORRUPT ? OK : e;
}

void search_found_deinit(struct search_found *f)
{
	ids_deinit(&f->hits);
	ids_deinit(&f->look);
	mem_clear(&f->scores.emails);
	mem_clear(&f->scores.scores);
	f->scores = (struct search_scores){ .n = 0 };
	f->known_to = 0;
}

enum search_says search_found_says(const struct search_found *f, uint64_t email)
{
	if (email > f->known_to)
		return SAYS_MAYBE;
	if (!ids_has(&f->hits, email))
		return SAYS_NO;
	return f->exact && !ids_has(&f->look, email) ? SAYS_YES : SAYS_MAYBE;
}
