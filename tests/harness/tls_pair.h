/* tests/harness/tls_pair.h: a TLS client and server that talk in memory. */
#ifndef HARNESS_TLS_PAIR_H
#define HARNESS_TLS_PAIR_H
#include "foundation/base/buf.h"
#include "network/tls/cert.h"
#include "network/tls/tls.h"
#include "network/tls/trust.h"

struct tls_pair {
	struct tls *client, *server;
	struct buf at_client, at_server; /* plaintext that has arrived there      */
	size_t moved;                    /* ciphertext bytes, both ways           */
};

/* Certificates with a self-signed one for this host as the default; its PEM in *pem (may be
 * NULL), living in a. */
struct certs *tls_pair_certs(const char *host, struct arena *a, struct str *pem);
/* Only that certificate is trusted. */
struct trust *tls_pair_trust(struct str pem);

struct tls_pair tls_pair_new(struct tls_server *server, const struct tls_client_config *client,
                             const char *host);
void tls_pair_free(struct tls_pair *p);

/* Carry ciphertext both ways, at most chunk bytes at a time, until nothing moves. */
void tls_pair_pump(struct tls_pair *p, size_t chunk);
/* One such step from one side to the other; false when nothing moved. */
bool tls_pair_carry(struct tls_pair *p, struct tls *from, size_t chunk);

#endif
