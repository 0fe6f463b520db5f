/* network/runtime/stream.h: outgoing connections, blocking with deadlines.
 *
 * Used by one thread at a time (deliveries run on a pool of their own). Every operation has
 * the deadline set by stream_deadline; once an operation has failed, all later ones fail
 * with ERR_IO, so checks may be few. Output is buffered until stream_flush, and reading
 * flushes first. */
#ifndef RUNTIME_STREAM_H
#define RUNTIME_STREAM_H
#include "network/runtime/addr.h"
#include "network/tls/tls.h"

struct stream;

struct dial_config {
	struct addr to;
	struct addr from;   /* source address; family ADDR_NONE: the system chooses */
	int64_t timeout_ms; /* for connecting; 0: 30 s                             */
	/* Asked every STREAM_ASK_MS while the stream waits for the peer, then and later: false
	 * breaks it as a timeout does. NULL: it waits on. arg outlives the stream. */
	bool (*go_on)(void *arg);
	void *arg;
};

/* ERR_RETRY: refused, unreachable, timed out (why says which); ERR_IO: our own system. */
enum err stream_dial(const struct dial_config *config, struct stream **out,
                     struct why *why) MUST_USE;

/* From now on every operation ends within ms milliseconds of its beginning, whatever comes
 * meanwhile; at first 60 s. */
void stream_timeout(struct stream *s, int64_t ms);

/* One line without its CRLF (a lone LF ends it too: remotes are what they are), borrowed
 * until the next read. ERR_LIMIT: longer than max bytes (at most STREAM_LINE_MAX). ERR_RETRY:
 * timed out. ERR_IO: closed or broken. */
enum err stream_line(struct stream *s, size_t max, struct str *line, struct why *why) MUST_USE;
/* 1 to n bytes into to; *got is 0 only at the end of the peer's data. */
enum err stream_read(struct stream *s, void *to, size_t n, size_t *got, struct why *why) MUST_USE;
/* Append to the output buffer; sends when it is full. The whole of data has the timeout
 * again for every STREAM_BUFFER bytes. */
enum err stream_write(struct stream *s, struct str data, struct why *why) MUST_USE;
enum err stream_flush(struct stream *s, struct why *why) MUST_USE;

enum { STREAM_LINE_MAX = 16384, STREAM_BUFFER = 16384, STREAM_ASK_MS = 200 };

/* Over TLS reading breaks with ERR_IO when LIMIT_tls_barren_bytes have come that held nothing to
 * read.
 *
 * Handshake at once (implicit TLS) or after the STARTTLS dialogue; input that came before
 * it is dropped (RFC 3207 4.2). name: what the server must be called, for SNI and, when tls
 * asks for it, verification. ERR_IO: the handshake failed, or the certificate is not
 * acceptable to tls; why says which, and the stream is only good for closing. */
enum err stream_starttls(struct stream *s, const struct tls_client_config *tls, struct str name,
                         struct why *why) MUST_USE;
bool stream_is_tls(const struct stream *s);
/* As tls_peer_verified (network/tls/tls.h): chain and name were good. */
bool stream_tls_verified(const struct stream *s, struct why *why);
/* As tls_peer_chain; also after a handshake that failed. */
enum tls_chain stream_tls_chain(const struct stream *s);
/* Did a TLSA record match (tls_peer_matched)? */
bool stream_tls_matched(const struct stream *s);
/* As tls_end_point; empty without TLS. */
struct str stream_tls_end_point(const struct stream *s, struct arena *a);
/* As conn_tls_text. */
struct str stream_tls_text(const struct stream *s);

/* Is a modern cipher suite in use (tls_modern)? */
bool stream_tls_modern(const struct stream *s);
/* All is well, and the peer has said nothing that was not read: one who left meanwhile has, at
 * least his end. Does not wait. */
bool stream_is_quiet(const struct stream *s);

const struct addr *stream_peer(const struct stream *s);
const struct addr *stream_local(const struct stream *s);

/* Close, without flushing; NULL is a no-op. */
void stream_free(struct stream **s);

#endif
