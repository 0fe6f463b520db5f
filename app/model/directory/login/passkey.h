/* model/directory/login/passkey.h: passkeys: keys of a phone, a computer or a stick, which open the
 * console (formats/webauthn/webauthn.h).
 *
 * A passkey stands for the password and the second factor: its authenticator is what one has, and
 * it wants the PIN, the finger or the face of who has it each time. So an account with passkeys
 * has two-factor login (factor.h), whether it also has an authenticator program or not: its
 * password alone opens nothing any more. The console wants a passkey, or password and code where
 * there is a program for codes; mail programs take app passwords only.
 *
 * A passkey names its account itself when it is used: the handle that was given to the
 * authenticator. It is good for the host name under which it was made and for no other. */
#ifndef DIRECTORY_PASSKEY_H
#define DIRECTORY_PASSKEY_H
#include "formats/webauthn/webauthn.h"
#include "foundation/base/arena.h"

struct login;
struct login_try;
struct logins;
struct txn;

/* Numbers of passkeys among those of credentials, as recent logins have them: what opens the
 * console is no app password. */
enum { PASSKEY_CREDENTIAL = 1 << 30 };

struct passkey {
	uint32_t id;      /* from 1                   */
	struct str label; /* as its user calls it     */
	struct str site;  /* for which host name      */
	int64_t created_ms, last_used_ms;
	struct webauthn_credential credential;
};

struct passkey_list {
	struct passkey *items; /* by id */
	size_t count;
};

/* Of new label, site and credential are used; *id is its number. ERR_SYNTAX: no label, or one of
 * several lines; ERR_LIMIT: more than passkeys; ERR_CONFLICT: the authenticator's credential is
 * registered, here or for another account (Level 2, 7.1 step 22); ERR_MISSING: no such account.
 * Linear in all passkeys there are. */
enum err passkey_add(struct txn *t, uint32_t account, const struct passkey *new, uint32_t *id,
                     struct why *why) MUST_USE;
/* ERR_MISSING: no such one. */
enum err passkey_rm(struct txn *t, uint32_t account, uint32_t id, struct why *why) MUST_USE;
enum err passkey_list(struct txn *t, uint32_t account, struct arena *a,
                      struct passkey_list *out) MUST_USE;

enum { PASSKEY_HANDLE = 4 /* bytes */ };

/* What authenticators keep of an account: no name, and nothing else about anybody. */
void passkey_handle(uint32_t account, char out[static PASSKEY_HANDLE]);

/* What came from a browser that wants in. */
struct passkey_proof {
	struct str handle, credential_id;
	const struct webauthn_expected *expected;
	struct webauthn_assertion assertion;
};

/* Log in by a passkey. try has no name and no password; the rest is as for login_check: so are
 * events, counters, recent logins, and the lock of networks with too many failures. The lock of a
 * login does not count, since nobody guesses a signature. Not inside a transaction.
 * ERR_DENIED: one sentence for whatever is wrong. ERR_RETRY: as of login_check. */
enum err passkey_login(struct logins *l, const struct login_try *try,
                       const struct passkey_proof *proof, struct arena *a, struct login *out,
                       struct why *why) MUST_USE;

#endif
