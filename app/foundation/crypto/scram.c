/* foundation/crypto/scram.c: see scram.h. */
#include "foundation/crypto/scram.h"

#include "foundation/base/mem.h"
#include "foundation/crypto/hash.h"

#include <bearssl.h>
#include <string.h>

static const br_hash_class *scram_class_of(enum scram_hash h)
{
	return h == SCRAM_SHA_1 ? &br_sha1_vtable : &br_sha256_vtable;
}

size_t scram_bytes(enum scram_hash h)
{
	return h == SCRAM_SHA_1 ? br_sha1_SIZE : br_sha256_SIZE;
}

static struct str key_str(enum scram_hash h, const uint8_t *key)
{
	return str_from((const char *)key, scram_bytes(h));
}

static void hmac(enum scram_hash h, struct str key, struct str s, uint8_t out[SCRAM_BYTES_MAX])
{
	br_hmac_key_context k;
	br_hmac_context c;

	br_hmac_key_init(&k, scram_class_of(h), key.p, key.n);
	br_hmac_init(&c, &k, 0);
	br_hmac_update(&c, s.p, s.n);
	br_hmac_out(&c, out);
	mem_wipe(&k, sizeof k);
	mem_wipe(&c, sizeof c);
}

/* H(key) */
static void digest(enum scram_hash h, const uint8_t *key, uint8_t out[SCRAM_BYTES_MAX])
{
	br_hash_compat_context c;

	scram_class_of(h)->init(&c.vtable);
	scram_class_of(h)->update(&c.vtable, key, scram_bytes(h));
	scram_class_of(h)->out(&c.vtable, out);
	mem_wipe(&c, sizeof c);
}

void scram_salted(enum scram_hash h, struct str password, struct str salt, uint32_t iterations,
                  uint8_t out[SCRAM_BYTES_MAX])
{
	static const uint8_t first_block[4] = { 0, 0, 0, 1 };
	size_t n = scram_bytes(h);
	uint8_t u[SCRAM_BYTES_MAX];
	br_hmac_key_context k;
	br_hmac_context c;

	assert(iterations > 0);
	br_hmac_key_init(&k, scram_class_of(h), password.p, password.n);
	br_hmac_init(&c, &k, 0);
	br_hmac_update(&c, salt.p, salt.n);
	br_hmac_update(&c, first_block, sizeof first_block);
	br_hmac_out(&c, u);
	memcpy(out, u, n);
	while (--iterations > 0) {
		br_hmac_init(&c, &k, 0);
		br_hmac_update(&c, u, n);
		br_hmac_out(&c, u);
		for (size_t i = 0; i < n; i++)
			out[i] ^= u[i];
	}
	mem_wipe(&k, sizeof k);
	mem_wipe(&c, sizeof c);
	mem_wipe(u, sizeof u);
}

void scram_keys(enum scram_hash h, const uint8_t *salted, struct scram_keys *out)
{
	uint8_t client[SCRAM_BYTES_MAX];

	hmac(h, key_str(h, salted), STR("Client Key"), client);
	digest(h, client, out->stored);
	hmac(h, key_str(h, salted), STR("Server Key"), out->server);
	mem_wipe(client, sizeof client);
}

bool scram_proof_check(enum scram_hash h, const uint8_t *stored, struct str auth_message,
                       struct str proof)
{
	size_t n = scram_bytes(h);
	uint8_t client[SCRAM_BYTES_MAX], had[SCRAM_BYTES_MAX];
	bool good;

	if (proof.n != n)
		return false;
	/* ClientKey = ClientProof XOR ClientSignature, and StoredKey = H(ClientKey). */
	hmac(h, key_str(h, stored), auth_message, client);
	for (size_t i = 0; i < n; i++)
		client[i] ^= (uint8_t)proof.p[i];
	digest(h, client, had);
	good = str_eq_secret(key_str(h, had), key_str(h, stored));
	mem_wipe(client, sizeof client);
	return good;
}

void scram_proof(enum scram_hash h, const uint8_t *salted, struct str auth_message,
                 uint8_t out[SCRAM_BYTES_MAX])
{
	uint8_t client[SCRAM_BYTES_MAX], stored[SCRAM_BYTES_MAX];

	hmac(h, key_str(h, salted), STR("Client Key"), client);
	digest(h, client, stored);
	hmac(h, key_str(h, stored), auth_message, out);
	for (size_t i = 0; i < scram_bytes(h); i++)
		out[i] ^= client[i];
	mem_wipe(client, sizeof client);
}

void scram_signature(enum scram_hash h, const uint8_t *server, struct str auth_message,
                     uint8_t out[SCRAM_BYTES_MAX])
{
	hmac(h, key_str(h, server), auth_message, out);
}

void scram_salt(const uint8_t *key, enum scram_hash h, struct str name,
                uint8_t out[SCRAM_SALT_BYTES])
{
	struct str label =
		h == SCRAM_SHA_1 ? STR("Roost SCRAM-SHA-1 salt") : STR("Roost SCRAM-SHA-256 salt");
	uint8_t of_hash[HASH_BYTES], hash[HASH_BYTES];

	if (key != NULL) {
		hash_hmac_sha256(str_from((const char *)key, SCRAM_SALT_KEY), label, of_hash);
		label = str_from((const char *)of_hash, sizeof of_hash);
	}
	hash_hmac_sha256(label, name, hash);
	memcpy(out, hash, SCRAM_SALT_BYTES);
	mem_wipe(of_hash, sizeof of_hash);
}
