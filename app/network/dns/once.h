/* network/dns/dedup.h: a resolver that sends each query once and stores its answer, for work on one
 * message in several stages and threads.
 *
 * Unlike the cache, it also stores failures and answers with a TTL of 0, for as long as it exists.
 * Equal queries at the same time share one answer; each caller waits to its own deadline. A failure
 * is not stored when the query had less than fair_ms: a later query may have more time and
 * succeed. */
#ifndef DNS_ONCE_H
#define DNS_ONCE_H
#include "foundation/base/list.h"
#include "network/dns/dns.h"

#include <pthread.h>

/* Addresses, MX, TXT and PTR only. */
struct dns_once {
	struct dns dns;
	struct dns *behind;
	int64_t fair_ms;
	pthread_mutex_t lock;
	pthread_cond_t came; /* signalled when an answer has arrived */
	struct list answers; /* lock: struct dns_dedup_answer, also those under way */
};

/* upstream must outlive it. */
void dns_once_init(struct dns_once *o, struct dns *behind, int64_t fair_ms);
/* No query may be under way. */
void dns_once_deinit(struct dns_once *o);

#endif
