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
	struct str site;          /* the host name: RP ID */
	struct str credential_id; /* assigned by its authenticator */
	struct str public_key;    /* COSE_Key, RFC 9052 7                    */
	uint32_t count;           /* of signatures, as of struct webauthn_credential */
	int64_t created_ms, last_used_ms;
};

enum err row_passkey_get(struct txn *t, uint32_t account, uint32_t number, struct arena *a,
                         struct passkey_row *out) MUST_USE;
/* Add a new one. Logins by the password alone end, because it is not sufficient any more. */
enum err row_passkey_add(struct txn *t, const struct passkey_row *row) MUST_USE;
/* Replace an existing one. */
enum err row_passkey_put(struct txn *t, const struct passkey_row *row) MUST_USE;
enum err row_passkey_del(struct txn *t, uint32_t account, uint32_t number) MUST_USE;
/* The number of passkeys of an account. */
enum err row_passkey_count(struct txn *t, uint32_t account, unsigned *out) MUST_USE;
/* Begin a walk over those of an account, by number. */
void row_passkey_iter(struct kv_iter *it, struct txn *t, uint32_t account);
/* The row under an iterator over SPACE_PASSKEY. */
enum err row_passkey_read(const struct kv_iter *it, struct arena *a,
                          struct passkey_row *out) MUST_USE;

#endif
