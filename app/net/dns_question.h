/* net/dns_question.h: one question on its way to a name server and back, for
 * net/dns_ares.c only.
 *
 * The caller sleeps until c-ares' event thread brings the answer. A question has two owners,
 * the caller and the callback, because the caller may give up first; whoever is last frees
 * it. */
#ifndef NET_DNS_QUESTION_H
#define NET_DNS_QUESTION_H
#include "net/dns.h"

#include <ares.h>

struct dns_question;

/* Ask; NULL when it cannot even be sent. */
struct dns_question *dns_question_ask(ares_channel_t *channel, struct str name,
                                      ares_dns_rec_type_t type) MUST_USE;
/* Wait for the answer, which lives as long as q; DNS_OK means one without an error code, it
 * may have no records. NULL for q: DNS_RETRY. */
enum dns_status dns_question_await(struct dns_question *q, int64_t deadline_ms,
                                   const ares_dns_record_t **answer) MUST_USE;
/* The caller is done with it; NULL is a no-op. */
void dns_question_unref(struct dns_question *q);

/* The largest answer over UDP that fits one unfragmented packet everywhere (RFC 9715). */
enum { DNS_UDP_SIZE = 1232 };

#endif
