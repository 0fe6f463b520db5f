/* foundation/crypto/x509_put.h: the common parts of certificates and certificate requests, written
 * backwards (see der.h). For crypto/x509_*.c only. */
#ifndef CRYPTO_X509_PUT_H
#define CRYPTO_X509_PUT_H
#include "foundation/crypto/der.h"
#include "foundation/crypto/x509.h"

/* The AlgorithmIdentifier of this key's signatures. */
void x509_algorithm_put(struct der_writer *w, const struct key *k);
/* SubjectPublicKeyInfo. */
void x509_public_key_put(struct der_writer *w, const struct key *k);
/* Close an extension whose value was written since the mark. */
void x509_extension_wrap(struct der_writer *w, struct str oid, bool critical, size_t mark);
/* The extension subjectAltName. */
void x509_alt_names_put(struct der_writer *w, const struct x509_alt *names, size_t count);
/* A complete signed object: tbs (DER), algorithm, signature. */
void x509_signed_wrap(struct der_writer *w, const struct key *k, struct str tbs, struct arena *a);

#endif
