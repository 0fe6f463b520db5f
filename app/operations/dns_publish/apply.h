/* operations/dns_publish/apply.h: bring the records of ours in a zone to what is wanted.
 *
 * Nothing of others is touched: the name server changes only where there is nothing, or exactly
 * what we put there (RFC 2136 2.4), and where a program changes DNS, which knows no conditions, DNS
 * is asked before. What others put there is left, and looked at again a day later. What of ours has
 * gone comes back (look_again). */
#ifndef DNS_PUBLISH_APPLY_H
#define DNS_PUBLISH_APPLY_H
#include "operations/dns_publish/sight.h"
#include "operations/dns_publish/wanted.h"
#include "operations/dns_update/wire_update.h"

struct dns;
struct store;

struct zone_work {
	struct store *store;
	struct dns *dns; /* remembers nothing */
	/* As zone_change. */
	enum err (*change)(void *arg, const struct dns_change *change, struct arena *a,
	                   struct why *why);
	void *arg;
	/* As sights_take. */
	void (*look)(void *arg, struct sight *sights, size_t n, struct arena *a);
	void *look_arg;
	bool blind;     /* change knows no conditions */
	unsigned kinds; /* bits of enum publish_kind; records of others stay as they are */
	uint32_t ttl_s;
	int64_t passed_ms;  /* since what counts down was counted down last */
	int64_t round_ms;   /* since the round before                       */
	bool tell;          /* failures are told                            */
	bool look_again;    /* is what was put there of this part still there?                  */
	bool domain_gone;   /* the part is a domain that was removed: its mail is under way yet */
	int64_t overlap_ms; /* for how long that is, at least                                   */
	int64_t oldest_ms;  /* as in rotation_mind                                              */
	/* out */
	bool away;   /* who changes DNS cannot be reached: no more in this round */
	bool failed; /* something was not done, and told if it should be         */
	bool soon;   /* a record is known to all soon, within a minute           */
};

/* When all who remember what was there before a record have forgotten it. */
int64_t record_known_ms(uint32_t ttl_s);

/* Put wanted into the zones of this part, and take away what was put there and is wanted no more.
 * ERR_IO, ERR_CORRUPT: the store. What DNS did not take is tried again at a later call. */
enum err records_apply(struct zone_work *z, struct str part, const struct wanted_records *wanted,
                       struct arena *a) MUST_USE;

#endif
