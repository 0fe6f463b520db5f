/* network/dns/dns.h: questions to the domain name system.
 *
 * One vtable, two makers: dns_new asks real servers by c-ares (whose event thread does the
 * waiting; nothing is sent before the first question), dns_fake_new answers from a zone
 * table in tests. Callers block in their own thread up to a deadline; any number of threads
 * may ask at once. What is signed is judged by our own keys (network/dns/secure.h), so that no name
 * server has to be trusted with that. Names are in ASCII (A-labels), with or without the last dot.
 * The libc resolver is never used. Answers live in the caller's arena.
 *
 * Answers are kept for their time to live, and who asks what another asks just now waits for the
 * same answer (network/dns/cache.h). dns_fresh is for who wants to see what is there now. */
#ifndef DNS_H
#define DNS_H
#include "foundation/base/arena.h"
#include "network/runtime/addr.h"

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

/* With DNS_RETRY: what keeps an answer that came from being believed. */
struct dns_trouble {
	struct str text; /* "the signature of example.org MX has expired"; empty: none came     */
	bool bogus;      /* it should be signed, and is not, or wrongly; else what it takes to
	                    judge could not be had                                              */
};
/* In a sentence without a full stop, for queues, traces and reports: "DNS did not answer", "the
 * signatures in DNS are wrong: the signature of example.org MX has expired". In a, or static. */
struct str dns_trouble_text(const struct dns_trouble *t, struct arena *a);

struct dns_mx {
	uint16_t preference;
	struct str host; /* lower case, no last dot, perhaps no host name (RFC 2181 11); empty: the
	                    null MX (RFC 7505)                                          */
};

struct dns_mx_list {
	struct dns_mx *items; /* lowest preference first, else as received */
	size_t count;
	bool authenticated; /* all of it is proven by DNSSEC; so may DNS_NODATA be */
	struct str canonical; /* where aliases lead, when authenticated; else empty */
	struct dns_trouble trouble;
};
struct dns_addr_list {
	struct addr *items; /* port 0; IPv6 ones first */
	size_t count;
	bool authenticated;
	struct dns_trouble trouble;
	struct str canonical; /* where aliases lead, when authenticated; else empty */
	bool alias_signed;    /* not authenticated, but the name is an alias in a signed zone
	                         (RFC 7672 2.2.2) */
};
struct dns_text_list {
	struct str *items; /* TXT: one str per record, its strings joined; PTR: names */
	size_t count;
	bool authenticated;
	struct dns_trouble trouble;
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

/* An answer and how it was judged, for people. */
struct dns_explained {
	const char *verdict; /* "secure", "insecure", "bogus", "indeterminate"; static       */
	struct str trouble;  /* why it is one of the latter two, or empty                    */
	struct str story;    /* what was checked, a line each                                */
	struct str *records; /* "mx.example.org MX 10 a.example.org", also those not judged  */
	size_t count;
};

/* Addresses and TXT records come all, as many as an answer has, for which the best of them would be
 * no answer (RFC 7208 4.5, 5.3); of other types the first DNS_RECORDS_MAX. DNS_ADDRS_MAX is for who
 * tries addresses one by one. */
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
	enum err (*security_set)(struct dns *, struct str mode, struct str anchors,
	                         struct why *why);
	enum dns_status (*explain)(struct dns *, struct arena *, struct str name, uint16_t type,
	                           int64_t deadline_ms, struct dns_explained *);
	bool (*known)(struct dns *, struct str name, uint16_t type);
	size_t (*flush)(struct dns *);
	struct dns *(*fresh)(struct dns *);
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

/* "1.2.0.192.in-addr.arpa", "...ip6.arpa" (RFC 1035 3.5, RFC 3596 2.5). */
struct str dns_reverse_name(struct arena *a, const struct addr *ip);

/* servers with their ports; an empty list means the system's (/etc/resolv.conf). timeout_ms
 * is for one try of one server at most, 0: 3 s. The name server is not contacted here. */
enum err dns_new(const struct addr_list *servers, int64_t timeout_ms, struct dns **out,
                 struct why *why) MUST_USE;

/* Ask these from now on, as in dns_new; questions that are under way get DNS_RETRY. On an error
 * the old ones stay. Any thread. */
enum err dns_servers_set(struct dns *d, const struct addr_list *servers, struct why *why) MUST_USE;

/* Whether answers are judged by DNSSEC, and by which keys: as the settings DNSSEC and
 * DNSSEC_ANCHORS have it (network/dns/secure.h, network/dnssec/anchor.h). At first they are not:
 * nothing is authenticated. ERR_SYNTAX: one is wrong, and nothing has changed. Any thread. */
enum err dns_security_set(struct dns *d, struct str mode, struct str anchors,
                          struct why *why) MUST_USE;
/* Only say whether they are right; why names the setting. */
enum err dns_security_check(struct str mode, struct str anchors, struct why *why) MUST_USE;

/* Ask for any type and tell how the answer was judged. */
enum dns_status dns_explain(struct dns *d, struct arena *a, struct str name, uint16_t type,
                            int64_t deadline_ms, struct dns_explained *out) MUST_USE;

/* Is the answer to dns_txt kept, so that nobody would wait for it? Any thread. */
bool dns_txt_known(struct dns *d, struct str name);
/* Forget the answers that are kept; returns how many there were. Any thread. */
size_t dns_flush(struct dns *d);
/* The same name servers, asked anew each time: for who waits for a record to appear, or shows what
 * is wrong. As d in all else, and lives as long; not to be freed. */
struct dns *dns_fresh(struct dns *d);

/* Rows of a zone for tests, e.g.
 *	{ "example.org", "MX", "10 mx.example.org" }, { "mx.example.org", "A", "192.0.2.1" },
 *	{ "example.org", "TXT", "v=spf1 -all" }, { "1.2.0.192.in-addr.arpa", "PTR", "x.org" },
 *	{ "broken.example", "*", "SERVFAIL" }   (every type; also "NXDOMAIN", and "BOGUS" with
 *	                                        words behind it)
 * A name with rows of other types only is NODATA, one without rows NXDOMAIN. Ends with a
 * row of NULLs; the table is borrowed. authenticated is what every answer says. */
struct dns_fake_row {
	const char *name, *type, *data;
};
struct dns *dns_fake_new(const struct dns_fake_row *rows, bool authenticated) MUST_USE;

/* NULL is a no-op. No question may be under way. */
void dns_free(struct dns **d);

#endif
