/* network/tls/dane.h: judging a server's certificates by its TLSA records (RFC 6698, RFC 7671,
 * RFC 7672 3), for net/tls*.c only.
 *
 * DANE-EE: the first certificate is the one; names and dates do not count (RFC 7672 3.1.1).
 * DANE-TA: one that was shown, or is whole in the record, is the authority: the certificates before
 * it must lead to it in their time, and the first carry one of the names (RFC 7672 3.1.2). */
#ifndef TLS_DANE_H
#define TLS_DANE_H
#include "foundation/base/str.h"

struct tls_dane;
struct tlsa_set;

/* set is borrowed until it is freed. */
struct tls_dane *tls_dane_new(const struct tlsa_set *set) MUST_USE;
void tls_dane_free(struct tls_dane *d); /* NULL is a no-op */
/* Gather what the server shows, in pieces. Past TLS_DANE_BYTES or TLS_DANE_CERTIFICATES nothing
 * more is taken: it can only match less. */
void tls_dane_append(struct tls_dane *d, struct str piece);
void tls_dane_end(struct tls_dane *d); /* of one certificate */
/* All have been shown: 0 when a record matches, else TLS_ERROR_TLSA or, where an authority was
 * found, what is wrong with the way to it. */
unsigned tls_dane_verdict(const struct tls_dane *d);

#endif
