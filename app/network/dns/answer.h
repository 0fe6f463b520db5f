/* network/dns/answer.h: the records of a c-ares answer.
 *
 * Only records of the queried type count, at the queried name or where the CNAME records of the
 * same answer lead from it. */
#ifndef DNS_ANSWER_H
#define DNS_ANSWER_H
#include "network/dns/private.h"

#include <ares.h>

struct dns_records {
	const ares_dns_rr_t **items;
	size_t count;
	struct str name; /* the queried name, or the target of its aliases */
};

/* Find all records of the answer that count; their list is in a. The records live as long as the
 * answer. DNS_NODATA: none. */
enum dns_status dns_records_find(const ares_dns_record_t *answer, struct str name,
                                 ares_dns_rec_type_t type, struct arena *a,
                                 struct dns_records *out);

/* How long the answer may be used: the lowest TTL of its records, or, without records of the
 * queried type, the TTL of the SOA record of the denial (RFC 2308 5); 0: do not cache, such as a
 * denial without SOA. *positive: there are records. */
uint32_t dns_answer_ttl(const ares_dns_record_t *answer, bool *positive);

/* For types that are returned as text: c-ares' number of the type, and a record's text, in a. */
ares_dns_rec_type_t dns_text_type(enum dns_type type);
struct str dns_text(struct arena *a, enum dns_type type, const ares_dns_rr_t *rr);

#endif
