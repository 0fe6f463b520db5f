/* smtp/out_probe.c: see out_probe.h. */
#include "smtp/out_probe.h"

#include "config/settings.h"
#include "net/tls_trust.h"
#include "smtp/out_session.h"

enum { HOSTS_MAX = 3 };

static enum err why_not(struct why *why, const struct queue_reply *reply)
{
	if (reply->code != 0)
		return fail(why, ERR_RETRY, "%u %.*s", reply->code, STR_ARG(reply->text));
	return fail(why, ERR_RETRY, "%.*s", STR_ARG(reply->text));
}

static enum err session_try(const struct out_probe *p, const struct out_smarthost *smarthost,
                            const struct out_route *route, struct arena *a, struct str *remote,
                            struct why *why)
{
	struct out_session s;
	enum err e;

	out_session_init(&s, p->settings->hostname, smarthost);
	s.patience_ms = p->patience_ms;
	e = out_session_open(&s, route);
	*remote = str_dup(a, s.remote);
	if (e != OK)
		e = why_not(why, &s.reply);
	out_session_deinit(&s);
	return e;
}

static enum err route_try(const struct out_probe *p, const struct out_smarthost *smarthost,
                          struct arena *a, struct str *remote, struct why *why)
{
	struct out_route_request request = { .dns = p->dns,
		                             .hostname = p->settings->hostname,
		                             .port = (uint16_t)p->settings->smtp_out_port,
		                             .smarthost = smarthost };
	struct queue_reply reply = { 0 };
	struct out_route route;

	if (out_route_find(&request, p->destination, a, &route, &reply) != OK)
		return why_not(why, &reply);
	route.count = MIN(route.count, (size_t)HOSTS_MAX);
	return session_try(p, smarthost, &route, a, remote, why);
}

enum err out_probe(const struct out_probe *p, struct arena *a, struct str *remote, struct why *why)
{
	struct out_smarthost smarthost;
	struct trust *trust = NULL;
	enum err e;

	*remote = p->destination;
	if (p->smarthost.n == 0)
		return route_try(p, NULL, a, remote, why);
	if ((e = out_smarthost_parse(p->smarthost, a, &smarthost, why)))
		return e;
	*remote = smarthost.host;
	if (p->settings->smarthost_ca.n != 0)
		e = out_smarthost_trust(&smarthost, p->settings->smarthost_ca, &trust, why);
	if (e == OK)
		e = route_try(p, &smarthost, a, remote, why);
	trust_free(trust);
	return e;
}
