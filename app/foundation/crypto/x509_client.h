/* foundation/crypto/x509_client.h: what a client's certificate says of who shows it (RFC 5280
 * 4.2.1).
 *
 * It decides about what stands in the certificate only; that it leads to an authority, and its
 * dates, are for network/tls/clients.c. */
#ifndef CRYPTO_X509_CLIENT_H
#define CRYPTO_X509_CLIENT_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct arena;

enum { X509_ADDRESSES_MAX = 32 };

struct x509_client {
	struct str *addresses; /* rfc822Name of subjectAltName, as they are written; at least one */
	size_t count;
	int64_t not_after_ms;
};

/* Read the DER of one certificate; all of *out lives in a.
 * ERR_SYNTAX   it is none, or has an extension twice (4.2).
 * ERR_DENIED   its key may not sign (4.2.1.3), or it is not for clients (4.2.1.12; without that
 *              extension it is for everything).
 * ERR_MISSING  it names no mail address (4.2.1.6). One in the subject is none: RFC 5280 4.1.2.6
 *              calls that obsolete.
 * ERR_LIMIT    it names more than X509_ADDRESSES_MAX. */
enum err x509_client_read(struct str der, struct arena *a, struct x509_client *out) MUST_USE;

#endif
