/* network/dns/direct.h: queries to name servers that the caller chooses, many in parallel.
 *
 * For checks of what one server answers. Answers are not cached, referrals are not followed, and
 * DNSSEC is not validated. An answer counts when it comes from the server's address and port, with
 * the ID and the question of the query, whose source port is random. A truncated answer is queried
 * again over TCP.
 *
 * This is our own code because c-ares queries a list of servers: when one fails, it asks the next.
 * The servers and the RD bit belong to its channel, so each server would need a channel of its own,
 * with its sockets (measured: 50 µs and 2.8 KB). A check of one domain queries up to 136 servers:
 * 8 resolvers, and 16 name servers in each of 8 zones. Here one poll waits for 64 of them. */
#ifndef DNS_DIRECT_H
#define DNS_DIRECT_H
#include "network/dns/dns.h"
#include "network/dnssec/message.h"

#include <stdatomic.h>

struct buf;

struct dns_direct {
	struct addr server; /* with its port */
	struct str name;
	uint16_t type; /* enum dns_rr_type                         */
	bool recurse;  /* recursion desired (RFC 1035 4.1.1, RD) */
	/* the answer */
	enum dns_status status;
	const char *why;    /* for DNS_RETRY: "does not answer", "refuses"; static */
	bool authoritative; /* the AA bit is set */
	bool referral;      /* the answer is a referral: DNS_RETRY */
	bool alias;         /* the name is an alias; the answer is its target */
	struct str *data;   /* as dns_records has it; SOA, DS and DNSKEY as in zone files    */
	size_t count;
	uint32_t ttl_s; /* of the records, or of the denial (RFC 2308 5) */
};

/* Query all of them. Returns when each has its answer, at the deadline, or soon after stop (may be
 * NULL) is set. Results live in a. */
void dns_direct_ask(struct dns_direct *asked, size_t n, int64_t deadline_ms,
                    const atomic_bool *stop, struct arena *a);

/* The name servers of /etc/resolv.conf, in a, except link-local ones. */
void dns_system_servers(struct arena *a, struct addr_list *out);

/* --- pure, for tests ------------------------------------------------------------------- */

/* Append the query; false: the name is invalid. */
bool dns_direct_put(struct buf *out, const struct dns_direct *q, uint16_t id);
/* Parse an answer. False: it does not answer this query: keep waiting. truncated: query over
 * TCP. */
bool dns_direct_take(struct str bytes, uint16_t id, struct dns_direct *q, struct arena *a,
                     bool *truncated);

#endif
