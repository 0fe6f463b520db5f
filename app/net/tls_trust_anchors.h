/* net/tls_trust_anchors.h: struct trust as BearSSL wants it, for net/tls*.c only. */
#ifndef NET_TLS_TRUST_ANCHORS_H
#define NET_TLS_TRUST_ANCHORS_H
#include "net/tls_trust.h"

#include <bearssl.h>

/* Borrowed from t. */
const br_x509_trust_anchor *trust_anchors(const struct trust *t, size_t *count);

#endif
