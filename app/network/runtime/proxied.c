/* network/runtime/proxied.c: a connection that begins with a PROXY header: read exactly the header,
 * and replace the proxy's address by the client's, for limits, logs and blocks. */
#include "foundation/config/limits.h"
#include "foundation/observe/event.h"
#include "foundation/observe/metrics.h"
#include "network/runtime/runtime_private.h"
#include "network/runtime/socket.h"

bool runtime_proxied(struct runtime *r, const char *service, const struct addr *peer)
{
	bool yes;

	pthread_mutex_lock(&r->proxies_lock);
	yes = proxies_have(r->proxies, service, peer);
	pthread_mutex_unlock(&r->proxies_lock);
	return yes;
}

enum err runtime_proxies_set(struct runtime *r, struct str text, struct why *why)
{
	struct proxies *new, *old;
	enum err e = proxies_parse(text, &new, why);

	if (e)
		return e;
	pthread_mutex_lock(&r->proxies_lock);
	old = r->proxies;
	r->proxies = new;
	pthread_mutex_unlock(&r->proxies_lock);
	proxies_free(&old);
	return OK;
}

static enum proxy_step proxied_cut(struct conn *c, const char *why)
{
	event(proxy_refused, conn_id(c), ev_z(c->listener->service.name), ev_z(c->peer_text),
	      ev_z(why));
	c->why = why;
	return PROXY_BAD;
}

/* Count the client's network; the proxy itself was not counted. */
static enum proxy_step client_enter(struct conn *c, const struct proxy_header *h)
{
	struct listener *l = c->listener;
	char text[ADDR_TEXT_MAX];

	if (h->source.family == ADDR_NONE)
		return PROXY_DONE;
	event(connection_proxied, conn_id(c), ev_z(l->service.name), ev_z(c->peer_text),
	      ev_str(addr_ip_text(&h->source, text)));
	c->peer = h->source;
	c->local = h->destination;
	addr_ip_text(&c->peer, c->peer_text);
	if (listener_count(l, &c->peer, &c->who))
		return PROXY_DONE;
	metric_add(METRIC_connections_refused, 1);
	event(connection_refused, STR_EMPTY, ev_z(l->service.name), ev_z(c->peer_text),
	      ev_z("too many connections from this address"));
	if (l->service.proto->refusal.n != 0 && !l->service.implicit_tls)
		(void)socket_write(c->fd, l->service.proto->refusal.p, l->service.proto->refusal.n);
	c->why = "too many connections from this address";
	return PROXY_BAD;
}

enum proxy_step conn_proxy_take(struct conn *c)
{
	struct proxy_header h;
	enum proxy_step step;

	while ((step = proxy_header_parse(buf_str(&c->in), &h)) == PROXY_MORE) {
		char bytes[512];
		ptrdiff_t n = socket_read(c->fd, bytes, MIN(h.want, sizeof bytes));

		if (n == SOCKET_AGAIN)
			return PROXY_MORE;
		if (n <= 0)
			return proxied_cut(c, "it ended before its PROXY header did");
		buf_put(&c->in, str_from(bytes, (size_t)n));
	}
	if (step == PROXY_BAD)
		return proxied_cut(c, "what it sent is no PROXY header");
	buf_reset(&c->in);
	return client_enter(c, &h);
}
