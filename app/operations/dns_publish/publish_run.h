/* operations/dns_publish/publish_run.h: one round of the publisher: the key rotation of each
 * domain advances, and its zone is updated.
 *
 *	publish_run.c    all domains, one after the other
 *	rotate.c   the keys of one
 *	host.c     the records of the host */
#ifndef DNS_PUBLISH_PUBLISH_RUN_H
#define DNS_PUBLISH_PUBLISH_RUN_H
#include "model/directory/rotation.h"
#include "operations/dns_publish/apply.h"

#include <stdatomic.h>

struct certs;
struct settings;

/* Schedules checks of published records: each part within an hour, few at a time; the
 * first ones right after a start. */
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
	int64_t passed_ms;     /* since the previous round                             */
	int64_t counted_ms;    /* since an earlier one, or 0: for countdowns over days */
	const atomic_bool *stop;
	struct look_pace *pace;
	/* out */
	bool soon; /* keys wait for DNS, or must be generated */
};

void round_do(struct round *r);

/* A domain during a round. Strings live in a. */
struct domain_work {
	struct arena a;
	struct str name;
	struct dns_domain domain;
	struct rotation rotation;
};
/* ERR_MISSING: it is no longer local. */
enum err domain_work_load(struct round *r, struct domain_work *w) MUST_USE;

/* Remove expired keys, begin a due rotation; w is reloaded if anything changed. */
enum err rotate_before(struct round *r, struct domain_work *w) MUST_USE;
/* The minimum time that records of retired keys stay. */
int64_t rotate_overlap_ms(const struct settings *s);
/* Check whether DNS has the next keys, and activate them once it has had them long
 * enough. */
enum err rotate_after(struct round *r, struct domain_work *w) MUST_USE;

#endif
