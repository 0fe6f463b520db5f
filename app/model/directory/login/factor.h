/* model/directory/login/factor.h: two-factor login: a code of an authenticator app in addition to
 * the password (TOTP, RFC 6238: SHA-1, six digits, 30 seconds, which all apps support). The other
 * kind is a passkey, which needs no password (model/directory/login/passkey.h).
 *
 *	factor_begin    a secret is generated and shown, once
 *	factor_turn_on  a code proves that the app has it; recovery codes are shown, once
 *	factor_use      at each login to the console: a code, or a recovery code
 *
 * With either kind, the account's own password is valid for the console only, with a code: mail
 * clients cannot ask for one, so they use app passwords (model/directory/login/app_password.h).
 *
 * A code is accepted once (RFC 6238 5.2), and none older than an accepted one. The secret is stored
 * in clear text, because codes are computed from it; only these functions read it. Sealing it under
 * a key file next to the store would not help: who can read the store's file (mode 0600) can read
 * the key file, and a backup would have to contain the key to be usable on another machine. So a
 * backup is as secret as the mail in it. Recovery codes are stored as hashes, and removed when they
 * are used. */
#ifndef DIRECTORY_FACTOR_H
#define DIRECTORY_FACTOR_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct txn;

enum { FACTOR_DIGITS = 6, FACTOR_RECOVERY_CODES = 10 };

struct factor {
	bool on; /* TOTP codes */
	int64_t since_ms;
	size_t recovery_left;
	unsigned passkeys;
};

/* Is there a second factor of either kind? Then the password alone is not sufficient. */
static inline bool factor_any(const struct factor *f)
{
	return f->on || f->passkeys != 0;
}

/* OK with on == false for an account without one. */
enum err factor_get(struct txn *t, uint32_t account, struct factor *out) MUST_USE;

/* Store a new secret, of OTP_SECRET_BYTES, until a code confirms it; replaces an unconfirmed one.
 * ERR_CONFLICT: it is on: turn it off first. */
enum err factor_begin(struct txn *t, uint32_t account, struct str secret, struct why *why) MUST_USE;
/* recovery: FACTOR_RECOVERY_CODES of secret_new. ERR_DENIED: wrong code; ERR_CONFLICT: it is on
 * already, or was not begun. */
enum err factor_turn_on(struct txn *t, uint32_t account, struct str code, int64_t now_ms,
                        const struct str *recovery, struct why *why) MUST_USE;
/* Check a code at a login. ERR_DENIED: wrong or used; then nothing changes. */
enum err factor_use(struct txn *t, uint32_t account, struct str code, int64_t now_ms,
                    struct why *why) MUST_USE;
/* ERR_MISSING: it is neither on nor begun. */
enum err factor_off(struct txn *t, uint32_t account, struct why *why) MUST_USE;

#endif
