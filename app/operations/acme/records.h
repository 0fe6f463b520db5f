/* operations/acme/records.h: what ACME keeps in the store, in SPACE_ACME.
 *
 *	"a" directory URL	the account at that CA: its key, its URL
 *	"c" id			a certificate: chain and key, when it is due, its order
 *	"n" id			a wish: this certificate is to be got anew now
 *	"r" id			a wish: this certificate is to be revoked
 *	"w" directory URL	a wish for the account there
 *	"o" id			one that an administrator brought: chain and key; own.h
 *	"h" id			one of those that is held back: it takes the place of "o" id
 *	"k" id			the key that a certificate gets next; next_key.h
 *
 * Records hold private keys: read them into secret arenas. */
#ifndef ACME_RECORDS_H
#define ACME_RECORDS_H
#include "foundation/base/arena.h"
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct own_cert;
struct own_list;
struct txn;

enum { RECORD_NAMES_MAX = 100 };

struct names {
	struct str *items; /* lower case; IP addresses as text */
	size_t count;
};
bool names_has(const struct names *n, struct str name);
/* Is every one of these among those? */
bool names_within(const struct names *these, const struct names *those);

struct account_row {
	struct str key_pem;
	struct str url;          /* empty: not registered yet, or not known whether it is */
	struct str email;        /* as the CA knows it                                    */
	struct str eab;          /* id of the binding it was made with                    */
	struct str next_key_pem; /* of a rollover; kept before the CA hears of it   */
	struct str problem;      /* why the last wish was not, or is not yet, done  */
};

/* A name that cannot be proved now; the certificate is got without it. */
struct left_out {
	struct str name, problem;
	int64_t until_ms;
};

struct cert_row {
	struct str id;
	struct names names; /* asked for                                             */
	bool rsa;
	/* What is shown; empty: nothing yet. */
	struct str chain_pem, key_pem;
	struct names held;  /* names of chain_pem, IP addresses included             */
	int64_t due_ms;     /* when to do something next                             */
	uint64_t failures;  /* in a row                                              */
	struct str problem; /* of the last of them                                   */
	/* The order under way; empty: none. It is gone on with after a kill. */
	struct str order_directory, order_url, order_key_pem;
	struct names order_names;
	struct left_out *left_out;
	size_t left_out_count;
	struct str from;     /* directory of the CA that chain_pem is of; empty: unknown */
	int64_t info_due_ms; /* when to ask the CA again when to renew (RFC 9773)        */
};

/* ERR_MISSING, ERR_CORRUPT. Copied into a. */
enum err account_row_get(struct txn *t, struct str directory, struct arena *a,
                         struct account_row *out) MUST_USE;
enum err account_row_put(struct txn *t, struct str directory, const struct account_row *r) MUST_USE;

enum err account_row_del(struct txn *t, struct str directory) MUST_USE;

enum err cert_row_get(struct txn *t, struct str id, struct arena *a, struct cert_row *out) MUST_USE;
enum err cert_row_put(struct txn *t, const struct cert_row *r) MUST_USE;
enum err cert_row_del(struct txn *t, struct str id) MUST_USE;
/* All of them by id, in a. */
enum err cert_rows(struct txn *t, struct arena *a, struct cert_row **out, size_t *count) MUST_USE;

enum err next_key_row_get(struct txn *t, struct str id, struct arena *a,
                          struct str *pem) MUST_USE;
enum err next_key_row_put(struct txn *t, struct str id, struct str pem) MUST_USE;

enum err own_row_put(struct txn *t, const struct own_cert *own) MUST_USE;
enum err own_row_del(struct txn *t, struct str id, bool held) MUST_USE;
/* What a person asks for and the service has not done yet. It has a row of its own because the
 * service alone writes those of certificates and accounts, which it holds over exchanges with the
 * CA. */
enum wish_kind { WISH_RENEW = 'n', WISH_REVOKE = 'r', WISH_ACCOUNT = 'w' };
enum { WISH_ROLLOVER = 1, WISH_END = 2 }; /* of an account */
struct wish_row {
	/* The reason of a revocation (RFC 5280 5.3.1), WISH_... of an account, or, of a renewal,
	 * a number by which one wish is told from another. */
	uint64_t what;
	int64_t due_ms;
};
enum err wish_row_get(struct txn *t, enum wish_kind kind, struct str of,
                      struct wish_row *out) MUST_USE;
enum err wish_row_put(struct txn *t, enum wish_kind kind, struct str of,
                      const struct wish_row *w) MUST_USE;
enum err wish_row_del(struct txn *t, enum wish_kind kind, struct str of) MUST_USE;
/* What there are wishes for, in a. */
enum err wish_rows(struct txn *t, enum wish_kind kind, struct arena *a, struct names *out) MUST_USE;
/* A txn_fn: is there any wish but renewals? arg is a bool. */
enum err wishes_look(struct txn *t, void *arg) MUST_USE;

#endif
