/* network/tls/clients.h: client certificates: the trusted authorities, and the verification in the
 * handshake; for network/tls only.
 *
 * No certificate, or an invalid one, does not fail the handshake: the connection only has no
 * identity. The client must sign with the key of its certificate (RFC 5246 7.4.8): BearSSL checks
 * that, and a wrong signature is fatal.
 *
 * A client may send certificates until the deadline of the handshake. Those after the first
 * X509_CHAIN_MAX, or after TLS_CLIENT_CHAIN_MAX bytes, are ignored. */
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

/* The identity of a client, for the lifetime of its connection. */
struct tls_identity {
	struct arena arena;
	struct x509_client who; /* in arena */
};
/* NULL is a no-op; clears *i. */
void tls_identity_free(struct tls_identity **i);

/* For one handshake; all-zero: no certificate is requested. */
struct tls_client_verifier {
	const br_x509_class *vtable; /* first: BearSSL's idea of inheritance */
	struct tls_clients *clients; /* a reference                          */
	size_t certificates, bytes;  /* received so far */
	unsigned verdict;            /* 0: valid, or none received; words.h */
	struct tls_identity *found;  /* when it is valid */
	struct buf leaf;
	br_x509_minimal_context full;
};

/* Request a certificate from the client; takes the reference. v must live until the handshake
 * ends. */
void tls_client_verifier_begin(struct tls_client_verifier *v, struct tls_clients *clients,
                               br_ssl_server_context *server);
/* One that was not begun is a no-op. */
void tls_client_verifier_end(struct tls_client_verifier *v);

#endif
