/* network/runtime/conn_private.h: the state of a connection, for runtime/ only.
 *
 *      +---------+  event, timer, wake  +-----------+  a worker   +--------+
 *      | PARKED  |--------------------->|  ACTIVE:  |------------>| ACTIVE:|
 *      |(poller) |                      | run queue |             |  step  |
 *      +---------+                      +-----------+             +--------+
 *           ^                                 ^    STEP_AGAIN       |   |
 *           |                                 +---------------------+   |
 *           +---------------------- nothing to do ----------------------+--> closed
 *
 * Fields marked "lock", among them owner and pending, are protected by the poller's lock. The other
 * fields belong to the worker that runs the step, and are unused while the connection is parked.
 * The lock's acquire and release transfer them from one worker to the next. */
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

/* In c->pending, in addition to the public CONN_ bits: */
enum {
	CONN_OUTPUT = BIT(16), /* parked for output, and the socket is writable */
	CONN_TIMER = BIT(17),  /* a deadline may have passed                     */
	CONN_HANGUP = BIT(18), /* the connection is closed in both directions */
	CONN_CUT = BIT(19),    /* the deadline of the stop has passed: close at once */
	CONN_START = BIT(20),  /* the very first step                            */
	CONN_EVICT = BIT(21),  /* evicted for another connection: close at once */
};

enum conn_phase {
	PHASE_PROXY,     /* the header of a proxy is expected first */
	PHASE_HANDSHAKE, /* TLS; the protocol is not called yet */
	PHASE_LIVE,
	PHASE_UPGRADE, /* conn_starttls: TLS begins when the output has been sent  */
	PHASE_DRAIN,   /* the protocol has ended; output is being sent */
	PHASE_LINGER,  /* all sent; discard input, because a reset could lose the last output */
};

struct conn {
	struct pool_job job;
	struct runtime *runtime;
	struct poller *poller;
	struct listener *listener;
	const struct proto *proto; /* the listener's, or of conn_become */
	int fd;
	uint32_t slot, generation;

	struct list link;      /* lock: all connections                      */
	enum conn_owner owner; /* lock                                       */
	unsigned pending;      /* lock: events for the next step             */
	struct timer timer;    /* lock: set while parked with a deadline     */
	bool polled;           /* lock: fd is in the epoll set               */
	bool watch_polled;     /* lock: watch_fd is in the epoll set         */
	bool evicted;          /* lock: is being evicted already */

	struct tls *tls;
	struct conn_zip *zip; /* conn_compress was called, else NULL     */
	struct buf in;        /* plaintext; the first in_start bytes are consumed */
	struct buf cipher;    /* ciphertext that tls has not taken yet: rare */
	struct buf out;       /* plaintext; with TLS, the part that the engine has not taken */
	size_t in_start, out_start;
	size_t scanned;     /* conn_line: bytes known to have no CRLF          */
	size_t read_size;   /* of the next read: doubles while reads are full   */
	size_t read_budget; /* bytes this step may still read from the socket   */

	int64_t deadline_ms;       /* the protocol's; 0: none                       */
	int64_t active_ms;         /* last call of conn_deadline: a whole unit arrived */
	int64_t write_deadline_ms; /* of unsent output; 0: there is none */
	unsigned deferred;         /* events to deliver once the output has been sent */
	int watch_fd;
	unsigned watch_mask; /* EPOLLIN, EPOLLOUT; 0: not waiting */

	enum conn_phase phase;
	enum conn_trust trust;
	struct peer who; /* the counters of its network */
	bool opened; /* proto->open was called                      */
	bool heard;  /* the peer has sent at least one byte */
	bool eof;    /* the peer sends no more */
	bool eof_delivered;
	bool broken;   /* writing is useless */
	bool dry;      /* this step's last read emptied the socket    */
	bool skipping; /* conn_line: skipping the rest of a line that is too long */
	bool hold_input;
	bool stopping;

	const char *why; /* why it ended, for the log; static */
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
/* The peer is known: begin its handshake or its protocol. */
void conn_begin(struct conn *c);
/* Read the PROXY header so far. DONE: c->peer is the client; BAD: logged, with c->why set. */
enum proxy_step conn_proxy_take(struct conn *c);
/* The peer's next byte is TLS. */
void conn_handshake_begin(struct conn *c);
/* End the protocol's session, close the socket, free everything. c must not be in the poller. */
void conn_free(struct conn *c);
/* The worker's entry point (network/runtime/worker.c): run one step. */
void conn_job(struct pool_job *job);

/* --- network/runtime/conn_zip.c: between the protocol's buffers and TLS or the socket ------- */

void conn_zip_free(struct conn_zip **z);
/* The buffer for received bytes. */
struct buf *conn_zip_in(struct conn *c);
/* When the protocol needs more input: has the peer ended its stream without conn_compress_end? Sets
 * eof and broken. */
void conn_zip_check_end(struct conn *c);
/* Decompress some input into c->in. False: there is none. Sets broken and eof. */
bool conn_unzip(struct conn *c);
/* Is there received input that is not in c->in yet? False without compression. */
bool conn_zip_holds(const struct conn *c);
/* The next bytes to send, compressed from c->out; empty when all of it was sent. */
struct str conn_zip_next(struct conn *c);
/* n bytes of conn_zip_next were sent. */
void conn_zip_sent(struct conn *c, size_t n);
/* Is there unsent compressed output? */
bool conn_zip_waits(const struct conn *c);
void conn_zip_trim(struct conn *c);

/* --- network/runtime/conn_io.c ---------------------------------------------------------- */

/* Move data from the socket into c->in, within the step's budget. True when c->in has grown. Sets
 * eof, dry and broken. */
bool conn_fill(struct conn *c);
/* The connection is lost: why is static, for the log. */
void conn_lost(struct conn *c, const char *why);
/* Move output to the socket without blocking. True when all of it was sent. Sets broken and
 * write_deadline_ms. */
bool conn_send(struct conn *c);
/* Is there output that conn_send could not send? */
bool conn_output_waits(const struct conn *c);
/* Free the memory of empty buffers, and most of an input buffer that is nearly consumed. */
void conn_trim(struct conn *c);

#endif
