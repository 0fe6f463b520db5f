/* network/dns/question.h: one question on its way to a name server and back, for net/dns_*.c only.
 *
 * Callers sleep until c-ares' event thread brings the answer; several may wait for the same one
 * (network/dns/cache.h). Each has a share of it, and so has the callback, because callers may
 * give up first; whoever is last frees it. An answer is kept as bytes, from which each caller
 * makes its own record: c-ares' records change when they are read. */
#ifndef DNS_QUESTION_H
#define DNS_QUESTION_H
#include "network/dns/dns.h"

#include <ares.h>

struct dns_question;

/* What came of it. */
struct dns_came {
	enum dns_status status; /* DNS_OK: no error code, though there may be no records        */
	struct str bytes;       /* the whole message; empty with DNS_RETRY                      */
	bool positive;          /* it has records of the asked type                            */
	uint32_t ttl_s;         /* how long it may be believed; 0: only by who asked            */
};

/* Who is told first, in c-ares' thread, before those who wait; came is borrowed. */
struct dns_lander {
	void (*landed)(struct dns_lander *l, struct dns_question *q, const struct dns_came *came);
};

/* A question that nobody has asked yet; with one share, the caller's. key: any bytes, copied.
 * l outlives it. */
struct dns_question *dns_question_new(struct str key, struct dns_lander *l) MUST_USE;
/* One that was answered before: DNS_OK, DNS_NODATA or DNS_NXDOMAIN. bytes are copied. */
struct dns_question *dns_question_known(enum dns_status status, struct str bytes) MUST_USE;
/* Send it, once. What cannot be sent is answered at once, by DNS_RETRY. judged: the answer is
 * judged here, so that the name servers need not. */
void dns_question_send(struct dns_question *q, ares_channel_t *channel, struct str name,
                       ares_dns_rec_type_t type, bool judged);
/* Wait for the answer, which lives as long as q; empty with DNS_RETRY. */
enum dns_status dns_question_await(struct dns_question *q, int64_t deadline_ms,
                                   struct str *bytes) MUST_USE;

struct dns_question *dns_question_ref(struct dns_question *q) MUST_USE;
/* The caller is done with it; NULL is a no-op. */
void dns_question_unref(struct dns_question *q);

struct str dns_question_key(const struct dns_question *q);
/* A number that its owner gives it, before it is answered at the latest; 0 at first. */
void dns_question_mark(struct dns_question *q, uint64_t mark);
uint64_t dns_question_marked(const struct dns_question *q);

/* The largest answer over UDP that fits one unfragmented packet everywhere (RFC 9715). */
enum { DNS_UDP_SIZE = 1232 };

#endif
