/* model/search/gather.c: see gather.h. */
#include "model/search/gather.h"

#include "foundation/base/mem.h"
#include "foundation/base/random.h"
#include "model/search/words.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS_FIRST = 1 << 12 };

void gather_init(struct gather *g, uint32_t doc_words_max)
{
	*g = (struct gather){ .slots = SLOTS_FIRST, .doc_words_max = doc_words_max };
	g->words = mem_new(g->slots * sizeof(struct gather_word *));
	random_bytes(&g->seed, sizeof(g->seed));
}

void gather_deinit(struct gather *g)
{
	arena_deinit(&g->arena);
	mem_free(g->words);
	mem_free(g->docs);
	*g = (struct gather){ 0 };
}

size_t gather_bytes(const struct gather *g)
{
	return g->arena.used_bytes + g->slots * sizeof(struct gather_word *);
}

/* --- the table -------------------------------------------------------------------------- */

/* Words come from peers, so the hash has a seed; it reads 8 bytes at a time, since there are many
 * words. */
static uint64_t word_hash(const struct gather *g, enum search_field field, struct str w)
{
	uint64_t h = g->seed ^ (uint64_t)field << 56 ^ w.n, piece;

	for (; w.n >= 8; w = str_sub(w, 8, w.n)) {
		memcpy(&piece, w.p, 8);
		h = (h ^ piece) * 0x9fb21c651e98df25;
		h ^= h >> 29 ^ g->seed >> 7;
	}
	piece = 0;
	if (w.n)
		memcpy(&piece, w.p, w.n);
	h = (h ^ piece) * 0x9fb21c651e98df25;
	return h ^ h >> 31;
}

static size_t slot_of(const struct gather *g, enum search_field field, struct str word)
{
	size_t i = word_hash(g, field, word) & (g->slots - 1);

	while (g->words[i] && !(g->words[i]->field == field && str_eq(g->words[i]->word, word)))
		i = (i + 1) & (g->slots - 1);
	return i;
}

static void table_grow(struct gather *g)
{
	struct gather_word **old = g->words;
	size_t old_slots = g->slots;

	g->slots *= 2;
	g->words = mem_new(g->slots * sizeof(struct gather_word *));
	for (size_t i = 0; i < old_slots; i++)
		if (old[i])
			g->words[slot_of(g, old[i]->field, old[i]->word)] = old[i];
	mem_free(old);
}

static void doc_push(struct gather *g, struct gather_word *w, uint32_t doc)
{
	if (w->count == w->cap) {
		uint32_t *docs = arena_array(&g->arena, uint32_t, MAX(2, 2 * (size_t)w->cap));

		if (w->count)
			memcpy(docs, w->docs, w->count * sizeof(*docs));
		w->docs = docs;
		w->cap = MAX(2, 2 * w->cap);
	}
	w->docs[w->count++] = doc;
}

static void word_add(struct gather *g, enum search_field field, struct str word)
{
	uint32_t doc = g->doc_count - 1;
	struct gather_word **slot = &g->words[slot_of(g, field, word)];

	if (*slot && (*slot)->count && (*slot)->docs[(*slot)->count - 1] == doc)
		return;
	if (g->doc_words++ >= g->doc_words_max) {
		g->docs[doc].look = true;
		return;
	}
	if (!*slot) {
		*slot = arena_new(&g->arena, struct gather_word);
		**slot = (struct gather_word){ .word = str_dup(&g->arena, word), .field = field };
		g->count++;
	}
	doc_push(g, *slot, doc);
	if (2 * g->count > g->slots)
		table_grow(g);
}

/* --- a message -------------------------------------------------------------------------- */

struct adding {
	struct gather *g;
	struct search_language guess;
};

static bool on_word(void *arg, enum search_field field, struct str word)
{
	struct adding *a = arg;

	(void)search_language_take(&a->guess, field, word);
	word_add(a->g, field, word);
	return !a->g->docs[a->g->doc_count - 1].look;
}

static void words_add(struct gather *g, struct str raw, size_t header_bytes,
                      const struct message_limits *limits)
{
	struct adding a = { .g = g };

	search_language_init(&a.guess, str_sub(raw, 0, header_bytes));
	(void)search_words(raw, header_bytes, limits, on_word, &a);
	g->docs[g->doc_count - 1].language = search_language_end(&a.guess);
}

void gather_add(struct gather *g, uint64_t email, struct str raw, size_t header_bytes,
                const struct message_limits *limits, const struct search_keys *keys)
{
	struct gather_doc *doc;

	if (g->doc_count == g->doc_cap) {
		g->doc_cap = MAX(64, 2 * g->doc_cap);
		g->docs = mem_resize(g->docs, g->doc_cap * sizeof(*g->docs));
	}
	doc = &g->docs[g->doc_count++];
	*doc = (struct gather_doc){ .email = email, .look = raw.n == 0 };
	for (size_t i = 0; i < SEARCH_COLUMNS; i++)
		doc->keys.values[i] = str_dup(&g->arena, keys->values[i]);
	g->doc_words = 0;
	if (raw.n)
		words_add(g, raw, header_bytes, limits);
}

static int word_order(const void *a, const void *b)
{
	const struct gather_word *x = *(struct gather_word *const *)a;
	const struct gather_word *y = *(struct gather_word *const *)b;

	return x->field != y->field ? (x->field < y->field ? -1 : 1) : str_cmp(x->word, y->word);
}

void gather_sort(struct gather *g)
{
	size_t n = 0;

	for (size_t i = 0; i < g->slots; i++)
		if (g->words[i])
			g->words[n++] = g->words[i];
	qsort(g->words, n, sizeof(struct gather_word *), word_order);
}
