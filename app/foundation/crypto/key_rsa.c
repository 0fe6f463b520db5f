/* foundation/crypto/key_rsa.c: a new RSA key. */
#include "foundation/crypto/key.h"

#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/mem.h"
#include "foundation/base/random.h"
#include "foundation/crypto/pem.h"

#include <bearssl.h>

enum { BITS = 2048, EXPONENT = 65537, SEED_BYTES = 32 };

/* All parts of a key in one struct, so that one call wipes it. */
struct rsa_made {
	br_hmac_drbg_context random;
	br_rsa_private_key private;
	br_rsa_public_key public;
	uint8_t private_bytes[BR_RSA_KBUF_PRIV_SIZE(BITS)];
	uint8_t public_bytes[BR_RSA_KBUF_PUB_SIZE(BITS)];
	uint8_t d[BITS / 8];
};

static void key_rsa_make(struct rsa_made *m)
{
	uint8_t seed[SEED_BYTES];

	random_bytes(seed, sizeof seed);
	br_hmac_drbg_init(&m->random, &br_sha256_vtable, seed, sizeof seed);
	mem_wipe(seed, sizeof seed);
	/* Repeat if no prime was found, which is practically impossible. */
	while (!br_rsa_keygen_get_default()(&m->random.vtable, &m->private, m->private_bytes,
	                                    &m->public, m->public_bytes, BITS, EXPONENT))
		;
}

/* As PKCS#1, which key_read_pem then reads like any other. */
static struct str pem_of(struct rsa_made *m, struct arena *a)
{
	size_t d = br_rsa_compute_privexp_get_default()(m->d, &m->private, EXPONENT);
	size_t n = br_encode_rsa_raw_der(NULL, &m->private, &m->public, m->d, d);
	char *der = arena_alloc(a, n);
	struct str pem;
	struct buf b;

	br_encode_rsa_raw_der(der, &m->private, &m->public, m->d, d);
	buf_init(&b, PEM_TEXT_MAX);
	pem_put(&b, STR("RSA PRIVATE KEY"), str_from(der, n));
	pem = str_dup(a, buf_str(&b));
	mem_wipe(b.p, b.n);
	buf_deinit(&b);
	return pem;
}

struct key *key_new_rsa2048(void)
{
	struct key *k = NULL;
	struct rsa_made *m;
	struct arena a;
	enum err e;

	arena_init(&a, true);
	m = arena_new(&a, struct rsa_made);
	key_rsa_make(m);
	e = key_read_pem(pem_of(m, &a), &k, NULL);
	assert(e == OK);
	(void)e;
	arena_deinit(&a);
	return k;
}
