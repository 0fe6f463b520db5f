/* tests/unit/dnssec/made.h: answers of a zone that the test signs itself, by Ed25519. */
#ifndef DNSSEC_MADE_H
#define DNSSEC_MADE_H
#include "unit/dnssec/fixture.h"

#include "foundation/crypto/ed25519.h"
#include "foundation/crypto/hash.h"

#include <string.h>

enum { MADE_NOW = 1700000000, MADE_TTL = 300 };

struct made_zone {
	struct str name;
	uint8_t seed[ED25519_SEED];
	struct str dnskey; /* data */
	struct dnssec_key key;
};

static inline void be(struct buf *b, unsigned bytes, uint64_t value)
{
	while (bytes-- > 0)
		buf_byte(b, (char)(value >> 8 * bytes));
}

static inline struct str taken(struct buf *b, struct arena *a)
{
	struct str s = str_dup(a, buf_str(b));

	buf_deinit(b);
	return s;
}

static inline struct made_zone made_zone(struct arena *a, const char *name, uint8_t seed)
{
	struct made_zone z = { .name = wire(a, name) };
	uint8_t public[ED25519_PUBLIC];
	struct buf b;

	memset(z.seed, seed, sizeof z.seed);
	ed25519_public(z.seed, public);
	buf_init(&b, 100);
	be(&b, 2, KEY_ZONE | KEY_ENTRY);
	be(&b, 1, 3);
	be(&b, 1, ALGORITHM_ED25519);
	buf_bytes(&b, public, sizeof public);
	z.dnskey = taken(&b, a);
	assert_true(dnssec_key_parse(z.dnskey, &z.key));
	return z;
}

/* An anchor rule for it. */
static inline struct str made_anchor(struct arena *a, const struct made_zone *z, const char *name)
{
	uint8_t hash[HASH_BYTES];
	struct buf b;

	buf_init(&b, 400);
	buf_put(&b, z->name);
	buf_put(&b, z->dnskey);
	hash_sha256(buf_str(&b), hash);
	buf_reset(&b);
	buf_fmt(&b, "%s DS %u 15 2 ", name, z->key.tag);
	for (size_t i = 0; i < sizeof hash; i++)
		buf_fmt(&b, "%02x", hash[i]);
	return taken(&b, a);
}

/* The data of the signature of one record. */
static inline struct str made_sig(struct arena *a, const struct made_zone *z, struct str owner,
                                  uint16_t type, struct str data)
{
	uint8_t signature[ED25519_SIGNATURE];
	struct buf head, all;

	buf_init(&head, 400);
	be(&head, 2, type);
	be(&head, 1, ALGORITHM_ED25519);
	be(&head, 1, dname_labels(owner));
	be(&head, 4, MADE_TTL);
	be(&head, 4, MADE_NOW + 1000);
	be(&head, 4, MADE_NOW - 1000);
	be(&head, 2, z->key.tag);
	buf_put(&head, z->name);
	buf_init(&all, KIB(2));
	buf_put(&all, buf_str(&head));
	buf_put(&all, owner);
	be(&all, 2, type);
	be(&all, 2, 1);
	be(&all, 4, MADE_TTL);
	be(&all, 2, data.n);
	buf_put(&all, data);
	ed25519_sign(z->seed, buf_str(&all), signature);
	buf_deinit(&all);
	buf_bytes(&head, signature, sizeof signature);
	return taken(&head, a);
}

struct made {
	struct buf b; /* records */
	unsigned count;
};

static inline void made_put(struct made *m, struct str owner, uint16_t type, struct str data)
{
	if (m->b.max == 0)
		buf_init(&m->b, KIB(60));
	buf_put(&m->b, owner);
	be(&m->b, 2, type);
	be(&m->b, 2, 1);
	be(&m->b, 4, MADE_TTL);
	be(&m->b, 2, data.n);
	buf_put(&m->b, data);
	m->count++;
}

/* A record and its signature. */
static inline void made_signed(struct made *m, struct arena *a, const struct made_zone *z,
                               struct str owner, uint16_t type, struct str data)
{
	made_put(m, owner, type, data);
	made_put(m, owner, RR_RRSIG, made_sig(a, z, owner, type, data));
}

/* The answer that has them, in this section. */
static inline struct str made_in(struct made *m, enum rr_section section, struct arena *a)
{
	struct buf b;

	buf_init(&b, KIB(64));
	be(&b, 2, 0);
	be(&b, 2, 0x8000);
	be(&b, 2, 0);
	be(&b, 2, section == RR_ANSWER ? m->count : 0);
	be(&b, 2, section == RR_AUTHORITY ? m->count : 0);
	be(&b, 2, 0);
	buf_put(&b, buf_str(&m->b));
	buf_deinit(&m->b);
	return taken(&b, a);
}

static inline struct str made_answer(struct made *m, struct arena *a)
{
	return made_in(m, RR_ANSWER, a);
}

/* A fixture that trusts one zone of the test's own, own.example, and nothing above it. rules: more
 * anchors, each with "; " behind it, before the zone's. */
static inline struct made_zone made_begin(struct fixture *f, struct str rules)
{
	struct arena a = { 0 };
	struct made_zone z = made_zone(&a, "own.example", 7);
	struct str rule = made_anchor(&a, &z, "own.example");
	struct made m = { 0 };

	fixture_init(f, str_fmt(&a, "insecure .; %.*s%.*s", STR_ARG(rules), STR_ARG(rule)),
	             MADE_NOW);
	arena_deinit(&a);
	z = made_zone(&f->arena, "own.example", 7);
	made_signed(&m, &f->arena, &z, z.name, RR_DNSKEY, z.dnskey);
	fixture_know(f, "own.example", RR_DNSKEY, made_answer(&m, &f->arena));
	return z;
}

#endif
