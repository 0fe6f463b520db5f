/* operations/doctor/finding.h: what was found out about one record, or one fact, and by whom it
 * was seen. */
#ifndef DOCTOR_FINDING_H
#define DOCTOR_FINDING_H
#include "network/dns/dns.h"
#include "operations/doctor/records/dns_check.h"

enum { FINDINGS_MAX = 96 };

/* The name server that was queried. */
enum view_of {
	VIEW_RESOLVER,  /* a name server that remembers what it heard                       */
	VIEW_AUTHORITY, /* one of those whose zone it is, asked without asking others on    */
};
/* "resolver", "authority". */
const char *view_of_name(enum view_of of);

struct view {
	enum view_of of;
	struct str by; /* "192.0.2.53", "ns1.example.net [192.0.2.1]" */
	enum dns_status status;
	struct str why;   /* of DNS_RETRY: "does not answer", "is not the zone's server" */
	struct str *data; /* as dns_record.expected is written */
	size_t count;
	uint32_t ttl_s;       /* of what was found, or of the denial; 0: not known */
	enum dns_state state; /* what the finding would be if all saw this         */
};

struct finding {
	struct str id;    /* stable: "mx", "dkim:r202611", "ptr:192.0.2.1"                   */
	struct str name;  /* of the record; of a fact what it is about                       */
	const char *type; /* "MX", or of facts "policy", "list", ...                         */
	const char *purpose;
	struct str expected; /* as dns_record.expected; of facts in words; empty: nothing    */
	struct str paste;    /* the line of a zone file; empty: there is none to paste       */
	bool optional;
	enum dns_state state;
	struct str words;  /* the verdict in a sentence            */
	struct str advice; /* what to do; empty when nothing       */
	struct view *views;
	size_t view_count;
	int64_t right_ms; /* when it was last right; 0: never seen so                        */
	int64_t since_ms; /* since when its state is as it is; 0: from the first look on      */
	bool settling;    /* not right everywhere yet, and will be by itself                 */
};

struct findings {
	struct finding items[FINDINGS_MAX];
	size_t count;
};

/* One more, all else zero; the last place again when all are taken. */
struct finding *finding_add(struct findings *out, struct str id, const char *type,
                            const char *purpose);
/* The worst of them; what is unknown counts less than what is wrong. */
enum dns_state findings_state(const struct findings *all);
size_t findings_count(const struct findings *all, enum dns_state state);

#endif
