/* network/tls/trust_anchors.h: struct trust in BearSSL's form, for network/tls only. */
#ifndef TLS_TRUST_ANCHORS_H
#define TLS_TRUST_ANCHORS_H
#include "foundation/base/arena.h"
#include "network/tls/trust.h"

#include <bearssl.h>

struct trust {
	struct arena arena; /* owns the data of anchors, unless that is constant */
	const br_x509_trust_anchor *anchors;
	size_t count;
};

/* Convert a certificate (DER) to an anchor, in a. False: it is not usable. */
bool trust_anchor_read(struct arena *a, struct str der, br_x509_trust_anchor *out);
/* Borrowed from t. */
const br_x509_trust_anchor *trust_anchors(const struct trust *t, size_t *count);

#endif
