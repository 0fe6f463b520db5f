/* model/directory/login/passkey.h: passkeys of a phone, a computer or a stick, for the console
 * (formats/webauthn/webauthn.h).
 *
 * A passkey replaces password and second factor: the authenticator is a thing that the user has,
 * and it requires a PIN, a finger or a face each time. So an account with passkeys has two-factor
 * login (factor.h), with or without an authenticator app: its password alone is not sufficient. The
 * console requires a passkey, or password and code if there is an app for codes; mail clients need
 * app passwords.
 *
 * A passkey identifies its account by the handle that was given to the authenticator. It is valid
 * only for the host name for which it was created. */
#ifndef DIRECTORY_PASSKEY_H
#define DIRECTORY_PASSKEY_H
#include "formats/webauthn/webauthn.h"
#include "foundation/base/arena.h"

struct login;
struct login_try;
struct logins;
struct txn;

/* Added to the numbers of passkeys among credentials, in recent logins, to distinguish them from
 * app passwords. */
enum { PASSKEY_CREDENTIAL = 1 << 30 };

struct passkey {
	uint32_t id;      /* from 1                   */
	struct str label; /* named by its user */
	struct str site;  /* the host name */
	int64_t created_ms, last_used_ms;
	struct webauthn_credential credential;
};

struct passkey_list {
	struct passkey *items; /* by id */
	size_t count;
};

/* label, site and credential of new are used; *id is its number. ERR_SYNTAX: no label, or one of
 * several lines; ERR_LIMIT: more than passkeys; ERR_CONFLICT: the authenticator's credential is
 * registered, for this or another account (Level 2, 7.1 step 22); ERR_MISSING: no such account.
 * Linear in all passkeys of the store. */
enum err passkey_add(struct txn *t, uint32_t account, const struct passkey *new, uint32_t *id,
                     struct why *why) MUST_USE;
/* ERR_MISSING: no such one. */
enum err passkey_rm(struct txn *t, uint32_t account, uint32_t id, struct why *why) MUST_USE;
enum err passkey_list(struct txn *t, uint32_t account, struct arena *a,
                      struct passkey_list *out) MUST_USE;

enum { PASSKEY_HANDLE = 4 /* bytes */ };

/* The handle that authenticators store for an account: no name, no personal data. */
void passkey_handle(uint32_t account, char out[static PASSKEY_HANDLE]);

/* The data of a login from a browser. */
struct passkey_proof {
	struct str handle, credential_id;
	const struct webauthn_expected *expected;
	struct webauthn_assertion assertion;
};

/* Log in with a passkey. try has no name and no password; otherwise like login_check, with events,
 * counters, recent logins, and the lock of networks with too many failures. The lock of a login
 * does not apply, since signatures cannot be guessed. Not inside a transaction. ERR_DENIED: one
 * sentence for all errors. ERR_RETRY: as login_check. */
enum err passkey_login(struct logins *l, const struct login_try *try,
                       const struct passkey_proof *proof, struct arena *a, struct login *out,
                       struct why *why) MUST_USE;

#endif
