/* doctor/dns_check.h: what DNS says about the records a domain should have. */
#ifndef DOCTOR_DNS_CHECK_H
#define DOCTOR_DNS_CHECK_H
#include "doctor/dns_records.h"
#include "net/dns.h"

struct dns;

enum dns_state {
	DNS_STATE_OK,
	DNS_STATE_WARN,    /* missing or different, and mail works without */
	DNS_STATE_FAIL,    /* missing or different, and mail suffers       */
	DNS_STATE_UNKNOWN, /* the name servers did not answer           */
};
/* "ok", "warn", "fail", "unknown". */
const char *dns_state_name(enum dns_state s);

struct dns_seen {
	enum dns_state state;
	struct str *seen; /* of this type at this name, as dns_record.expected is written */
	size_t seen_count;
	struct str advice; /* what to do; empty when nothing */
};

/* What an answer to the question for a record means. s->seen is set, and is narrowed to what is of
 * the record's kind; MX by preference. authenticated: it was signed by DNSSEC. Strings in a.
  * Pure. */
void dns_judge(const struct dns_record *r, enum dns_status status, bool authenticated,
               struct arena *a, struct dns_seen *s);

/* Ask for all records, which takes until deadline_ms (clock_mono_ms) at most. seen has
 * records->count places; strings live in a. */
void dns_check(struct dns *d, const struct dns_records *records, int64_t deadline_ms,
               struct arena *a, struct dns_seen *seen);

/* The SPF record of a domain as it is now, the first if there are several; empty for none or
 * when nobody answers. */
struct str dns_spf_find(struct dns *d, struct str domain, int64_t deadline_ms, struct arena *a);

#endif
