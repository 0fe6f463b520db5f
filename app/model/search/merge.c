/* model/search/merge.c: see merge.h. */
#include "model/search/merge.h"

#include "foundation/base/mem.h"
#include "model/mailbox/placement.h"
#include "model/search/segment.h"
#include "model/search/token.h"
#include "model/store/store.h"

#include <string.h>

enum {
	FAN = 8,        /* so many of one size become one segment       */
	SMALLEST = 512, /* documents; fewer are all of one size         */
	DROPPED = UINT32_MAX,
};

/* --- selection -------------------------------------------------------------------------- */

/* 0 for the smallest, one more for FAN times as many documents. */
static unsigned size_of(const struct segment *g)
{
	unsigned size = 0;

	for (uint64_t docs = SMALLEST; g->docs >= docs; docs *= FAN)
		size++;
	return size;
}

size_t search_merge_plan(const struct search_state *s, size_t *first)
{
	for (uint32_t from = 0; from + FAN <= s->count; from++) {
		uint64_t docs = 0;
		size_t n = 0;

		while (from + n < s->count && n < MERGE_MAX &&
		       size_of(&s->segments[from + n]) <= size_of(&s->segments[from]) &&
		       docs + s->segments[from + n].docs <= SEGMENT_DOCS_MAX)
			docs += s->segments[from + n++].docs;
		if (n >= FAN) {
			*first = from;
			return n;
		}
	}
	return 0;
}

/* --- sources ---------------------------------------------------------------------------- */

/* A segment that is read. Between transactions only key and index hold its position. */
struct source {
	struct segment segment;
	uint32_t *docs; /* number in the new one, or DROPPED */
	struct search_key key;
	uint32_t index; /* of the word in the block */
	bool ended;
	/* in a transaction */
	struct kv_iter rows;
	struct block block;
	const char *word_at;
	struct str word, posting;
};

struct merge {
	struct segment_writer w;
	uint32_t account;
	struct source *sources;
	size_t count;
	size_t at;    /* the source of the documents that are read */
	uint32_t doc; /* the first document that is not read yet */
	bool done;
	struct buf posting;
};

/* --- documents -------------------------------------------------------------------------- */

/* Is doc in the list? Documents ascend from call to call. */
struct look_cursor {
	struct cur c;
	uint32_t before, lo, end;
};

static bool merge_check(struct look_cursor *l, uint32_t max, uint32_t doc)
{
	while (l->end <= doc)
		if (!posting_next(&l->c, max, &l->before, &l->lo, &l->end))
			return false;
	return l->lo <= doc;
}

static enum err email_there(const struct mail_txn *m, uint64_t email, bool *there)
{
	struct placement any;
	enum err e = placement_first(m, email, &any);

	*there = e == OK;
	return e == ERR_MISSING ? OK : e;
}

static void doc_put(struct segment_writer *w, const struct segment_doc *doc, bool look,
                    struct str languages)
{
	struct segment_entry entry = { .email = doc->email,
		                       .look = look,
		                       .language = (enum language)languages.p[doc->doc] };
	struct search_keys keys;

	memcpy(keys.values, doc->values, sizeof(keys.values));
	segment_doc(w, &entry, &keys);
}

static enum err docs_slice(struct txn *t, void *arg)
{
	struct merge *g = arg;
	struct source *s = &g->sources[g->at];
	struct mail_txn m = { .t = t, .account = g->account };
	struct segment_docs docs;
	struct segment_doc doc;
	struct look_cursor look = { 0 };
	struct str row, languages = STR_EMPTY;
	enum err e = segment_look(&m, &s->segment, &row);
	bool there;

	look.c = cur_of(row);
	if (!e)
		e = segment_languages(&m, &s->segment, &languages);
	segment_docs_init(&docs, &m, &s->segment, BIT(SEARCH_COLUMNS) - 1, g->doc);
	while (!e && !(segment_docs_block(&docs) && segment_full(&g->w)) &&
	       segment_docs_next(&docs, &doc)) {
		if ((e = email_there(&m, doc.email, &there)))
			break;
		s->docs[doc.doc] = there ? g->w.segment.docs : DROPPED;
		if (there)
			doc_put(&g->w, &doc, merge_check(&look, s->segment.docs, doc.doc),
			        languages);
	}
	g->doc = docs.doc;
	return e ? e : segment_docs_end(&docs);
}

static enum err docs_merge(struct merge *g)
{
	enum err e = OK;

	for (g->at = 0; g->at < g->count && !e; g->at++)
		for (g->doc = 0; g->doc < g->sources[g->at].segment.docs && !e;)
			if ((e = store_read(g->w.store, docs_slice, g)) == OK)
				e = segment_flush(&g->w);
	return e;
}

/* --- words ------------------------------------------------------------------------------ */

/* The next word of the block, or the first of the next block. */
static enum err source_next(struct source *s, const struct mail_txn *m)
{
	const char *end, *nul;

	if (s->index == s->block.count) {
		if (!kv_iter_next(&s->rows)) {
			s->ended = true;
			return OK;
		}
		if (!block_read(&s->block, m->t, s->rows.val) || s->rows.key.n > SEARCH_KEY_MAX)
			return ERR_CORRUPT;
		memcpy(s->key.p, s->rows.key.p, s->rows.key.n);
		s->key.n = s->rows.key.n;
		s->index = 0;
		s->word_at = s->block.words.p + 1;
	}
	end = s->block.words.p + s->block.words.n;
	nul = s->word_at < end ? memchr(s->word_at, '\0', (size_t)(end - s->word_at)) : NULL;
	if (!nul || nul - s->word_at > TOKEN_MAX ||
	    !block_posting(&s->block, s->index, &s->posting))
		return ERR_CORRUPT;
	s->word = str_from(s->word_at, (size_t)(nul - s->word_at));
	s->word_at = nul + 1;
	s->index++;
	return OK;
}

/* Continues where the previous transaction stopped: at the word before index of the block. */
static enum err source_resume(struct source *s, const struct mail_txn *m)
{
	uint32_t index = s->index;
	struct search_key from, to;
	enum err e = OK;

	search_key_kind(&from, m->account, s->segment.number, ROW_TERMS);
	search_key_kind(&to, m->account, s->segment.number, ROW_TERMS + 1);
	if (s->key.n)
		from = s->key;
	kv_iter_init(&s->rows, m->t, SPACE_SEARCH, search_key_str(&from), search_key_str(&to));
	s->block.count = 0;
	s->index = 0;
	do
		e = source_next(s, m);
	while (!e && !s->ended && s->index < index);
	return e;
}

static int word_order(const struct source *a, const struct source *b)
{
	if (a->block.field != b->block.field)
		return a->block.field < b->block.field ? -1 : 1;
	return str_cmp(a->word, b->word);
}

static bool posting_add(struct source *s, struct posting_writer *w, struct buf *out)
{
	struct cur c = cur_of(s->posting);
	uint32_t before = 0, lo, end;

	while (posting_next(&c, s->segment.docs, &before, &lo, &end))
		for (; lo < end; lo++)
			if (s->docs[lo] != DROPPED)
				posting_put(w, out, s->docs[lo]);
	return cur_done(&c);
}

/* Writes the least word of all sources, with its documents of every source that has it. */
static enum err word_merge(struct merge *g, const struct mail_txn *m)
{
	struct source *least = NULL;
	struct posting_writer w = { 0 };
	char word[TOKEN_MAX];
	size_t n;
	enum search_field field;

	for (size_t i = 0; i < g->count; i++)
		if (!g->sources[i].ended && (!least || word_order(&g->sources[i], least) < 0))
			least = &g->sources[i];
	if (!least) {
		g->done = true;
		return OK;
	}
	n = least->word.n;
	memcpy(word, least->word.p, n);
	field = least->block.field;
	buf_reset(&g->posting);
	for (size_t i = 0; i < g->count; i++) {
		struct source *s = &g->sources[i];
		enum err e;

		if (s->ended || s->block.field != field || !str_eq(s->word, str_from(word, n)))
			continue;
		if (!posting_add(s, &w, &g->posting))
			return ERR_CORRUPT;
		if ((e = source_next(s, m)))
			return e;
	}
	posting_put_end(&w, &g->posting);
	if (g->posting.n)
		segment_word(&g->w, field, str_from(word, n), buf_str(&g->posting));
	return OK;
}

static enum err words_slice(struct txn *t, void *arg)
{
	struct merge *g = arg;
	struct mail_txn m = { .t = t, .account = g->account };
	enum err e = OK;
	size_t open = 0;

	while (open < g->count && !e)
		e = source_resume(&g->sources[open++], &m);
	while (!e && !g->done && !segment_full(&g->w))
		e = word_merge(g, &m);
	for (size_t i = 0; i < open; i++) {
		enum err walked = kv_iter_end(&g->sources[i].rows);

		e = e ? e : walked;
	}
	return e;
}

static enum err words_merge(struct merge *g, bool (*go_on)(void *arg), void *arg)
{
	enum err e = OK;

	while (!g->done && !e) {
		if (!go_on(arg))
			return ERR_RETRY;
		if ((e = store_read(g->w.store, words_slice, g)) == OK)
			e = segment_flush(&g->w);
	}
	return e;
}

enum err search_merge(struct store *s, uint32_t account, const struct segment *segments,
                      size_t count, bool (*go_on)(void *arg), void *arg)
{
	struct merge g = { .account = account, .count = count };
	uint32_t numbers[MERGE_MAX];
	enum err e;

	assert(count <= MERGE_MAX);
	g.sources = mem_new(count * sizeof(*g.sources));
	buf_init(&g.posting, MIB(3));
	for (size_t i = 0; i < count; i++) {
		g.sources[i].segment = segments[i];
		block_init(&g.sources[i].block);
		g.sources[i].docs = mem_new(segments[i].docs * sizeof(uint32_t));
		numbers[i] = segments[i].number;
	}
	e = segment_begin(&g.w, s, account);
	if (!e && !(e = docs_merge(&g)) && !(e = words_merge(&g, go_on, arg)))
		e = segment_commit(&g.w, 0, numbers, count);
	segment_end(&g.w);
	for (size_t i = 0; i < count; i++) {
		block_deinit(&g.sources[i].block);
		mem_free(g.sources[i].docs);
	}
	mem_free(g.sources);
	buf_deinit(&g.posting);
	return e;
}
