/* foundation/crypto/cram.h: the stored keys of CRAM-MD5 (RFC 2195): the two states of MD5 after the
 * first block of each half of HMAC-MD5 (RFC 2104 4).
 *
 * The keys are as good as the password for CRAM-MD5, and they allow guesses at the speed of MD5. So
 * they are stored only for generated passwords. */
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
/* Does digest (CRAM_BYTES) equal cram_digest? In constant time. */
bool cram_check(const struct cram_keys *k, struct str challenge, struct str digest);

#endif
