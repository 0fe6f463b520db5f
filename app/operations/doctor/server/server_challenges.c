/* operations/doctor/server/server_challenges.c: which challenge of an authority (RFC 8555
 * 8) can work here, and why. */
#include "foundation/base/clock.h"
#include "foundation/config/settings.h"
#include "network/dns/dns.h"
#include "network/runtime/socket.h"
#include "operations/dns_update/zone_writer.h"
#include "operations/doctor/server/server_checks.h"
#include "operations/doctor/sentence.h"

#include <poll.h>

enum { DNS_MS = 5000, CONNECT_MS = 3000, HTTP_PORT = 80, TLS_PORT = 443 };

/* Does somebody answer there? */
static bool answers(const struct addr *at, uint16_t port)
{
	struct addr to = *at;
	int fd = -1;
	bool yes;

	to.port = port;
	if (socket_connect_begin(&to, NULL, &fd, NULL) != OK)
		return false;
	yes = socket_wait(fd, POLLOUT, clock_mono_ms() + CONNECT_MS) &&
	      socket_connect_end(fd, NULL) == OK;
	socket_close(&fd);
	return yes;
}

/* Why nobody outside comes to this name, whatever the port. */
static bool unreachable(const struct look *l, enum dns_status s, const struct dns_addr_list *list,
                        struct check *c)
{
	char text[ADDR_TEXT_MAX];

	if (s == DNS_OK && !addr_is_private(&list->items[0]))
		return false;
	c->state = s == DNS_RETRY ? DNS_STATE_UNKNOWN : DNS_STATE_FAIL;
	if (s == DNS_OK) {
		c->seen = str_dup(l->a, addr_ip_text(&list->items[0], text));
		c->advice = sentence_of(SENTENCE_challenge_private);
	} else {
		c->seen = str_of(dns_status_text(s));
		c->advice = s == DNS_RETRY ? sentence_of(SENTENCE_look_unanswered)
		                           : sentence(l->a, challenge_no_address,
		                                      { "host", l->settings->hostname });
	}
	return true;
}

/* The authority comes to a port of the host name. A connection that succeeds
 * does not show which host accepted it. A failure may be the router's: many do not support
 * connections from inside to their public address. */
static void judge_port(const struct look *l, enum dns_status s, const struct dns_addr_list *list,
                       uint16_t port, struct check *c)
{
	c->expected = str_fmt(l->a, "this server at port %u of %.*s", port,
	                      STR_ARG(l->settings->hostname));
	if (unreachable(l, s, list, c))
		return;
	for (size_t i = 0; i < list->count; i++) {
		char text[ADDR_TEXT_MAX];

		c->seen = str_fmt(l->a, "%.*s does not answer at port %u",
		                  STR_ARG(addr_ip_text(&list->items[i], text)), port);
		if (!answers(&list->items[i], port)) {
			c->state = DNS_STATE_WARN;
			c->advice = sentence(l->a, challenge_port,
			                     { "port", str_fmt(l->a, "%u", port) });
			return;
		}
	}
	c->seen = str_fmt(l->a, "port %u answers", port);
}

void look_challenges(const struct look *l, struct checks *out)
{
	const struct settings *set = l->settings;
	struct dns_addr_list list = { .count = 0 };
	enum dns_status s = dns_addresses(l->dns, l->a, set->hostname, DNS_V4 | DNS_V6,
	                                  clock_mono_ms() + DNS_MS, &list);
	struct check *dns;

	out->count = 0;
	judge_port(l, s, &list, HTTP_PORT, checks_add(out, "http-01", "http-01, by port 80"));
	judge_port(l, s, &list, TLS_PORT,
	           checks_add(out, "tls-alpn-01", "tls-alpn-01, by port 443"));
	dns = checks_add(out, "dns-01", "dns-01, by a record");
	dns->expected = STR("a name server that takes updates, or an interface of its provider");
	if (zone_writer_wanted(set)) {
		dns->seen = set->dns_update_server.n != 0 ? set->dns_update_server
		                                          : set->dns_update_hook;
		return;
	}
	dns->state = DNS_STATE_UNKNOWN;
	dns->seen = STR("none is named yet");
	dns->advice = sentence_of(SENTENCE_challenge_dns);
}
