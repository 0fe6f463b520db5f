/* network/http_client/tls_httpc.h: certificates of HTTPS servers are verified by the same code as
 * those of mail servers, with the same roots; libcurl only carries the bytes. */
#ifndef HTTP_CLIENT_TLS_HTTPC_H
#define HTTP_CLIENT_TLS_HTTPC_H
#include "foundation/base/err.h"

struct tls_httpc;
struct trust;

/* trust is borrowed. */
struct tls_httpc *tls_httpc_new(const struct trust *trust) MUST_USE;
/* NULL is a no-op; clears *t. */
void tls_httpc_free(struct tls_httpc **t);

/* Prepare a BearSSL client context before its handshake: our cipher suites and our verifier, which
 * must outlive the handshake. One handshake at a time. */
void tls_httpc_prepare(struct tls_httpc *t, void *client_context);
/* Did the last handshake fail because of the certificate? Then why has the reason. */
bool tls_httpc_refused(const struct tls_httpc *t, struct why *why);

#endif
