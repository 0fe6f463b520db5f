/* network/runtime/conn.h: the contract between the runtime and the code of a protocol.
 *
 * A protocol is a struct proto: three functions that the runtime calls for every connection
 * of its listeners. A connection is owned by exactly one of the poller (parked: no thread,
 * no stack), the run queue, and one worker; all functions below but conn_wake are for the
 * worker that runs the protocol, so protocol code is single-threaded and needs no locks.
 *
 * run() never waits for input. It takes whole units (a line, the bytes of a literal) from
 * the input buffer, appends replies to conn_out(c), and returns STEP_PARK when no whole unit
 * is there:
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
 * Output is sent after every step without waiting; what the peer does not take at once waits
 * in the poller, and the next step comes when it has been sent. So a long answer is written
 * as a generator: append until conn_out_full(c), return STEP_AGAIN, go on when run is called
 * with CONN_AGAIN. Nothing here waits for a peer, so none can hold a worker. */
#ifndef RUNTIME_CONN_H
#define RUNTIME_CONN_H
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "network/runtime/addr.h"

struct conn;
struct poller;
struct tls_server;
struct x509_client;

/* What the runtime does next. */
enum step {
	STEP_PARK,  /* wait for an event                                              */
	STEP_AGAIN, /* run me again, after the others had their turn and my output has
		       been sent: after some units of input, or amid a long answer    */
	STEP_CLOSE, /* send what is in conn_out (within the write deadline), then end */
};

/* Why run() is called: one or more of these. */
enum {
	CONN_INPUT = BIT(0),   /* bytes have come                                      */
	CONN_WAKE = BIT(1),    /* conn_wake was called, once or more                   */
	CONN_TIMEOUT = BIT(2), /* conn_deadline has passed; the deadline is off now    */
	CONN_STOP = BIT(3),    /* the server stops: say goodbye, return STEP_CLOSE     */
	CONN_EOF = BIT(4),     /* the peer sends no more (or is gone). Comes once; handle
				  what is still buffered. A STEP_PARK after it closes,
				  unless conn_watch is in use or input is held        */
	CONN_AGAIN = BIT(5),   /* the last step returned STEP_AGAIN                    */
	CONN_WATCH = BIT(6),   /* the descriptor of conn_watch is ready                */
};

struct proto {
	const char *name; /* for logs: "smtp" */
	/* Sent as it is to a peer beyond a limit, before it is closed, on listeners
	 * without implicit TLS: "421 4.7.0 Too many connections\r\n". */
	struct str refusal;
	/* That open() makes beside the connection's own socket: so many more count. */
	unsigned descriptors;
	/* Idle limit between accept and the first conn_deadline; 0: one minute. */
	unsigned first_deadline_ms;

	/* A connection has come (with implicit TLS: its handshake is done). Makes the
	 * session, appends the greeting. STEP_CLOSE refuses; close() is called anyway. */
	enum step (*open)(struct conn *c);
	enum step (*run)(struct conn *c, unsigned events);
	/* The end, exactly once for every open(), whoever ended it. Frees the session;
	 * output is not possible any more. May be NULL. */
	void (*close)(struct conn *c);
};

/* What a listener tells its connections; lives as long as the runtime. */
struct conn_service {
	const char *name; /* "submissions": logs and metrics                   */
	const struct proto *proto;
	void *context;          /* conn_context: the protocol's server object        */
	struct tls_server *tls; /* NULL: no TLS, not even STARTTLS                  */
	bool implicit_tls;      /* handshake first                                   */
	bool plain_auth;        /* logins without TLS are allowed here               */
	bool asks_clients;      /* for certificates: tls_server_new                  */
};

/* --- who is it -------------------------------------------------------------- */

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
/* Dies with the connection. Keep it small: it stays while the connection is parked. */
struct arena *conn_arena(struct conn *c);

/* --- input ------------------------------------------------------------------ */

enum conn_line { CONN_LINE, CONN_MORE, CONN_TOO_LONG };

/* Take one line, which ends in CRLF and nothing else (RFC 5321 2.3.8); line is without
 * them, borrowed until the next conn_ call that reads or consumes input, or the end of the
 * step. It may hold any bytes, also lone CR and LF: see conn_line_strict. CONN_MORE: no
 * whole line yet, park. CONN_TOO_LONG: more than max bytes without CRLF; said once for a
 * line, whose rest is skipped by the following calls, so that answering with an error and
 * going on is safe. */
enum conn_line conn_line(struct conn *c, size_t max, struct str *line);
/* No lone CR, lone LF or NUL in it (RFC 5321 2.3.8, 4.1.1.4: they enable smuggling). */
bool conn_line_strict(struct str line);

/* All buffered bytes, after a look at the socket when there are none; borrowed as a line
 * is. Empty: park. Bytes that are not consumed come again, with later ones behind them; at
 * most CONN_INPUT_MAX, so a unit must be smaller than that. */
struct str conn_input(struct conn *c);
void conn_consume(struct conn *c, size_t n);
/* More of a unit is to come, and nothing is answered before: acknowledge what is here. A
 * client that writes a unit in two pieces, with Nagle's algorithm on, holds the second back
 * until then, and our kernel would wait 40 ms with it. */
void conn_ack(struct conn *c);
/* Are bytes buffered that were not consumed? Tells a client that sends commands behind
 * STARTTLS; does not read. */
bool conn_input_waits(const struct conn *c);

enum {
	CONN_INPUT_MAX = 256 * 1024, /* so conn_line's max is below this */
	CONN_OUT_SOFT = 32 * 1024,
};

/* --- output ----------------------------------------------------------------- */

/* Append here. Holds LIMIT_conn_out bytes; an overflow is a bug of the protocol and closes
 * the connection. */
struct buf *conn_out(struct conn *c);
/* More than CONN_OUT_SOFT bytes wait: time for STEP_AGAIN. */
bool conn_out_full(const struct conn *c);
/* Is the output side broken? Then there is no use in producing more. */
bool conn_broken(const struct conn *c);

/* --- TLS -------------------------------------------------------------------- */

/* May STARTTLS be offered: the service has certificates and TLS is off. */
bool conn_can_starttls(const struct conn *c);
/* Forget every byte the peer sent before (RFC 3207 4.2, 6: nothing from before TLS may be
 * believed), and begin a handshake once conn_out, which ends with the "go ahead" reply, has
 * been sent in the clear. Return STEP_PARK: run is called when data comes inside TLS. */
void conn_starttls(struct conn *c);
bool conn_is_tls(const struct conn *c);
/* "TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256" for logs and Received; empty without TLS. Lives
 * with c. */
struct str conn_tls_text(const struct conn *c);

/* --- compression ------------------------------------------------------------ */

/* From here on DEFLATE in both directions, below TLS if there is any (RFC 4978 3): what is in
 * conn_out goes as it is, what the peer has sent already counts as packed. Not twice. A stream
 * that is broken ends the connection. */
void conn_compress(struct conn *c);
bool conn_is_compressed(const struct conn *c);
/* The end of both streams (RFC 8437 4.1): what is in conn_out is the last that is packed, and what
 * conn_line has returned the last that was. The peer's stream has a final block behind it, or its
 * flush; then come plain bytes, which may be there already. Anything else in it ends the
 * connection. */
void conn_compress_end(struct conn *c);

/* Who the client is by its certificate (tls_client); NULL: it has shown none that is good. Lives
 * with c. */
const struct x509_client *conn_tls_client(const struct conn *c);
/* Is there something that binds a login to this connection? */
bool conn_tls_bound(const struct conn *c);
/* What binds a login to this connection (tls_end_point), in a; empty without TLS. */
struct str conn_tls_end_point(const struct conn *c, struct arena *a);

/* --- time and waking -------------------------------------------------------- */

/* From now on ms milliseconds until CONN_TIMEOUT; 0: none. It is one point in time: input
 * does not move it, so call this for each whole unit, not for each byte, and a trickling
 * peer gets no further. Output that does not move has a deadline of its own. */
void conn_deadline(struct conn *c, int64_t ms);
/* The trust that a peer has earned. When places run out, idle connections without a login end to
 * make room for new ones, those without mail first; one with a login never does. */
enum conn_trust {
	CONN_TRUST_NONE,
	CONN_TRUST_MAIL,  /* a message was accepted from it */
	CONN_TRUST_LOGIN,
};
void conn_trust_set(struct conn *c, enum conn_trust trust);
enum conn_trust conn_trust(const struct conn *c);

/* The server stops; run will get or got CONN_STOP. */
bool conn_stopping(const struct conn *c);

/* A name of a connection that outlives it: copy it freely, waking a closed one is
 * harmless. A zero waker wakes nothing. */
struct waker {
	struct poller *poller;
	uint32_t slot, generation;
};
struct waker conn_waker(const struct conn *c);
/* Have run called with CONN_WAKE soon. From any thread, never waits for I/O; wakes that
 * come before the step begins are one. */
void conn_wake(struct waker w);

/* --- a second descriptor ---------------------------------------------------- */

/* While parked also wait for fd (borrowed; out: or for room to write to it): run gets
 * CONN_WATCH once, then call this again to wait again. fd -1 stops it, which must happen
 * before fd is closed. For relays (http_server/). */
void conn_watch(struct conn *c, int fd, bool in, bool out);
/* Do not read from the peer while hold is true: back pressure for relays; or an answer is to
 * come before more is looked at. The end of the peer's input ends nothing meanwhile, only its
 * hanging up does. */
void conn_hold_input(struct conn *c, bool hold);

#endif
