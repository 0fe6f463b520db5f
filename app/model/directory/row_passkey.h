/* model/directory/row_passkey.h: the rows of passkeys; for this folder only. See row.h. */
#ifndef DIRECTORY_ROW_PASSKEY_H
#define DIRECTORY_ROW_PASSKEY_H
#include "foundation/base/err.h"
#include "model/store/kv.h"

struct arena;
struct txn;

/* --- passkey: account, number --- */

struct passkey_row {
	uint32_t account;
	uint32_t number; /* from 1 */
	struct str label;
	struct str site;          /* the host name it is for: RP ID          */
	struct str credential_id; /* as its authenticator calls it           */
	struct str public_key;    /* COSE_Key, RFC 9052 7                    */
	uint32_t count;           /* of signatures, as of struct webauthn_credential */
	int64_t created_ms, last_used_ms;
};

enum err row_passkey_get(struct txn *t, uint32_t account, uint32_t number, struct arena *a,
                         struct passkey_row *out) MUST_USE;
/* A new one: from now on the password alone opens nothing, so logins by it end. */
enum err row_passkey_add(struct txn *t, const struct passkey_row *row) MUST_USE;
/* One that is there. */
enum err row_passkey_put(struct txn *t, const struct passkey_row *row) MUST_USE;
enum err row_passkey_del(struct txn *t, uint32_t account, uint32_t number) MUST_USE;
/* How many an account has. */
enum err row_passkey_count(struct txn *t, uint32_t account, unsigned *out) MUST_USE;
/* Begin walking those of an account, by number. */
void row_passkey_iter(struct kv_iter *it, struct txn *t, uint32_t account);
/* The row under an iterator over SPACE_PASSKEY. */
enum err row_passkey_read(const struct kv_iter *it, struct arena *a,
                          struct passkey_row *out) MUST_USE;

#endif
