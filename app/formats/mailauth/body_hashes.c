/* formats/mailauth/body_hashes.c: see body_hashes.h. */
#include "formats/mailauth/body_hashes.h"

#include <string.h>

static void canonical(void *to, struct str bytes)
{
	struct body_hash *h = to;

	hash_sha256_update(&h->state, bytes);
	h->size += bytes.n;
}

void body_hashes_init(struct body_hashes *b)
{
	for (enum canon how = CANON_SIMPLE; how <= CANON_RELAXED; how++) {
		struct body_hash *h = &b->forms[how];

		*h = (struct body_hash){ .wanted = false };
		canon_body_init(&h->canon, how, canonical, h);
		hash_sha256_init(&h->state);
	}
}

void body_hashes_add(struct body_hashes *b, enum canon how)
{
	b->forms[how].wanted = true;
}

void body_hashes_put(struct body_hashes *b, struct str bytes)
{
	for (size_t i = 0; i < COUNT(b->forms); i++)
		if (b->forms[i].wanted)
			canon_body_put(&b->forms[i].canon, bytes);
}

static void body_hash_end(struct body_hash *h)
{
	canon_body_end(&h->canon);
	hash_sha256_final(&h->state, h->digest);
}

void body_hashes_end(struct body_hashes *b)
{
	for (size_t i = 0; i < COUNT(b->forms); i++)
		if (b->forms[i].wanted)
			body_hash_end(&b->forms[i]);
}

const uint8_t *body_hashes_digest(const struct body_hashes *b, enum canon how)
{
	assert(b->forms[how].wanted);
	return b->forms[how].digest;
}

uint64_t body_hashes_size(const struct body_hashes *b, enum canon how)
{
	assert(b->forms[how].wanted);
	return b->forms[how].size;
}

void body_hash_whole(enum canon how, struct str body, uint8_t out[static HASH_BYTES])
{
	struct body_hashes b;

	body_hashes_init(&b);
	body_hashes_add(&b, how);
	body_hashes_put(&b, body);
	body_hashes_end(&b);
	memcpy(out, body_hashes_digest(&b, how), HASH_BYTES);
}
