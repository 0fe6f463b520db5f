/* directory/credential.h: what is kept of a password.
 *
 *	Argon2id    checks a password that was sent (crypto/password.h)
 *	SCRAM words check one that was not: "SCRAM-SHA-256$16384:SALT$STORED:SERVER
 *	            SCRAM-SHA-1$..." in the form of RFC 5803 3
 *
 * An account may have many passwords, its own and those of programs, and SCRAM's server names
 * the salt before it can know which one is meant: so all of an account have the same. It is a
 * function of the login name. Anybody is told the salt of a name who asks for it, so it can
 * be no secret, and it must be as new for every account as for none: made this way, a name
 * that exists is answered as one that does not, byte for byte, with nothing kept. No other
 * account anywhere has the same name, so tables of hashes serve against one account only, as
 * with any salt.
 *
 *	CRAM-MD5$... checks one by CRAM-MD5 (crypto/cram.h), behind the SCRAM words; only of app
 *	            passwords that were made while that was on
 *
 * Whoever steals the store can try passwords against PBKDF2, which costs him less than
 * Argon2id. That is SCRAM's price; SCRAM_ITERATIONS is as high as all clients go along
 * (Cyrus SASL: 65536). */
#ifndef DIRECTORY_CREDENTIAL_H
#define DIRECTORY_CREDENTIAL_H
#include "base/err.h"
#include "crypto/cram.h"
#include "crypto/password.h"
#include "crypto/scram.h"

struct arena;

enum { SCRAM_ITERATIONS = 16384 };

/* Of a password that a person chose: "ARGON2ID SCRAM-WORDS", in a, for account_new and
 * account_passwd. address is the account's; when it is none, there are no words.
 * ERR_SYNTAX: control or invisible characters in it; ERR_LIMIT, ERR_RETRY of password_hash.
 * Some 50 ms. Not inside a transaction. */
enum err credential_make(struct str password, struct str address, struct arena *a, struct str *out,
                         struct why *why) MUST_USE;

/* The form in which a password is hashed and compared (RFC 8265 4.2), in a. False: it cannot be
 * anybody's. */
bool credential_prepare(struct str typed, struct arena *a, struct str *out) MUST_USE;

/* The words for a password in that form, in a. Empty when address is none. Some 30 ms. */
struct str credential_scram(struct str password, struct str address, struct arena *a);

/* What of words belongs to this hash, with our salt of name (an address, folded) and number of
 * iterations; false when there is none: a later login with PLAIN brings it. */
bool credential_keys(struct str words, enum scram_hash h, struct str name,
                     struct scram_keys *out) MUST_USE;
/* The words with one for CRAM-MD5 more, in a. */
struct str credential_cram_add(struct str words, const struct cram_keys *keys, struct arena *a);
/* What of words is for CRAM-MD5; false when there is nothing. */
bool credential_cram(struct str words, struct cram_keys *out) MUST_USE;
/* Are all those for SCRAM there? */
bool credential_scram_whole(struct str words, struct str name);

#endif
