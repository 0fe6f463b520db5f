/* network/runtime/conn_private.h: what is inside a connection, for runtime/ only.
 *
 *      +---------+  event, timer, wake  +-----------+  a worker   +--------+
 *      | PARKED  |--------------------->|  ACTIVE:  |------------>| ACTIVE:|
 *      |(poller) |                      | run queue |             |  step  |
 *      +---------+                      +-----------+             +--------+
 *           ^                                 ^    STEP_AGAIN       |   |
 *           |                                 +---------------------+   |
 *           +---------------------- nothing to do ----------------------+--> closed
 *
 * owner, pending and everything else marked "lock" is guarded by the poller's lock; the rest
 * belongs to the worker that runs the step, or to nobody while the connection is parked. The
 * lock's acquire and release hand it over from one worker to the next. */
#ifndef RUNTIME_CONN_PRIVATE_H
#define RUNTIME_CONN_PRIVATE_H
#include "network/runtime/conn.h"
#include "network/runtime/peers.h"
#include "network/runtime/pool.h"
#include "network/runtime/timers.h"
#include "network/runtime/wire_proxy.h"

struct conn_zip;
struct listener;
struct runtime;
struct tls;

enum { CONN_FIRST_DEADLINE_MS = 60000 };

enum conn_owner { CONN_OWNER_POLLER, CONN_OWNER_WORKER };

/* Beside the public CONN_ bits, among c->pending: */
enum {
	CONN_OUTPUT = BIT(16), /* parked for output, and there is room           */
	CONN_TIMER = BIT(17),  /* a deadline may have passed                     */
	CONN_HANGUP = BIT(18), /* both directions are gone                       */
	CONN_CUT = BIT(19),    /* the stop's deadline has passed: close at once  */
	CONN_START = BIT(20),  /* the very first step                            */
	CONN_EVICT = BIT(21),  /* its place was given to another: close at once  */
};

enum conn_phase {
	PHASE_PROXY,     /* the header of a proxy is to come, before anything else  */
	PHASE_HANDSHAKE, /* TLS; the protocol is not called                        */
	PHASE_LIVE,
	PHASE_UPGRADE, /* conn_starttls: TLS begins when the output has been sent  */
	PHASE_DRAIN,   /* the protocol has ended; output is being sent              */
	PHASE_LINGER,  /* all sent; discard input, lest a reset kill our last words */
};

struct conn {
	struct pool_job job;
	struct runtime *runtime;
	struct poller *poller;
	struct listener *listener;
	int fd;
	uint32_t slot, generation;

	struct list link;      /* lock: all connections                      */
	enum conn_owner owner; /* lock                                       */
	unsigned pending;      /* lock: events for the next step             */
	struct timer timer;    /* lock: set while parked with a deadline     */
	bool polled;           /* lock: fd is in the epoll set               */
	bool watch_polled;     /* lock: watch_fd is in the epoll set         */
	bool evicted;          /* lock: has given up its place already       */

	struct tls *tls;
	struct conn_zip *zip; /* conn_compress was called, else NULL     */
	struct buf in;        /* plaintext; the first in_start bytes are used up */
	struct buf cipher;    /* ciphertext that tls did not take yet: rare      */
	struct buf out;       /* plaintext; with TLS what the engine has not taken */
	size_t in_start, out_start;
	size_t scanned;     /* conn_line: bytes known to have no CRLF          */
	size_t read_size;   /* of the next read: doubles while reads are full   */
	size_t read_budget; /* bytes this step may still read from the socket   */

	int64_t deadline_ms;       /* the protocol's; 0: none                       */
	int64_t active_ms;         /* conn_deadline was called: a whole unit came   */
	int64_t write_deadline_ms; /* of the output that waits; 0: nothing waits    */
	unsigned deferred;         /* events to be told once the output has been sent */
	int watch_fd;
	unsigned watch_mask; /* EPOLLIN, EPOLLOUT; 0: not waiting */

	enum conn_phase phase;
	enum conn_trust trust;
	struct peer who; /* what it counts for, with the others of its network */
	bool opened; /* proto->open was called                      */
	bool heard;  /* the peer has sent something                 */
	bool eof;    /* the peer sends no more                      */
	bool eof_told;
	bool broken;   /* no use in writing                           */
	bool dry;      /* this step's last read emptied the socket    */
	bool skipping; /* conn_line: the rest of a line too long      */
	bool hold_input;
	bool stopping;

	const char *why; /* it ended, for the log; static */
	void *session;
	struct arena arena;
	struct addr peer, local;
	struct str tls_text; /* in arena */
	char peer_text[ADDR_TEXT_MAX];
	char id[9];
};

/* --- network/runtime/conn.c ------------------------------------------------------------- */

struct conn *conn_new(struct runtime *r, struct listener *l, int fd, const struct addr *peer,
                      bool proxied) MUST_USE;
/* The peer is known: its handshake, or its protocol. */
void conn_begin(struct conn *c);
/* Read what has come of the header. DONE: c->peer is the client; BAD: told, and c->why says. */
enum proxy_step conn_proxy_take(struct conn *c);
/* The peer's next byte is TLS. */
void conn_handshake_begin(struct conn *c);
/* Ends the protocol's session, closes the socket, frees everything. Not in the poller. */
void conn_free(struct conn *c);
/* The worker's half (network/runtime/worker.c): run one step. */
void conn_job(struct pool_job *job);

/* --- network/runtime/conn_zip.c: between the protocol's buffers and TLS or the socket ------- */

void conn_zip_free(struct conn_zip **z);
/* Where bytes that came are to be put. */
struct buf *conn_zip_in(struct conn *c);
/* When the protocol asks for more: has the peer ended its stream, for no reason that the protocol
 * knows? Sets eof and broken. */
void conn_zip_check_end(struct conn *c);
/* Move some of them to c->in. False: there are none. Sets broken and eof. */
bool conn_unzip(struct conn *c);
/* Bytes have come that are not in c->in yet. False also when nothing is compressed. */
bool conn_zip_holds(const struct conn *c);
/* The next bytes to be sent, packed from c->out; empty when all of that has gone. */
struct str conn_zip_next(struct conn *c);
/* So many of them were sent. */
void conn_zip_sent(struct conn *c, size_t n);
/* Output waits in there, or must be asked for. */
bool conn_zip_waits(const struct conn *c);
void conn_zip_trim(struct conn *c);

/* --- network/runtime/conn_io.c ---------------------------------------------------------- */

/* Move what the socket has into c->in, within the step's budget. True when there are more
 * bytes than before. Sets eof, dry and broken. */
bool conn_fill(struct conn *c);
/* The connection is no more: why is static, for the log. */
void conn_lost(struct conn *c, const char *why);
/* Move output to the socket as far as it goes without waiting. True when none is left. Sets
 * broken and write_deadline_ms. */
bool conn_send(struct conn *c);
/* Is there output that conn_send could not get rid of? */
bool conn_output_waits(const struct conn *c);
/* Give the memory of empty buffers back, and most of an input buffer that is nearly used up. */
void conn_trim(struct conn *c);

#endif
