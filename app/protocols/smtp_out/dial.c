/* protocols/smtp_out/dial.c: see dial.h. */
#include "protocols/smtp_out/dial.h"

static struct dial_manner manner_of(const struct out_way *way, int64_t timeout_ms)
{
	return (struct dial_manner){ .from4 = way->manner.source4,
		                     .from6 = way->manner.source6,
		                     .attempt_ms = timeout_ms };
}

/* Connect through the proxy to one address after another, or to the name if there is
 * none. */
static enum err by_proxy(const struct out_way *way, const struct out_hop *const *hops,
                         size_t count, const struct dial_manner *m, struct stream **out,
                         size_t *which, struct why *why)
{
	struct dial_proxy proxy = { .user = way->proxy->user, .password = way->proxy->password };
	enum err e = ERR_RETRY;

	if (!addr_parse_ip(way->proxy->host, &proxy.at))
		return fail(why, ERR_RETRY, "the proxy must be given by its address");
	proxy.at.port = way->proxy->port;
	for (size_t i = 0; e != OK && i < count; i++) {
		char text[ADDR_TEXT_MAX];
		struct str host = hops[i]->addr.family != ADDR_NONE
		                          ? addr_ip_text(&hops[i]->addr, text)
		                          : hops[i]->host;

		e = dial_proxied(m, &proxy, host, hops[i]->port, out, why);
		*which = i;
	}
	return e;
}

enum err out_dial(const struct out_way *way, const struct out_hop *const *hops, size_t count,
                  int64_t timeout_ms, struct stream **out, size_t *which, struct why *why)
{
	struct dial_manner m = manner_of(way, timeout_ms);
	struct addr to[DIAL_ADDRS_MAX];
	enum err e;

	*which = 0;
	if (hops[0]->relay != NULL && hops[0]->relay->path.n != 0) {
		e = dial_unix(&m, hops[0]->relay->path, out, why);
		return e ? ERR_RETRY : OK;
	}
	if (way->proxy != NULL) {
		e = by_proxy(way, hops, count, &m, out, which, why);
		return e ? ERR_RETRY : OK;
	}
	count = MIN(count, (size_t)DIAL_ADDRS_MAX);
	for (size_t i = 0; i < count; i++)
		to[i] = hops[i]->addr;
	e = dial_any(&m, to, count, out, which, why);
	return e ? ERR_RETRY : OK;
}
