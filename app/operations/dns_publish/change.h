/* operations/dns_publish/change.h: one record is put into a zone, or taken out of it, whatever a
 * crash leaves behind. A row says beforehand what is about to be there or to go, and is settled
 * afterwards.
 *
 * A name server makes a change whole or not at all, under conditions (RFC 2136 2.4, 3.7). A program
 * knows none: DNS is asked before it, and what is to make room goes first, a row each, so that at
 * no moment something of ours is there that no row tells of. */
#ifndef DNS_PUBLISH_CHANGE_H
#define DNS_PUBLISH_CHANGE_H
#include "operations/dns_publish/apply.h"

/* For change.c and apply.c. Either may be NULL. */
enum err zone_record_keep(const struct zone_work *z, const struct published *put,
                          const struct published *del) MUST_USE;

/* Put p there, in place of n of ours, olds; beside: others may be at the name. Nothing that cannot
 * be done now is an error. */
enum err zone_record_put(struct zone_work *z, struct published *p, struct published *const *olds,
                         size_t n, bool beside, struct arena *a) MUST_USE;

/* Take it away and forget it. *gone: done. */
enum err zone_record_take_away(struct zone_work *z, struct published *p, bool *gone,
                               struct arena *a) MUST_USE;

/* Was it refused, or somebody else there, a short while ago? */
bool zone_record_is_too_early(const struct published *p);
/* Does something wait until all know this one (record_known_ms)? */
bool zone_record_is_awaited(const struct published *p);

#endif
