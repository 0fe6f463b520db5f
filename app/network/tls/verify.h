/* network/tls/verify.h: verification of a server's certificates.
 *
 * BearSSL calls a "class" with virtual functions. Ours passes every certificate to BearSSL's full
 * validation (RFC 5280 path, RFC 6125 name) and stores its result. It also decodes the leaf itself,
 * so that opportunistic TLS can continue with an untrusted certificate: unauthenticated encryption
 * is better than clear text. */
#ifndef TLS_VERIFY_H
#define TLS_VERIFY_H
#include "foundation/base/buf.h"
#include "network/tls/tls.h"

#include <bearssl.h>

struct tls_verifier {
	const br_x509_class *vtable;   /* first: BearSSL's idea of inheritance      */
	enum tls_verify mode;
	bool named;                    /* there is a name to verify */
	const struct trust *trust;     /* NULL: nothing verifies                    */
	unsigned verdict;              /* 0: valid; else BearSSL's error or ours */
	size_t certificates;           /* received so far */
	struct buf shown;              /* the leaf, if the config has binds */
	struct tls_dane *dane;         /* NULL: no TLSA records                     */
	bool matched;                  /* one of them matches */
	br_x509_minimal_context full;
	br_x509_decoder_context leaf;
};

/* Verify dates by the clock. */
void tls_verify_time_set(br_x509_minimal_context *full);

void tls_verifier_init(struct tls_verifier *v, const struct tls_client_config *cfg);
void tls_verifier_deinit(struct tls_verifier *v);

#endif
