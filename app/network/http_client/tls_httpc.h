/* network/http_client/tls_httpc.h: the certificates of HTTPS servers are judged by the same code
 * as those of mail servers, with the same roots; the HTTP library only carries the bytes. */
#ifndef HTTP_CLIENT_TLS_HTTPC_H
#define HTTP_CLIENT_TLS_HTTPC_H
#include "foundation/base/err.h"

struct tls_httpc;
struct trust;

/* trust is borrowed. */
struct tls_httpc *tls_httpc_new(const struct trust *trust) MUST_USE;
/* NULL is a no-op; clears *t. */
void tls_httpc_free(struct tls_httpc **t);

/* Prepare a BearSSL client context before its handshake: our suites, our verifier, which must
 * outlive the handshake. One handshake at a time. */
void tls_httpc_prepare(struct tls_httpc *t, void *client_context);
/* Did the last handshake fail for the certificate? Then why says it in words. */
bool tls_httpc_refused(const struct tls_httpc *t, struct why *why);

#endif
