/* operations/doctor/name_servers.h: the name servers that the doctor queries: caching resolvers and
 * the authoritative servers of the zones that have our records.
 *
 * First each resolver gets one query, which shows whether it responds. A responding resolver then
 * says at which names zones begin (NS records) and which addresses their servers have. Each
 * server gets one query for the zone's SOA record. It shows which servers do not respond, refuse
 * or are lame, and whether all have the same version of the zone. Servers that fail here get no
 * further queries. IPv6 servers are left out where this machine has no IPv6. */
#ifndef DOCTOR_NAME_SERVERS_H
#define DOCTOR_NAME_SERVERS_H
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
