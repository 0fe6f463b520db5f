/* operations/doctor/records/dns_records.h: what a mail domain should have in DNS. Pure:
 * facts in, records out.
 *
 *	dns_records.c  which records, for what
 *	dns_spf.c      one SPF record out of ours and what others have put there
 *	dns_zone.c     records as a zone file
 *	dns_check.h    what DNS says about them
 *	dns_facts.c    the facts
 *	api_dns.c      the console's page; console/cli/doctor.c prints the same */
#ifndef DOCTOR_DNS_RECORDS_H
#define DOCTOR_DNS_RECORDS_H
#include "formats/mailauth/mta_sts.h"
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/str.h"
#include "model/directory/dkim_key.h"

struct dns_facts {
	struct str domain, hostname;
	bool smarthost;            /* mail leaves by somebody else's addresses               */
	struct str spf;            /* the SPF record that is there; empty: none              */
	struct str caa;            /* domain of the certification authority; empty: none     */
	struct str mta_sts;        /* id of the domain's MTA-STS policy; empty: it needs none */
	enum mta_sts_mode mta_sts_mode; /* of that one                                   */
	struct dkim_key_list keys; /* that sign the domain's mail, or did, or shall */
	const struct str *next;    /* selectors of those that follow by themselves            */
	size_t next_count;
	struct str *tlsa; /* SHA-256 in hex of the keys that the host shows */
	size_t tlsa_count;
	bool tlsa_files; /* they are out of files */
	struct str *addresses;     /* public ones of this machine, as text                */
	size_t address_count;
	/* Ports that people can reach; 0: off. */
	unsigned imaps, pop3s, submissions, submission, sieve, https;
};

/* The facts by which a record is judged in addition to its text. */
enum dns_standing {
	DNS_STANDING_USUAL,
	/* MX: a policy of MTA-STS names its host, and no other. */
	DNS_STANDING_TESTED,   /* in mode testing                    */
	DNS_STANDING_ENFORCED, /* many bring mail to no other then   */
	/* DKIM: the key does not sign yet. */
	DNS_STANDING_NEXT,    /* it does by itself once DNS shows it */
	DNS_STANDING_WAITING, /* somebody has to make it active      */
	/* MTA-STS: the domain has no policy any more, and others have to hear that. */
	DNS_STANDING_ENDED,
};

struct dns_record {
	struct str name;
	const char *type; /* "MX" */
	const char *purpose;
	struct str expected; /* the data as a zone file has it, TXT without quotes; names of hosts
	                      * without the last dot */
	bool optional;
	enum dns_standing standing;
};

enum { DNS_RECORDS = 40 };

struct dns_records {
	struct dns_record items[DNS_RECORDS];
	size_t count;
};

/* Strings live in a. */
void dns_records_make(struct dns_records *out, const struct dns_facts *facts, struct arena *a);

/* The SPF record (RFC 7208) that lets this server send besides whom the present one lets, which
 * may be empty or not SPF: mechanisms and modifiers of others stay in their order, "mx" is put
 * before them when nothing allows the MX hosts yet. */
struct str dns_spf_merge(struct str present, bool smarthost, struct arena *a);
/* Does such a record let the MX hosts send? */
bool dns_spf_has_mx(struct str record);
/* A record with terms, which blanks part, before all others. */
struct str dns_spf_insert(struct str record, struct str terms, struct arena *a);
/* One record that permits all senders that any of these permits. The result for all others is that
 * of the first. */
struct str dns_spf_join(const struct str *records, size_t n, struct arena *a);
/* Without terms that nobody can read. */
struct str dns_spf_sound(struct str record, struct arena *a);
/* "~all" where it lets everybody send. */
struct str dns_spf_close(struct str record, struct arena *a);
/* Is it one (RFC 7208 4.5)? */
bool dns_spf_is(struct str text);

/* Data as it stands in a zone file: TXT in quoted strings of at most 255 bytes (RFC 1035 3.3.14,
 * 5.1), host names with their last dot. */
void dns_zone_data_put(struct buf *out, const struct dns_record *record);
/* The line of a zone file, with this data; empty for none. */
struct str dns_zone_line(const struct dns_record *record, struct str data, struct arena *a);
#endif
