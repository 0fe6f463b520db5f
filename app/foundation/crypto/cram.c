/* foundation/crypto/cram.c: see cram.h. */
#include "foundation/crypto/cram.h"

#include "foundation/base/mem.h"

#include <bearssl.h>
#include <string.h>

enum { BLOCK = 64, INNER = 0x36, OUTER = 0x5c }; /* RFC 2104 2 */

/* The state of MD5 after the key, filled up to a block, with pad in each byte. */
static void cram_state_of(const uint8_t key[BLOCK], uint8_t pad, uint8_t out[CRAM_BYTES])
{
	uint8_t block[BLOCK];
	br_md5_context c;

	for (size_t i = 0; i < BLOCK; i++)
		block[i] = key[i] ^ pad;
	br_md5_init(&c);
	br_md5_update(&c, block, BLOCK);
	(void)br_md5_state(&c, out);
	mem_wipe(block, sizeof block);
	mem_wipe(&c, sizeof c);
}

void cram_keys(struct str password, struct cram_keys *out)
{
	uint8_t key[BLOCK] = { 0 };
	br_md5_context c;

	if (password.n <= BLOCK) {
		memcpy(key, password.p, password.n);
	} else {
		br_md5_init(&c);
		br_md5_update(&c, password.p, password.n);
		br_md5_out(&c, key);
		mem_wipe(&c, sizeof c);
	}
	cram_state_of(key, INNER, out->inner);
	cram_state_of(key, OUTER, out->outer);
	mem_wipe(key, sizeof key);
}

static void half(const uint8_t state[CRAM_BYTES], const void *p, size_t n, uint8_t out[CRAM_BYTES])
{
	br_md5_context c;

	br_md5_init(&c);
	br_md5_set_state(&c, state, BLOCK);
	br_md5_update(&c, p, n);
	br_md5_out(&c, out);
	mem_wipe(&c, sizeof c);
}

void cram_digest(const struct cram_keys *k, struct str challenge, uint8_t out[CRAM_BYTES])
{
	uint8_t inner[CRAM_BYTES];

	half(k->inner, challenge.p, challenge.n, inner);
	half(k->outer, inner, sizeof inner, out);
	mem_wipe(inner, sizeof inner);
}

bool cram_check(const struct cram_keys *k, struct str challenge, struct str digest)
{
	uint8_t want[CRAM_BYTES];
	bool good;

	cram_digest(k, challenge, want);
	good = str_eq_secret(str_from((const char *)want, sizeof want), digest);
	mem_wipe(want, sizeof want);
	return good;
}
