/* foundation/crypto/otp.h: one-time passwords by counter, HOTP (RFC 4226). TOTP (RFC 6238) is HOTP
 * with the time as the counter. HMAC-SHA-1, which every authenticator app supports. */
#ifndef CRYPTO_OTP_H
#define CRYPTO_OTP_H
#include "foundation/base/str.h"

enum {
	OTP_SECRET_BYTES = 20, /* RFC 4226 4 R6: 128 bits at least, 160 better */
	OTP_DIGITS_MAX = 8,
	OTP_STEP_S = 30, /* X of RFC 6238 4.1 */
};

/* The value for a counter: at most digits (6 to 8) decimal digits, RFC 4226 5.3. */
uint32_t otp_value(struct str secret, uint64_t counter, unsigned digits);

/* T of RFC 6238 4.2: the step that contains the time. */
uint64_t otp_step(int64_t time_ms);

#endif
