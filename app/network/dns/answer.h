/* network/dns/answer.h: what an answer of c-ares means.
 *
 * Answers are believed as little as possible: only records of the asked type whose name is
 * the asked one, or where the CNAME records of the same answer lead from it. */
#ifndef DNS_ANSWER_H
#define DNS_ANSWER_H
#include "network/dns/private.h"

#include <ares.h>

struct dns_records {
	const ares_dns_rr_t **items;
	size_t count;
	struct str name; /* the asked one, or where aliases led */
};

/* The records of the answer that count, all of them; their list is in a. They live as long as the
 * answer. DNS_NODATA: none. */
enum dns_status dns_records_find(const ares_dns_record_t *answer, struct str name,
                                 ares_dns_rec_type_t type, struct arena *a,
                                 struct dns_records *out);

/* How long it may be believed: by the record that ends first, and where there is none of the asked
 * type, by the SOA record that tells of that (RFC 2308 5); 0: not at all beyond the question, as a
 * denial without one. positive: there are some. */
uint32_t dns_answer_ttl(const ares_dns_record_t *answer, bool *positive);

/* Of a type that is given out as text: c-ares' number of it, and a record's text, in a. */
ares_dns_rec_type_t dns_text_type(enum dns_type type);
struct str dns_text(struct arena *a, enum dns_type type, const ares_dns_rr_t *rr);

#endif
