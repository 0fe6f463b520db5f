/* operations/dns_publish/wanted.h: the records that the server may publish in the zones
 * of its domains. They are the recommended records (operations/doctor/records/dns_records.h)
 * about this server that cannot affect mail of other servers: never MX, SPF, or addresses. */
#ifndef DNS_PUBLISH_WANTED_H
#define DNS_PUBLISH_WANTED_H
#include "operations/dns_publish/published.h"
#include "operations/doctor/records/dns_facts.h"

struct settings;

/* The setting DNS_PUBLISH as bits of enum publish_kind; 0 when DNS cannot be changed. */
unsigned publish_kinds(const struct settings *s);
/* The setting DKIM_ROTATE_DAYS in milliseconds; 0: off. */
int64_t publish_rotate_ms(const struct settings *s);
/* Are the settings valid? ERR_SYNTAX names the wrong one. */
enum err publish_check(const struct settings *s, struct why *why) MUST_USE;

struct wanted_record {
	enum publish_kind kind;
	struct str name;
	const char *type;
	struct str data;
	bool beside;  /* other records of the type may exist at the name */
	bool parting; /* replaces one of ours only, for some days        */
};

enum { WANTED_MAX = 64 };

struct wanted_records {
	struct wanted_record items[WANTED_MAX];
	size_t count;
};

/* Strings live in a. */
void publish_wanted(const struct dns_domain *domain, const struct settings *s, struct arena *a,
                    struct wanted_records *out);

/* The published keys of this host: those in use and the next ones. */
struct host_keys {
	bool certified; /* not self-signed: nothing depends on a self-signed key, which
	                 * the first certificate replaces */
	struct str *shown; /* digests, as own_tlsa_keys has them */
	size_t shown_count;
	struct str *next; /* as SubjectPublicKeyInfo */
	size_t next_count;
};
void publish_wanted_host(const struct host_keys *keys, const struct settings *s, struct arena *a,
                         struct wanted_records *out);
/* Are keys of this host published as TLSA records before use? Not those of the
 * administrator's files, which change without the server. */
bool publish_tells_keys(const struct settings *s);
/* The data of a key's TLSA record, in a. */
struct str publish_tlsa(struct str digest, struct arena *a);

/* The record of a DKIM key, in a. */
struct wanted_record publish_key_record(const struct dkim_key *k, struct arena *a);

#endif
