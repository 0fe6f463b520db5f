/* network/dns/resolver.h: the channel to real name servers, and one question over it with all that
 * it takes to judge the answer; for network/dns/ares.c and its like only.
 *
 * Two doors lead to it: one for whom an answer will do that is kept (network/dns/cache.h), and
 * one for who wants to see what is there now. */
#ifndef DNS_RESOLVER_H
#define DNS_RESOLVER_H
#include "network/dns/answer.h"
#include "network/dns/cache.h"
#include "network/dns/question.h"
#include "network/dns/secure.h"

#include <pthread.h>

struct resolver;

struct dns_door {
	struct dns dns;
	struct resolver *of;
	enum dns_use use;
};

struct resolver {
	struct dns_door kept, fresh;
	int64_t timeout_ms;
	pthread_rwlock_t lock;   /* held while a question is sent, not while it is awaited */
	ares_channel_t *channel; /* lock */
	struct dns_secure *secure;
	struct dns_cache *cache;
};

/* What came of a question; dns_looked_deinit when its records are not needed any more. */
struct dns_looked {
	ares_dns_record_t *answer;  /* NULL: none                                        */
	struct dns_records records; /* of answer                                         */
	struct dns_secured secured; /* its status is the last word; in the caller's arena */
};
void dns_looked_deinit(struct dns_looked *l);

/* Ask, or find it asked already; the caller's share. */
struct dns_question *resolver_ask(const struct dns_door *d, struct str name,
                                  ares_dns_rec_type_t type) MUST_USE;
/* Wait for the answer and judge it; takes the caller's share of q. story: NULL, or gets a line for
 * each thing that was checked. Of the records only the message: out->records is empty. */
void resolver_judge(const struct dns_door *d, struct dns_question *q, struct arena *a,
                    struct str name, uint16_t type, int64_t deadline_ms, struct buf *story,
                    struct dns_looked *out);
/* The same, and take its records. Returns out->secured.status: DNS_OK with records, or why there
 * are none. */
enum dns_status resolver_take(const struct dns_door *d, struct dns_question *q, struct arena *a,
                              struct str name, ares_dns_rec_type_t type, int64_t deadline_ms,
                              struct dns_looked *out);
/* Both. */
enum dns_status resolver_look(const struct dns_door *d, struct arena *a, struct str name,
                              ares_dns_rec_type_t type, int64_t deadline_ms,
                              struct dns_looked *out);

/* See dns_explain. */
enum dns_status resolver_explain(struct dns *d, struct arena *a, struct str name, uint16_t type,
                                 int64_t deadline_ms, struct dns_explained *out);

#endif
