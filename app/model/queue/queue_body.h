/* model/queue/queue_body.h: the queue object and helpers shared by its files; for this
 * folder only. */
#ifndef QUEUE_QUEUE_BODY_H
#define QUEUE_QUEUE_BODY_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"
#include "foundation/config/live.h"
#include "foundation/crypto/hash.h"
#include "model/queue/destinations/destinations.h"
#include "model/queue/entry.h"
#include "model/queue/destinations/pace.h"
#include "model/queue/queue.h"
#include "model/queue/schedule.h"

#include <pthread.h>
#include <stdatomic.h>

struct tally;

/* Constant after queue_host_set except as stated, so all threads may use it. */
struct queue {
	struct store *store;
	struct live *live;
	struct webhooks *webhooks; /* NULL: none */
	struct queue_host host;
	uint64_t holder; /* of our leases: node, then a random number for this process */
	struct dests *dests;
	struct pace *pace;
	atomic_bool changed; /* another process has changed entries: build the hints
	                      * again */
	pthread_mutex_t place_lock;
	bool placing;        /* place_lock: entries may still be placed by earlier rules */
	uint64_t place_next; /* place_lock: entries below this id are placed             */
	uint8_t place_rules[HASH_BYTES]; /* place_lock: hash of the rules that those are
	                                  * placed by */
	_Atomic int64_t clock_offset_ms; /* queue_clock_now when leases were last adjusted */
	pthread_mutex_t look_lock; /* held while leases are adjusted; taken before any
	                            * transaction */
	pthread_mutex_t clock_lock;
	int64_t clock_sets[8]; /* clock_lock: recent forward steps of the clock, the last
	                        * one last */
	atomic_uint rules;   /* counts changes of rules and pauses             */
	pthread_mutex_t tally_lock;
	struct tally *tally; /* tally_lock: last values of the metrics; NULL: none yet */
};

/* Place some more entries by the current rules; *more: others are left. One short commit.
 * If the rules change meanwhile it starts over. */
enum err queue_place(struct queue *q, bool *more, struct why *why) MUST_USE;
/* Repairs at a start: leases of an earlier life of this node, times of a wrong clock.
 * Later, set_ms not 0: times after the clock was set forward by so much (back:
 * negative). */
enum err queue_mend(struct queue *q, int64_t set_ms, struct why *why) MUST_USE;

/* --- the clock ---------------------------------------------------------------------------- */

/* How far the real clock is ahead of the monotonic clock. */
int64_t queue_clock_now(void);
/* Does the entry still have the lease it was taken with? Setting the clock moves the
 * lease's end. */
bool queue_lease_is(struct queue *q, const struct queue_item *taken, const struct queue_item *now);

/* Update times relative to the entry's creation: they move if the clock was set forward
 * while it was being tried. */
enum err queue_times_take(struct queue *q, struct queue_item *item) MUST_USE;

/* The entry has expired: return it as after a last attempt. As queue_give_back; on
 * failure it is due at again_ms. */
enum err queue_expire(struct queue *q, uint64_t id, int64_t again_ms, struct why *why) MUST_USE;

/* After the commit of t: update the hint of this entry's destination queue, and wake the
 * runner. */
void queue_hint_after(struct queue *q, struct txn *t, const struct queue_item *item);
/* Build the hints again if another process has changed entries. */
enum err queue_destinations_renew(struct queue *q, struct why *why) MUST_USE;

/* NULL is a no-op; clears *l. */
void tally_free(struct tally **l);

/* "user@example.org" for the log, or "<>"; lives in a. */
struct str queue_address_text(struct arena *a, const struct mailaddr *address);
/* The id of an entry in the log's form. */
struct str queue_id_text(struct arena *a, uint64_t id);

#endif
