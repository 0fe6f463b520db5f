/* net/dns.h: questions to the domain name system.
 *
 * One vtable, two makers: dns_new asks real servers by c-ares (whose event thread does the
 * waiting; nothing is sent before the first question), dns_fake_new answers from a zone
 * table in tests. Callers block in their own thread up to a deadline; any number of threads
 * may ask at once. Names are in ASCII (A-labels), with or without the last dot. The libc
 * resolver is never used. Answers live in the caller's arena. */
#ifndef NET_DNS_H
#define NET_DNS_H
#include "base/arena.h"
#include "net/addr.h"

struct dns;

enum dns_status {
	DNS_OK,       /* at least one record                                         */
	DNS_NODATA,   /* the name exists, records of this type do not                */
	DNS_NXDOMAIN, /* the name does not exist                                     */
	DNS_RETRY,    /* time-out, SERVFAIL, refused, garbage: nothing is known      */
	DNS_BADNAME,  /* the question cannot be asked: no valid domain name          */
};

/* Neither data nor such a name: what SPF and MX choice call "void". */
static inline bool dns_missing(enum dns_status s)
{
	return s == DNS_NODATA || s == DNS_NXDOMAIN;
}
/* "NXDOMAIN", for logs and bounces. Static storage. */
const char *dns_status_text(enum dns_status s);

struct dns_mx {
	uint16_t preference;
	struct str host; /* lower case, no last dot; empty: the null MX (RFC 7505) */
};

struct dns_mx_list {
	struct dns_mx *items; /* lowest preference first, else as received */
	size_t count;
	bool authenticated; /* the AD flag of the answer: DNSSEC, as far as the
			       way to the resolver is trusted */
};
struct dns_addr_list {
	struct addr *items; /* port 0; IPv6 ones first, at most DNS_ADDRS_MAX */
	size_t count;
	bool authenticated;
};
struct dns_text_list {
	struct str *items; /* TXT: one str per record, its strings joined; PTR: names */
	size_t count;
	bool authenticated;
};

/* Other types, which come as text as in a zone file: names in lower case without the last dot,
 * hexadecimal digits in lower case. */
enum dns_type {
	DNS_CNAME, /* "host"; the alias itself, not what it leads to */
	DNS_NS,    /* "host"                                         */
	DNS_SRV,   /* "0 1 993 host" (RFC 2782)                      */
	DNS_TLSA,  /* "3 1 1 2bb1..." (RFC 6698)                     */
	DNS_CAA,   /* "0 issue \"ca.example\"" (RFC 8659)            */
	DNS_TYPES
};

enum { DNS_RECORDS_MAX = 100, DNS_ADDRS_MAX = 50 };

/* Which families dns_addresses asks for. */
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
	void (*free)(struct dns *);
};
struct dns {
	const struct dns_ops *ops;
};

/* deadline_ms is a point of clock_mono_ms; DNS_RETRY when it passes. *out is set in any
 * case, empty unless DNS_OK. */
enum dns_status dns_mx(struct dns *d, struct arena *a, struct str name, int64_t deadline_ms,
                       struct dns_mx_list *out) MUST_USE;
/* A and AAAA, asked at once. DNS_OK when either has records; DNS_RETRY when none was found
 * and either answer is unknown. */
enum dns_status dns_addresses(struct dns *d, struct arena *a, struct str name, unsigned families,
                              int64_t deadline_ms, struct dns_addr_list *out) MUST_USE;
enum dns_status dns_txt(struct dns *d, struct arena *a, struct str name, int64_t deadline_ms,
                        struct dns_text_list *out) MUST_USE;
enum dns_status dns_ptr(struct dns *d, struct arena *a, const struct addr *ip, int64_t deadline_ms,
                        struct dns_text_list *out) MUST_USE;

enum dns_status dns_records(struct dns *d, struct arena *a, struct str name, enum dns_type type,
                            int64_t deadline_ms, struct dns_text_list *out) MUST_USE;

/* servers with their ports; an empty list means the system's (/etc/resolv.conf). timeout_ms
 * is for one try of one server, 0: 3 s. The name server is not contacted here. */
enum err dns_new(const struct addr_list *servers, int64_t timeout_ms, struct dns **out,
                 struct why *why) MUST_USE;

/* Ask these from now on, as in dns_new; questions that are under way get DNS_RETRY. On an error
 * the old ones stay. Any thread. */
enum err dns_servers_set(struct dns *d, const struct addr_list *servers, struct why *why) MUST_USE;

/* Rows of a zone for tests, e.g.
 *	{ "example.org", "MX", "10 mx.example.org" }, { "mx.example.org", "A", "192.0.2.1" },
 *	{ "example.org", "TXT", "v=spf1 -all" }, { "1.2.0.192.in-addr.arpa", "PTR", "x.org" },
 *	{ "broken.example", "*", "SERVFAIL" }   (every type; also "NXDOMAIN")
 * A name with rows of other types only is NODATA, one without rows NXDOMAIN. Ends with a
 * row of NULLs; the table is borrowed. authenticated is what every answer says. */
struct dns_fake_row {
	const char *name, *type, *data;
};
struct dns *dns_fake_new(const struct dns_fake_row *rows, bool authenticated) MUST_USE;

/* NULL is a no-op. No question may be under way. */
void dns_free(struct dns **d);

#endif
