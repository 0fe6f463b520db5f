/* model/directory/login/credential.h: what is kept of a password.
 *
 *	Argon2id    checks a password that was sent (foundation/crypto/password.h)
 *	SCRAM words check one that was not: "SCRAM-SHA-256$16384:SALT$STORED:SERVER", in the form
 *	            of RFC 5803 3. App passwords have one for SHA-1 as well. An account with
 *	            old salts has each word twice (salt.h)
 *
 *	CRAM-MD5$... checks one by CRAM-MD5 (crypto/cram.h), behind the SCRAM words; only of app
 *	            passwords that were made while that was on
 *
 * Whoever steals the store can try passwords against PBKDF2, which costs him less than
 * Argon2id. That is SCRAM's price; SCRAM_ITERATIONS is as high as all clients go along
 * (Cyrus SASL: 65536). */
#ifndef DIRECTORY_CREDENTIAL_H
#define DIRECTORY_CREDENTIAL_H
#include "foundation/base/err.h"
#include "foundation/crypto/cram.h"
#include "foundation/crypto/password.h"
#include "foundation/crypto/scram.h"

struct arena;
struct salts;

enum { SCRAM_ITERATIONS = 16384 };

/* The account's own password has no keys for SHA-1: a thief of the store tries passwords against
 * those the fastest. App passwords are random, so trying is hopeless. */
enum credential_kind { CREDENTIAL_OWN, CREDENTIAL_APP };

/* Of a password that a person chose: "ARGON2ID SCRAM-WORDS", in a, for account_new and
 * account_passwd. salts and address are the account's; when address is none, there are no words.
 * ERR_SYNTAX: control or invisible characters in it; ERR_LIMIT, ERR_RETRY of password_hash.
 * Some 50 ms. Not inside a transaction. */
enum err credential_make(const struct salts *salts, struct str password, struct str address,
                         struct arena *a, struct str *out, struct why *why) MUST_USE;

/* The form in which a password is hashed and compared (RFC 8265 4.2), in a. False: it cannot be
 * anybody's. */
bool credential_prepare(struct str typed, struct arena *a, struct str *out) MUST_USE;

/* The words for a password in that form, in a. Empty when address is none. Some 15 ms a word. */
struct str credential_scram(const struct salts *salts, enum credential_kind kind,
                            struct str password, struct str address, struct arena *a);

/* What of words belongs to this hash and salt, with our number of iterations; false when there is
 * none: a later login with PLAIN brings it. */
bool credential_keys(struct str words, enum scram_hash h, struct str salt,
                     struct scram_keys *out) MUST_USE;
/* Has a password of this kind all words for the salts under key (NULL: the old ones) of name (an
 * address, folded)? */
bool credential_whole(struct str words, enum credential_kind kind, const uint8_t *key,
                      struct str name);
/* The words that a password of this kind needs while the account has these salts, in a. */
struct str credential_kept(struct str words, enum credential_kind kind, const struct salts *salts,
                           struct str name, struct arena *a);

/* The words with one for CRAM-MD5 more, in a. */
struct str credential_cram_add(struct str words, const struct cram_keys *keys, struct arena *a);
/* What of words is for CRAM-MD5; false when there is nothing. */
bool credential_cram(struct str words, struct cram_keys *out) MUST_USE;

#endif
