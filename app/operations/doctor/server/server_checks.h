/* operations/doctor/server/server_checks.h: checks of the surroundings: at setup, in the
 * console, and by `roost doctor`. Each blocks for DNS or a connection, and for no longer
 * than some seconds. */
#ifndef DOCTOR_SERVER_CHECKS_H
#define DOCTOR_SERVER_CHECKS_H
#include "network/runtime/addr.h"
#include "operations/doctor/records/dns_check.h"

struct settings;

struct check {
	const char *id, *title;
	enum dns_state state;
	struct str seen, expected, advice;
};

enum { CHECKS_MAX = 16 };

struct checks {
	struct check items[CHECKS_MAX];
	size_t count;
};
/* One more, which is DNS_STATE_OK; the last place again when all are taken. The strings are
 * static. */
struct check *checks_add(struct checks *out, const char *id, const char *title);

struct look {
	struct dns *dns;
	const struct settings *settings;
	struct str domain;       /* empty: none yet                                       */
	const struct addr *peer; /* who asks, as this server sees him; NULL: nobody       */
	struct arena *a;         /* where strings of the checks live                      */
};

/* Host name: has it addresses, are they ours, do their PTR records say the name; is there an MX
 * record of the domain. */
void look_names(const struct look *l, struct checks *out);
/* Port 25 outwards. */
void look_outside(const struct look *l, struct checks *out);
/* That, lists of bad senders, and whether addresses of visitors arrive here. */
void look_around(const struct look *l, struct checks *out);

/* Whether the name servers hand signatures on; nothing when ROOST_DNSSEC is off. */
void look_dnssec(const struct look *l, struct checks *out);

/* Which challenge of an authority can work here, and why: can it come to the host name's ports, may
 * records be set. */
void look_challenges(const struct look *l, struct checks *out);

/* Is peer what a visitor looks like behind a container's userland proxy: the gateway of our own
 * network, as route has it: the text of /proc/net/route, of /proc/net/ipv6_route for an IPv6
 * peer? Pure. */
bool look_is_gateway(const struct addr *peer, struct str route);

#endif
