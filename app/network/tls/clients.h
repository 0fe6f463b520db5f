/* network/tls/clients.h: certificates of clients, for net/tls*.c only: whose are believed, and
 * judging one in the handshake.
 *
 * Nothing that a client shows, or does not show, ends its handshake: a certificate that is no
 * good only leaves the connection without an identity, as none does. What a client shows it must
 * also sign with (RFC 5246 7.4.8): BearSSL checks that, and a wrong signature is fatal.
 *
 * A client may send certificates for as long as the handshake may last. What is behind
 * X509_CHAIN_MAX of them, or TLS_CLIENT_CHAIN_MAX bytes, is not looked at. */
#ifndef TLS_CLIENTS_H
#define TLS_CLIENTS_H
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/crypto/x509_client.h"
#include "network/tls/tls.h"

#include <bearssl.h>

struct trust;

enum { TLS_CLIENT_CERTIFICATE_MAX = 16 << 10, TLS_CLIENT_CHAIN_MAX = 64 << 10 };

/* The authorities; immutable, shared by handshakes. */
struct tls_clients;
/* Takes trust; one reference. */
struct tls_clients *tls_clients_new(struct trust *trust) MUST_USE;
struct tls_clients *tls_clients_ref(struct tls_clients *c) MUST_USE;
/* NULL is a no-op. */
void tls_clients_unref(struct tls_clients *c);

/* Who a client is, for as long as its connection lasts. */
struct tls_identity {
	struct arena arena;
	struct x509_client who; /* in arena */
};
/* NULL is a no-op; clears *i. */
void tls_identity_free(struct tls_identity **i);

/* Of one handshake; all zero: none is asked for. */
struct tls_client_verifier {
	const br_x509_class *vtable; /* first: BearSSL's idea of inheritance */
	struct tls_clients *clients; /* a reference                          */
	size_t certificates, bytes;  /* seen so far                          */
	unsigned verdict;            /* 0: good, or none seen; words.h   */
	struct tls_identity *found;  /* when it is good                      */
	struct buf leaf;
	br_x509_minimal_context full;
};

/* Have server ask its client; takes the reference. v must live until the handshake is done. */
void tls_client_verifier_begin(struct tls_client_verifier *v, struct tls_clients *clients,
                               br_ssl_server_context *server);
/* One that was not begun is a no-op. */
void tls_client_verifier_end(struct tls_client_verifier *v);

#endif
