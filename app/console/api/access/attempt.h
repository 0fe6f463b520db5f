/* console/api/access/attempt.h: ceremonies with a passkey that were begun
 * (formats/webauthn/webauthn.h).
 *
 * Anybody may begin to log in, as often as he likes; so nothing is remembered of a beginning. The
 * browser carries it, in a cookie that scripts cannot read: the challenge, until when it is good,
 * and our signature over both and over what the attempt is bound to. Only challenges that were
 * answered are remembered, until they would have expired: none is taken twice. The key of the
 * signatures is this process's, so a restart ends all attempts. */
#ifndef API_ATTEMPT_H
#define API_ATTEMPT_H
#include "foundation/base/str.h"

struct arena;
struct attempts;

struct attempts *attempts_new(void) MUST_USE;
/* NULL is a no-op; clears *as. */
void attempts_free(struct attempts **as);

/* A new one, good for LIMIT_passkey_attempt_s. bound: what must be the same when it is answered:
 * the key of the session that adds a passkey; empty for a login. *challenge is the bytes to be
 * signed; returns what the cookie holds. Both in a. */
struct str attempt_begin(struct attempts *as, struct str bound, int64_t now_ms, struct arena *a,
                         struct str *challenge);
/* Is text of attempt_begin, for the same bound, not too old, and was it not taken before? Then it
 * is now, whatever becomes of the answer. Any thread. */
bool attempt_take(struct attempts *as, struct str bound, struct str text, int64_t now_ms,
                  struct arena *a, struct str *challenge);

#endif
