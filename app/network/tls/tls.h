/* network/tls/tls.h: TLS without sockets: bytes in, bytes out, for both sides.
 *
 *            tls_put_cipher   +-----+   tls_plain, tls_plain_drop
 *   socket ------------------>|     |------------------------------> protocol
 *          <------------------|     |<------------------------------
 *   tls_cipher, _cipher_drop  +-----+   tls_put_plain, tls_flush
 *
 * A struct tls belongs to one thread at a time, like its connection. It never reads or writes a
 * socket, never blocks, and allocates only what is stated here.
 *
 * Engine: BearSSL, TLS 1.2 (RFC 5246) only: RFC 8446 (TLS 1.3) is not implemented by it,
 * and 1.0 and 1.1 are off. Key exchange is always ephemeral (ECDHE), ciphers are AEAD:
 * AES-GCM first where the processor has AES instructions, else ChaCha20-Poly1305. Outgoing mail may
 * also use CBC and static RSA, because the alternative is clear text.
 * Renegotiation is refused. Extended master secret and tickets do not exist in BearSSL;
 * resumption is by session id.
 *
 * Memory: a parked connection (handshake done, nothing half-received, nothing to send)
 * costs tls_parked_bytes(), about 5 KB. The two record buffers of 16 KB each are borrowed
 * from a pool while they contain a record and returned after that: see network/tls/pool.h for why
 * that is correct.
 *
 * Typical loop of the owner:
 *
 *     read socket into scratch;  rest = what came
 *     do {
 *             rest = str_sub(rest, tls_put_cipher(t, rest), rest.n);
 *             append tls_plain(t) to the input buffer; tls_plain_drop(t, all of it);
 *     } while (rest.n > 0 && tls_state(t) is neither CLOSED nor FAILED);
 *     ... protocol runs; tls_put_plain its output, tls_flush at the end ...
 *     while ((out = tls_cipher(t)).n > 0)
 *             tls_cipher_drop(t, write(socket, out));
 */
#ifndef TLS_H
#define TLS_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct arena;
struct certs;
struct tls;
struct tls_server;
struct tls_sessions;
struct trust;
struct tlsa_set;
struct x509_client;

/* ---- shared by servers and clients among their connections ---- */

/* The server side of the process. certs is borrowed and must outlive it. sessions_max: the most
 * resumable sessions (100 bytes each); 0 turns resumption off. */
struct tls_server *tls_server_open(struct certs *certs, size_t sessions_max) MUST_USE;
/* From the next handshake on, connections that request a client certificate (tls_server_new) trust
 * these authorities; NULL, as initially: no certificate is requested. Takes trust, whose names must
 * take at most TLS_CLIENT_NAMES_MAX (trust_names_bytes). Earlier sessions cannot be resumed any
 * more, because a resumption requests no certificate. Thread-safe. */
void tls_server_clients_set(struct tls_server *s, struct trust *trust);
enum { TLS_CLIENT_NAMES_MAX = 16 << 10 };
/* After the last struct tls made from it. NULL is a no-op. */
void tls_server_close(struct tls_server *s);

enum tls_verify {
	TLS_VERIFY_NONE,   /* any certificate is accepted; tls_peer_verified still reports */
	TLS_VERIFY_PKIX,   /* a chain to trust and the right name, or the handshake fails */
	TLS_VERIFY_DANE,   /* a match with a TLSA record, or the handshake fails */
};

struct tls_client_config {
	const struct trust *trust; /* NULL with TLS_VERIFY_NONE: nothing is ever verified   */
	enum tls_verify verify;
	bool old_ciphers;          /* also CBC and static RSA: opportunistic mail only      */
	bool binds;                /* tls_end_point will be called */
	/* The server's TLSA records, evaluated in each mode; NULL for none, not with
	 * TLS_VERIFY_DANE. Borrowed for the handshake. */
	const struct tlsa_set *dane;
	/* The store of resumable sessions (network/tls/sessions.h), which outlives the connection;
	 * NULL: none. identity has the other conditions of a resumption: host, port and client
	 * identity; borrowed for tls_client_new. */
	struct tls_sessions *sessions;
	struct str identity;
};

/* Room for max sessions of clients, at least one. */
struct tls_sessions *tls_sessions_open(size_t max) MUST_USE;
/* After the last struct tls that uses it. NULL is a no-op. */
void tls_sessions_close(struct tls_sessions *s);

/* ---- one connection ---- */

/* Never fail; a server without any certificate fails in the handshake. ask: request a client
 * certificate if tls_server_clients_set was called. A missing or invalid one does not fail the
 * handshake. */
struct tls *tls_server_new(struct tls_server *s, bool ask) MUST_USE;
/* cfg is copied, its trust borrowed. server_name (a host name of at most 255 bytes without
 * a final dot) is sent as SNI and checked against the certificate; an IP address literal
 * or the empty string sends none and never verifies. */
struct tls *tls_client_new(const struct tls_client_config *cfg,
                           struct str server_name) MUST_USE;
/* Wipes and frees; NULL is a no-op. Does not send close_notify. */
void tls_free(struct tls *t);

enum tls_state {
	TLS_HANDSHAKE, /* no application bytes yet; move ciphertext both ways           */
	TLS_OPEN,      /* both directions work                                          */
	TLS_CLOSING,   /* tls_close was called: ciphertext may remain to be sent        */
	TLS_CLOSED,    /* the peer sent close_notify, and all data before it was read; our own
	                * close_notify may remain to be sent */
	TLS_FAILED,    /* see tls_why; nothing can be sent any more. A fatal alert is sent before:
	                * until then the previous state remains */
};
enum tls_state tls_state(const struct tls *t);
/* The reason in words: "handshake: no common cipher". "" unless TLS_FAILED. Borrowed from t.
 * Contains no text from the peer. */
const char *tls_why(const struct tls *t);

/* Pass ciphertext from the peer. Returns how much was taken: less than all while plaintext is
 * unread, or output of the engine itself (handshake, alert) is unsent in tls_cipher, or when the
 * connection is closed or has failed. Keep the rest and pass it again. */
size_t tls_put_cipher(struct tls *t, struct str bytes);
/* The same without a copy: read up to *n bytes from the socket to the result, then commit the bytes
 * read. NULL and 0 when tls_put_cipher would take nothing. One call ends at a record boundary, so
 * it costs two reads per record: the header, then the body. */
char *tls_cipher_room(struct tls *t, size_t *n);
void tls_cipher_commit(struct tls *t, size_t n);
/* The peer closed the socket: TLS_FAILED for a truncation, unless close_notify was sent in either
 * direction before. */
void tls_put_eof(struct tls *t);

/* Plaintext that can be read now, empty when none; borrowed until the next call on t. */
struct str tls_plain(struct tls *t);
void tls_plain_drop(struct tls *t, size_t n);

/* Pass plaintext for the peer. Returns how much was taken: less than all when a record is full and
 * unsent, 0 unless TLS_OPEN. */
size_t tls_put_plain(struct tls *t, struct str bytes);
/* End the record under construction, so that all plaintext becomes ciphertext. */
void tls_flush(struct tls *t);

/* Ciphertext that can be sent now, empty when none; borrowed until the next call on t. */
struct str tls_cipher(struct tls *t);
void tls_cipher_drop(struct tls *t, size_t n);

/* Flush, then send close_notify; unread and later plaintext is discarded. Send the rest of
 * tls_cipher, then close the socket: waiting for the peer's close_notify is not needed (RFC 5246
 * 7.2.1). During the handshake it ends the connection. Again is a no-op. */
void tls_close(struct tls *t);

/* ---- properties of a connection ---- */

/* Nothing half-received and nothing unsent: no record buffer is borrowed. */
bool tls_idle(const struct tls *t);
/* "TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256" once open, else "". Static parts; lives in a. */
struct str tls_describe(const struct tls *t, struct arena *a);
/* The server name that the client requested, "" when none. Borrowed from t. It comes from the peer:
 * escape it in logs. */
struct str tls_server_name(const struct tls *t);
/* Ephemeral keys and an AEAD cipher, so not the suites of tls_client_config.old_ciphers. */
bool tls_modern(const struct tls *t);
/* Was an earlier session resumed? Then no certificate was exchanged; a client reports the result of
 * the first handshake. */
bool tls_resumed(const struct tls *t);
/* Client: are chain and name valid? If not, *why (may be NULL) has the reason. */
bool tls_peer_verified(const struct tls *t, struct why *why);

/* Client: the error of the server's certificates, also after a handshake that failed because of
 * it. */
enum tls_chain {
	TLS_CHAIN_UNSEEN,    /* there were no roots, or no certificate was sent */
	TLS_CHAIN_GOOD,
	TLS_CHAIN_NAME,      /* for another name                                        */
	TLS_CHAIN_TIME,      /* expired, or not yet valid                               */
	TLS_CHAIN_UNTRUSTED, /* not from a trusted authority, or malformed */
	TLS_CHAIN_NO_MATCH,  /* TLS_VERIFY_DANE: no TLSA record matches */
};
enum tls_chain tls_peer_chain(const struct tls *t);
/* Client: does one of the given TLSA records match the server's certificates? */
bool tls_peer_matched(const struct tls *t);

/* The channel binding data of this connection, of the type tls-server-end-point (RFC 5929 4); lives
 * in a. Empty before the handshake is done, after a resumption, in which no certificate is sent,
 * and for a client without tls_client_config.binds. */
struct str tls_end_point(const struct tls *t, struct arena *a);

/* Server: does this data exist? */
bool tls_bound(const struct tls *t);

/* Server: the client's identity by its certificate on this connection. The certificate was issued
 * by a trusted authority, is valid now and is for clients (foundation/crypto/x509_client.h), and
 * the client has its key. NULL: none. Borrowed from t. */
const struct x509_client *tls_client(const struct tls *t);
/* Server: did the client send an invalid certificate? Then *why (may be NULL) has the reason. */
bool tls_client_refused(const struct tls *t, struct why *why);

/* The memory of a parked server connection without a client certificate, in bytes. */
size_t tls_parked_bytes(void);

#endif
