/* network/dns/question.h: one query on its way to a name server and back, for network/dns only.
 *
 * Callers sleep until c-ares' event thread delivers the answer; several may wait for the same one
 * (network/dns/cache.h). Callers and the callback each have a reference, because callers may time
 * out first; the last one frees it. The answer is stored as bytes, from which each caller parses
 * its own record: reading changes c-ares' records. */
#ifndef DNS_QUESTION_H
#define DNS_QUESTION_H
#include "network/dns/dns.h"

#include <ares.h>

struct dns_question;

/* The answer to a question. */
struct dns_outcome {
	enum dns_status status; /* DNS_OK: no error code, though there may be no records        */
	struct str bytes;       /* the whole message; empty with DNS_RETRY                      */
	bool positive;          /* it has records of the asked type                            */
	uint32_t ttl_s;         /* how long it may be used; 0: for the waiting callers only */
};

/* Called first, in c-ares' thread, before waiting callers wake; the outcome is borrowed. */
struct dns_observer {
	void (*answered)(struct dns_observer *l, struct dns_question *q,
	                 const struct dns_outcome *outcome);
};

/* A new question that was not sent; with one reference, the caller's. key: any bytes, copied. o
 * must outlive it. */
struct dns_question *dns_question_new(struct str key, struct dns_observer *l) MUST_USE;
/* A question with its answer: DNS_OK, DNS_NODATA or DNS_NXDOMAIN. bytes are copied. */
struct dns_question *dns_question_answered(enum dns_status status, struct str bytes) MUST_USE;
/* Send it, once. On failure the answer is DNS_RETRY at once. validated: this server validates the
 * answer, so the name servers need not (the CD bit). */
void dns_question_send(struct dns_question *q, ares_channel_t *channel, struct str name,
                       ares_dns_rec_type_t type, bool judged);
/* Wait for the answer, which lives as long as q; empty with DNS_RETRY. */
enum dns_status dns_question_await(struct dns_question *q, int64_t deadline_ms,
                                   struct str *bytes) MUST_USE;

struct dns_question *dns_question_ref(struct dns_question *q) MUST_USE;
/* Release the caller's reference; NULL is a no-op. */
void dns_question_unref(struct dns_question *q);

struct str dns_question_key(const struct dns_question *q);
/* A number for the owner's use, set before the answer arrives at the latest; 0 at first. */
void dns_question_mark(struct dns_question *q, uint64_t mark);
uint64_t dns_question_marked(const struct dns_question *q);

/* The largest answer over UDP that fits one unfragmented packet everywhere (RFC 9715). */
enum { DNS_UDP_SIZE = 1232 };

#endif
