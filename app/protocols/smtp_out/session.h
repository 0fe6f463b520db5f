/* protocols/smtp_out/session.h: a conversation with one remote server: greeting, EHLO, TLS, login;
 * then any number of transactions (transaction.h). */
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

/* What EHLO's reply announced. */
struct out_extensions {
	bool pipelining, eightbit, starttls, requiretls;
	bool chunking, binarymime; /* RFC 3030 */
	bool smtputf8;             /* RFC 6531 */
	bool dsn;                  /* RFC 3461 */
	bool deliverby;            /* RFC 2852; then, of R: */
	uint32_t by_min_s;         /* the shortest time     */
	bool priority;             /* RFC 6710 */
	struct smtp_limits limits; /* RFC 9422 */
	uint64_t size;    /* largest message, 0: not said */
	struct str mechs; /* after AUTH; lives in the session's arena */
};

struct out_session {
	struct str hostname; /* ours */
	int64_t patience_ms; /* 0: as RFC 5321 4.5.3.2; else at most so long */
	int64_t connect_ms;  /* for each address; 0: OUT_CONNECT_MS          */
	int64_t over_ms;     /* clock_real_ms when the attempt must be over, whatever it waits
	                      * for then; 0: never                           */
	struct stream *stream;                 /* NULL: none open */
	struct out_extensions ext;
	struct str remote;  /* "mx.example.org [192.0.2.1]"; lives in arena */
	unsigned messages;  /* transactions on this connection              */
	int64_t began_ms;   /* clock_mono_ms                                */
	bool late;          /* it did not answer in time                    */
	bool adopted;       /* nobody used it for a while: it may be gone   */
	bool busy;          /* 421, or MAIL met one that is about all mail    */
	struct arena arena; /* of this connection                          */

	/* Of the hop tried last; hop and route are borrowed from out_session_open. */
	const struct out_route *route;
	const struct out_hop *hop;
	struct out_tls_demand demand;
	struct out_tls_facts facts;
	enum out_tls_problem problem; /* why the demand is not met                        */
	bool final;                   /* every hop failed by what a message must have     */
	struct str tls_detail;        /* why TLS failed, in our words; lives in arena     */
	struct str our_ip, helo;      /* our address there, what it calls itself; the same */
	/* Sessions that nobody uses, and the settings by which one would fit; NULL: none. fresh:
	 * do not ask them. */
	struct out_idle *idle;
	const struct settings *settings;
	bool fresh;
	/* What each connection begins with, before anything is read: the header of the PROXY
	 * protocol (network/runtime/wire_proxy.h). Borrowed; empty: nothing. */
	struct str preface;
	struct tls_sessions *tls_sessions; /* to resume; NULL: none */
	struct remotes *book;          /* where to tell how TLS went; NULL: nowhere        */

	/* The last reply, or what went wrong instead; strings live in the buffers. said: the
	 * remote did say that. */
	struct queue_reply reply;
	bool said;
	struct buf reply_text, reply_status;
};

void out_session_init(struct out_session *s, struct str hostname);
/* Says QUIT when a connection is open. */
void out_session_deinit(struct out_session *s);

/* Take up a session that nobody uses, or connect to the first hop that will talk to us (the
 * addresses of one host race: network/runtime/dial.h) and has the TLS that route, host, domain and
 * message demand together (tls.h). Where nothing is demanded TLS is used whenever it is
 * offered, with whatever certificate: against somebody who only listens that beats none (RFC
 * 7435); when it fails or is refused the hop is tried again without, over a new connection. Not so
 * with a relay that gets a login. route and its way are borrowed until the session is closed.
 * passed has a place for each hop: those that are true are passed over, those of hosts that would
 * not talk to us become so; NULL: none are. On failure s->reply says what to report, if one was
 * tried; ERR_RETRY always. */
enum err out_session_open(struct out_session *s, const struct out_route *route,
                          enum out_tls_wish wish, bool *passed) MUST_USE;
/* Are these addresses of one host? */
bool out_hop_same_host(const struct out_hop *a, const struct out_hop *b);
/* May a message with this wish go over the connection as it is? False when none is open. */
bool out_session_fits(const struct out_session *s, enum out_tls_wish wish);
bool out_session_is_open(const struct out_session *s);
/* Is it LMTP that is spoken (RFC 2033)? Of one with a hop. */
bool out_session_is_lmtp(const struct out_session *s);
/* The connection of from becomes that of to, which has none; hop and route stay behind. */
void out_session_move(struct out_session *to, struct out_session *from);
/* End the connection; quit: politely. */
void out_session_close(struct out_session *s, bool quit);

/* Read one reply into s->reply. ERR_RETRY: the connection is gone (and closed here); reply
 * says how. Otherwise OK, whatever the code; a 421 closes too (RFC 5321 3.8). The whole reply
 * has the time-out and LIMIT_smtp_out_reply bytes, so that no remote can go on for ever. */
enum err out_reply(struct out_session *s, int64_t timeout_ms) MUST_USE;
/* Send a line of a command (without its end) and read the reply. */
enum err out_command(struct out_session *s, struct str line, int64_t timeout_ms) MUST_USE;
/* How long to wait where RFC 5321 would have usual_ms: 1 at least. */
int64_t out_wait_ms(const struct out_session *s, int64_t usual_ms);
/* Make s->reply a failure of our own finding, and close. Returns ERR_RETRY. */
enum err out_broken(struct out_session *s, unsigned code, const char *status, const char *text);
/* The same of an operation on the stream that failed with e. */
enum err out_lost(struct out_session *s, enum err e, const struct why *why);

/* RFC 5321 4.5.3.2: how long a client is to wait. */
enum {
	OUT_CONNECT_MS = 30 * 1000,
	OUT_CONNECT_CROWDED_MS = 5 * 1000, /* ours: while many destinations do not answer */
	OUT_COMMAND_MS = 5 * 60 * 1000,
	OUT_DATA_MS = 2 * 60 * 1000,
	OUT_BLOCK_MS = 3 * 60 * 1000,
	OUT_END_MS = 10 * 60 * 1000,
	OUT_QUIT_MS = 5 * 1000, /* nothing depends on it */
	OUT_RECORD_MS = 60 * 1000,  /* ours: of a lease, what is left to record the attempt */
	OUT_AGE_MS = 5 * 60 * 1000, /* ours: an older connection is not kept for others */
};

#endif
