/* operations/dns_publish/change.h: adds one record to a zone, or removes one, safely
 * across crashes. A row announces the change before it is made, and records the result
 * afterwards.
 *
 * A name server makes a change whole or not at all, under conditions (RFC 2136 2.4, 3.7).
 * A hook has no conditions: DNS is queried first, and replaced records are removed first,
 * a row each, so every record of ours has a row at all times. */
#ifndef DNS_PUBLISH_CHANGE_H
#define DNS_PUBLISH_CHANGE_H
#include "operations/dns_publish/apply.h"

/* Store put and remove del. For change.c and apply.c. Either may be NULL. */
enum err zone_record_keep(const struct zone_work *z, const struct published *put,
                          const struct published *del) MUST_USE;

/* Publish p, in place of n of our records, olds. beside set: others may exist at the name. A
 * failure of DNS is no error. */
enum err zone_record_put(struct zone_work *z, struct published *p, struct published *const *olds,
                         size_t n, bool beside, struct arena *a) MUST_USE;

/* Remove the record and its row. *gone: done. */
enum err zone_record_take_away(struct zone_work *z, struct published *p, bool *gone,
                               struct arena *a) MUST_USE;

/* Was it refused, or blocked by a record of others, a short while ago? */
bool zone_record_is_too_early(const struct published *p);
/* Does something wait until it is known to all (record_known_ms)? */
bool zone_record_is_awaited(const struct published *p);

#endif
