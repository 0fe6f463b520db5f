/* protocols/smtp_out/route_resolve.c: see route_resolve.h. */
#include "protocols/smtp_out/route_resolve.h"

#include "foundation/base/arena.h"
#include "foundation/base/random.h"
#include "foundation/config/limits.h"
#include "foundation/config/settings.h"
#include "network/tls/trust.h"
#include "protocols/smtp_out/relay.h"

static struct out_tls_route tls_of(enum route_tls tls)
{
	static const enum out_tls_level levels[] = {
		[ROUTE_TLS_MAY] = OUT_TLS_MAY,   [ROUTE_TLS_NONE] = OUT_TLS_OFF,
		[ROUTE_TLS_MUST] = OUT_TLS_MUST, [ROUTE_TLS_VERIFY] = OUT_TLS_VERIFY,
		[ROUTE_TLS_DANE] = OUT_TLS_DANE,
	};

	return (struct out_tls_route){ .level = levels[tls] };
}

/* The rule's TLS applies if the host's row has none. */
static enum err host_take(struct out_way *w, const struct out_relay *row, struct why *why)
{
	struct out_smarthost *host = &w->hosts[w->host_count];
	struct trust **trust = &w->trusts[w->host_count];

	*host = row->host;
	w->host_count++;
	if (!host->tls_said && w->manner.tls != ROUTE_TLS_MAY) {
		host->tls_said = true;
		host->tls = w->tls.level;
	}
	return row->ca.n != 0 ? out_smarthost_roots(host, row->ca, trust, why) : OK;
}

static enum err relay_way(struct out_way *w, const struct out_relays *relays, struct str name,
                          struct why *why)
{
	const struct out_relay *rows[OUT_WAY_HOSTS];
	size_t n = out_relay_order(relays, name, random_below, rows, OUT_WAY_HOSTS);
	enum err e = OK;

	if (n == 0)
		return fail(why, ERR_MISSING, "there is no relay %.*s", STR_ARG(name));
	w->kind = ROUTE_RELAY;
	for (size_t i = 0; e == OK && i < n; i++)
		e = host_take(w, rows[i], why);
	return e;
}

static enum err route_way(struct out_way *w, const struct out_relays *relays,
                          const struct route *route, struct why *why)
{
	w->kind = route->kind;
	w->manner = route->manner;
	w->tls = tls_of(route->manner.tls);
	w->text = route->text;
	w->address = route->address;
	if (route->manner.proxy.n != 0) {
		const struct out_relay *proxy =
			out_relay_find(relays, route->manner.proxy, true);

		if (proxy == NULL)
			return fail(why, ERR_SYNTAX, "there is no proxy %.*s",
			            STR_ARG(route->manner.proxy));
		w->proxy = &proxy->host;
	}
	return route->kind == ROUTE_RELAY ? relay_way(w, relays, route->relay, why) : OK;
}

static enum err named_way(const struct settings *s, struct arena *a, struct out_way *w,
                          struct why *why)
{
	const struct route *route;
	struct out_relays relays;
	struct routes routes;
	enum err e;

	if ((e = routes_parse(s->routes, false, a, &routes, why)))
		return fail_about(why, e, "ROOST_ROUTES");
	if ((e = out_relays_parse(s->relays, a, &relays, why)))
		return fail_about(why, e, "ROOST_RELAYS");
	route = route_find(&routes, w->name);
	if (route == NULL)
		return w->domain.n == 0 ? relay_way(w, &relays, w->name, why)
		                        : fail(why, ERR_MISSING, "there is no such route");
	if ((route->kind == ROUTE_MX) != (w->domain.n != 0))
		return fail(why, ERR_MISSING, "the route is another one now");
	return route_way(w, &relays, route, why);
}

static enum err smarthost_way(const struct settings *s, struct arena *a, struct out_way *w,
                              struct why *why)
{
	enum err e;

	if (s->smarthost.n == 0)
		return fail(why, ERR_MISSING, "there is no smarthost");
	w->kind = ROUTE_RELAY;
	w->host_count = 1;
	e = out_smarthost_parse(s->smarthost, a, &w->hosts[0], why);
	if (e == OK && s->smarthost_ca.n != 0)
		e = out_smarthost_trust(&w->hosts[0], s->smarthost_ca, &w->trusts[0], why);
	return e;
}

enum err out_way_find(const struct settings *s, struct str destination, struct arena *a,
                      struct out_way *out, struct why *why)
{
	*out = (struct out_way){ .kind = ROUTE_MX };
	route_key_split(destination, &out->name, &out->domain);
	if (str_eq(destination, ROUTE_LATER_KEY)) {
		out->kind = ROUTE_LATER;
		return OK;
	}
	if (out->name.n != 0)
		return named_way(s, a, out, why);
	return out->domain.n == 0 ? smarthost_way(s, a, out, why) : OK;
}

uint64_t out_way_connections(const struct settings *s, struct str destination, struct arena *a)
{
	const struct route *route = NULL;
	struct str name, domain;
	struct routes routes;

	route_key_split(destination, &name, &domain);
	if (name.n != 0 && routes_parse(s->routes, false, a, &routes, NULL) == OK)
		route = route_find(&routes, name);
	if (route != NULL && route->manner.connections != 0)
		return route->manner.connections;
	return domain.n == 0 ? LIMIT_smtp_out_sessions : 0;
}

void out_way_deinit(struct out_way *w)
{
	for (size_t i = 0; i < OUT_WAY_HOSTS; i++)
		trust_free(w->trusts[i]);
	*w = (struct out_way){ 0 };
}
