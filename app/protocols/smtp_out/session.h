/* protocols/smtp_out/session.h: a session with one remote server: greeting, EHLO, TLS,
 * login; then any number of transactions (transaction.h). */
#ifndef SMTP_OUT_SESSION_H
#define SMTP_OUT_SESSION_H
#include "formats/smtp_wire/param.h"
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "protocols/smtp_out/route.h"

struct out_idle;
struct remotes;
struct settings;
struct stream;
struct tls_sessions;

/* The extensions announced by EHLO. */
struct out_extensions {
	bool pipelining, eightbit, starttls, requiretls;
	bool chunking, binarymime; /* RFC 3030 */
	bool smtputf8;             /* RFC 6531 */
	bool dsn;                  /* RFC 3461 */
	bool deliverby;            /* RFC 2852 */
	uint32_t by_min_s;         /* with deliverby: the shortest time */
	bool priority;             /* RFC 6710 */
	struct smtp_limits limits; /* RFC 9422 */
	uint64_t size;    /* largest message, 0: not announced */
	struct str mechs; /* parameters of AUTH; lives in the session's arena */
};

struct out_session {
	struct str hostname; /* of this server                                 */
	int64_t patience_ms; /* most for each reply; 0: as in RFC 5321 4.5.3.2 */
	int64_t connect_ms;  /* for each address; 0: OUT_CONNECT_MS            */
	int64_t over_ms;     /* clock_real_ms when the attempt must end, at whatever step;
	                      * 0: never */
	struct stream *stream;                 /* NULL: none open */
	struct out_extensions ext;
	struct str remote;  /* "mx.example.org [192.0.2.1]"; lives in arena   */
	unsigned messages;  /* transactions on this connection                */
	int64_t began_ms;   /* clock_mono_ms                                  */
	bool late;          /* it exceeded a timeout                          */
	bool adopted;       /* reused after an unused time: it may have ended */
	bool busy;          /* 421, or a reply to MAIL that is about all mail */
	struct arena arena; /* for this connection                            */

	/* State of the last hop tried; hop and route are borrowed from out_session_open. */
	const struct out_route *route;
	const struct out_hop *hop;
	struct out_tls_demand demand;
	struct out_tls_facts facts;
	enum out_tls_problem problem; /* why the demand is not met                        */
	bool final;                   /* every hop failed by a requirement of the message */
	struct str tls_detail;        /* why TLS failed, in plain words; lives in arena   */
	struct str our_ip, helo;      /* the local address, and the remote's own name;
	                               * likewise */
	/* Unused sessions to take one from, and the settings it must have; NULL: none.
	 * fresh: open a new one. */
	struct out_idle *idle;
	const struct settings *settings;
	bool fresh;
	/* First bytes of each connection: the header of the PROXY protocol
	 * (network/runtime/wire_proxy.h). Borrowed; empty: none. */
	struct str preface;
	struct tls_sessions *tls_sessions; /* to resume; NULL: none */
	struct remotes *book;          /* where results of TLS are recorded; NULL: nowhere */

	/* The last reply, or the error in its place; strings live in the buffers. said:
	 * the remote sent it. */
	struct envelope_reply reply;
	bool said;
	struct buf reply_text, reply_status;
};

void out_session_init(struct out_session *s, struct str hostname);
/* Sends QUIT if a connection is open. */
void out_session_deinit(struct out_session *s);

/* Reuse an unused session, or connect to the first hop that offers a session with the TLS
 * that route, host, domain and message require together (tls.h). The addresses of one
 * host race (network/runtime/dial.h). If nothing is required, TLS is used whenever
 * offered, with any certificate (RFC 7435). If it fails or is refused, the hop is tried
 * again without TLS over a new connection, except for a relay with a login. route and its
 * way are borrowed until the session is closed. passed has a place for each hop: true
 * ones are skipped, and hops of hosts that refuse a session become true; may be NULL. On
 * failure, which is always ERR_RETRY, s->reply has the result if a hop was tried. */
enum err out_session_open(struct out_session *s, const struct out_route *route,
                          enum out_tls_need need, bool *passed) MUST_USE;
/* Are both hops of one host? */
bool out_hop_same_host(const struct out_hop *a, const struct out_hop *b);
/* May a message with this need of TLS use the current connection? False if none is
 * open. */
bool out_session_fits(const struct out_session *s, enum out_tls_need need);
bool out_session_is_open(const struct out_session *s);
/* Does it speak LMTP (RFC 2033)? The session has a hop. */
bool out_session_is_lmtp(const struct out_session *s);
/* Move the connection of from to to, which has none; hop and route stay. */
void out_session_move(struct out_session *to, struct out_session *from);
/* End the connection; quit: send QUIT first. */
void out_session_close(struct out_session *s, bool quit);

/* Read one reply into s->reply. ERR_RETRY: the connection is lost and now closed; reply
 * has the reason. Otherwise OK with any code; a 421 also closes (RFC 5321 3.8). The
 * timeout and LIMIT_smtp_out_reply bytes apply to the whole reply, so no remote can
 * extend it for ever. */
enum err out_reply(struct out_session *s, int64_t timeout_ms) MUST_USE;
/* Send a command line (without CRLF) and read the reply. */
enum err out_command(struct out_session *s, struct str line, int64_t timeout_ms) MUST_USE;
/* The timeout to use where RFC 5321 has usual_ms: 1 at least. */
int64_t out_wait_ms(const struct out_session *s, int64_t usual_ms);
/* Set s->reply to an error found by this server, and close. Returns ERR_RETRY. */
enum err out_broken(struct out_session *s, unsigned code, const char *status, const char *text);
/* The same for an operation on the stream that failed with e. */
enum err out_lost(struct out_session *s, enum err e, const struct why *why);

/* Timeouts of a client (RFC 5321 4.5.3.2). */
enum {
	OUT_CONNECT_MS = 30 * 1000,
	OUT_CONNECT_CROWDED_MS = 5 * 1000, /* our value: while many destinations do not
	                                    * answer */
	OUT_COMMAND_MS = 5 * 60 * 1000,
	OUT_DATA_MS = 2 * 60 * 1000,
	OUT_BLOCK_MS = 3 * 60 * 1000,
	OUT_END_MS = 10 * 60 * 1000,
	OUT_QUIT_MS = 5 * 1000, /* nothing depends on it */
	OUT_RECORD_MS = 60 * 1000,  /* our value: time of a lease reserved for recording
	                             * the result */
	OUT_AGE_MS = 5 * 60 * 1000, /* our value: an older connection is not kept for
	                             * other batches */
};

#endif
