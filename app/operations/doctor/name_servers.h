/* operations/doctor/asked.h: whom the doctor asks: name servers that remember what they heard, and
 * those whose zones our records are in.
 *
 * First each resolver is asked once, to know who answers at all. One that does tells where zones
 * begin among the names (NS records) and where their servers are. Each server is then asked once
 * for the zone's SOA record, which shows who does not answer, refuses or is not the zone's server
 * (is lame, as one says), and whether all have the same version. Nobody who fails there is asked
 * for the rest. Servers by IPv6 are left out where this machine has none. */
#ifndef DOCTOR_ASKED_H
#define DOCTOR_ASKED_H
#include "foundation/config/limits.h"
#include "network/dns/direct.h"
#include "operations/doctor/finding.h"

struct settings;

struct asked_server {
	enum view_of of;
	struct str by;           /* as view.by                                          */
	struct addr at;          /* family ADDR_NONE: its host has no address           */
	struct dns_direct probe; /* what it said to the first question                  */
	const char *dumb;        /* why it is not asked any more; NULL: it is; static   */
};

struct asked_zone {
	struct str apex;
	struct asked_server *servers;
	size_t count;
};

enum { ASKED_ZONES = 8 };

struct asked {
	struct asked_server *resolvers;
	size_t resolver_count;
	size_t own_count; /* the first ones are those that this server asks itself */
	struct asked_zone zones[ASKED_ZONES];
	size_t zone_count;
	int64_t deadline_ms;
	const atomic_bool *stop; /* may be NULL */
	struct arena *a;         /* where all of it lives */
	uint16_t port;           /* of zones' servers: 53, but in tests */
};

/* The servers of ROOST_DNS_SERVERS, or the system's, and those of ROOST_DOCTOR_RESOLVERS; at most
 * LIMIT_doctor_resolvers. The rest of x is zeroed but what the caller has set: deadline_ms, stop,
 * a and port. */
void asked_resolvers(struct asked *x, const struct settings *s);
/* Probe them, and find the zones that the names are in. Blocks until the deadline at most. */
void asked_find(struct asked *x, const struct str *names, size_t n);

/* The first resolver that found the first of the names, or that it is none; NULL: nobody did. */
const struct asked_server *asked_speaker(const struct asked *x);
/* The zone a name is in: the deepest that was found; NULL: none was. */
const struct asked_zone *asked_zone_of(const struct asked *x, struct str name);

#endif
