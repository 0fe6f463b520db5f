/* operations/doctor/records/dns_facts.h: what of this server belongs into the DNS of a domain. */
#ifndef DOCTOR_DNS_FACTS_H
#define DOCTOR_DNS_FACTS_H
#include "model/directory/directory.h"
#include "model/directory/rotation.h"
#include "network/runtime/addr.h"
#include "operations/doctor/records/dns_check.h"

struct certs;
struct dns;
struct settings;

/* The facts of a domain in the store that DNS needs. Without a row, as during the setup, the domain
 * counts as new. Strings live in a. */
struct dns_domain {
	struct str name; /* in lower case */
	enum mta_sts_mode mta_sts;
	struct dkim_key_list keys;
	struct rotation rotation; /* how they follow each other */
	struct str acme_account; /* URL of our account at the authority; empty: none is known */
};
enum err dns_domain_get(struct txn *t, struct str name, struct arena *a,
                        struct dns_domain *out) MUST_USE;

/* URL of our account at the authority of these settings, in a; empty: none is known. */
enum err dns_account_get(struct txn *t, const struct settings *s, struct arena *a,
                         struct str *url) MUST_USE;

/* The facts of the host in the store that DNS needs. Strings live in a. */
struct dns_host {
	struct str acme_account; /* as of a domain */
	struct str *domains;     /* all of ours, in lower case */
	size_t domain_count;
};
enum err dns_host_get(struct txn *t, const struct settings *s, struct arena *a,
                      struct dns_host *out) MUST_USE;

/* As CAA records name the authority and our account there; empty: its name is not known, or it is
 * not asked for certificates. In a. */
struct str dns_authority(const struct settings *s, struct str account, struct arena *a);

struct dns_facts_from {
	const struct settings *settings; /* the present ones                                    */
	struct certs *certs;             /* NULL: the keys that are shown are not known         */
	struct dns *dns;                 /* asked for the SPF record that is there              */
	int64_t deadline_ms;
};

/* Strings live in a. */
void dns_facts_find(struct dns_facts *out, const struct dns_facts_from *from,
                    const struct dns_domain *domain, struct arena *a);

/* Are our pages served over https, by ourselves or by a proxy of ours? */
bool dns_https_served(const struct settings *s);

/* This server, as its interfaces and DNS have it. Blocks until the deadline at most; dns may be
 * NULL. hostname is in a. */
void dns_home_find(struct dns_home *out, const struct settings *s, struct dns *dns,
                   int64_t deadline_ms, struct arena *a);

/* The same. Where *dns shows the addresses of a house, and ROOST_DOCTOR_RESOLVERS do not, one that
 * asks these takes its place, so that what *dns tells later fits the addresses. */
void dns_home_see(struct dns_home *out, const struct settings *s, struct dns **dns,
                  int64_t deadline_ms, struct arena *a);

/* A resolver of its own for who looks at DNS while somebody changes it: it remembers no answers.
 * Give it back with dns_free; NULL on failure. */
struct dns *dns_unremembering(const struct settings *s) MUST_USE;

/* Addresses of this machine's interfaces that the Internet could reach it by, at most max;
 * none behind NAT. Those by IPv6 that pass, as they are made for privacy, or may not be used for
 * what is new, are left out. */
size_t own_public_addresses(struct addr *out, size_t max);
/* Any address of its interfaces but loopback, IPv4 first; false: there is none. */
bool own_address(struct addr *out);
/* Does such an address pass? By the text of /proc/net/if_inet6. Pure. */
bool own_address_passes(const struct addr *ip, struct str table);

#endif
