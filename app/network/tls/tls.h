/* network/tls/tls.h: TLS without sockets: bytes in, bytes out, for both sides.
 *
 *            tls_put_cipher   +-----+   tls_plain, tls_plain_drop
 *   socket ------------------>|     |------------------------------> protocol
 *          <------------------|     |<------------------------------
 *   tls_cipher, _cipher_drop  +-----+   tls_put_plain, tls_flush
 *
 * A struct tls belongs to one thread at a time, as the connection it is part of does. It
 * never reads or writes a socket, never blocks and never allocates more than it says here.
 *
 * Engine: BearSSL, TLS 1.2 (RFC 5246) only: RFC 8446 (TLS 1.3) is not implemented by it,
 * and 1.0 and 1.1 are off. Key exchange is always ephemeral (ECDHE), ciphers are AEAD:
 * AES-GCM first where the processor has AES instructions, else ChaCha20-Poly1305. Outgoing
 * mail may also speak CBC and static RSA, because the alternative there is clear text.
 * Renegotiation is refused. Extended master secret and tickets do not exist in BearSSL;
 * resumption is by session id.
 *
 * Memory: a parked connection (handshake done, nothing half-received, nothing to send)
 * costs tls_parked_bytes(), about 5 KB. The two record buffers of 16 KB each are borrowed
 * from a pool while a record is in them and given back as soon as it is not: see
 * network/tls/pool.h for why that is sound.
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

/* ---- what servers and clients share among their connections ---- */

/* The server side of the process. certs is borrowed and must outlive it.
 * sessions_max  how many sessions can be resumed (100 bytes each); 0 turns it off. */
struct tls_server *tls_server_open(struct certs *certs, size_t sessions_max) MUST_USE;
/* From the next handshake on, those that ask their client for a certificate (tls_server_new)
 * believe these authorities; NULL, as at first: nobody is asked. Takes trust, whose names must
 * take at most TLS_CLIENT_NAMES_MAX (trust_names_bytes). Earlier sessions cannot be resumed any
 * more: in those that are, nobody is asked. Any thread. */
void tls_server_clients_set(struct tls_server *s, struct trust *trust);
enum { TLS_CLIENT_NAMES_MAX = 16 << 10 };
/* After the last struct tls made from it. NULL is a no-op. */
void tls_server_close(struct tls_server *s);

enum tls_verify {
	TLS_VERIFY_NONE,   /* any certificate will do; tls_peer_verified still reports     */
	TLS_VERIFY_PKIX,   /* a chain to trust and the right name, or the handshake fails  */
	TLS_VERIFY_DANE,   /* what a TLSA record means, or the handshake fails              */
};

struct tls_client_config {
	const struct trust *trust; /* NULL with TLS_VERIFY_NONE: nothing is ever verified   */
	enum tls_verify verify;
	bool old_ciphers;          /* also CBC and static RSA: opportunistic mail only      */
	bool binds;                /* tls_end_point will be asked for                       */
	/* The server's TLSA records, judged whatever verify is; NULL for none, not with
	 * TLS_VERIFY_DANE. Borrowed for the handshake. */
	const struct tlsa_set *dane;
	/* Where sessions are kept that may be resumed (network/tls/sessions.h), which outlives the
	 * connection; NULL: nowhere. identity is what else makes two connections alike, to which
	 * host and port and as whom; borrowed for tls_client_new. */
	struct tls_sessions *sessions;
	struct str identity;
};

/* Room for max sessions of clients, at least one. */
struct tls_sessions *tls_sessions_open(size_t max) MUST_USE;
/* After the last struct tls that was given it. NULL is a no-op. */
void tls_sessions_close(struct tls_sessions *s);

/* ---- one connection ---- */

/* Never fail; a server without any certificate fails in the handshake.
 * ask  for a certificate of the client, where tls_server_clients_set was called. It may show none,
 *      or one that is no good: that ends no handshake. */
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
	TLS_CLOSED,    /* the peer said close_notify, and all it sent before was read;
	                * our own close_notify may remain to be sent              */
	TLS_FAILED,    /* see tls_why; nothing can be sent any more. A fatal alert goes out
	                * before: until it has, the state is still the one before */
};
enum tls_state tls_state(const struct tls *t);
/* Why it failed, in words: "handshake: no common cipher". "" unless TLS_FAILED. Borrowed
 * from t. Nothing in it comes from the peer verbatim. */
const char *tls_why(const struct tls *t);

/* Give ciphertext from the peer. Returns how much was taken: less than all of it while
 * plaintext waits to be read, or an answer of the engine's own (handshake, alert) waits for
 * tls_cipher to be sent, or when the connection is closed or has failed. Keep the rest and
 * offer it again. */
size_t tls_put_cipher(struct tls *t, struct str bytes);
/* The same without a copy: where to read up to *n bytes from the socket to, then commit
 * what came. NULL and 0 when tls_put_cipher would take nothing. One call ends at a record
 * boundary, so it costs two reads per record: the header, then the body. */
char *tls_cipher_room(struct tls *t, size_t *n);
void tls_cipher_commit(struct tls *t, size_t n);
/* The peer closed the socket: TLS_FAILED for a truncation, unless close_notify went either
 * way before. */
void tls_put_eof(struct tls *t);

/* Plaintext that can be read now, empty when none; borrowed until the next call on t. */
struct str tls_plain(struct tls *t);
void tls_plain_drop(struct tls *t, size_t n);

/* Give plaintext to the peer. Returns how much was taken: less than all of it when a
 * record is full and waits to be sent, 0 unless TLS_OPEN. */
size_t tls_put_plain(struct tls *t, struct str bytes);
/* End the record under construction, so that all plaintext becomes ciphertext. */
void tls_flush(struct tls *t);

/* Ciphertext that can be sent now, empty when none; borrowed until the next call on t. */
struct str tls_cipher(struct tls *t);
void tls_cipher_drop(struct tls *t, size_t n);

/* Flush, then say close_notify; plaintext not yet read or yet to come is discarded. Send
 * what tls_cipher still has, then close the socket: waiting for the peer's own close_notify
 * is not needed (RFC 5246 7.2.1). In the handshake it just ends. Again is a no-op. */
void tls_close(struct tls *t);

/* ---- what is known of a connection ---- */

/* Nothing half-received and nothing to send: no record buffer is borrowed. */
bool tls_idle(const struct tls *t);
/* "TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256" once open, else "". Static parts; lives in a. */
struct str tls_describe(const struct tls *t, struct arena *a);
/* The server name asked for by the client (or by us), "" when none. Borrowed from t. It
 * comes from the peer: escape it in logs. */
struct str tls_server_name(const struct tls *t);
/* Ephemeral keys and an AEAD cipher; not so what tls_client_config.old_ciphers adds. */
bool tls_modern(const struct tls *t);
/* An earlier session was resumed: no certificate was exchanged, and a client tells of the one
 * that was then. */
bool tls_resumed(const struct tls *t);
/* Client: chain and name were good. If not, *why (may be NULL) says in words why. */
bool tls_peer_verified(const struct tls *t, struct why *why);

/* Client: what is wrong with what the server has shown, also after a handshake that failed for
 * it. */
enum tls_chain {
	TLS_CHAIN_UNSEEN,    /* there were no roots to judge by, or nothing was shown   */
	TLS_CHAIN_GOOD,
	TLS_CHAIN_NAME,      /* for another name                                        */
	TLS_CHAIN_TIME,      /* expired, or not yet valid                               */
	TLS_CHAIN_UNTRUSTED, /* from no authority that is trusted, or broken            */
	TLS_CHAIN_NO_MATCH,  /* TLS_VERIFY_DANE: no TLSA record means it                */
};
enum tls_chain tls_peer_chain(const struct tls *t);
/* Client: does one of the TLSA records that it was given mean what the server has shown? */
bool tls_peer_matched(const struct tls *t);

/* The data that binds a login to this connection, of the type tls-server-end-point (RFC 5929 4);
 * lives in a. Empty before the handshake is done, after one that resumed an earlier session, in
 * which no certificate was shown, and for a client whose tls_client_config did not say binds. */
struct str tls_end_point(const struct tls *t, struct arena *a);

/* Server: is there such data? */
bool tls_bound(const struct tls *t);

/* Server: who the client is, by a certificate that it has shown on this connection and that was
 * good: it leads to an authority, in its time, for clients (foundation/crypto/x509_client.h),
 * and the client has its key. NULL: none. Borrowed from t. */
const struct x509_client *tls_client(const struct tls *t);
/* Server: has it shown one that was no good? Then *why (may be NULL) says in words why. */
bool tls_client_refused(const struct tls *t, struct why *why);

/* Bytes a parked server connection holds, one whose client has shown no certificate. */
size_t tls_parked_bytes(void);

#endif
