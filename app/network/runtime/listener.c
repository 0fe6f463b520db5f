/* network/runtime/listener.c: from a listening socket to connections, within limits.
 *
 * Everything but start and stop runs in the poller's thread. */
#include "foundation/base/mem.h"
#include "foundation/observe/event.h"
#include "foundation/observe/metrics.h"
#include "network/runtime/runtime_private.h"
#include "network/runtime/socket.h"

#include <errno.h>
#include <fcntl.h>

enum {
	ACCEPT_BATCH = 64, /* then other events get the poller's attention */
	PAUSE_MS = 200,    /* when the kernel has no descriptors or memory    */
};

void listener_spare_open(struct runtime *r)
{
	if (r->spare_fd < 0)
		r->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (r->spare_fd < 0)
		r->spare_fd = fcntl(0, F_DUPFD_CLOEXEC, 0); /* a container without /dev */
}

static void listener_refuse(struct listener *l, int fd, const struct addr *peer, const char *why)
{
	struct str words = l->service.proto->refusal;
	char text[ADDR_TEXT_MAX];

	l->refused++;
	metric_add(METRIC_connections_refused, 1);
	event(connection_refused, STR_EMPTY, ev_z(l->service.name),
	      ev_str(addr_ip_text(peer, text)), ev_z(why));
	if (words.n != 0 && !l->service.implicit_tls)
		(void)socket_write(fd, words.p, words.n);
	socket_close(&fd);
}

/* Loopback peers have no limit, but they are counted: when the connection limit is reached, a
 * network with many connections loses some, this machine's too. */
bool listener_count(const struct listener *l, const struct addr *peer, struct peer *out)
{
	struct runtime *r = l->runtime;
	bool bounded = r->config.limit_loopback || !addr_is_loopback(peer);

	if (peer->family == ADDR_NONE) /* the socket's mode decides who may connect */
		return true;
	return peers_enter(&r->peers, peer, bounded ? r->connections_per_address : 0, out);
}

void listener_welcome(struct listener *l, int fd, const struct addr *peer)
{
	struct runtime *r = l->runtime;
	/* The connections of a proxy are counted for its clients. */
	bool proxied = runtime_proxied(r, l->service.name, peer);
	struct peer who = { 0 };
	struct conn *c;

	if (!proxied && !listener_count(l, peer, &who)) {
		listener_refuse(l, fd, peer, "too many connections from this address");
		return;
	}
	if (!places_have_room(&r->places, l->place) && !runtime_make_room(r, l->place)) {
		peers_leave(&r->peers, &who);
		listener_refuse(l, fd, peer, "too many connections");
		return;
	}
	l->place->open++;
	l->open++;
	l->total++;
	metric_add(METRIC_connections, 1);
	metric_add(METRIC_connections_total, 1);
	c = conn_new(r, l, fd, peer, proxied);
	c->who = who;
	event(connection_opened, conn_id(c), ev_z(l->service.name), ev_str(conn_peer_text(c)));
	poller_attach(r->poller, c);
}

void listener_leave(struct conn *c)
{
	struct listener *l = c->listener;

	peers_leave(&l->runtime->peers, &c->who);
	l->open--;
	l->place->open--;
	metric_add(METRIC_connections, -1);
}

/* No descriptor is left: close the spare one to accept and refuse a waiting connection. Otherwise
 * it would stay in the backlog, and the listener would be ready, for ever. */
static bool refuse_with_spare(struct listener *l)
{
	struct runtime *r = l->runtime;
	struct addr peer;
	int fd;

	if (r->spare_fd < 0)
		return false;
	socket_close(&r->spare_fd);
	fd = socket_accept(l->source.fd, &peer);
	if (fd >= 0)
		listener_refuse(l, fd, &peer, "no file descriptors left");
	listener_spare_open(r);
	return fd >= 0;
}

static void listener_ready(struct poller_source *s)
{
	struct listener *l = container_of(s, struct listener, source);

	for (int i = 0; i < ACCEPT_BATCH; i++) {
		struct addr peer;
		int fd = socket_accept(s->fd, &peer);

		if (fd >= 0) {
			listener_welcome(l, fd, &peer);
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			return;
		} else if ((errno != EMFILE && errno != ENFILE) || !refuse_with_spare(l)) {
			poller_pause(l->runtime->poller, s, PAUSE_MS);
			return;
		}
	}
}

struct listener *listener_of(struct runtime *r, const struct conn_service *service, int fd)
{
	struct listener *l = NEW(struct listener);

	assert(!service->implicit_tls || service->tls != NULL);
	l->runtime = r;
	l->place = places_of(&r->places, service->name, 1 + service->proto->descriptors);
	l->service = *service;
	l->source.ready = listener_ready;
	l->source.fd = fd;
	list_init(&l->source.link);
	list_init(&l->link);
	return l;
}

enum err listener_new(struct runtime *r, const struct conn_service *service, const struct addr *at,
                      struct listener **out, struct why *why)
{
	struct addr bound;
	int fd;
	enum err e = socket_listen(at, &fd, &bound, why);

	if (e != OK)
		return e;
	*out = listener_of(r, service, fd);
	(*out)->asked = *at;
	(*out)->at = bound;
	return OK;
}

enum err listener_start(struct listener *l, struct why *why)
{
	enum err e = poller_add(l->runtime->poller, &l->source, why);
	char text[ADDR_TEXT_MAX];

	if (e != OK)
		return e;
	l->added = true;
	event(listener_opened, STR_EMPTY, ev_z(l->service.name),
	      l->path != NULL ? ev_z(l->path) : ev_str(addr_text(&l->at, text)));
	return OK;
}

void listener_stop(struct listener *l)
{
	if (l->added)
		poller_remove(l->runtime->poller, &l->source);
	l->added = false;
	listener_path_remove(l);
	socket_close(&l->source.fd);
}

void listener_free(struct listener *l)
{
	listener_stop(l);
	mem_free(l->path);
	mem_free(l);
}
