/* network/tls/sessions.h: client sessions that can be resumed (RFC 5246 7.3, by session id): a
 * handshake of one round trip, without a certificate.
 *
 * The result of verifying the certificate in the first handshake is stored with the session and
 * applies to resumptions. So a session is resumed only under equal conditions: the same name,
 * verification, authorities, TLSA records, ciphers and identity. A session is stored for one hour;
 * when its resumption fails it is dropped (7.2.2).
 *
 * Thread-safe. Memory: some 250 bytes a session; a new one evicts the oldest. */
#ifndef TLS_SESSIONS_H
#define TLS_SESSIONS_H
#include "network/tls/tls.h"

#include <bearssl.h>

enum { TLS_SESSIONS_KEEP_MS = 3600 * 1000, TLS_SESSION_KEY = 32 };

/* A stored session. */
struct tls_kept {
	br_ssl_session_parameters params;
	unsigned verdict;
	bool matched;
};

/* The key of a session: a hash of all conditions of its verification. */
void tls_session_key(const struct tls_client_config *cfg, struct str server_name,
                     uint8_t key[static TLS_SESSION_KEY]);

bool tls_sessions_get(struct tls_sessions *s, const uint8_t *key, struct tls_kept *out);
/* Stores a copy, in place of an earlier one. */
void tls_sessions_put(struct tls_sessions *s, const uint8_t *key, const struct tls_kept *kept);
void tls_sessions_drop(struct tls_sessions *s, const uint8_t *key);

#endif
