/* foundation/crypto/x509_client.h: the mail addresses of a client certificate (RFC 5280 4.2.1).
 *
 * This reader uses the contents of the certificate only; network/tls/clients.c checks its chain and
 * its dates. */
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
 * ERR_SYNTAX   malformed, or has an extension twice (4.2).
 * ERR_DENIED   its key may not sign (4.2.1.3), or its extended key usage excludes clients
 *              (4.2.1.12; without that extension any use is allowed).
 * ERR_MISSING  it names no mail address (4.2.1.6). An address in the subject does not count: RFC
 *              5280 4.1.2.6 calls that obsolete.
 * ERR_LIMIT    it names more than X509_ADDRESSES_MAX. */
enum err x509_client_read(struct str der, struct arena *a, struct x509_client *out) MUST_USE;

#endif
