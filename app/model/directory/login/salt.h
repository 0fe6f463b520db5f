/* model/directory/login/salt.h: the salts of SCRAM.
 *
 * A SCRAM server sends the salt before it can know which password of the account is meant. So all
 * passwords of an account share one salt for each hash. It is an HMAC of the login name under a
 * random key of this installation. Nobody can prepare tables of hashes before asking this server,
 * and an unknown name gets a salt that looks the same and never changes.
 *
 * Stores from before 0.1.0 have no such key: their salts are a fixed function of the name, the old
 * salts. An account keeps them until all its passwords have keys for the new ones, which needs
 * the passwords: until each was changed or was sent by PLAIN or LOGIN. Until then its new
 * passwords get keys for both. As large a share of the unknown names has the old salt as of the
 * accounts (login_salt), so the salt does not tell which names exist. */
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

/* When a server starts. The first time the key is made and what own passwords have for SHA-1 is
 * removed. */
enum err salts_open(struct store *s, struct why *why) MUST_USE;

/* For credential_make and credential_scram. An address that is no account's has the new salts.
 * Not inside a transaction. */
enum err salts_get(struct store *s, struct str address, struct salts *out,
                   struct why *why) MUST_USE;
/* The salts that an account has now. ERR_MISSING: salts_open did not run yet. */
enum err salts_of_account(struct txn *t, uint32_t account, struct salts *out) MUST_USE;
/* The passwords of an account have changed: remove keys that it needs no more. */
enum err salts_settle(struct txn *t, uint32_t account) MUST_USE;
/* What salts SCRAM's keys of this password are made with; name is the account's address. */
enum salt_age {
	SALT_NEW,  /* it has all for the new salts, and perhaps for the old ones */
	SALT_OLD,  /* for the old salts only                                     */
	SALT_NONE, /* keys are missing: the password has to be sent once         */
};
enum salt_age salt_age(const struct credential_row *row, const uint8_t key[SCRAM_SALT_KEY],
                       struct str name);
/* The key alone. ERR_MISSING as above. */
enum err salt_key_get(struct txn *t, uint8_t key[SCRAM_SALT_KEY]) MUST_USE;

#endif
