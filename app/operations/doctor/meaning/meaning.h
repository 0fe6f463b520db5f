/* operations/doctor/meaning/meaning.h: what is there of a record, read as those read it
 * whom it is for; for dns_judge.c and meaning_*.c only. */
#ifndef DOCTOR_MEANING_H
#define DOCTOR_MEANING_H
#include "operations/doctor/records/dns_check.h"

struct dmarc_uri;

struct meaning {
	const struct dns_record *r;
	struct dns_judging *j;
	struct dns_seen *s; /* its state and advice are to be set */
};

void meaning_say(struct meaning *m, enum dns_state state, struct str advice);
/* There is none. */
void meaning_missing(struct meaning *m);
/* Something is there that nobody can use, which is worse than nothing. */
void meaning_broken(struct meaning *m, struct str advice);
/* Warn, or fail where the record is needed. */
enum dns_state meaning_worse(const struct meaning *m);

void meaning_spf(struct meaning *m);
void meaning_dmarc(struct meaning *m);
void meaning_mta_sts(struct meaning *m);
void meaning_tls_rpt(struct meaning *m);
void meaning_dkim(struct meaning *m);
void meaning_caa(struct meaning *m);
/* A CNAME that leads here; addresses of ours at the name are as good. */
void meaning_alias(struct meaning *m);
void meaning_address(struct meaning *m);
void meaning_mx(struct meaning *m);
void meaning_srv(struct meaning *m);

/* Does a host name lead to this server, and to no other? *other is an address that is not ours, in
 * words; empty: there is none. */
bool meaning_leads_here(struct meaning *m, struct str host, struct str *other);
/* Does somebody get the reports that these ask for? Else that is said, and false. */
bool meaning_reports(struct meaning *m, const struct dmarc_uri *uris, size_t n);
/* The part of a name behind its first label; empty: there is none. */
struct str meaning_above(struct str name);

#endif
