/* model/search/segment.c: writing a segment; see segment.h. */
#include "model/search/segment.h"

#include "foundation/base/mem.h"
#include "foundation/base/pack.h"
#include "model/store/packed.h"
#include "model/store/store.h"

#include <string.h>

enum {
	BLOCK_BYTES = 64 << 10,  /* of words with their postings, before they are packed */
	COLUMN_BYTES = 24 << 10, /* of a column, before it is packed                    */
	BLOCK_DOCS = 1024,
	POSTING_MAX = 3 << 20,   /* less than KV_VALUE_MAX: all of a segment's documents */
	FLUSH_BYTES = 256 << 10, /* of rows in a transaction                             */
};

/* --- rows ------------------------------------------------------------------------------- */

static void row_add(struct segment_writer *w, const struct search_key *k, struct str value)
{
	if (w->count == w->cap) {
		w->cap = MAX(32, 2 * w->cap);
		w->rows = mem_resize(w->rows, w->cap * sizeof(*w->rows));
	}
	w->rows[w->count++] = (struct segment_row){ str_dup(&w->arena, search_key_str(k)),
		                                    str_dup(&w->arena, value) };
	w->bytes += value.n;
}

static void packed_row_add(struct segment_writer *w, const struct search_key *k, struct str value)
{
	struct buf packed;

	buf_init(&packed, KV_VALUE_MAX);
	packed_put(w->store, PACKED_PLAIN, value, &packed);
	assert(buf_ok(&packed));
	row_add(w, k, buf_str(&packed));
	buf_deinit(&packed);
}

/* Two strings as one packed value, with its length before it. */
static void packed_value_put(struct segment_writer *w, struct buf *row, const struct buf *a,
                             const struct buf *b)
{
	struct buf both, packed;

	buf_init(&both, PACKED_MAX);
	buf_init(&packed, PACKED_MAX + 1);
	buf_put(&both, buf_str(a));
	buf_put(&both, buf_str(b));
	packed_put(w->store, PACKED_PLAIN, buf_str(&both), &packed);
	assert(buf_ok(&both) && buf_ok(&packed));
	pack_str(row, buf_str(&packed));
	buf_deinit(&both);
	buf_deinit(&packed);
}

static void words_forget(struct segment_writer *w)
{
	w->words_count = 0;
	buf_reset(&w->last);
	buf_reset(&w->shared);
	buf_reset(&w->own);
	buf_reset(&w->letters);
	buf_reset(&w->lengths);
	buf_reset(&w->postings);
}

/* rows.h describes the format. */
static void words_close(struct segment_writer *w)
{
	struct buf row, none = { .max = 1 };
	struct search_key k;

	if (w->words_count == 0)
		return;
	buf_init(&row, KV_VALUE_MAX);
	pack_u64(&row, w->field);
	pack_u64(&row, w->words_count);
	packed_value_put(w, &row, &w->shared, &w->own);
	packed_value_put(w, &row, &w->letters, &none);
	packed_value_put(w, &row, &w->lengths, &w->postings);
	assert(buf_ok(&row));
	search_key_term(&k, w->account, w->segment.number, w->field, buf_str(&w->first));
	row_add(w, &k, buf_str(&row));
	buf_deinit(&row);
	words_forget(w);
}

static void docs_close(struct segment_writer *w)
{
	struct search_key k;

	if (w->docs_first == w->segment.docs)
		return;
	search_key_doc(&k, w->account, w->segment.number, ROW_IDS, w->docs_first);
	row_add(w, &k, buf_str(&w->ids));
	buf_reset(&w->ids);
	for (unsigned i = 0; i < SEARCH_COLUMNS; i++) {
		search_key_doc(&k, w->account, w->segment.number, ROW_COLUMN + i, w->docs_first);
		packed_row_add(w, &k, buf_str(&w->columns[i]));
		buf_reset(&w->columns[i]);
	}
	w->docs_first = w->segment.docs;
	w->docs_email = 0;
}

/* --- documents and words ---------------------------------------------------------------- */

void segment_doc(struct segment_writer *w, const struct segment_entry *doc,
                 const struct search_keys *keys)
{
	bool full = w->segment.docs - w->docs_first + 1 >= BLOCK_DOCS;

	if (w->segment.docs == 0)
		w->segment.first = doc->email;
	w->segment.last = doc->email;
	if (doc->look)
		posting_put(&w->look_writer, &w->look, w->segment.docs);
	buf_byte(&w->languages, (char)doc->language);
	w->segment.docs++;
	pack_u64(&w->ids, doc->email - w->docs_email);
	w->docs_email = doc->email;
	for (size_t i = 0; i < SEARCH_COLUMNS; i++) {
		pack_str(&w->columns[i], keys->values[i]);
		full = full || w->columns[i].n >= COLUMN_BYTES;
	}
	if (full)
		docs_close(w);
}

static void word_put(struct segment_writer *w, struct str word)
{
	struct str last = buf_str(&w->last);
	size_t shared = 0;

	while (shared < MIN(word.n, last.n) && word.p[shared] == last.p[shared])
		shared++;
	buf_byte(&w->shared, (char)shared);
	buf_byte(&w->own, (char)(word.n - shared));
	buf_put(&w->letters, str_sub(word, shared, word.n));
	buf_reset(&w->last);
	buf_put(&w->last, word);
}

void segment_word(struct segment_writer *w, enum search_field field, struct str word,
                  struct str posting)
{
	if (w->words_count &&
	    (field != w->field || w->words_count == BLOCK_WORDS ||
	     2 * w->words_count + w->letters.n + w->postings.n + posting.n > BLOCK_BYTES))
		words_close(w);
	w->field = field;
	if (w->words_count++ == 0) {
		buf_reset(&w->first);
		buf_put(&w->first, word);
	}
	word_put(w, word);
	pack_u64(&w->lengths, posting.n);
	buf_put(&w->postings, posting);
}

bool segment_full(const struct segment_writer *w)
{
	return w->bytes >= FLUSH_BYTES;
}

/* --- transactions ----------------------------------------------------------------------- */

static enum err segment_number_take(struct txn *t, void *arg)
{
	struct segment_writer *w = arg;
	struct mail_txn m = { .t = t, .account = w->account };
	struct search_state s;
	uint64_t modseq;
	enum err e;

	if ((e = mail_modseq(&m, &modseq)) || (e = search_state_get(&m, &s)))
		return e;
	if (s.segment_next == UINT32_MAX)
		return ERR_LIMIT;
	w->segment.number = s.segment_next++;
	return search_state_put(&m, &s);
}

enum err segment_begin(struct segment_writer *w, struct store *s, uint32_t account)
{
	*w = (struct segment_writer){ .store = s, .account = account };
	buf_init(&w->first, BLOCK_WORD_MAX);
	buf_init(&w->last, BLOCK_WORD_MAX);
	buf_init(&w->shared, BLOCK_WORDS);
	buf_init(&w->own, BLOCK_WORDS);
	buf_init(&w->letters, BLOCK_BYTES + BLOCK_WORD_MAX);
	buf_init(&w->lengths, 4 * BLOCK_WORDS);
	buf_init(&w->postings, POSTING_MAX);
	buf_init(&w->look, POSTING_MAX);
	buf_init(&w->languages, SEGMENT_DOCS_MAX);
	buf_init(&w->ids, 10 * BLOCK_DOCS);
	for (size_t i = 0; i < SEARCH_COLUMNS; i++)
		buf_init(&w->columns[i], COLUMN_BYTES + 2 * SEARCH_VALUE_MAX);
	return store_write(s, segment_number_take, w, NULL);
}

static enum err segment_rows_put(struct txn *t, void *arg)
{
	struct segment_writer *w = arg;
	struct mail_txn m = { .t = t, .account = w->account };
	uint64_t modseq;
	enum err e = mail_modseq(&m, &modseq);

	for (size_t i = 0; i < w->count && !e; i++)
		e = kv_put(t, SPACE_SEARCH, w->rows[i].key, w->rows[i].value);
	return e;
}

static void rows_forget(struct segment_writer *w)
{
	w->count = w->bytes = 0;
	arena_reset(&w->arena);
}

enum err segment_flush(struct segment_writer *w)
{
	enum err e = w->count ? store_write(w->store, segment_rows_put, w, NULL) : OK;

	rows_forget(w);
	return e;
}

struct commit {
	struct segment_writer *w;
	uint64_t known_to;
	const uint32_t *instead;
	size_t count;
};

static bool is_one_of(uint32_t number, const uint32_t *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (numbers[i] == number)
			return true;
	return false;
}

/* Inserts the segment in order. */
static bool state_list(struct search_state *s, const struct segment *g)
{
	uint32_t at = s->count;

	if (s->count == SEARCH_SEGMENTS)
		return false;
	for (; at > 0 && s->segments[at - 1].first > g->first; at--)
		s->segments[at] = s->segments[at - 1];
	s->segments[at] = *g;
	s->count++;
	return true;
}

static enum err segment_state_commit(struct txn *t, void *arg)
{
	struct commit *c = arg;
	struct mail_txn m = { .t = t, .account = c->w->account };
	struct search_state s;
	uint32_t n = 0;
	enum err e = segment_rows_put(t, c->w);

	if (e || (e = search_state_get(&m, &s)))
		return e;
	for (uint32_t i = 0; i < s.count; i++)
		if (!is_one_of(s.segments[i].number, c->instead, c->count))
			s.segments[n++] = s.segments[i];
	if (s.count - n != c->count) /* it was dropped meanwhile */
		return ERR_CONFLICT;
	s.count = n;
	s.known_to = MAX(s.known_to, c->known_to);
	if (c->w->segment.docs && !state_list(&s, &c->w->segment))
		return ERR_LIMIT;
	return search_state_put(&m, &s);
}

enum err segment_commit(struct segment_writer *w, uint64_t known_to, const uint32_t *instead,
                        size_t count)
{
	struct commit c = { w, known_to, instead, count };
	struct search_key k;
	enum err e;

	words_close(w);
	docs_close(w);
	posting_put_end(&w->look_writer, &w->look);
	assert(buf_ok(&w->look) && buf_ok(&w->languages));
	if (w->look.n) {
		search_key_kind(&k, w->account, w->segment.number, ROW_LOOK);
		row_add(w, &k, buf_str(&w->look));
	}
	if (w->languages.n) {
		search_key_kind(&k, w->account, w->segment.number, ROW_LANGUAGES);
		row_add(w, &k, buf_str(&w->languages));
	}
	e = store_write(w->store, segment_state_commit, &c, NULL);
	rows_forget(w);
	return e;
}

void segment_end(struct segment_writer *w)
{
	arena_deinit(&w->arena);
	mem_clear(&w->rows);
	buf_deinit(&w->first);
	buf_deinit(&w->last);
	buf_deinit(&w->shared);
	buf_deinit(&w->own);
	buf_deinit(&w->letters);
	buf_deinit(&w->lengths);
	buf_deinit(&w->postings);
	buf_deinit(&w->look);
	buf_deinit(&w->languages);
	buf_deinit(&w->ids);
	for (size_t i = 0; i < SEARCH_COLUMNS; i++)
		buf_deinit(&w->columns[i]);
}
