/* acme/records.h: what ACME keeps in the store, in SPACE_ACME.
 *
 *	"a" directory URL	the account at that CA: its key, its URL
 *	"c" id			a certificate: chain and key, when it is due, its order
 *	"o" id			one that an administrator brought: chain and key; own.h
 *
 * Records hold private keys: read them into secret arenas. */
#ifndef ACME_RECORDS_H
#define ACME_RECORDS_H
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

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
	struct str url;   /* empty: not registered yet, or not known whether it is */
	struct str email; /* as the CA knows it                                    */
	struct str eab;   /* id of the binding it was made with                    */
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
};

/* ERR_MISSING, ERR_CORRUPT. Copied into a. */
enum err account_row_get(struct txn *t, struct str directory, struct arena *a,
                         struct account_row *out) MUST_USE;
enum err account_row_put(struct txn *t, struct str directory, const struct account_row *r) MUST_USE;

enum err cert_row_get(struct txn *t, struct str id, struct arena *a, struct cert_row *out) MUST_USE;
enum err cert_row_put(struct txn *t, const struct cert_row *r) MUST_USE;
enum err cert_row_del(struct txn *t, struct str id) MUST_USE;
/* All of them by id, in a. */
enum err cert_rows(struct txn *t, struct arena *a, struct cert_row **out, size_t *count) MUST_USE;

enum err own_row_put(struct txn *t, const struct own_cert *own) MUST_USE;
enum err own_row_del(struct txn *t, struct str id) MUST_USE;

#endif
