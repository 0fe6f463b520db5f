/* operations/dns_publish/apply.h: makes our records in a zone match the wanted ones.
 *
 * Records of others are never touched: the name server makes a change only if there is no
 * record, or exactly our record (RFC 2136 2.4). A hook has no conditions, so DNS is
 * queried first. A record of others stays, and is checked again a day later. A record of
 * ours that has disappeared is published again (look_again). */
#ifndef DNS_PUBLISH_APPLY_H
#define DNS_PUBLISH_APPLY_H
#include "operations/dns_publish/published_query.h"
#include "operations/dns_publish/wanted.h"
#include "operations/dns_update/wire_update.h"

struct dns;
struct store;

struct zone_work {
	struct store *store;
	struct dns *dns; /* without cache */
	/* As zone_change. */
	enum err (*change)(void *arg, const struct dns_change *change, struct arena *a,
	                   struct why *why);
	void *arg;
	/* As sights_take. */
	void (*look)(void *arg, struct sight *sights, size_t n, struct arena *a);
	void *look_arg;
	bool blind;     /* change does not support conditions */
	unsigned kinds; /* bits of enum publish_kind; records of other kinds are
	                 * unchanged */
	uint32_t ttl_s;
	int64_t passed_ms;  /* since the last countdown                              */
	int64_t round_ms;   /* since the previous round                              */
	bool tell;          /* log failures                                          */
	bool look_again;    /* check that published records of this part still exist */
	bool domain_gone;   /* the part is a domain that was removed: its mail is still in
	                     * transit */
	int64_t overlap_ms; /* the shortest time for that */
	int64_t oldest_ms;  /* as in rotation_mind        */
	/* out */
	bool away;   /* DNS cannot be changed now: stop this round    */
	bool failed; /* something was not done, and logged if tell    */
	bool soon;   /* a record becomes known to all within a minute */
};

/* When all resolvers have dropped what they cached before the record existed. */
int64_t record_known_ms(uint32_t ttl_s);

/* Publish wanted in the zones of this part, and remove our records that are no longer
 * wanted. ERR_IO, ERR_CORRUPT: the store. Changes that fail in DNS are retried by a later
 * call. */
enum err records_apply(struct zone_work *z, struct str part, const struct wanted_records *wanted,
                       struct arena *a) MUST_USE;

#endif
