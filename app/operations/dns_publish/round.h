/* operations/dns_publish/round.h: one round of the publisher: each domain's keys go a step on, and
 * its zone is brought to what is wanted.
 *
 *	round.c    all domains, one after the other
 *	rotate.c   the keys of one
 *	host.c     what is told of the host */
#ifndef DNS_PUBLISH_ROUND_H
#define DNS_PUBLISH_ROUND_H
#include "model/directory/rotation.h"
#include "operations/dns_publish/apply.h"

#include <stdatomic.h>

struct certs;
struct settings;

/* Of all parts, those whose records are looked at again in a round: each within an hour, few at a
 * time; after a start the first ones at once. */
struct look_pace {
	bool begun;
	size_t next;
	int64_t owed;
};

struct round {
	struct store *store;
	struct certs *certs;
	const struct settings *settings;
	struct zone_work zone; /* dns, change and arg are set, the rest is the round's */
	int64_t passed_ms;     /* since the round before                              */
	int64_t counted_ms;    /* since one before it, or 0: what counts down over days */
	const atomic_bool *stop;
	struct look_pace *pace;
	/* out */
	bool soon; /* keys wait for DNS, or for their making */
};

void round_do(struct round *r);

/* What is known of a domain. Strings live in a. */
struct domain_work {
	struct arena a;
	struct str name;
	struct dns_domain domain;
	struct rotation rotation;
};
/* ERR_MISSING: it is none of ours any more. */
enum err domain_work_load(struct round *r, struct domain_work *w) MUST_USE;

/* Remove keys whose time is over, begin a rotation that is due; w is loaded anew if anything
 * changed. */
enum err rotate_before(struct round *r, struct domain_work *w) MUST_USE;
/* How long records of keys stay that sign no more, at least. */
int64_t rotate_overlap_ms(const struct settings *s);
/* Look whether DNS shows the next keys, and let them sign when it has done so for a while. */
enum err rotate_after(struct round *r, struct domain_work *w) MUST_USE;

#endif
