/* network/runtime/worker.c: one step of a connection, on a thread of the pool.
 *
 * A step sends output, moves input in, calls the protocol, and then decides who owns the connection
 * next. It may loop several times before it parks: when a request and its answer follow each other
 * quickly, parking between them would cost two thread switches for each. */
#include "foundation/base/clock.h"
#include "foundation/observe/event.h"
#include "foundation/observe/metrics.h"
#include "network/runtime/runtime_private.h"
#include "network/runtime/socket.h"
#include "network/tls/tls.h"

#include <poll.h>
#include <sys/epoll.h>

enum {
	READ_BUDGET = 256 * 1024, /* bytes of input per step: fairness                    */
	AROUND_MAX = 64,          /* requests answered in one step while no other connection
				   * waits */
	LINGER_US = 1000,         /* how long a worker waits for the next request          */
	FAREWELL_MS = 2000,       /* see PHASE_LINGER                                      */
	PROTO_EVENTS = CONN_INPUT | CONN_WAKE | CONN_TIMEOUT | CONN_STOP | CONN_EOF | CONN_AGAIN |
	               CONN_WATCH | CONN_TLS,
};

/* The next owner of the connection. */
enum turn {
	TURN_PARK,  /* wait for input and deadlines    */
	TURN_DRAIN, /* wait until output has been sent */
	TURN_AGAIN, /* to the back of the queue        */
	TURN_END,
};

/* --- the end ---------------------------------------------------------------- */

static void proto_close(struct conn *c)
{
	const struct proto *proto = c->proto;

	if (!c->opened)
		return;
	c->opened = false;
	if (proto->close != NULL)
		proto->close(c);
}

static void worker_finish(struct conn *c)
{
	struct runtime *r = c->runtime;
	bool evicted = c->evicted;

	proto_close(c);
	event(connection_closed, conn_id(c), ev_z(c->listener->service.name), ev_z(c->peer_text),
	      ev_z(c->why != NULL ? c->why : "closed"));
	/* The counters first: a reader may wait for the end of the last connection. */
	if (!evicted)
		listener_leave(c);
	poller_detach(c);
	conn_free(c);
	if (evicted)
		r->ending--;
}

/* It was evicted. Where a plain line can be sent, the client gets one. */
static enum turn evicted(struct conn *c)
{
	const struct conn_service *s = &c->listener->service;

	if (c->phase == PHASE_LIVE && c->tls == NULL && !conn_output_waits(c) &&
	    s->proto->refusal.n != 0)
		(void)socket_write(c->fd, s->proto->refusal.p, s->proto->refusal.n);
	c->why = "idle without a login when places ran out";
	return TURN_END;
}

/* Read and discard. A socket that is closed with unread input makes the kernel send a reset, which
 * may overtake our last reply; so input of a peer that is still sending is read for some time after
 * our end. */
static enum turn linger(struct conn *c)
{
	char scratch[4096];
	bool more = c->in.n > c->in_start;
	ptrdiff_t n = SOCKET_AGAIN;

	for (int i = 0; i < 16 && !c->eof && !c->broken; i++) {
		n = socket_read(c->fd, scratch, sizeof scratch);
		if (n <= 0)
			break;
		more = true;
	}
	if (n == 0 || n == SOCKET_BROKEN || c->eof || c->broken || c->stopping)
		return TURN_END;
	if (c->phase != PHASE_LINGER) {
		if (!more)
			return TURN_END;
		c->phase = PHASE_LINGER;
		c->in_start = c->in.n;
		socket_shut(c->fd);
		conn_deadline(c, FAREWELL_MS);
	}
	return TURN_PARK;
}

/* The protocol has ended: send its remaining output. */
static enum turn drain(struct conn *c)
{
	proto_close(c);
	c->phase = PHASE_DRAIN;
	c->deadline_ms = 0;
	conn_watch(c, -1, false, false);
	if (c->tls != NULL) {
		conn_send(c);
		tls_close(c->tls);
	}
	return conn_send(c) ? linger(c) : TURN_DRAIN;
}

/* --- a proxy's header ------------------------------------------------------- */

/* The protocol begins in the next turn, with the client's address. */
static enum turn proxied(struct conn *c, unsigned events)
{
	switch (conn_proxy_take(c)) {
	case PROXY_BAD:
		return TURN_END;
	case PROXY_DONE:
		conn_begin(c);
		c->deferred |= events & PROTO_EVENTS & ~CONN_INPUT;
		return TURN_AGAIN;
	case PROXY_MORE:
		break;
	}
	if (events & CONN_STOP)
		return TURN_END;
	if (clock_mono_ms() < c->deadline_ms)
		return TURN_PARK;
	event(proxy_refused, conn_id(c), ev_z(c->listener->service.name), ev_z(c->peer_text),
	      ev_z("its PROXY header did not come in time"));
	c->why = "no PROXY header";
	return TURN_END;
}

/* --- TLS -------------------------------------------------------------------- */

static enum turn handshake_failed(struct conn *c)
{
	const char *why = tls_why(c->tls);

	if (!c->heard) { /* a probe of the port: not a TLS failure */
		c->why = "closed without a word";
		return TURN_END;
	}
	metric_add(METRIC_tls_failed, 1);
	event(tls_failed, conn_id(c), ev_z(c->listener->service.name), ev_z(c->peer_text),
	      ev_z(*why != '\0' ? why : "connection closed in the handshake"));
	c->broken = false; /* one try to send the alert with the reason */
	conn_send(c);
	c->why = "TLS handshake failed";
	return TURN_END;
}

static void client_notify(struct conn *c)
{
	struct why why = { "" };

	if (tls_client_refused(c->tls, &why))
		event(tls_client_refused, conn_id(c), ev_z(c->listener->service.name),
		      ev_z(c->peer_text), ev_z(why.text));
}

/* True when the handshake is done. */
static bool handshake(struct conn *c)
{
	unsigned first_ms = c->proto->first_deadline_ms;

	while (tls_state(c->tls) == TLS_HANDSHAKE && !c->broken && !c->eof) {
		size_t before = c->read_budget;

		conn_fill(c);
		conn_send(c);
		if (c->dry || c->read_budget == before)
			break;
	}
	if (tls_state(c->tls) != TLS_OPEN)
		return false;
	c->phase = PHASE_LIVE;
	c->tls_text = tls_describe(c->tls, &c->arena);
	client_notify(c);
	if (c->opened)
		c->deferred |= CONN_TLS;
	conn_deadline(c, first_ms != 0 ? first_ms : CONN_FIRST_DEADLINE_MS);
	if (conn_input_waits(c))
		c->deferred |= CONN_INPUT; /* it arrived together with the handshake */
	return true;
}

/* --- the protocol ----------------------------------------------------------- */

/* The protocol has returned. */
static enum turn after_step(struct conn *c, enum step next)
{
	if (c->runtime->config.before_wait != NULL)
		c->runtime->config.before_wait();
	if (!buf_ok(&c->out)) {
		c->why = "output buffer overflow";
		c->broken = true;
	}
	if (next == STEP_CLOSE)
		return drain(c);
	if (next == STEP_AGAIN)
		c->deferred |= CONN_AGAIN;
	if (!conn_send(c))
		return TURN_DRAIN;
	if (c->phase == PHASE_UPGRADE)
		return TURN_AGAIN;
	return c->deferred != 0 ? TURN_AGAIN : TURN_PARK;
}

/* The events for the protocol. Announced input that is not there, and moved deadlines, are
 * dropped. */
static unsigned collect(struct conn *c, unsigned events)
{
	bool input_delivered = events & CONN_INPUT;

	events = (events & PROTO_EVENTS & ~CONN_INPUT) | c->deferred;
	c->deferred = 0;
	if (input_delivered && conn_fill(c))
		events |= CONN_INPUT;
	if (c->eof && !c->eof_delivered) {
		c->eof_delivered = true;
		events |= CONN_EOF;
	}
	if (c->deadline_ms != 0 && clock_mono_ms() >= c->deadline_ms) {
		c->deadline_ms = 0;
		events |= CONN_TIMEOUT;
	}
	if (events & CONN_STOP)
		c->stopping = true;
	return events;
}

static enum turn live(struct conn *c, unsigned events)
{
	const struct proto *proto = c->proto;
	enum turn turn = TURN_PARK;

	if (!c->opened) {
		c->opened = true;
		c->deferred |= events & PROTO_EVENTS & ~CONN_INPUT;
		turn = after_step(c, proto->open(c));
	} else {
		events = collect(c, events);
		if (events != 0)
			turn = after_step(c, proto->run(c, events));
	}
	if (turn != TURN_PARK)
		return turn;
	/* The last read may have found the end; a parked connection would get no event. */
	if (c->eof && !c->eof_delivered)
		return TURN_AGAIN;
	if (c->broken)
		return drain(c);
	if (c->hold_input) /* input before the end may still be answered */
		return TURN_PARK;
	if (c->eof && c->watch_fd < 0 && !conn_zip_holds(c))
		return drain(c);
	if (c->in.n - c->in_start >= CONN_INPUT_MAX) {
		c->why = "the protocol takes no input"; /* a bug, but it must not spin */
		return drain(c);
	}
	/* The buffer had no room for all input. */
	return c->cipher.n != 0 || conn_zip_holds(c) ? TURN_AGAIN : TURN_PARK;
}

/* One turn: everything between two decisions about the owner of c. */
static enum turn turn(struct conn *c, unsigned events)
{
	c->read_budget = READ_BUDGET;
	c->dry = false;
	if (events & CONN_CUT) {
		c->why = "cut at the end of the stop";
		return TURN_END;
	}
	if (events & CONN_EVICT)
		return evicted(c);
	if ((events & CONN_HANGUP) && (c->hold_input || c->eof || c->phase >= PHASE_DRAIN))
		c->eof = c->broken = true; /* or epoll would report it again and again */
	if (!conn_send(c)) {
		if (clock_mono_ms() >= c->write_deadline_ms) {
			c->why = "peer does not read";
			return TURN_END;
		}
		c->deferred |= events & PROTO_EVENTS & ~CONN_INPUT;
		if (c->phase != PHASE_HANDSHAKE)
			return TURN_DRAIN;
	}
	if (c->phase == PHASE_UPGRADE)
		conn_handshake_begin(c);
	switch (c->phase) {
	case PHASE_PROXY:
		return proxied(c, events);
	case PHASE_HANDSHAKE:
		if (!handshake(c)) {
			if (tls_state(c->tls) != TLS_HANDSHAKE || c->eof || c->broken)
				return handshake_failed(c);
			if (((events | c->deferred) & CONN_STOP) ||
			    clock_mono_ms() >= c->deadline_ms)
				return TURN_END;
			return conn_output_waits(c) ? TURN_DRAIN : TURN_PARK;
		}
		return live(c, events);
	case PHASE_LIVE:
		return live(c, events);
	case PHASE_UPGRADE:
	case PHASE_DRAIN:
	case PHASE_LINGER:
		break;
	}
	if ((events & CONN_STOP) || (c->phase == PHASE_LINGER && clock_mono_ms() >= c->deadline_ms))
		return TURN_END;
	return linger(c);
}

/* --- the next owner ---------------------------------------------------------- */

/* Without other work: wait briefly for the peer's next request in this thread, which saves the way
 * through the poller and another worker. */
static bool next_request(const struct conn *c)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };

	return c->phase == PHASE_LIVE && !c->eof && !c->hold_input && c->watch_fd < 0 &&
	       pool_quiet(c->runtime->pool) && poll(&p, 1, LINGER_US / 1000) > 0;
}

/* May this thread continue, instead of another that would have to be woken? */
static bool goes_on(const struct conn *c, enum turn t, int around)
{
	if (t == TURN_AGAIN)
		return pool_quiet(c->runtime->pool);
	return t == TURN_PARK && around < AROUND_MAX && next_request(c);
}

static bool park(struct conn *c, enum turn t)
{
	unsigned mask = 0;
	int64_t at_ms = c->deadline_ms;

	if (t == TURN_DRAIN) {
		mask = EPOLLOUT;
		at_ms = c->write_deadline_ms;
	} else if (!c->hold_input && !c->eof) {
		mask = EPOLLIN | EPOLLRDHUP;
	}
	conn_trim(c);
	return poller_park(c, mask, at_ms); /* c may belong to another thread from here on */
}

void conn_job(struct pool_job *job)
{
	struct conn *c = container_of(job, struct conn, job);

	for (int around = 0;; around++) {
		unsigned events = poller_take(c);
		enum turn t;

		/* Read without an event: a read costs less than epoll. */
		if (around != 0 || (events & CONN_START))
			events |= CONN_INPUT;
		t = turn(c, events);
		if (t == TURN_END) {
			worker_finish(c);
			return;
		}
		if (goes_on(c, t, around))
			continue;
		if (t == TURN_AGAIN) {
			poller_requeue(c, CONN_INPUT);
			return;
		}
		if (park(c, t))
			return;
	}
}
