/* network/tls/engine.h: the contents of struct tls, for network/tls only. */
#ifndef TLS_ENGINE_H
#define TLS_ENGINE_H
#include "network/tls/cert.h"
#include "network/tls/clients.h"
#include "network/tls/sessions.h"
#include "network/tls/tls.h"
#include "network/tls/verify.h"

#include <bearssl.h>

enum { TLS_HEADER = 5 }; /* of a record: type, version, length; RFC 5246 6.2.1 */

/* State of the handshake; freed once the connection is open. */
struct tls_handshake {
	struct cert *cert;                         /* server: the selected one */
	br_x509_certificate chain[X509_CHAIN_MAX]; /* of cert                     */
	struct tls_sessions *sessions;             /* client: or NULL             */
	uint8_t key[TLS_SESSION_KEY];              /* of this connection, in sessions */
	bool offered;                              /* client: kept is offered for resumption */
	struct tls_kept kept;
	union {
		struct tls_verifier verifier;      /* client                      */
		struct tls_client_verifier client; /* server                      */
	};
};

/* The data of tls_end_point for the server's certificate. */
struct tls_end_point {
	size_t n;
	uint8_t hash[X509_END_POINT_MAX];
};

struct tls {
	br_ssl_engine_context *engine; /* in side */
	uint8_t *in, *out;             /* borrowed from the pool, or NULL */
	size_t in_n;                   /* bytes of the record in "in", to wipe         */
	uint8_t header[TLS_HEADER];    /* the engine's input buffer while in is NULL   */
	bool opened : 1;               /* the handshake is done                        */
	bool closing : 1;              /* tls_close was called                         */
	bool resumed : 1;
	bool verified : 1;             /* client: chain and name are valid */
	bool matched : 1;              /* client: a TLSA record matches */
	unsigned verdict;              /* of the peer's certificates; 0: valid, or none */
	unsigned error;                /* words.h: more specific than the engine's */
	struct why *why;               /* set after a failure */
	struct tls_handshake *handshake;
	struct tls_server *server;     /* NULL for a client                            */
	union {
		struct cert *shown;               /* server: its certificate in this handshake */
		struct tls_end_point *end_point;  /* client: or NULL                           */
	};
	struct tls_identity *identity; /* server: of the client; or NULL */
	union {
		br_ssl_server_context server;
		br_ssl_client_context client;
	} side;
};

/* Initialise the engine of a new t, without buffers, and with fresh randomness. */
void tls_engine_init(struct tls *t, br_ssl_engine_context *engine);
/* Around a call of the engine that may run the handshake processor. */
void tls_engine_enter(struct tls *t);
void tls_engine_leave(struct tls *t);

#endif
