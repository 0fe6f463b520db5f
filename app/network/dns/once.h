/* network/dns/once.h: a door that asks each question once and keeps what came of it, for who asks
 * about one thing at several times and from several threads.
 *
 * The cache behind it forgets what has no time to live, and failures; here they count for as long
 * as the door is there. Who asks what another asks just now waits for that answer, and no longer
 * than until his own deadline. A failure is not kept when there was less than fair_ms for the
 * question: it may have been our haste, and the next who asks has more time. */
#ifndef DNS_ONCE_H
#define DNS_ONCE_H
#include "foundation/base/list.h"
#include "network/dns/dns.h"

#include <pthread.h>

/* Addresses, MX, TXT and PTR alone. */
struct dns_once {
	struct dns dns;
	struct dns *behind;
	int64_t fair_ms;
	pthread_mutex_t lock;
	pthread_cond_t came; /* one of the answers                              */
	struct list answers; /* lock: struct dns_once_answer, also those to come */
};

/* behind outlives it. */
void dns_once_init(struct dns_once *o, struct dns *behind, int64_t fair_ms);
/* No question is under way. */
void dns_once_deinit(struct dns_once *o);

#endif
