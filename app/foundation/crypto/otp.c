/* foundation/crypto/otp.c: see otp.h. */
#include "foundation/crypto/otp.h"

#include <bearssl.h>

uint32_t otp_value(struct str secret, uint64_t counter, unsigned digits)
{
	unsigned char message[8], mac[br_sha1_SIZE];
	br_hmac_key_context key;
	br_hmac_context h;
	uint32_t n = 0, modulus = 1;
	size_t offset;

	assert(digits >= 6 && digits <= OTP_DIGITS_MAX);
	for (size_t i = 0; i < sizeof message; i++)
		message[i] = (unsigned char)(counter >> (56 - 8 * i));
	br_hmac_key_init(&key, &br_sha1_vtable, secret.p, secret.n);
	br_hmac_init(&h, &key, 0);
	br_hmac_update(&h, message, sizeof message);
	br_hmac_out(&h, mac);
	/* Dynamic truncation, RFC 4226 5.3: four bytes at the offset in the last four bits. */
	offset = mac[br_sha1_SIZE - 1] & 0x0f;
	for (size_t i = 0; i < 4; i++)
		n = n << 8 | mac[offset + i];
	n &= 0x7fffffff;
	while (digits-- != 0)
		modulus *= 10;
	return n % modulus;
}

uint64_t otp_step(int64_t time_ms)
{
	return time_ms < 0 ? 0 : (uint64_t)time_ms / 1000 / OTP_STEP_S;
}
