/* model/directory/login/login.h: checking a name and a password, and a code where one is asked for.
 *
 * Mail services take the account's password or an app password of theirs (app_password.h); the
 * console takes the account's password only. With a second factor (factor.h, passkey.h) mail
 * services take app passwords only, since their programs cannot ask for it, and the console wants
 * it.
 *
 * One struct logins for the process, made in server/. It remembers, in memory only:
 *
 *   - verified logins, for LIMIT_login_cache_s, so that mail clients, which connect often,
 *     pay for Argon2id once. An entry is an HMAC under a key of this process over login,
 *     password and the stored credential: it tells nothing to whoever reads the memory
 *     later, and a new password, set by whatever process, ends it at once. App passwords
 *     cost nothing, so nothing about them is remembered: what ends them does so at once.
 *   - failures by network, and those of each login from networks that are not known for it
 *     (known_network.h, in the store). Half of the limit slows tries down, all of it locks
 *     (limits.def login_*). While a lock lasts nothing is verified, right or wrong, so guessing
 *     goes on blind. The same wrong password again counts once: that is a device with an old
 *     password, not a guesser.
 *
 * Else anybody could lock out anybody: a right password from a known network is never refused.
 * Failures of strangers do not count there. After too many from that network itself tries wait for
 * each other, and what is right for sure (an app password, a password verified lately) does not.
 *
 * What comes back never says whether an account exists: an unknown one costs the same time
 * and counts and locks the same way. */
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
/* How many threads serve connections: logins that are slowed down hold a share of them. */
void logins_workers(struct logins *l, unsigned workers);
/* NULL is a no-op; clears *l. Wipes what it knew; waits for a rehash under way. No live login is
 * left (logins_live). */
void logins_free(struct logins **l);

/* End every lock and forget all failures: an administrator at the machine says so. What was
 * wrong before stays wrong. Any thread. */
void logins_unlock(struct logins *l);

/* The locks that last, oldest first (model/directory/blocked.h), in a; returns how many. */
size_t logins_blocked(struct logins *l, struct arena *a, struct blocked **out);
/* End the locks of a network address or login, as logins_blocked tells it, and forget the
 * failures that led to them. False: there is none. */
bool logins_unblock(struct logins *l, struct str address);

struct login_try {
	struct str id;      /* of the session, for the log                           */
	struct str service; /* name of the listener: what app passwords open (login_scope_of);
	                     * "http", "https": the console                           */
	const struct addr *peer;
	struct str name;     /* primary address; without "@domain" when we have only
	                          * one domain. Aliases do not log in.                    */
	struct str password; /* the caller wipes it                                   */
	struct str authzid;  /* RFC 4616: who to act as; empty, or name again         */
	struct str code;     /* of the second factor, or a recovery code; the console's */
	struct str client;   /* what the program calls itself; may be empty           */
};

struct login {
	uint32_t account;
	enum role role;
	struct str domains;    /* that he administers, as in struct account */
	struct str address;    /* primary address */
	uint32_t app_password; /* its id; 0: the account's own password */
	bool second_factor;    /* the account has it on                  */
	/* For live_login.h: */
	int64_t credential_ms; /* when the password that was typed was made; with the id it is that
	                        * one and no later one */
	int64_t expires_ms;    /* of the app password or certificate; 0: never        */
	uint64_t moves;        /* row_login_moves at the check                        */
};

/* Verify; blocks for the time of a password hash (some 20 ms of a core, more when many log in)
 * unless the cache knows. A right password whose stored hash has not the usual cost is hashed anew
 * behind the caller's back (model/directory/login/rehash.h). Not inside a transaction. Logs
 * login_ok, login_failed, login_locked and counts them. *out        strings live in a; untouched
 * unless OK. OK          it is the password of that account. ERR_DENIED  it is not, or no such
 * account, or disabled, or acting as somebody else: one
 *             sentence for all (535 5.7.8, NO [AUTHENTICATIONFAILED]). Of the code it says so.
 * ERR_MISSING the password is right, and a code is needed with it: only to the console.
 * ERR_CONFLICT  it is right, and the account has passkeys but no codes: only to the console.
 * ERR_RETRY   locked out, too busy, or the store failed: try later (454 4.7.0, NO
 *             [UNAVAILABLE]). */
enum err login_check(struct logins *l, const struct login_try *try, struct arena *a,
                     struct login *out, struct why *why) MUST_USE;

/* Another way in, whose proof is not a password: model/directory/login/passkey.h. */
struct login_proven {
	uint32_t account;    /* whose it claims to be; 0: nobody knows      */
	uint32_t credential; /* for the recent logins, like an app password */
	int64_t expires_ms;  /* when it proves it no more; 0: never         */
};
/* Outside of any transaction. ERR_DENIED: it proves nothing, and why says, for the log. */
typedef enum err login_proof(struct store *s, void *arg, struct login_proven *out, struct why *why);

/* Like login_check, with proof in place of the password: what it says is logged, counted and noted;
 * a disabled account is denied. No lock applies, since nobody guesses a key; a failure counts for
 * the network. try has no name or password. */
enum err login_prove(struct logins *l, const struct login_try *try, login_proof *proof, void *arg,
                     struct arena *a, struct login *out, struct why *why) MUST_USE;

/* --- Passwords that are proven (RFC 5802), not sent ------------------------------------------ */

/* May SCRAM be offered? Once all passwords here have what it needs
 * (model/directory/login/credential.h): clients that see it often try nothing else. Looks again
 * after some seconds. */
bool logins_scram(struct logins *l);

/* The salt and the number of iterations for a name as it was typed, whether it is an account's or
 * nobody's (model/directory/login/salt.h). After logins_scram was asked. */
void login_salt(struct logins *l, struct str name, enum scram_hash h, uint8_t out[SCRAM_SALT_BYTES],
                uint32_t *iterations);

/* Borrowed. */
struct login_scram {
	enum scram_hash hash;
	struct str salt; /* that the client was sent */
	struct str auth_message, proof;
};
/* Like login_check; try has no password and no code. The account's own password is tried and those
 * of its programs that open the service, so also with two-factor login, by the same rules. The
 * account's own password has no keys for SHA-1: it is then answered as a wrong one. What
 * was proven wrong counts each time: that it is the same wrong password again cannot be seen.
 * server_key is filled with ServerKey of the password, unless it fails. */
enum err login_scram(struct logins *l, const struct login_try *try, const struct login_scram *scram,
                     struct arena *a, struct login *out, uint8_t server_key[SCRAM_BYTES_MAX],
                     struct why *why) MUST_USE;

/* --- CRAM-MD5 (RFC 2195) ---------------------------------------------------------------------- */

/* Is it offered? Off at first; an administrator's word. Any thread. */
void logins_cram_set(struct logins *l, bool on);
bool logins_cram(const struct logins *l);

/* Borrowed. */
struct login_cram {
	struct str challenge, digest;
};
/* Like login_scram: only app passwords that have a verifier for it (credential.h) let in. */
enum err login_cram(struct logins *l, const struct login_try *try, const struct login_cram *cram,
                    struct arena *a, struct login *out, struct why *why) MUST_USE;

/* --- Tokens and certificates ------------------------------------------------------------------ */

/* Borrowed. What may be empty is said. */
struct token_claim {
	struct str token;
	struct str user;       /* whose it is, says the client; may be empty (OAUTHBEARER) */
	struct str host, port; /* where the client believes to be; may be empty; RFC 7628 3.2 has
	                        * the verifier compare them with what it knows              */
	struct str service;    /* as in struct login_try                                    */
};

/* Who issued the tokens knows them. Its functions are called by many threads. */
struct token_verifier {
	/* Whose token is it? *address, an account's, lives in a. ERR_DENIED: of nobody, or not for
	 * this; why is for the log. Another error: it cannot be said now. */
	enum err (*verify)(void *arg, const struct token_claim *claim, struct arena *a,
	                   struct str *address, struct why *why);
};

/* Have tokens taken from now on; before the first login. v and arg are borrowed. */
void logins_tokens_set(struct logins *l, const struct token_verifier *v, void *arg);
/* Was that called? */
bool logins_tokens(const struct logins *l);

/* Like login_prove; try has no name. A user or try's authzid that is not the account is denied. */
enum err login_token(struct logins *l, const struct login_try *try, const struct token_claim *claim,
                     struct arena *a, struct login *out, struct why *why) MUST_USE;
/* Like login_prove; try has no name. TLS has verified that the client is who these addresses belong
 * to: try's authzid says which of them is meant, and may be empty when there is only one. It needs
 * no second factor: the key of the certificate is one. expires_ms: the end of the certificate's
 * time, which ends the session. */
struct certificate_claim {
	const struct str *addresses; /* borrowed */
	size_t count;
	int64_t expires_ms;
};
enum err login_certificate(struct logins *l, const struct login_try *try,
                           const struct certificate_claim *claim, struct arena *a,
                           struct login *out, struct why *why) MUST_USE;

/* The client of a session that is logged in has told its name (RFC 2971): for the recent logins
 * of its user. */
void login_client(struct logins *l, const struct login *login, struct str service,
                  const struct addr *peer, struct str client);

/* Where the logins of sessions that last are kept; borrowed. */
struct live_logins *logins_live(struct logins *l);

/* Recent logins are written behind the caller's back; model/directory/login/login_recent.h. */

#endif
