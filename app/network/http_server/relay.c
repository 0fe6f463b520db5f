/* network/http_server/relay.c: carries bytes between a connection and the HTTP library; see
 * server.h.
 *
 *	conn_input ---up---> socketpair ---> library
 *	conn_out  <--down--- socketpair <--- library
 *
 * Each direction stops when the other end does not accept more, so memory is bounded. */
#include "foundation/base/clock.h"
#include "foundation/base/fault.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "network/http_server/link.h"
#include "network/http_server/server.h"
#include "network/runtime/socket.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

enum {
	IDLE_MS = LIMIT_http_idle_s * 1000,
	REQUEST_MS = 30000,         /* for a request, and more for each KiB of it */
	REQUEST_BYTES_PER_S = 1024, /* a slower peer is cut (slowloris)           */
	HANDLER_MS = 60000,         /* check again after this time */
	LAST_MS = 1000,             /* for the last answer */
	CHUNK = 16 * 1024,
};

struct relay {
	int fd;      /* our end of the socketpair           */
	int peer_fd; /* the library's number of the other   */
	struct http_link *link;
	bool in_request; /* bytes have arrived since the last answer */
	int64_t request_until_ms, request_end_ms;
	bool end_passed_on; /* the library has received the peer's EOF */
};

static struct http_link *link_new(struct conn *c)
{
	struct http_link *l = NEW(struct http_link);
	struct str id = conn_id(c);

	assert(id.n < sizeof l->id);
	l->owners = 1;
	l->peer = *conn_peer(c);
	l->tls = conn_is_tls(c);
	l->began_mono_us = clock_mono_us();
	memcpy(l->id, id.p, id.n);
	return l;
}

static enum step relay_open(struct conn *c)
{
	struct http_server *server = conn_context(c);
	struct relay *r = NEW(struct relay);
	int pair[2];

	conn_set_session(c, r);
	r->fd = r->peer_fd = -1;
	r->link = link_new(c);
	if (fault("http_socketpair") ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) != 0)
		return STEP_CLOSE;
	r->fd = pair[0];
	r->peer_fd = pair[1];
	if (!http_server_add(server, pair[1], r->link))
		return STEP_CLOSE;
	conn_deadline(c, IDLE_MS);
	conn_watch(c, r->fd, true, false);
	return STEP_PARK;
}

/* How long the library may be silent: briefly after the last possible request. (When bytes and the
 * end arrive together, it may miss the end.) */
static int64_t silence_ms(const struct conn *c, const struct relay *r)
{
	return conn_stopping(c) || r->end_passed_on ? LAST_MS : IDLE_MS;
}

/* The peer has sent n bytes of a request. During a stop that does not extend its deadline. */
static void request_grows(struct conn *c, struct relay *r, size_t n)
{
	int64_t now = clock_mono_ms();

	if (!r->in_request) {
		r->request_until_ms = now + REQUEST_MS;
		r->request_end_ms = now + LIMIT_http_request_ms;
	}
	r->in_request = true;
	if (conn_stopping(c))
		return;
	r->request_until_ms += (int64_t)n * 1000 / REQUEST_BYTES_PER_S;
	r->request_until_ms = MIN(r->request_until_ms, now + HANDLER_MS);
	r->request_until_ms = MIN(r->request_until_ms, r->request_end_ms);
	conn_deadline(c, MAX(r->request_until_ms - now, 1));
}

/* During a stop the present request is answered, and no other begins. */
static bool takes_input(const struct conn *c, const struct relay *r)
{
	return !conn_stopping(c) || r->in_request;
}

/* False: the library has closed. *stuck: it accepts no more for now. */
static bool up(struct conn *c, struct relay *r, bool *stuck)
{
	struct str in;

	*stuck = false;
	while (takes_input(c, r) && (in = conn_input(c)).n != 0) {
		ptrdiff_t n = socket_write(r->fd, in.p, in.n);

		if (n == SOCKET_BROKEN)
			return false;
		if (n == SOCKET_AGAIN) {
			*stuck = true;
			return true;
		}
		conn_consume(c, (size_t)n);
		request_grows(c, r, (size_t)n);
	}
	return true;
}

/* False: the library has ended the connection. */
static bool down(struct conn *c, struct relay *r)
{
	while (!conn_out_full(c)) {
		char *to = buf_room(conn_out(c), CHUNK);
		ptrdiff_t n = socket_read(r->fd, to, CHUNK);

		if (n == SOCKET_AGAIN)
			return true;
		if (n <= 0)
			return false;
		buf_commit(conn_out(c), (size_t)n);
		r->in_request = false;
		conn_deadline(c, silence_ms(c, r));
	}
	return true;
}

static void relay_close(struct conn *c)
{
	struct http_server *server = conn_context(c);
	struct relay *r = conn_session(c);

	conn_watch(c, -1, false, false);
	if (r->peer_fd >= 0)
		http_server_forget(server, r->peer_fd, r->link);
	socket_close(&r->fd);
	http_link_unref(r->link);
	mem_free(r);
}

/* The library has closed its end because a handler began a stream. */
static enum step leave(struct conn *c, struct relay *r)
{
	struct http_next *next = &r->link->next;
	const struct proto *proto = next->proto;
	void *session = next->session;

	buf_put(conn_out(c), buf_str(&next->head));
	next->session = NULL;
	relay_close(c);
	conn_become(c, proto, session);
	conn_trust_set(c, CONN_TRUST_LOGIN);
	conn_hold_input(c, false);
	conn_deadline(c, 0);
	return STEP_AGAIN;
}

/* May the connection continue after these events? */
static bool may_go_on(struct conn *c, struct relay *r, unsigned events)
{
	if (events & CONN_STOP) {
		if (!r->in_request && !r->link->busy)
			return false;
		conn_deadline(c, LAST_MS);
	}
	if (!(events & CONN_TIMEOUT))
		return true;
	if (r->link->busy)
		conn_deadline(c, MIN(silence_ms(c, r), HANDLER_MS));
	/* The unread data is an answer for a slow peer. */
	return r->link->busy || socket_wait(r->fd, POLLIN, clock_mono_ms());
}

static enum step relay_run(struct conn *c, unsigned events)
{
	struct relay *r = conn_session(c);
	bool stuck, gone;

	if (r->link->login)
		conn_trust_set(c, CONN_TRUST_LOGIN);
	if (!may_go_on(c, r, events))
		return STEP_CLOSE;
	/* When the library has closed, its last output is still read. */
	gone = !up(c, r, &stuck);
	if (!down(c, r) || (gone && !conn_out_full(c)))
		return r->link->leaves ? leave(c, r) : STEP_CLOSE;
	if ((events & CONN_EOF) && conn_broken(c))
		return STEP_CLOSE;
	if (events & CONN_EOF) {
		r->end_passed_on = true;
		conn_deadline(c, LAST_MS);
	}
	if (r->end_passed_on && !stuck)
		socket_shut(r->fd);
	conn_hold_input(c, stuck || !takes_input(c, r));
	conn_watch(c, r->fd, true, stuck);
	return conn_out_full(c) ? STEP_AGAIN : STEP_PARK;
}

const struct proto http_proto = {
	.name = "http",
	.descriptors = 2,
	.refusal = STR("HTTP/1.1 503 Service Unavailable\r\n"
	               "Content-Length: 0\r\nConnection: close\r\n\r\n"),
	.open = relay_open,
	.run = relay_run,
	.close = relay_close,
};
