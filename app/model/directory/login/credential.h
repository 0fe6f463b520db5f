/* model/directory/login/credential.h: the stored form of a password.
 *
 *	Argon2id    checks a password that was sent (foundation/crypto/password.h)
 *	SCRAM words check a proof: "SCRAM-SHA-256$16384:SALT$STORED:SERVER", in the form
 *	            of RFC 5803 3. App passwords have one for SHA-1 as well. An account with
 *	            old salts has each word twice (salt.h)
 *	CRAM-MD5$... checks a CRAM-MD5 response (crypto/cram.h), after the SCRAM words; only for app
 *	            passwords that were created while CRAM-MD5 was on
 *
 * A thief of the store can try passwords against PBKDF2, which is cheaper than Argon2id. That is
 * the price of SCRAM. SCRAM_ITERATIONS is the highest number that all clients support (Cyrus SASL:
 * 65536). */
#ifndef DIRECTORY_CREDENTIAL_H
#define DIRECTORY_CREDENTIAL_H
#include "foundation/base/err.h"
#include "foundation/crypto/cram.h"
#include "foundation/crypto/password.h"
#include "foundation/crypto/scram.h"

struct arena;
struct salts;

enum { SCRAM_ITERATIONS = 16384 };

/* The account's own password has no keys for SHA-1, because guesses against those are the fastest.
 * App passwords are random, so guessing is hopeless. */
enum credential_kind { CREDENTIAL_OWN, CREDENTIAL_APP };

/* For a password that a person chose: "ARGON2ID SCRAM-WORDS", in a, for account_new and
 * account_passwd. salts and address are the account's; without a valid address there are no words.
 * ERR_SYNTAX: control or invisible characters in it; ERR_LIMIT, ERR_RETRY of password_hash. Some 50
 * ms. Not inside a transaction. */
enum err credential_make(const struct salts *salts, struct str password, struct str address,
                         struct arena *a, struct str *out, struct why *why) MUST_USE;

/* The form in which a password is hashed and compared (RFC 8265 4.2), in a. False: no password can
 * have that text. */
bool credential_prepare(struct str typed, struct arena *a, struct str *out) MUST_USE;

/* The words for a password in that form, in a. Empty without a valid address. Some 15 ms a word. */
struct str credential_scram(const struct salts *salts, enum credential_kind kind,
                            struct str password, struct str address, struct arena *a);

/* Find the word for this hash and salt, with our number of iterations. False: there is none; a
 * later login with PLAIN adds it. */
bool credential_keys(struct str words, enum scram_hash h, struct str salt,
                     struct scram_keys *out) MUST_USE;
/* Has a password of this kind all words for the salts under key (NULL: the old ones) of name (an
 * address, folded)? */
bool credential_whole(struct str words, enum credential_kind kind, const uint8_t *key,
                      struct str name);
/* The words that a password of this kind needs while the account has these salts, in a. */
struct str credential_kept(struct str words, enum credential_kind kind, const struct salts *salts,
                           struct str name, struct arena *a);

/* The words and one for CRAM-MD5, in a. */
struct str credential_cram_add(struct str words, const struct cram_keys *keys, struct arena *a);
/* Find the word for CRAM-MD5; false when there is none. */
bool credential_cram(struct str words, struct cram_keys *out) MUST_USE;

#endif
