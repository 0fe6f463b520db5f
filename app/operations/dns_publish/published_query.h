/* operations/dns_publish/published_query.h: reads records at some names from all authoritative
 * servers of their zones (operations/doctor/name_servers.h). A resolver returns the answer of
 * one of them, perhaps a cached one, and an early query makes it cache that there is no
 * record (RFC 2308). The server's own resolver is queried only if no authoritative server
 * answers. */
#ifndef DNS_PUBLISH_PUBLISHED_QUERY_H
#define DNS_PUBLISH_PUBLISHED_QUERY_H
#include "foundation/base/arena.h"
#include "foundation/base/str.h"

#include <stdatomic.h>

struct dns;
struct settings;

struct sighted {
	struct str data; /* as in struct dns_change                  */
	size_t by;       /* number of answering servers that have it */
};

struct sight {
	struct str name;       /* in */
	const char *type;      /* in: "TXT"; static */
	struct sighted *items; /* without duplicates */
	size_t count;
	size_t answered;   /* number of servers; 0: unknown         */
	bool all;          /* every server of the zone has answered */
	int64_t denied_ms; /* how long resolvers cache that there was none (RFC 2308 5);
	                    * 0: not cached, or unknown */
};

/* Do all answering servers have it, or none? Both are false if none has answered. */
bool sight_has(const struct sight *s, struct str data);
bool sight_lacks(const struct sight *s, struct str data);

struct sight_config {
	const struct settings *settings;
	struct dns *dns; /* without cache */
	const atomic_bool *stop; /* may be NULL */
};

/* Fill in n of them, in parallel. Blocks for some seconds at most. */
void sights_take(const struct sight_config *config, struct sight *sights, size_t n,
                 struct arena *a);

#endif
