/* operations/doctor/records/dns_check.h: what DNS says about the records a domain should have.
 *
 * A record is judged by what it means to those who read it, and never by its text: there are many
 * ways to say a thing, and others may have put more into it.
 *
 *	dns_judge.c        the record's kind, and what is there of it
 *	meaning_spf.c      may our addresses send?
 *	meaning_dmarc.c    is there one policy that can be read, also one of a domain above?
 *	meaning_policy.c   MTA-STS, TLS-RPT, DKIM keys
 *	meaning_reports.c  does somebody here get the reports that those ask for?
 *	meaning_caa.c      may our authority issue, also by a record of a domain above?
 *	meaning_host.c     does the name lead here? */
#ifndef DOCTOR_DNS_CHECK_H
#define DOCTOR_DNS_CHECK_H
#include "network/dns/dns.h"
#include "operations/doctor/records/dns_records.h"

struct own_reports_of;

enum dns_state {
	DNS_STATE_OK,
	DNS_STATE_WARN,    /* missing or different, and mail works without */
	DNS_STATE_FAIL,    /* missing or different, and mail suffers       */
	DNS_STATE_UNKNOWN, /* the name servers did not answer           */
};
/* "ok", "warn", "fail", "unknown". */
const char *dns_state_name(enum dns_state s);

struct dns_seen {
	enum dns_state state;
	struct str *seen; /* of this type at this name, as dns_record.expected is written */
	size_t seen_count;
	struct str advice; /* what to do; empty when nothing */
	/* The wanted record: the existing one with its missing parts added. Empty:
	 * dns_record.expected. */
	struct str wanted;
};

/* This server, as records speak of it. */
enum { DNS_HOME_OWN = 4, DNS_HOME_FURTHER = 12, DNS_HOME_ALL = 12 };
struct dns_home {
	struct str hostname;
	bool smarthost;                /* mail leaves by somebody else's addresses          */
	/* The name server returns private addresses of hostname, as many home routers do. Its
	 * other answers then say nothing about public DNS. */
	bool inside;
	struct str challenge;          /* how names are proved to authorities; empty: not known */
	struct addr own[DNS_HOME_OWN]; /* public ones of this machine; none behind a router */
	size_t own_count;
	/* More of them, which records may be of. */
	struct addr further[DNS_HOME_FURTHER];
	size_t further_count;
	struct addr all[DNS_HOME_ALL]; /* those, and the public ones DNS has of hostname    */
	size_t all_count;
};
/* Those that mail leaves from, as others see it: its own ones, and where it has none by IPv4, or
 * none at all, those of its router, which DNS tells. Returns how many. Pure. */
size_t dns_home_senders(const struct dns_home *h, struct addr out[static DNS_HOME_ALL]);

/* The facts by which records are judged. */
enum { DNS_MEMOS = 8 };
struct dns_judging {
	const struct dns_home *home;
	struct dns *dns;     /* asked where a record leads on to others; NULL: nobody is     */
	int64_t deadline_ms; /* of clock_mono_ms                                             */
	const struct own_reports_of *reports; /* NULL: nobody knows who gets them here       */
	bool authenticated;  /* what was seen was signed by DNSSEC                           */
	struct arena *a;
	/* The previous judgement, for servers that return the same answer. Private. */
	const struct dns_record *of;
	struct dns_seen memos[DNS_MEMOS];
	size_t memo_count;
};

/* Judge the answer to the query for a record. s->seen is set, and is reduced to records of its
 * kind, MX sorted by preference. Strings live in j->a. Queries j->dns and j->reports only. */
void dns_judge(const struct dns_record *r, enum dns_status status, struct dns_judging *j,
               struct dns_seen *s);

/* Ask j->dns for all records, until the deadline at most. seen has records->count places. */
void dns_check(struct dns_judging *j, const struct dns_records *records, struct dns_seen *seen);

/* A zone file of all records: as they are there, with what they lack, so that who puts it in place
 * of what is there loses nothing. Left out is what is right in other words already. */
void dns_zone_put(struct buf *out, const struct dns_records *records, const struct dns_seen *seen,
                  struct str domain);

/* The SPF record of a domain as it is now, the first if there are several; empty for none or
 * when nobody answers. */
struct str dns_spf_find(struct dns *d, struct str domain, int64_t deadline_ms, struct arena *a);

#endif
