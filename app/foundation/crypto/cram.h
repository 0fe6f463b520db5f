/* foundation/crypto/cram.h: what a server keeps to check CRAM-MD5 (RFC 2195): the two states of MD5
 * after the first block of each half of HMAC-MD5 (RFC 2104 4).
 *
 * They are not the password, but log in with CRAM-MD5 as it does, and let passwords be tried as
 * fast as MD5 is: so only passwords that were made at random should have any. */
#ifndef CRYPTO_CRAM_H
#define CRYPTO_CRAM_H
#include "foundation/base/str.h"

enum { CRAM_BYTES = 16 };

struct cram_keys {
	uint8_t inner[CRAM_BYTES], outer[CRAM_BYTES];
};

void cram_keys(struct str password, struct cram_keys *out);
/* HMAC-MD5 of the challenge. */
void cram_digest(const struct cram_keys *k, struct str challenge, uint8_t out[CRAM_BYTES]);
/* Is digest (CRAM_BYTES) that? In constant time. */
bool cram_check(const struct cram_keys *k, struct str challenge, struct str digest);

#endif
