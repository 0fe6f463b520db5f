/* network/dns/direct.h: questions to name servers of the caller's choice, many at one time.
 *
 * For who wants to know what one server says, and not what is true: nothing is kept, followed to
 * other servers or judged by DNSSEC. Answers count when they come from the server's address and
 * port, with the number and the question that were sent from a port of their own; what does not fit
 * a datagram is asked again over TCP. */
#ifndef DNS_DIRECT_H
#define DNS_DIRECT_H
#include "network/dns/dns.h"
#include "network/dnssec/message.h"

#include <stdatomic.h>

struct buf;

struct dns_direct {
	struct addr server; /* with its port                            */
	struct str name;
	uint16_t type; /* enum dns_rr_type                         */
	bool recurse;  /* may it ask others (RFC 1035 4.1.1, RD)? */
	/* the answer */
	enum dns_status status;
	const char *why;    /* of DNS_RETRY: "does not answer", "refuses"; static            */
	bool authoritative; /* it says that it is the zone's (AA)                            */
	bool referral;      /* it says that others are: DNS_RETRY then                       */
	bool alias;         /* the name is an alias, of which this is where it leads         */
	struct str *data;   /* as dns_records has it; SOA, DS and DNSKEY as in zone files    */
	size_t count;
	uint32_t ttl_s; /* of what is there, or of the denial (RFC 2308 5)               */
};

/* Ask all of them; back when each has its answer, at the deadline, or soon after stop (may be NULL)
 * is set. What is found lives in a. */
void dns_direct_ask(struct dns_direct *asked, size_t n, int64_t deadline_ms,
                    const atomic_bool *stop, struct arena *a);

/* The name servers of /etc/resolv.conf, in a; those at an address of a link are left out. */
void dns_system_servers(struct arena *a, struct addr_list *out);

/* --- pure, for tests ------------------------------------------------------------------- */

/* Append the question; false: it is no name. */
bool dns_direct_put(struct buf *out, const struct dns_direct *q, uint16_t id);
/* Take an answer. False: it is none to this question: wait on. truncated: ask again by TCP. */
bool dns_direct_take(struct str bytes, uint16_t id, struct dns_direct *q, struct arena *a,
                     bool *truncated);

#endif
