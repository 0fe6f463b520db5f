/* protocols/smtp_out/route_resolve.h: how a batch is delivered: the route of its destination
 * (model/queue/route.h) under the current settings. */
#ifndef SMTP_OUT_ROUTE_RESOLVE_H
#define SMTP_OUT_ROUTE_RESOLVE_H
#include "model/queue/route.h"
#include "network/runtime/dial.h"
#include "protocols/smtp_out/route.h"

struct settings;
struct trust;

enum { OUT_WAY_HOSTS = 10 };

struct out_way {
	enum route_kind kind;
	struct str name;   /* of the route or relay; empty: plain MX, or ROOST_SMARTHOST */
	struct str domain; /* of ROUTE_MX                                                */
	struct out_smarthost hosts[OUT_WAY_HOSTS]; /* of ROUTE_RELAY, in the order to try
	                                            * them */
	size_t host_count;
	struct route_manner manner;
	struct out_tls_route tls;           /* of hosts found by MX         */
	const struct out_smarthost *proxy;  /* NULL: none                   */
	struct str text, address;           /* of ROUTE_REJECT, ROUTE_LOCAL */
	struct trust *trusts[OUT_WAY_HOSTS]; /* loaded for hosts                         */
};

/* Strings live in a, which should be a wiping arena, or borrow from s and destination.
 * Reads files of roots. ERR_MISSING: the rules have no such way any more (queue_reroute
 * finds another). Other errors: an unusable setting, described in why. Give *out to
 * out_way_deinit in any case. */
enum err out_way_find(const struct settings *s, struct str destination, struct arena *a,
                      struct out_way *out, struct why *why) MUST_USE;
void out_way_deinit(struct out_way *w);

/* The number of connections that the settings allow; 0: the default. A relay or smarthost
 * that gets all mail may use all connections. a is for temporary memory; reads no
 * files. */
uint64_t out_way_connections(const struct settings *s, struct str destination, struct arena *a);

#endif
