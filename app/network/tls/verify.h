/* network/tls/verify.h: judging the certificates of a server we connect to.
 *
 * BearSSL asks a "class" of its own making. Ours passes every certificate to BearSSL's
 * full validation (RFC 5280 path, RFC 6125 name) and keeps its verdict, and also decodes
 * the leaf by itself, so that opportunistic TLS can go on with a certificate that nobody
 * vouches for: encrypted to a stranger beats clear text. */
#ifndef TLS_VERIFY_H
#define TLS_VERIFY_H
#include "foundation/base/buf.h"
#include "network/tls/tls.h"

#include <bearssl.h>

struct tls_verifier {
	const br_x509_class *vtable;   /* first: BearSSL's idea of inheritance      */
	enum tls_verify mode;
	bool named;                    /* there is a name to compare with           */
	const struct trust *trust;     /* NULL: nothing verifies                    */
	unsigned verdict;              /* 0: good; else BearSSL's or our error      */
	size_t certificates;           /* seen so far                               */
	struct buf shown;              /* the leaf, where the config says binds     */
	struct tls_dane *dane;         /* NULL: no TLSA records                     */
	bool matched;                  /* one of them does                          */
	br_x509_minimal_context full;
	br_x509_decoder_context leaf;
};

/* Judge dates by the clock. */
void tls_verify_time_set(br_x509_minimal_context *full);

void tls_verifier_init(struct tls_verifier *v, const struct tls_client_config *cfg);
void tls_verifier_deinit(struct tls_verifier *v);

#endif
