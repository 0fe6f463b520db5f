/* operations/dns_publish/publish.h: the publisher: rotates DKIM keys of domains, and
 * publishes the server's records in DNS where it can.
 *
 *	publish.h    the service: one thread, a round every minute
 *	publish_run.h      a round
 *	wanted.h     the wanted records
 *	apply.h      how they are published
 *	published.h  published records, in the store
 *
 * Unreachable DNS does not delay mail: it is signed by keys that were seen in DNS
 * before. */
#ifndef DNS_PUBLISH_PUBLISH_H
#define DNS_PUBLISH_PUBLISH_H
#include "foundation/base/err.h"
#include "foundation/base/util.h"

struct certs;
struct dns;
struct live;
struct publisher;
struct store;

struct publisher_config {
	struct store *store;
	struct live *live;
	struct certs *certs; /* in use by the host */
	struct dns *dns;
};

enum err publisher_start(const struct publisher_config *config, struct publisher **out,
                         struct why *why) MUST_USE;
/* NULL is a no-op. False: a round is still running at the deadline (clock_mono_ms), and
 * nothing was freed. */
bool publisher_stop(struct publisher **p, int64_t deadline_ms) MUST_USE;

/* Start a round now. Any thread, never waits; NULL is a no-op. */
void publisher_wake(struct publisher *p);

#endif
