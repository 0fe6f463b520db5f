/* model/directory/login/factor.h: two-factor login: a code of an authenticator program beside the
 * password (TOTP, RFC 6238: SHA-1, six digits, 30 seconds, which is what every such program does).
 * The other kind is a passkey, which needs no password (model/directory/login/passkey.h).
 *
 *	factor_begin    a secret is made and shown, once
 *	factor_turn_on  a code proves that the program has it; recovery codes are shown, once
 *	factor_use      at each login to the console: a code, or a recovery code
 *
 * While there is either, the account's own password opens the console only, with a code: mail
 * programs cannot ask for one, so they use app passwords (model/directory/login/app_password.h).
 *
 * No code is taken twice (RFC 6238 5.2), nor one older than one that was. The secret has to be
 * there in the clear to compute codes of; nothing reads it but these functions. Sealing it under a
 * key file beside the store would help against nobody: who reads the store's file (mode 0600)
 * reads that one too, and a backup has to carry the key to be of use on another machine. So a
 * backup is as secret as the mail in it. Recovery codes are kept as hashes, and go when they are
 * used. */
#ifndef DIRECTORY_FACTOR_H
#define DIRECTORY_FACTOR_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct txn;

enum { FACTOR_DIGITS = 6, FACTOR_RECOVERY_CODES = 10 };

struct factor {
	bool on; /* codes */
	int64_t since_ms;
	size_t recovery_left;
	unsigned passkeys;
};

/* Is there a second factor of either kind? Then the password alone opens nothing. */
static inline bool factor_any(const struct factor *f)
{
	return f->on || f->passkeys != 0;
}

/* An account that has none is OK, and off. */
enum err factor_get(struct txn *t, uint32_t account, struct factor *out) MUST_USE;

/* Keep a new secret, of OTP_SECRET_BYTES, until a code comes; one that waits already is
 * forgotten. ERR_CONFLICT: it is on: turn it off first. */
enum err factor_begin(struct txn *t, uint32_t account, struct str secret, struct why *why) MUST_USE;
/* recovery: FACTOR_RECOVERY_CODES of secret_new. ERR_DENIED: that is not the code; ERR_CONFLICT:
 * it is on already, or was not begun. */
enum err factor_turn_on(struct txn *t, uint32_t account, struct str code, int64_t now_ms,
                        const struct str *recovery, struct why *why) MUST_USE;
/* Take a code at a login. ERR_DENIED: it is wrong, or was used; nothing is changed then. */
enum err factor_use(struct txn *t, uint32_t account, struct str code, int64_t now_ms,
                    struct why *why) MUST_USE;
/* ERR_MISSING: it is not on, nor begun. */
enum err factor_off(struct txn *t, uint32_t account, struct why *why) MUST_USE;

#endif
