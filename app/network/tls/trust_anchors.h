/* network/tls/trust_anchors.h: struct trust as BearSSL wants it, for net/tls*.c only. */
#ifndef TLS_TRUST_ANCHORS_H
#define TLS_TRUST_ANCHORS_H
#include "foundation/base/arena.h"
#include "network/tls/trust.h"

#include <bearssl.h>

struct trust {
	struct arena arena; /* what anchors points to, unless that is constant */
	const br_x509_trust_anchor *anchors;
	size_t count;
};

/* A certificate (DER) as an anchor, in a. False: it is none that can be used. */
bool trust_anchor_read(struct arena *a, struct str der, br_x509_trust_anchor *out);
/* Borrowed from t. */
const br_x509_trust_anchor *trust_anchors(const struct trust *t, size_t *count);

#endif
