/* model/directory/login/login.h: authentication by name and password, and a code if required.
 *
 * Mail services accept the account's password or an app password for them (app_password.h); the
 * console accepts the account's password only. With a second factor (factor.h, passkey.h) mail
 * services accept app passwords only, since mail clients cannot ask for a code, and the console
 * requires the factor.
 *
 * The process has one struct logins, created in console/server. It stores, in memory only:
 *
 *   - verified logins, for LIMIT_login_cache_s, so that mail clients, which connect often,
 *     pay for Argon2id once. An entry is an HMAC under a key of this process over login,
 *     password and the stored credential: it reveals nothing to a later reader of the
 *     memory, and a new password, set by any process, ends it at once. App passwords
 *     are cheap to check, so they are not cached, and end at once too.
 *   - failures by network, and those of each login from networks that are not known for it
 *     (known_network.h, in the store). Half of the limit delays attempts, all of it locks
 *     (limits.def login_*). During a lock no attempt is verified, so guessing yields no
 *     information. The same wrong password again counts once: that is a device with an old
 *     password, not a guesser.
 *
 * A right password from a known network is never refused, because otherwise any client could lock
 * out any user. Failures from other networks do not count there. After too many from that network
 * itself, attempts are serialised, except those that are known to be right (an app password, a
 * recently verified password).
 *
 * Results do not reveal whether an account exists: an unknown one costs the same time and counts
 * and locks in the same way. */
#ifndef DIRECTORY_LOGIN_H
#define DIRECTORY_LOGIN_H
#include "foundation/base/err.h"
#include "foundation/crypto/scram.h"
#include "model/directory/directory.h"

struct addr;
struct arena;
struct blocked;
struct live_logins;
struct logins;
struct store;

/* s is borrowed and outlives it. */
struct logins *logins_new(struct store *s) MUST_USE;
/* The number of threads that serve connections: delayed logins may use a share of them. */
void logins_workers(struct logins *l, unsigned workers);
/* NULL is a no-op; clears *l. Wipes its data; waits for a rehash under way. No live login may be
 * left (logins_live). */
void logins_free(struct logins **l);

/* End every lock and remove all failures, at the administrator's request. Refused passwords are
 * still known as wrong. Thread-safe. */
void logins_unlock(struct logins *l);

/* The present locks, oldest first (model/directory/blocked.h), in a; returns their number. */
size_t logins_blocked(struct logins *l, struct arena *a, struct blocked **out);
/* End the locks of a network address or login, named as in logins_blocked, and remove the failures
 * that led to them. False: there is none. */
bool logins_unblock(struct logins *l, struct str address);

struct login_try {
	struct str id;      /* of the session, for the log                           */
	struct str service; /* name of the listener: its scope for app passwords (login_scope_of);
	                     * "http", "https": the console */
	const struct addr *peer;
	struct str name;     /* primary address; without "@domain" when there is only one local
	                          * domain. Aliases do not log in. */
	struct str password; /* the caller wipes it                                   */
	struct str authzid;  /* RFC 4616: identity to act as; empty, or equal to name */
	struct str code;     /* of the second factor, or a recovery code; the console's */
	struct str client;   /* name of the client program; may be empty */
};

struct login {
	uint32_t account;
	enum role role;
	struct str domains;    /* of a domain administrator, as in struct account */
	struct str address;    /* primary address */
	uint32_t app_password; /* its id; 0: the account's own password */
	bool second_factor;    /* the account has it on                  */
	unsigned scopes;       /* of login_check: enum login_scope of the password */
	/* For live_login.h: */
	int64_t credential_ms; /* creation time of the password that was used; with the id it
	                        * identifies that one and no later one */
	int64_t expires_ms;    /* of the app password or certificate; 0: never        */
	uint64_t moves;        /* row_login_moves at the check                        */
};

/* Verify; blocks for the time of a password hash (some 20 ms of a core, more under load) unless the
 * result is cached. A right password whose stored hash has another cost is hashed again in the
 * background (model/directory/login/rehash.h). Not inside a transaction. Logs login_ok,
 * login_failed, login_locked and counts them.
 * *out         strings live in a; unchanged unless OK
 * OK           it is the password of that account
 * ERR_DENIED   wrong, no such account, disabled, or acting as another user: one
 *              sentence for all (535 5.7.8, NO [AUTHENTICATIONFAILED]); another one for the code
 * ERR_MISSING  the password is right, and a code is required: only for the console
 * ERR_CONFLICT it is right, and the account has passkeys but no codes: only for the console
 * ERR_RETRY    locked, too busy, or the store failed: try later (454 4.7.0, NO
 *              [UNAVAILABLE]) */
enum err login_check(struct logins *l, const struct login_try *try, struct arena *a,
                     struct login *out, struct why *why) MUST_USE;

/* The result of a proof other than a password: model/directory/login/passkey.h. */
struct login_proven {
	uint32_t account;    /* the claimed account; 0: unknown */
	uint32_t credential; /* for the recent logins, like an app password */
	int64_t expires_ms;  /* expiry of the proof; 0: never */
};
/* Called outside of any transaction. ERR_DENIED: the proof is invalid; why is for the log. */
typedef enum err login_proof(struct store *s, void *arg, struct login_proven *out, struct why *why);

/* Like login_check, with proof in place of the password: its result is logged, counted and
 * recorded; a disabled account is denied. Locks do not apply, since keys cannot be guessed; a
 * failure counts for the network. try has no name or password. */
enum err login_prove(struct logins *l, const struct login_try *try, login_proof *proof, void *arg,
                     struct arena *a, struct login *out, struct why *why) MUST_USE;

/* --- Passwords that are proven (RFC 5802), not sent --------------------------------- */

/* May SCRAM be offered? Only when all passwords have the keys for it
 * (model/directory/login/credential.h), because clients that see it often try nothing else. Checked
 * again after some seconds. */
bool logins_scram(struct logins *l);

/* The salt and the number of iterations for a name as typed, also for an unknown one
 * (model/directory/login/salt.h). Call logins_scram before. */
void login_salt(struct logins *l, struct str name, enum scram_hash h, uint8_t out[SCRAM_SALT_BYTES],
                uint32_t *iterations);

/* Borrowed. */
struct login_scram {
	enum scram_hash hash;
	struct str salt; /* sent to the client */
	struct str auth_message, proof;
};
/* Like login_check; try has no password and no code. The proof is checked against the account's own
 * password and the app passwords for the service, so it works with two-factor login, by the same
 * rules. The account's own password has no keys for SHA-1: it then counts as a wrong one. Each
 * wrong proof counts, because a repeated wrong password cannot be recognised. server_key is filled
 * with ServerKey of the password, unless it fails. */
enum err login_scram(struct logins *l, const struct login_try *try, const struct login_scram *scram,
                     struct arena *a, struct login *out, uint8_t server_key[SCRAM_BYTES_MAX],
                     struct why *why) MUST_USE;

/* --- CRAM-MD5 (RFC 2195) ---------------------------------------------------------------------- */

/* Is it offered? Off at first; the administrator may turn it on. Thread-safe. */
void logins_cram_set(struct logins *l, bool on);
bool logins_cram(const struct logins *l);

/* Borrowed. */
struct login_cram {
	struct str challenge, digest;
};
/* Like login_scram: only app passwords with keys for it (credential.h) are valid. */
enum err login_cram(struct logins *l, const struct login_try *try, const struct login_cram *cram,
                    struct arena *a, struct login *out, struct why *why) MUST_USE;

/* --- Tokens and certificates ------------------------------------------------------------------ */

/* Borrowed. Fields must not be empty unless stated. */
struct token_claim {
	struct str token;
	struct str user;       /* the client's claim of the user; may be empty (OAUTHBEARER) */
	struct str host, port; /* the client's name for the server; may be empty; RFC 7628 3.2 has
	                        * the verifier compare them */
	struct str service;    /* as in struct login_try                                    */
};

/* The issuer of the tokens. Its functions are called by many threads. */
struct token_verifier {
	/* Verify a token. *address, an account's, lives in a. ERR_DENIED: invalid, or not for this
	 * service; why is for the log. Another error: it cannot be verified now. */
	enum err (*verify)(void *arg, const struct token_claim *claim, struct arena *a,
	                   struct str *address, struct why *why);
};

/* Accept tokens from now on; call it before the first login. v and arg are borrowed. */
void logins_tokens_set(struct logins *l, const struct token_verifier *v, void *arg);
/* Was logins_tokens_set called? */
bool logins_tokens(const struct logins *l);

/* Like login_prove; try has no name. A user or authzid other than the account is denied. */
enum err login_token(struct logins *l, const struct login_try *try, const struct token_claim *claim,
                     struct arena *a, struct login *out, struct why *why) MUST_USE;
/* Like login_prove; try has no name. TLS has verified that these addresses belong to the client;
 * try's authzid selects one of them, and may be empty when there is only one. No second factor is
 * needed: the key of the certificate is one. expires_ms: the end of the certificate's validity,
 * which ends the session. */
struct certificate_claim {
	const struct str *addresses; /* borrowed */
	size_t count;
	int64_t expires_ms;
};
enum err login_certificate(struct logins *l, const struct login_try *try,
                           const struct certificate_claim *claim, struct arena *a,
                           struct login *out, struct why *why) MUST_USE;

/* Record the name of the client of a session (RFC 2971) in the recent logins of its user. */
void login_client(struct logins *l, const struct login *login, struct str service,
                  const struct addr *peer, struct str client);

/* The logins of open sessions; borrowed. */
struct live_logins *logins_live(struct logins *l);

/* Recent logins are written in the background; model/directory/login/login_recent.h. */

#endif
