/* network/runtime/stream.h: outgoing connections, blocking with deadlines.
 *
 * Used by one thread at a time (deliveries run on a pool of their own). Every operation has the
 * timeout set by stream_timeout. Once an operation has failed, all later ones fail with ERR_IO, so
 * few checks are needed. Output is buffered until stream_flush; reading flushes first. */
#ifndef RUNTIME_STREAM_H
#define RUNTIME_STREAM_H
#include "network/runtime/addr.h"
#include "network/tls/tls.h"

struct stream;

struct dial_config {
	struct addr to;
	struct addr from;   /* source address; family ADDR_NONE: the system chooses */
	int64_t timeout_ms; /* for connecting; 0: 30 s                             */
	/* Called every STREAM_ASK_MS while the stream waits for the peer: false breaks the stream
	 * like a timeout. NULL: never. arg outlives the stream. */
	bool (*go_on)(void *arg);
	void *arg;
};

/* ERR_RETRY: refused, unreachable, timed out (see why); ERR_IO: a local error. */
enum err stream_dial(const struct dial_config *config, struct stream **out,
                     struct why *why) MUST_USE;

/* From now on every operation ends within ms milliseconds of its beginning, even when data keeps
 * arriving; at first 60 s. */
void stream_timeout(struct stream *s, int64_t ms);

/* One line without its CRLF (a lone LF ends it too, for lenient interoperation), borrowed until the
 * next read. ERR_LIMIT: longer than max bytes (at most STREAM_LINE_MAX). ERR_RETRY: timed out.
 * ERR_IO: closed or broken. */
enum err stream_line(struct stream *s, size_t max, struct str *line, struct why *why) MUST_USE;
/* Read 1 to n bytes; *got is 0 only at the end of the peer's data. */
enum err stream_read(struct stream *s, void *to, size_t n, size_t *got, struct why *why) MUST_USE;
/* Append to the output buffer; sends when it is full. The timeout starts again for every
 * STREAM_BUFFER bytes of data. */
enum err stream_write(struct stream *s, struct str data, struct why *why) MUST_USE;
enum err stream_flush(struct stream *s, struct why *why) MUST_USE;

enum { STREAM_LINE_MAX = 16384, STREAM_BUFFER = 16384, STREAM_ASK_MS = 200 };

/* Start TLS: at once (implicit TLS) or after the STARTTLS dialogue; earlier input is dropped (RFC
 * 3207 4.2). name: the expected server name, for SNI and, when tls requires it, verification.
 * ERR_IO: the handshake failed, or the certificate is not acceptable to tls; why has the reason,
 * and the stream can only be freed.
 *
 * Over TLS, reading fails with ERR_IO after LIMIT_tls_barren_bytes received bytes without
 * plaintext. */
enum err stream_starttls(struct stream *s, const struct tls_client_config *tls, struct str name,
                         struct why *why) MUST_USE;
bool stream_is_tls(const struct stream *s);
/* As tls_peer_verified (network/tls/tls.h): chain and name are valid. */
bool stream_tls_verified(const struct stream *s, struct why *why);
/* As tls_peer_chain; also after a failed handshake. */
enum tls_chain stream_tls_chain(const struct stream *s);
/* Did a TLSA record match (tls_peer_matched)? */
bool stream_tls_matched(const struct stream *s);
/* As tls_end_point; empty without TLS. */
struct str stream_tls_end_point(const struct stream *s, struct arena *a);
/* As conn_tls_text. */
struct str stream_tls_text(const struct stream *s);

/* Is a modern cipher suite in use (tls_modern)? */
bool stream_tls_modern(const struct stream *s);
/* Is the stream intact, without unread data from the peer and without its end? Does not block. */
bool stream_is_quiet(const struct stream *s);

const struct addr *stream_peer(const struct stream *s);
const struct addr *stream_local(const struct stream *s);

/* Close, without flushing; NULL is a no-op. */
void stream_free(struct stream **s);

#endif
