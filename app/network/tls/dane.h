/* network/tls/dane.h: verification of a server's certificates by its TLSA records (RFC 6698, RFC
 * 7671, RFC 7672 3), for network/tls only.
 *
 * DANE-EE: the record matches the first certificate; names and dates are ignored (RFC 7672 3.1.1).
 * DANE-TA: the record matches an authority, in the chain or as a whole in the record. The
 * certificates before it must lead to it and be valid, and the first must have one of the names
 * (RFC 7672 3.1.2). */
#ifndef TLS_DANE_H
#define TLS_DANE_H
#include "foundation/base/str.h"

struct tls_dane;
struct tlsa_set;

/* set is borrowed until it is freed. */
struct tls_dane *tls_dane_new(const struct tlsa_set *set) MUST_USE;
void tls_dane_free(struct tls_dane *d); /* NULL is a no-op */
/* Collect the server's chain in pieces. Data past TLS_DANE_BYTES or TLS_DANE_CERTIFICATES is
 * ignored, which can only cause a mismatch. */
void tls_dane_append(struct tls_dane *d, struct str piece);
void tls_dane_end(struct tls_dane *d); /* of one certificate */
/* After the whole chain: 0 when a record matches, otherwise TLS_ERROR_TLSA or, when an authority
 * matched, the error of the chain to it. */
unsigned tls_dane_verdict(const struct tls_dane *d);

#endif
