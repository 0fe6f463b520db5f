/* network/dns/resolver.h: the channel to name servers; one query and the validation of its answer.
 * For network/dns/ares.c and its like only.
 *
 * It has two views: one with the cache (network/dns/cache.h), one without. */
#ifndef DNS_RESOLVER_H
#define DNS_RESOLVER_H
#include "network/dns/answer.h"
#include "network/dns/cache.h"
#include "network/dns/question.h"
#include "network/dns/secure.h"

#include <pthread.h>

struct resolver;

struct dns_view {
	struct dns dns;
	struct resolver *of;
	enum dns_use use;
};

struct resolver {
	struct dns_view kept, fresh;
	int64_t timeout_ms;
	pthread_rwlock_t lock;   /* held while a question is sent, not while callers wait for it */
	ares_channel_t *channel; /* lock */
	struct dns_secure *secure;
	struct dns_cache *cache;
};

/* The result of a query; release with dns_lookup_deinit. */
struct dns_lookup {
	ares_dns_record_t *answer;  /* NULL: none */
	struct dns_records records; /* of answer                                         */
	struct dns_secured secured; /* its status is the result; in the caller's arena */
};
void dns_lookup_deinit(struct dns_lookup *l);

/* Send the query, or join one under way; returns the caller's reference. */
struct dns_question *resolver_ask(const struct dns_view *d, struct str name,
                                  ares_dns_rec_type_t type) MUST_USE;
/* Wait for the answer and validate it; takes the caller's reference to q. steps: NULL, or gets a
 * line for each check. Does not parse the records: out->records is empty. */
void resolver_validate(const struct dns_view *d, struct dns_question *q, struct arena *a,
                    struct str name, uint16_t type, int64_t deadline_ms, struct buf *steps,
                    struct dns_lookup *out);
/* The same, and parse the records. Returns out->secured.status: DNS_OK with records, or why there
 * are none. */
enum dns_status resolver_take(const struct dns_view *d, struct dns_question *q, struct arena *a,
                              struct str name, ares_dns_rec_type_t type, int64_t deadline_ms,
                              struct dns_lookup *out);
/* resolver_ask and resolver_take. */
enum dns_status resolver_lookup(const struct dns_view *d, struct arena *a, struct str name,
                              ares_dns_rec_type_t type, int64_t deadline_ms,
                              struct dns_lookup *out);

/* See dns_explain. */
enum dns_status resolver_explain(struct dns *d, struct arena *a, struct str name, uint16_t type,
                                 int64_t deadline_ms, struct dns_explained *out);

#endif
