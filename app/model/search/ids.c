/* model/search/ids.c: see ids.h. */
#include "model/search/ids.h"

#include "foundation/base/mem.h"

void ids_deinit(struct ids *s)
{
	mem_free(s->chunks);
	*s = (struct ids){ 0 };
}

static struct ids_chunk *chunk_push(struct ids *s)
{
	if (s->n == s->cap) {
		s->cap = MAX(8, 2 * s->cap);
		s->chunks = mem_resize(s->chunks, s->cap * sizeof(*s->chunks));
	}
	s->chunks[s->n] = (struct ids_chunk){ 0 };
	return &s->chunks[s->n++];
}

void ids_add(struct ids *s, uint64_t id)
{
	uint64_t base = id - id % IDS_CHUNK;
	struct ids_chunk *c = s->n ? &s->chunks[s->n - 1] : NULL;

	assert(!c || c->base <= base);
	if (!c || c->base != base) {
		c = chunk_push(s);
		c->base = base;
	}
	c->bits[(id - base) / 64] |= (uint64_t)1 << (id - base) % 64;
}

/* The first chunk that ends after id; s->n when there is none. */
static size_t chunk_find(const struct ids *s, uint64_t id)
{
	size_t lo = 0, hi = s->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->chunks[mid].base + (IDS_CHUNK - 1) < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool ids_has(const struct ids *s, uint64_t id)
{
	size_t i = chunk_find(s, id);
	uint64_t at;

	if (i == s->n || s->chunks[i].base > id)
		return false;
	at = id - s->chunks[i].base;
	return s->chunks[i].bits[at / 64] >> at % 64 & 1;
}

uint64_t ids_count(const struct ids *s)
{
	uint64_t count = 0;

	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < COUNT(s->chunks[i].bits); k++)
			count += (unsigned)__builtin_popcountll(s->chunks[i].bits[k]);
	return count;
}

bool ids_next(const struct ids *s, uint64_t from, uint64_t *id)
{
	for (size_t i = chunk_find(s, from); i < s->n; i++) {
		const struct ids_chunk *c = &s->chunks[i];
		uint64_t at = from > c->base ? from - c->base : 0;
		uint64_t mask = ~(uint64_t)0 << at % 64;

		for (size_t k = at / 64; k < COUNT(c->bits); k++, mask = ~(uint64_t)0)
			if (c->bits[k] & mask) {
				*id = c->base + 64 * k +
				      (unsigned)__builtin_ctzll(c->bits[k] & mask);
				return true;
			}
	}
	return false;
}

void ids_unite(struct ids *s, const struct ids *other)
{
	struct ids out = { 0 };
	size_t i = 0, k = 0;

	while (i < s->n || k < other->n) {
		bool mine =
			k == other->n || (i < s->n && s->chunks[i].base <= other->chunks[k].base);
		bool both = mine && k < other->n && s->chunks[i].base == other->chunks[k].base;
		struct ids_chunk *c = chunk_push(&out);

		*c = mine ? s->chunks[i] : other->chunks[k];
		for (size_t w = 0; both && w < COUNT(c->bits); w++)
			c->bits[w] |= other->chunks[k].bits[w];
		i += mine;
		k += both || !mine;
	}
	ids_deinit(s);
	*s = out;
}

void ids_intersect(struct ids *s, const struct ids *other)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		size_t k = chunk_find(other, s->chunks[i].base);
		struct ids_chunk c = s->chunks[i];
		uint64_t any = 0;

		if (k == other->n || other->chunks[k].base != c.base)
			continue;
		for (size_t w = 0; w < COUNT(c.bits); w++)
			any |= c.bits[w] &= other->chunks[k].bits[w];
		if (any)
			s->chunks[n++] = c;
	}
	s->n = n;
}
