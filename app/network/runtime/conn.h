/* network/runtime/conn.h: the contract between the runtime and the code of a protocol.
 *
 * A protocol is a struct proto: three functions that the runtime calls for every connection of its
 * listeners. A connection is owned by exactly one of the poller (parked: no thread, no stack), the
 * run queue, and one worker. All functions below except conn_wake are for the worker that runs the
 * protocol, so protocol code is single-threaded and needs no locks.
 *
 * run() never waits for input. It takes whole units (a line, the bytes of a literal) from the input
 * buffer, appends replies to conn_out(c), and returns STEP_PARK when there is no whole unit:
 *
 *	static enum step echo_run(struct conn *c, unsigned events)
 *	{
 *		struct str line;
 *
 *		if (events & (CONN_STOP | CONN_TIMEOUT)) {
 *			buf_put(conn_out(c), STR("421 bye\r\n"));
 *			return STEP_CLOSE;
 *		}
 *		for (int n = 0; n < 20; n++) {
 *			switch (conn_line(c, 510, &line)) {
 *			case CONN_MORE:
 *				return STEP_PARK;
 *			case CONN_TOO_LONG:
 *				buf_put(conn_out(c), STR("500 too long\r\n"));
 *				break;
 *			case CONN_LINE:
 *				conn_deadline(c, 300000);
 *				buf_put(conn_out(c), line);
 *				buf_put(conn_out(c), STR("\r\n"));
 *			}
 *		}
 *		return STEP_AGAIN;
 *	}
 *
 * Output is sent after every step without blocking; what the peer does not accept at once is sent
 * by the poller, and the next step runs after that. So a long response is written as a generator:
 * append until conn_out_full(c), return STEP_AGAIN, continue when run is called with CONN_AGAIN. No
 * function blocks on a peer, so a peer cannot hold a worker. */
#ifndef RUNTIME_CONN_H
#define RUNTIME_CONN_H
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "network/runtime/addr.h"

struct conn;
struct poller;
struct tls_server;
struct x509_client;

/* The runtime's next action. */
enum step {
	STEP_PARK,  /* wait for an event                                              */
	STEP_AGAIN, /* run again, after other connections had a step and the output has been sent:
		       * after some units of input, or within a long response */
	STEP_CLOSE, /* send conn_out (within the write deadline), then close */
};

/* Why run() is called: one or more of these. */
enum {
	CONN_INPUT = BIT(0),   /* bytes have arrived */
	CONN_WAKE = BIT(1),    /* conn_wake was called, at least once */
	CONN_TIMEOUT = BIT(2), /* conn_deadline has passed; it is off now */
	CONN_STOP = BIT(3),    /* the server stops: send a last reply, return STEP_CLOSE */
	CONN_EOF = BIT(4),     /* the peer sends no more (or has disconnected). Sent once; handle
				  * the buffered input. A STEP_PARK after it closes, unless
				  * conn_watch is in use or input is held */
	CONN_AGAIN = BIT(5),   /* the last step returned STEP_AGAIN                    */
	CONN_WATCH = BIT(6),   /* the descriptor of conn_watch is ready                */
	CONN_TLS = BIT(7),     /* the handshake of conn_starttls is done               */
};

struct proto {
	const char *name; /* for logs: "smtp" */
	/* Sent to a peer beyond a limit, before it is closed, on listeners without implicit TLS:
	 * "421 4.7.0 Too many connections\r\n". */
	struct str refusal;
	/* Descriptors that open() makes in addition to the socket, for the limit of descriptors. */
	unsigned descriptors;
	/* Idle limit between accept and the first conn_deadline; 0: one minute. */
	unsigned first_deadline_ms;

	/* A new connection (with implicit TLS: after its handshake). Creates the session, appends
	 * the greeting. STEP_CLOSE refuses; close() is called anyway. */
	enum step (*open)(struct conn *c);
	enum step (*run)(struct conn *c, unsigned events);
	/* The connection has ended; called exactly once for every open(). Frees the session; no
	 * output is possible. May be NULL. */
	void (*close)(struct conn *c);
};

/* Configuration of a listener's connections; lives as long as the runtime. */
struct conn_service {
	const char *name; /* "submissions": logs and metrics                   */
	const struct proto *proto;
	void *context;          /* conn_context: the protocol's server object        */
	struct tls_server *tls; /* NULL: no TLS, not even STARTTLS                  */
	bool implicit_tls;      /* handshake first                                   */
	bool plain_auth;        /* logins without TLS are allowed here               */
	bool asks_clients;      /* requests client certificates: tls_server_new */
};

/* --- the peer -------------------------------------------------------------- */

/* Short, unique in this process: the first word of every log line. Lives with c. */
struct str conn_id(const struct conn *c);
const struct addr *conn_peer(const struct conn *c);
const struct addr *conn_local(const struct conn *c);
/* The peer's address without port, for logs and headers. Lives with c. */
struct str conn_peer_text(const struct conn *c);
const struct conn_service *conn_service(const struct conn *c);
/* conn_service(c)->context */
void *conn_context(const struct conn *c);

/* The protocol's own object. Set in open(), freed in close(). */
void *conn_session(const struct conn *c);
void conn_set_session(struct conn *c, void *session);
/* Continue as another protocol with this session: its open is not called, its run is called for the
 * next event, its close frees the session. The caller frees the earlier session, and returns
 * STEP_AGAIN for a first run with CONN_AGAIN. */
void conn_become(struct conn *c, const struct proto *proto, void *session);
/* Freed with the connection. Keep it small: it stays while the connection is parked. */
struct arena *conn_arena(struct conn *c);

/* --- input ------------------------------------------------------------------ */

enum conn_line { CONN_LINE, CONN_MORE, CONN_TOO_LONG };

/* Take one line, which ends in CRLF and nothing else (RFC 5321 2.3.8). line is without CRLF,
 * borrowed until the next conn_ call that reads or consumes input, or the end of the step. It may
 * contain any bytes, also lone CR and LF: see conn_line_strict. CONN_MORE: no whole line yet, park.
 * CONN_TOO_LONG: more than max bytes without CRLF; returned once for a line, whose rest the
 * following calls skip, so the protocol can reply with an error and continue. */
enum conn_line conn_line(struct conn *c, size_t max, struct str *line);
/* No lone CR, lone LF or NUL in it (RFC 5321 2.3.8, 4.1.1.4: they enable smuggling). */
bool conn_line_strict(struct str line);

/* All buffered bytes, after a read from the socket when there are none; borrowed like a line.
 * Empty: park. Bytes that are not consumed are returned again, followed by later ones; at most
 * CONN_INPUT_MAX, so a unit must be smaller than that. */
struct str conn_input(struct conn *c);
void conn_consume(struct conn *c, size_t n);
/* Send a TCP acknowledgement now, when the rest of a unit is expected without a reply before. A
 * client with Nagle's algorithm that writes a unit in two pieces delays the second one until then,
 * and the kernel would delay the acknowledgement by 40 ms. */
void conn_ack(struct conn *c);
/* Is there unconsumed input in the buffer? Detects commands behind STARTTLS; does not read. */
bool conn_input_waits(const struct conn *c);

enum {
	CONN_INPUT_MAX = 256 * 1024, /* so conn_line's max is below this */
	CONN_OUT_SOFT = 32 * 1024,
};

/* --- output ----------------------------------------------------------------- */

/* Append output to it. At most LIMIT_conn_out bytes; an overflow is a bug of the protocol and
 * closes the connection. */
struct buf *conn_out(struct conn *c);
/* Are more than CONN_OUT_SOFT bytes unsent? Then return STEP_AGAIN. */
bool conn_out_full(const struct conn *c);
/* Has writing failed? Then more output is useless. */
bool conn_broken(const struct conn *c);

/* --- TLS -------------------------------------------------------------------- */

/* May STARTTLS be offered: the service has certificates and TLS is off? */
bool conn_can_starttls(const struct conn *c);
/* Discard all input from before TLS (RFC 3207 4.2, 6: it must not be trusted), and begin a
 * handshake once conn_out, which ends with the "go ahead" reply, has been sent in the clear. Return
 * STEP_PARK: run is called with CONN_TLS after the handshake. */
void conn_starttls(struct conn *c);
bool conn_is_tls(const struct conn *c);
/* "TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256" for logs and Received; empty without TLS. Lives
 * with c. */
struct str conn_tls_text(const struct conn *c);

/* --- compression ------------------------------------------------------------ */

/* Use DEFLATE in both directions from now on, inside TLS if there is any (RFC 4978 3). The present
 * conn_out is sent uncompressed; input that has already arrived counts as compressed. Call it once
 * only. A malformed stream ends the connection. */
void conn_compress(struct conn *c);
bool conn_is_compressed(const struct conn *c);
/* End both streams (RFC 8437 4.1). The present conn_out is the last compressed output, and the last
 * line returned by conn_line was the last compressed input. After it, the peer's stream ends with a
 * final block or a flush, followed by plain bytes, which may already be buffered. Anything else
 * ends the connection. */
void conn_compress_end(struct conn *c);

/* The client of the verified client certificate (tls_client); NULL: none. Lives with c. */
const struct x509_client *conn_tls_client(const struct conn *c);
/* Does channel binding data exist for this connection? */
bool conn_tls_bound(const struct conn *c);
/* The channel binding data of this connection (tls_end_point), in a; empty without TLS. */
struct str conn_tls_end_point(const struct conn *c, struct arena *a);

/* --- time and waking -------------------------------------------------------- */

/* CONN_TIMEOUT comes ms milliseconds from now; 0: never. It is one point in time that input does
 * not move: call this for each whole unit, not for each byte, so that a peer that sends slowly
 * gains nothing. Blocked output has a deadline of its own. */
void conn_deadline(struct conn *c, int64_t ms);
/* The trust that a peer has earned. When the connection limit is reached, idle connections without
 * a login are closed for new ones, those without mail first; authenticated ones never. */
enum conn_trust {
	CONN_TRUST_NONE,
	CONN_TRUST_MAIL,  /* a message was accepted from it */
	CONN_TRUST_LOGIN,
};
void conn_trust_set(struct conn *c, enum conn_trust trust);
enum conn_trust conn_trust(const struct conn *c);

/* The server stops; run receives or has received CONN_STOP. */
bool conn_stopping(const struct conn *c);

/* A handle that may outlive its connection: copy it freely, waking a closed connection is harmless.
 * A zero waker wakes nothing. */
struct waker {
	struct poller *poller;
	uint32_t slot, generation;
};
struct waker conn_waker(const struct conn *c);
/* Call run with CONN_WAKE soon. From any thread, never blocks on I/O; several wakes before the step
 * begins count as one. */
void conn_wake(struct waker w);

/* --- a second descriptor ---------------------------------------------------- */

/* While parked also poll fd (borrowed; out: for writing): run gets CONN_WATCH once; call this again
 * to poll again. fd -1 ends it, which must happen before fd is closed. For relays
 * (http_server/). */
void conn_watch(struct conn *c, int fd, bool in, bool out);
/* Do not read from the peer while hold is true: back pressure for relays, or a response that must
 * come before more input is processed. Meanwhile the end of the peer's input ends nothing, only a
 * disconnect does. */
void conn_hold_input(struct conn *c, bool hold);

#endif
