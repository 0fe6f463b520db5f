/* operations/dns_publish/publish.h: the publisher: keys of domains follow each other by themselves,
 * and what the server wants to be in DNS is put there by itself where it can be.
 *
 *	publish.h    the service: one thread, a round every minute
 *	round.h      a round
 *	wanted.h     which records
 *	apply.h      how they get there
 *	published.h  what was put there, in the store
 *
 * DNS that is away holds nobody up: mail is signed by the keys that DNS has shown before. */
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
	struct certs *certs; /* what the host shows */
	struct dns *dns;
};

enum err publisher_start(const struct publisher_config *config, struct publisher **out,
                         struct why *why) MUST_USE;
/* NULL is a no-op. False: it still waits for somebody at the deadline (clock_mono_ms), and nothing
 * was freed. */
bool publisher_stop(struct publisher **p, int64_t deadline_ms) MUST_USE;

/* Something has changed: look now. Any thread, never waits; NULL is a no-op. */
void publisher_wake(struct publisher *p);

#endif
