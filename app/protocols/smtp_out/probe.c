/* protocols/smtp_out/probe.c: see probe.h. */
#include "protocols/smtp_out/probe.h"

#include "foundation/config/settings.h"
#include "protocols/smtp_out/session.h"
#include "protocols/smtp_out/route_resolve.h"

enum { HOSTS_MAX = 3 };

static enum err why_not(struct why *why, const struct envelope_reply *reply)
{
	if (reply->code != 0)
		return fail(why, ERR_RETRY, "%u %.*s", reply->code, STR_ARG(reply->text));
	return fail(why, ERR_RETRY, "%.*s", STR_ARG(reply->text));
}

static enum err session_try(const struct out_probe *p, const struct out_route *route,
                            struct arena *a, struct str *remote, struct why *why)
{
	struct out_session s;
	enum err e;

	out_session_init(&s, p->settings->hostname);
	s.patience_ms = p->patience_ms;
	e = out_session_open(&s, route, OUT_TLS_NEED_NONE, NULL);
	*remote = str_dup(a, s.remote);
	if (e != OK)
		e = why_not(why, &s.reply);
	out_session_deinit(&s);
	return e;
}

static enum err way_try(const struct out_probe *p, const struct out_way *way, struct arena *a,
                        struct str *remote, struct why *why)
{
	struct out_route_request request = { .dns = p->dns,
		                             .hostname = p->settings->hostname,
		                             .port = (uint16_t)p->settings->smtp_out_port,
		                             .way = way };
	struct envelope_reply reply = { 0 };
	struct out_route route;

	if (out_route_find(&request, a, &route, &reply) != OK)
		return why_not(why, &reply);
	route.count = MIN(route.count, (size_t)HOSTS_MAX);
	return session_try(p, &route, a, remote, why);
}

enum err out_probe(const struct out_probe *p, struct arena *a, struct str *remote, struct why *why)
{
	struct out_way way = { .kind = ROUTE_MX, .domain = p->destination };
	enum err e = OK;

	*remote = p->destination;
	if (p->smarthost.n == 0)
		return way_try(p, &way, a, remote, why);
	way.kind = ROUTE_RELAY;
	way.host_count = 1;
	if ((e = out_smarthost_parse(p->smarthost, a, &way.hosts[0], why)))
		return e;
	*remote = way.hosts[0].host;
	if (p->settings->smarthost_ca.n != 0)
		e = out_smarthost_trust(&way.hosts[0], p->settings->smarthost_ca, &way.trusts[0],
		                        why);
	if (e == OK)
		e = way_try(p, &way, a, remote, why);
	out_way_deinit(&way);
	return e;
}
