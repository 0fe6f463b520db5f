/* network/dns/cache.h: answers of name servers, kept as long as they may be, and questions under
 * way; for net/dns_*.c only.
 *
 * Found by name and type (all our questions have the same bits). Who asks what is being asked
 * already waits for the same answer. What was answered is kept for its time to live (RFC 1035
 * 3.2.1, RFC 2308 5, capped by LIMIT_dns_ttl_s and LIMIT_dns_negative_s), with what dnssec/ said of
 * it; a bogus answer for LIMIT_dns_bogus_s at most, so that one forged packet does not count for
 * longer (RFC 4035 4.7). Failures are not kept. When name servers fail, an answer that had records
 * counts on for LIMIT_dns_stale_s (RFC 8767), unless it was bogus; signatures are checked again.
 *
 * Thread-safe. At most LIMIT_dns_cache bytes; what was not asked for the longest goes first. */
#ifndef DNS_CACHE_H
#define DNS_CACHE_H
#include "network/dns/question.h"
#include "network/dns/secure.h"

struct dns_cache;

enum dns_use {
	DNS_USE_KEPT,    /* a kept answer will do                                          */
	DNS_USE_FRESH,   /* it will not, but this one is kept                              */
	DNS_USE_PASSING, /* nor is this one: keys, which dnssec/cache.h keeps once proven  */
};

struct dns_cache *dns_cache_new(void) MUST_USE;
/* No question is under way. NULL is a no-op. */
void dns_cache_free(struct dns_cache *c);

/* A share of the question for the caller. *ours: nobody has sent it yet, and the caller must. */
struct dns_question *dns_cache_ask(struct dns_cache *c, struct str name, uint16_t type,
                                   enum dns_use use, bool *ours) MUST_USE;
/* Would DNS_USE_KEPT have an answer at once, and one that was judged? */
bool dns_cache_has(struct dns_cache *c, struct str name, uint16_t type);
/* An answer to it that has expired, but counts on; NULL: none. For a while it counts as fresh, so
 * that not everybody waits for name servers that fail (RFC 8767 5). */
struct dns_question *dns_cache_stale(struct dns_cache *c, struct str name,
                                     uint16_t type) MUST_USE;

/* What was found of the answer to q when it was judged before; copied into a. */
bool dns_cache_judged(struct dns_cache *c, const struct dns_question *q, struct str name,
                      uint16_t type, struct arena *a, struct dns_secured *out);
/* Keep that, if the answer itself is still kept. */
void dns_cache_judge(struct dns_cache *c, const struct dns_question *q, struct str name,
                     uint16_t type, const struct dns_secured *secured);

/* Forget all; answers under way are not kept either. Returns how many there were. */
size_t dns_cache_flush(struct dns_cache *c);

#endif
