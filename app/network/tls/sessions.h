/* network/tls/sessions.h: sessions with servers that may be resumed (RFC 5246 7.3, by session id):
 * a handshake of one round trip, without a certificate.
 *
 * What the certificate of the first handshake came to is kept with the session, and counts for
 * those that resume it; so a session is resumed only by somebody who would have judged it in the
 * very same way: the same name, demand, authorities, TLSA records and ciphers, for the same
 * identity. For an hour; a session whose resumption goes wrong is forgotten (7.2.2).
 *
 * Thread-safe. Memory: some 250 bytes a session; the oldest one leaves for a new one. */
#ifndef TLS_SESSIONS_H
#define TLS_SESSIONS_H
#include "network/tls/tls.h"

#include <bearssl.h>

enum { TLS_SESSIONS_KEEP_MS = 3600 * 1000, TLS_SESSION_KEY = 32 };

/* What is kept of one. */
struct tls_kept {
	br_ssl_session_parameters params;
	unsigned verdict;
	bool matched;
};

/* By what it is found: of everything that says how a server is judged. */
void tls_session_key(const struct tls_client_config *cfg, struct str server_name,
                     uint8_t key[static TLS_SESSION_KEY]);

bool tls_sessions_get(struct tls_sessions *s, const uint8_t *key, struct tls_kept *out);
/* Takes a copy, in place of what was there. */
void tls_sessions_put(struct tls_sessions *s, const uint8_t *key, const struct tls_kept *kept);
void tls_sessions_drop(struct tls_sessions *s, const uint8_t *key);

#endif
