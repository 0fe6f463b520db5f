/* operations/dns_publish/wanted.h: what the server wants to be in the zones of its domains, and
 * may put there. Of what a domain should have (operations/doctor/dns_records.h) that is only
 * what is about this server alone, and cannot harm mail that goes other ways: never MX, SPF, or
 * addresses. */
#ifndef DNS_PUBLISH_WANTED_H
#define DNS_PUBLISH_WANTED_H
#include "operations/dns_publish/published.h"
#include "operations/doctor/dns_facts.h"

struct settings;

/* The setting DNS_PUBLISH as bits of enum publish_kind; 0 when DNS cannot be changed. */
unsigned publish_kinds(const struct settings *s);
/* The setting DKIM_ROTATE_DAYS in milliseconds; 0: off. */
int64_t publish_rotate_ms(const struct settings *s);
/* Do these settings make sense? ERR_SYNTAX names the one that does not. */
enum err publish_check(const struct settings *s, struct why *why) MUST_USE;

struct wanted_record {
	enum publish_kind kind;
	struct str name;
	const char *type;
	struct str data;
	bool beside;  /* there may be others of the type at the name      */
	bool parting; /* only in place of one of ours, and for some days */
};

enum { WANTED_MAX = 64 };

struct wanted_records {
	struct wanted_record items[WANTED_MAX];
	size_t count;
};

/* Strings live in a. */
void publish_wanted(const struct dns_domain *domain, const struct settings *s, struct arena *a,
                    struct wanted_records *out);

/* What is told of this host: the keys that it shows, and those that come next. */
struct host_keys {
	bool certified; /* not by itself: nobody depends on such a key, which is gone with the first
	                 * certificate of an authority */
	struct str *shown; /* digests, as own_tlsa_keys has them */
	size_t shown_count;
	struct str *next; /* as SubjectPublicKeyInfo */
	size_t next_count;
};
void publish_wanted_host(const struct host_keys *keys, const struct settings *s, struct arena *a,
                         struct wanted_records *out);
/* Are keys of this host told by TLSA records before they are shown? Not those of the operator's
 * files, which change by themselves. */
bool publish_tells_keys(const struct settings *s);
/* What the TLSA record of a key says, in a. */
struct str publish_tlsa(struct str digest, struct arena *a);

/* Where a key's record is, and what it says, in a. */
struct wanted_record publish_key_record(const struct dkim_key *k, struct arena *a);

#endif
