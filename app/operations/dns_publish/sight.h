/* operations/dns_publish/sight.h: what is at some names in DNS just now, by all servers of the
 * zones they are in.
 *
 * These are asked themselves (operations/doctor/asked.h): what one resolver says is what one of
 * them said, perhaps a while ago, and a question that comes too early has it remember that
 * nothing is there (RFC 2308). The server's own resolver is asked only where none of them
 * answers. */
#ifndef DNS_PUBLISH_SIGHT_H
#define DNS_PUBLISH_SIGHT_H
#include "foundation/base/arena.h"
#include "foundation/base/str.h"

#include <stdatomic.h>

struct dns;
struct settings;

struct sighted {
	struct str data; /* as in struct dns_change          */
	size_t by;       /* how many of those that answered have it */
};

struct sight {
	struct str name;       /* in */
	const char *type;      /* in: "TXT"; static */
	struct sighted *items; /* each once */
	size_t count;
	size_t answered;   /* 0: nothing is known               */
	bool all;          /* every server of the zone answered */
	int64_t denied_ms; /* how long others remember that there was nothing (RFC 2308 5);
	                      0: they do not, or this is not known */
};

/* Does everybody who answered have it, or nobody? Both are false while nothing is known. */
bool sight_has(const struct sight *s, struct str data);
bool sight_lacks(const struct sight *s, struct str data);

struct sight_config {
	const struct settings *settings;
	struct dns *dns; /* remembers nothing */
	const atomic_bool *stop; /* may be NULL */
};

/* Fill in n of them, at one time. Blocks for some seconds at most. */
void sights_take(const struct sight_config *config, struct sight *sights, size_t n,
                 struct arena *a);

#endif
