/* network/dns/dedup.h: a resolver that sends each query once and stores its answer, for work on one
 * message in several stages and threads.
 *
 * Unlike the cache, it also stores failures and answers with a TTL of 0, for as long as it exists.
 * Equal queries at the same time share one answer; each caller waits to its own deadline. A failure
 * is not stored when the query had less than fair_ms: a later query may have more time and
 * succeed. */
#ifndef DNS_DEDUP_H
#define DNS_DEDUP_H
#include "foundation/base/list.h"
#include "network/dns/dns.h"

#include <pthread.h>

/* Addresses, MX, TXT and PTR only. */
struct dns_dedup {
	struct dns dns;
	struct dns *upstream;
	int64_t fair_ms;
	pthread_mutex_t lock;
	pthread_cond_t arrived; /* signalled when an answer has arrived */
	struct list answers; /* lock: struct dns_dedup_answer, also those under way */
};

/* upstream must outlive it. */
void dns_dedup_init(struct dns_dedup *o, struct dns *upstream, int64_t fair_ms);
/* No query may be under way. */
void dns_dedup_deinit(struct dns_dedup *o);

#endif
