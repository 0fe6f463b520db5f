/* formats/mailauth/dmarc_walk.h: single queries for DMARC records; for dmarc.h only. */
#ifndef MAILAUTH_DMARC_WALK_H
#define MAILAUTH_DMARC_WALK_H
#include "network/dns/dns.h"

enum { DMARC_WALK_MAX = 8 }; /* names of a walk (RFC 9989 4.10) */

struct dmarc_asker {
	struct dns *dns;
	struct arena *a;
	int64_t deadline_ms;
	unsigned queries;
};

enum dmarc_look {
	DMARC_LOOK_NONE, /* no such record                        */
	DMARC_LOOK_ONE,  /* *text is the record */
	DMARC_LOOK_MANY, /* several records, so none applies */
	DMARC_LOOK_RETRY /* DNS did not answer                    */
};

/* The record at _dmarc.domain. *nowhere: that name does not exist. */
enum dmarc_look dmarc_look(struct dmarc_asker *asker, struct str domain, struct str *text,
                           bool *nowhere);

/* The next name of a tree walk after this one (RFC 9989 4.10 steps 4 and 7); empty: the end. */
struct str dmarc_walk_next(struct str name);

#endif
