/* network/tls/engine.h: the inside of struct tls, for net/tls*.c only. */
#ifndef TLS_ENGINE_H
#define TLS_ENGINE_H
#include "network/tls/cert.h"
#include "network/tls/clients.h"
#include "network/tls/sessions.h"
#include "network/tls/tls.h"
#include "network/tls/verify.h"

#include <bearssl.h>

enum { TLS_HEADER = 5 }; /* of a record: type, version, length; RFC 5246 6.2.1 */

/* What only the handshake needs; gone once the connection is open. */
struct tls_handshake {
	struct cert *cert;                         /* server: the one chosen      */
	br_x509_certificate chain[X509_CHAIN_MAX]; /* of cert                     */
	struct tls_sessions *sessions;             /* client: or NULL             */
	uint8_t key[TLS_SESSION_KEY];              /* of this connection, in it   */
	bool offered;                              /* client: kept, to resume     */
	struct tls_kept kept;
	union {
		struct tls_verifier verifier;      /* client                      */
		struct tls_client_verifier client; /* server                      */
	};
};

/* What tls_end_point tells of the server's certificate. */
struct tls_end_point {
	size_t n;
	uint8_t hash[X509_END_POINT_MAX];
};

struct tls {
	br_ssl_engine_context *engine; /* of side                                      */
	uint8_t *in, *out;             /* borrowed from the pool, or NULL              */
	size_t in_n;                   /* bytes of the record in "in", to wipe         */
	uint8_t header[TLS_HEADER];    /* the engine's input buffer while in is NULL   */
	bool opened : 1;               /* the handshake is done                        */
	bool closing : 1;              /* tls_close was called                         */
	bool resumed : 1;
	bool verified : 1;             /* client: chain and name were good             */
	bool matched : 1;              /* client: a TLSA record did                    */
	unsigned verdict;              /* of what the peer has shown; 0: good, or none */
	unsigned error;                /* words.h: more exact than the engine's    */
	struct why *why;               /* set when it has failed                       */
	struct tls_handshake *handshake;
	struct tls_server *server;     /* NULL for a client                            */
	union {
		struct cert *shown;               /* server: to this client, in this handshake */
		struct tls_end_point *end_point;  /* client: or NULL                           */
	};
	struct tls_identity *identity; /* server: of its client; or NULL               */
	union {
		br_ssl_server_context server;
		br_ssl_client_context client;
	} side;
};

/* The engine of a new t, without buffers, and with fresh randomness. */
void tls_engine_init(struct tls *t, br_ssl_engine_context *engine);
/* Around a call of the engine that may run the handshake processor. */
void tls_engine_enter(struct tls *t);
void tls_engine_leave(struct tls *t);

#endif
