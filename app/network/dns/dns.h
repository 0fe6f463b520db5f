/* network/dns/dns.h: the resolver.
 *
 * One vtable with two implementations: dns_new queries name servers through c-ares (whose event
 * thread waits for them; nothing is sent before the first query), dns_fake_new answers from a table
 * in tests. Callers block in their own thread up to a deadline; any number of threads may query in
 * parallel. DNSSEC is validated by this server (network/dns/secure.h), so the name servers need not
 * be trusted. Names are in ASCII (A-labels), with or without the final dot. The libc resolver is
 * never used. Answers live in the caller's arena.
 *
 * Answers are cached for their TTL, and equal queries at the same time share one answer
 * (network/dns/cache.h). dns_fresh bypasses the cache. */
#ifndef DNS_H
#define DNS_H
#include "foundation/base/arena.h"
#include "network/runtime/addr.h"

struct dns;

enum dns_status {
	DNS_OK,       /* at least one record                                         */
	DNS_NODATA,   /* the name exists, records of this type do not                */
	DNS_NXDOMAIN, /* the name does not exist                                     */
	DNS_RETRY,    /* time-out, SERVFAIL, refused, malformed: the answer is unknown */
	DNS_BADNAME,  /* the name is invalid: nothing was queried */
};

/* Neither data nor such a name: the "void lookup" of SPF. */
static inline bool dns_missing(enum dns_status s)
{
	return s == DNS_NODATA || s == DNS_NXDOMAIN;
}
/* "NXDOMAIN", for logs and bounces. Static storage. */
const char *dns_status_text(enum dns_status s);

/* With DNS_RETRY: why an answer was not accepted. */
struct dns_trouble {
	struct str text; /* "the signature of example.org MX has expired"; empty: no answer came */
	bool bogus;      /* it should be signed and is not, or wrongly; false: records for the
	                    * validation are missing */
};
/* A clause without a full stop, for the queue, traces and reports: "DNS did not answer", "the
 * signatures in DNS are wrong: the signature of example.org MX has expired". In a, or static. */
struct str dns_trouble_text(const struct dns_trouble *t, struct arena *a);

struct dns_mx {
	uint16_t preference;
	struct str host; /* lower case, no final dot; may be no host name (RFC 2181 11); empty: the
	                    * null MX (RFC 7505) */
};

struct dns_mx_list {
	struct dns_mx *items; /* lowest preference first, else as received */
	size_t count;
	bool authenticated; /* DNSSEC proves all of it; possible for DNS_NODATA too */
	struct str canonical; /* the target of aliases, when authenticated; else empty */
	struct dns_trouble trouble;
};
struct dns_addr_list {
	struct addr *items; /* port 0; IPv6 ones first */
	size_t count;
	bool authenticated;
	struct dns_trouble trouble;
	struct str canonical; /* the target of aliases, when authenticated; else empty */
	bool alias_signed;    /* not authenticated, but the name is an alias in a signed zone
	                         (RFC 7672 2.2.2) */
};
struct dns_text_list {
	struct str *items; /* TXT: one str per record, its strings joined; PTR: names */
	size_t count;
	bool authenticated;
	struct dns_trouble trouble;
};

/* Other types are returned as text in the form of a zone file: names in lower case without the
 * final dot, hexadecimal digits in lower case. */
enum dns_type {
	DNS_CNAME, /* "host"; the alias itself, not its target */
	DNS_NS,    /* "host"                                         */
	DNS_SRV,   /* "0 1 993 host" (RFC 2782)                      */
	DNS_TLSA,  /* "3 1 1 2bb1..." (RFC 6698)                     */
	DNS_CAA,   /* "0 issue \"ca.example\"" (RFC 8659)            */
	DNS_TYPES
};

/* An answer and its validation, for people. */
struct dns_explained {
	const char *verdict; /* "secure", "insecure", "bogus", "indeterminate"; static       */
	struct str trouble;  /* the reason for the latter two, or empty */
	struct str steps;    /* what was checked, a line each */
	struct str *records; /* "mx.example.org MX 10 a.example.org", also those not validated */
	size_t count;
};

/* Addresses and TXT records are all returned, because a part of them would be a wrong answer (RFC
 * 7208 4.5, 5.3); of other types the first DNS_RECORDS_MAX. DNS_ADDRS_MAX limits callers that try
 * addresses one after the other. */
enum { DNS_RECORDS_MAX = 100, DNS_ADDRS_MAX = 50 };

/* The address families that dns_addresses queries. */
enum { DNS_V4 = BIT(0), DNS_V6 = BIT(1) };

struct dns_ops {
	enum dns_status (*mx)(struct dns *, struct arena *, struct str name, int64_t deadline_ms,
	                      struct dns_mx_list *);
	enum dns_status (*addresses)(struct dns *, struct arena *, struct str name,
	                             unsigned families, int64_t deadline_ms,
	                             struct dns_addr_list *);
	enum dns_status (*txt)(struct dns *, struct arena *, struct str name, int64_t deadline_ms,
	                       struct dns_text_list *);
	enum dns_status (*ptr)(struct dns *, struct arena *, const struct addr *,
	                       int64_t deadline_ms, struct dns_text_list *);
	enum dns_status (*records)(struct dns *, struct arena *, struct str name, enum dns_type,
	                           int64_t deadline_ms, struct dns_text_list *);
	enum err (*servers_set)(struct dns *, const struct addr_list *servers, struct why *why);
	enum err (*security_set)(struct dns *, struct str mode, struct str anchors,
	                         struct why *why);
	enum dns_status (*explain)(struct dns *, struct arena *, struct str name, uint16_t type,
	                           int64_t deadline_ms, struct dns_explained *);
	bool (*cached)(struct dns *, struct str name, uint16_t type);
	size_t (*flush)(struct dns *);
	struct dns *(*fresh)(struct dns *);
	void (*free)(struct dns *);
};
struct dns {
	const struct dns_ops *ops;
};

/* deadline_ms is a point of clock_mono_ms; DNS_RETRY when it passes. *out is always set, empty
 * unless DNS_OK. */
enum dns_status dns_mx(struct dns *d, struct arena *a, struct str name, int64_t deadline_ms,
                       struct dns_mx_list *out) MUST_USE;
/* A and AAAA, queried in parallel. DNS_OK when either has records; DNS_RETRY when none was found
 * and one answer is unknown. */
enum dns_status dns_addresses(struct dns *d, struct arena *a, struct str name, unsigned families,
                              int64_t deadline_ms, struct dns_addr_list *out) MUST_USE;
enum dns_status dns_txt(struct dns *d, struct arena *a, struct str name, int64_t deadline_ms,
                        struct dns_text_list *out) MUST_USE;
enum dns_status dns_ptr(struct dns *d, struct arena *a, const struct addr *ip, int64_t deadline_ms,
                        struct dns_text_list *out) MUST_USE;

enum dns_status dns_records(struct dns *d, struct arena *a, struct str name, enum dns_type type,
                            int64_t deadline_ms, struct dns_text_list *out) MUST_USE;

/* "1.2.0.192.in-addr.arpa", "...ip6.arpa" (RFC 1035 3.5, RFC 3596 2.5). */
struct str dns_reverse_name(struct arena *a, const struct addr *ip);

/* servers with their ports; an empty list means the system's (/etc/resolv.conf). timeout_ms: the
 * most for one attempt at one server; 0: 3 s. Does not contact a name server. */
enum err dns_new(const struct addr_list *servers, int64_t timeout_ms, struct dns **out,
                 struct why *why) MUST_USE;

/* Use these servers from now on, as in dns_new; queries under way get DNS_RETRY. On an error the
 * servers are unchanged. Thread-safe. */
enum err dns_servers_set(struct dns *d, const struct addr_list *servers, struct why *why) MUST_USE;

/* Set the DNSSEC mode and trust anchors from the settings DNSSEC and DNSSEC_ANCHORS
 * (network/dns/secure.h, network/dnssec/anchor.h). Initially off: nothing is authenticated.
 * ERR_SYNTAX: one is wrong, and nothing has changed. Thread-safe. */
enum err dns_security_set(struct dns *d, struct str mode, struct str anchors,
                          struct why *why) MUST_USE;
/* Check the settings only; why names the wrong one. */
enum err dns_security_check(struct str mode, struct str anchors, struct why *why) MUST_USE;

/* Query any type and report the validation of the answer. */
enum dns_status dns_explain(struct dns *d, struct arena *a, struct str name, uint16_t type,
                            int64_t deadline_ms, struct dns_explained *out) MUST_USE;

/* Is the answer to dns_txt cached, so that the query would not block? Thread-safe. */
bool dns_txt_cached(struct dns *d, struct str name);
/* Empty the cache; returns the number of answers removed. Thread-safe. */
size_t dns_flush(struct dns *d);
/* The same resolver without its cache, for callers that wait for a record to appear or report
 * errors. As d in all else; lives as long as d; do not free it. */
struct dns *dns_fresh(struct dns *d);

/* Rows of a zone for tests, e.g.
 *	{ "example.org", "MX", "10 mx.example.org" }, { "mx.example.org", "A", "192.0.2.1" },
 *	{ "example.org", "TXT", "v=spf1 -all" }, { "1.2.0.192.in-addr.arpa", "PTR", "x.org" },
 *	{ "broken.example", "*", "SERVFAIL" }   (every type; also "NXDOMAIN", and "BOGUS" with
 *	                                        words behind it)
 * A name with rows of other types only is NODATA, one without rows NXDOMAIN. Ends with a row of
 * NULLs; the table is borrowed. authenticated: the flag of every answer. */
struct dns_fake_row {
	const char *name, *type, *data;
};
struct dns *dns_fake_new(const struct dns_fake_row *rows, bool authenticated) MUST_USE;

/* NULL is a no-op. No question may be under way. */
void dns_free(struct dns **d);

#endif
