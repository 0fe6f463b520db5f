/* network/dns/cache.h: the cache of DNS answers and of questions under way; for network/dns only.
 *
 * The key is name and type (all our questions have the same bits). A question that is under way is
 * shared: a second client waits for the same answer. Answers are stored for their TTL (RFC 1035
 * 3.2.1, RFC 2308 5, at most LIMIT_dns_ttl_s and LIMIT_dns_negative_s), with the result of DNSSEC
 * validation. A bogus answer is stored for LIMIT_dns_bogus_s at most, which limits the effect of a
 * forged packet (RFC 4035 4.7). Failures are not stored. When name servers fail, an expired answer
 * with records remains usable for LIMIT_dns_stale_s (RFC 8767), unless it was bogus; it is
 * validated again.
 *
 * Thread-safe. At most LIMIT_dns_cache bytes; the least recently used answers are evicted first. */
#ifndef DNS_CACHE_H
#define DNS_CACHE_H
#include "network/dns/question.h"
#include "network/dns/secure.h"

struct dns_cache;

enum dns_use {
	DNS_USE_KEPT,    /* a cached answer is sufficient */
	DNS_USE_FRESH,   /* send a new query; cache its answer */
	DNS_USE_PASSING, /* send a new query; do not cache its answer (keys: dnssec/cache.h) */
};

struct dns_cache *dns_cache_new(void) MUST_USE;
/* No question may be under way. NULL is a no-op. */
void dns_cache_free(struct dns_cache *c);

/* A reference to the question for the caller. *ours: it is new, and the caller must send it. */
struct dns_question *dns_cache_ask(struct dns_cache *c, struct str name, uint16_t type,
                                   enum dns_use use, bool *ours) MUST_USE;
/* Would DNS_USE_KEPT return a validated answer at once? */
bool dns_cache_has(struct dns_cache *c, struct str name, uint16_t type);
/* An expired answer that may still be used; NULL: none. It counts as fresh for a short time, so
 * that not every client waits for the failing name servers (RFC 8767 5). */
struct dns_question *dns_cache_stale(struct dns_cache *c, struct str name,
                                     uint16_t type) MUST_USE;

/* The stored result of the validation of q's answer, copied into a. False: there is none. */
bool dns_cache_secured_get(struct dns_cache *c, const struct dns_question *q, struct str name,
                      uint16_t type, struct arena *a, struct dns_secured *out);
/* Store that result, if the answer itself is still cached. */
void dns_cache_secured_put(struct dns_cache *c, const struct dns_question *q, struct str name,
                     uint16_t type, const struct dns_secured *secured);

/* Remove all; answers under way are not stored either. Returns the number of answers removed. */
size_t dns_cache_flush(struct dns_cache *c);

#endif
