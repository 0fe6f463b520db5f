/* mailauth/body_hashes.c: see body_hashes.h. */
#include "mailauth/body_hashes.h"

#include <string.h>

static void canonical(void *to, struct str bytes)
{
	struct canon_form *form = to;
	struct body_hashes *b = form->of;
	enum canon how = (enum canon)(form - b->forms);

	for (size_t i = 0; i < b->count; i++) {
		struct body_hash *h = &b->items[i];

		if (h->how == how && form->size < h->limit)
			hash_sha256_update(&h->state,
			                   str_sub(bytes, 0, MIN(bytes.n, h->limit - form->size)));
	}
	form->size += bytes.n;
}

void body_hashes_init(struct body_hashes *b)
{
	b->count = 0;
	for (enum canon how = CANON_SIMPLE; how <= CANON_RELAXED; how++) {
		struct canon_form *form = &b->forms[how];

		*form = (struct canon_form){ .of = b };
		canon_body_init(&form->canon, how, canonical, form);
	}
}

size_t body_hashes_add(struct body_hashes *b, enum canon how, uint64_t limit)
{
	struct body_hash *h;

	for (size_t i = 0; i < b->count; i++)
		if (b->items[i].how == how && b->items[i].limit == limit)
			return i;
	assert(b->count < BODY_HASHES_MAX);
	h = &b->items[b->count];
	h->how = how;
	h->limit = limit;
	hash_sha256_init(&h->state);
	b->forms[how].wanted = true;
	return b->count++;
}

void body_hashes_put(struct body_hashes *b, struct str bytes)
{
	for (size_t i = 0; i < COUNT(b->forms); i++)
		if (b->forms[i].wanted)
			canon_body_put(&b->forms[i].canon, bytes);
}

void body_hashes_end(struct body_hashes *b)
{
	for (size_t i = 0; i < COUNT(b->forms); i++)
		if (b->forms[i].wanted)
			canon_body_end(&b->forms[i].canon);
	for (size_t i = 0; i < b->count; i++)
		hash_sha256_final(&b->items[i].state, b->items[i].digest);
}

const uint8_t *body_hashes_digest(const struct body_hashes *b, size_t i)
{
	return b->items[i].digest;
}

uint64_t body_hashes_size(const struct body_hashes *b, size_t i)
{
	return b->forms[b->items[i].how].size;
}

void body_hash_whole(enum canon how, struct str body, uint8_t out[static HASH_BYTES])
{
	struct body_hashes b;
	size_t i;

	body_hashes_init(&b);
	i = body_hashes_add(&b, how, BODY_WHOLE);
	body_hashes_put(&b, body);
	body_hashes_end(&b);
	memcpy(out, body_hashes_digest(&b, i), HASH_BYTES);
}
