/* model/directory/login/salt.h: the salts of SCRAM.
 *
 * A SCRAM server sends the salt before it can know which password of the account is used. So all
 * passwords of an account share one salt for each hash: an HMAC of the login name under a random
 * key of this installation. So no tables of hashes can be prepared without a query to this server,
 * and an unknown name gets a salt that looks the same and does not change.
 *
 * Stores from before 0.1.0 have no such key: their salts are a fixed function of the name, the old
 * salts. An account keeps them until all its passwords have keys for the new salts, which requires
 * the passwords: until each was changed or was sent by PLAIN or LOGIN. Until then its new passwords
 * get keys for both. The share of unknown names with an old salt equals that of the accounts
 * (login_salt), so the salt does not reveal which names exist. */
#ifndef DIRECTORY_SALT_H
#define DIRECTORY_SALT_H
#include "foundation/base/err.h"
#include "foundation/crypto/scram.h"

struct credential_row;
struct store;
struct txn;

struct salts {
	uint8_t key[SCRAM_SALT_KEY]; /* of the installation */
	bool old;                    /* the account still has the old salts */
};

/* At the start of a server. The first time it makes the key and removes the SHA-1 keys of accounts'
 * own passwords. */
enum err salts_open(struct store *s, struct why *why) MUST_USE;

/* For credential_make and credential_scram. An unknown address has the new salts. Not inside a
 * transaction. */
enum err salts_get(struct store *s, struct str address, struct salts *out,
                   struct why *why) MUST_USE;
/* The present salts of an account. ERR_MISSING: salts_open did not run yet. */
enum err salts_of_account(struct txn *t, uint32_t account, struct salts *out) MUST_USE;
/* After a change of the account's passwords: remove keys that are not needed any more. */
enum err salts_settle(struct txn *t, uint32_t account) MUST_USE;
/* The salts of this password's SCRAM keys; name is the account's address. */
enum salt_age {
	SALT_NEW,  /* complete for the new salts, maybe also for the old ones */
	SALT_OLD,  /* for the old salts only                                     */
	SALT_NONE, /* keys are missing: the password must be sent once */
};
enum salt_age salt_age(const struct credential_row *row, const uint8_t key[SCRAM_SALT_KEY],
                       struct str name);
/* Only the key. ERR_MISSING as above. */
enum err salt_key_get(struct txn *t, uint8_t key[SCRAM_SALT_KEY]) MUST_USE;

#endif
