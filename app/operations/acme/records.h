/* operations/acme/records.h: the records of ACME in the store, in SPACE_ACME.
 *
 *	"a" directory URL	the account at that CA: its key, its URL
 *	"c" id			a certificate: chain and key, when it is due, its order
 *	"n" id			a pending request: order this certificate again
 *	"r" id			a pending request: revoke this certificate
 *	"w" directory URL	a pending request for the account there
 *	"o" id			an uploaded certificate: chain and key; uploaded.h
 *	"h" id			a held uploaded one: it replaces "o" id later
 *	"k" id			the next key of a certificate; next_key.c
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
/* Is every one of these in those? */
bool names_within(const struct names *these, const struct names *those);

struct account_row {
	struct str key_pem;
	struct str url;          /* empty: not registered, or unknown                 */
	struct str email;        /* as registered at the CA                           */
	struct str eab;          /* id of its external account binding                */
	struct str next_key_pem; /* of a rollover; stored before it is sent to the CA */
	struct str problem;      /* why the last request failed or is not done yet    */
};

/* A name whose proof fails now; the certificate is ordered without it. */
struct left_out {
	struct str name, problem;
	int64_t until_ms;
};

struct cert_row {
	struct str id;
	struct names names; /* requested                                             */
	bool rsa;
	/* The certificate in use; empty: none yet. */
	struct str chain_pem, key_pem;
	struct names held;  /* names of chain_pem, IP addresses included */
	int64_t due_ms;     /* time of the next work                     */
	uint64_t failures;  /* in a row                                  */
	struct str problem; /* of the last of them                       */
	/* The unfinished order; empty: none. It continues after a kill. */
	struct str order_directory, order_url, order_key_pem;
	struct names order_names;
	struct left_out *left_out;
	size_t left_out_count;
	struct str from;     /* directory of the CA that issued chain_pem; empty: unknown */
	int64_t info_due_ms; /* when to request renewal information again (RFC 9773)      */
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
/* A request of an administrator that is not done yet. It has its own row because only the
 * service writes rows of certificates and accounts, which it holds during exchanges with
 * the CA. */
enum request_kind { REQUEST_RENEW = 'n', REQUEST_REVOKE = 'r', REQUEST_ACCOUNT = 'w' };
enum { REQUEST_ROLLOVER = 1, REQUEST_END = 2 }; /* of an account */
struct request_row {
	/* The reason of a revocation (RFC 5280 5.3.1), REQUEST_... of an account, or a
	 * number that distinguishes requests for renewal. */
	uint64_t what;
	int64_t due_ms;
};
enum err request_row_get(struct txn *t, enum request_kind kind, struct str of,
                      struct request_row *out) MUST_USE;
enum err request_row_put(struct txn *t, enum request_kind kind, struct str of,
                      const struct request_row *w) MUST_USE;
enum err request_row_del(struct txn *t, enum request_kind kind, struct str of) MUST_USE;
/* The ids or URLs that have requests, in a. */
enum err request_rows(struct txn *t, enum request_kind kind, struct arena *a,
                      struct names *out) MUST_USE;
/* A txn_fn: is any request but renewals pending? arg is a bool. */
enum err requests_pending(struct txn *t, void *arg) MUST_USE;

#endif
