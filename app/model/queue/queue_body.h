/* model/queue/queue_body.h: the queue object and small things its files share; for this folder
 * only. */
#ifndef QUEUE_QUEUE_BODY_H
#define QUEUE_QUEUE_BODY_H
#include "foundation/config/live.h"
#include "foundation/crypto/hash.h"
#include "model/queue/lanes.h"
#include "model/queue/pace.h"
#include "model/queue/queue.h"
#include "model/queue/schedule.h"

#include <pthread.h>
#include <stdatomic.h>

struct tally;

/* Constant after queue_host_set but for what says otherwise, so all threads may use it. */
struct queue {
	struct store *store;
	struct live *live;
	struct webhooks *webhooks; /* NULL: none */
	struct queue_host host;
	uint64_t holder; /* of our leases: node, then a random number for this life */
	struct lanes *lanes;
	struct pace *pace;
	atomic_bool changed; /* by somebody else: make the lanes' hints anew */
	pthread_mutex_t place_lock;
	bool placing;        /* place_lock: entries may lie by rules of before */
	uint64_t place_next; /* place_lock: those below this id do not         */
	uint8_t place_rules[HASH_BYTES]; /* place_lock: of what those lie by   */
	_Atomic int64_t clock_offset_ms; /* queue_clock_now when leases were last right for it */
	pthread_mutex_t look_lock; /* who moves them; before any transaction */
	pthread_mutex_t clock_lock;
	int64_t clock_sets[8]; /* clock_lock: by how much it was set forward, the last time last */
	atomic_uint rules;   /* counts changes of the rules, and of pauses     */
	pthread_mutex_t tally_lock;
	struct tally *tally; /* tally_lock: what metrics told last; NULL: nothing yet */
};

/* Bring some more entries in line with the rules; *more: there are others. One short commit. Rules
 * that change meanwhile are begun with anew. */
enum err queue_place(struct queue *q, bool *more, struct why *why) MUST_USE;
/* What a start mends: leases of an earlier life of this node, times of a clock that was wrong. And
 * in between, set_ms not 0, what a clock makes wrong that was just set so much forward (back:
 * negative). */
enum err queue_mend(struct queue *q, int64_t set_ms, struct why *why) MUST_USE;

/* --- the clock ---------------------------------------------------------------------------- */

/* How far the time of day is ahead of the time that only moves forward. */
int64_t queue_clock_now(void);
/* Is the entry still under the lease that it was taken with? A clock that was set has moved the
 * lease's end. */
bool queue_lease_is(struct queue *q, const struct queue_item *taken, const struct queue_item *now);

/* What counts from when an entry came, as it is now: a clock that was set forward while it was
 * being tried has moved that along. */
enum err queue_times_take(struct queue *q, struct queue_item *item) MUST_USE;

/* The time of this entry is over, so it goes back as after a last attempt. As queue_give_back; when
 * that fails it is due at again_ms. */
enum err queue_expire(struct queue *q, uint64_t id, int64_t again_ms, struct why *why) MUST_USE;

/* After the commit of t: the lane of this entry, as it is now, has it; the runner is woken. */
void queue_hint_after(struct queue *q, struct txn *t, const struct queue_item *item);
/* Make the hints anew, if somebody else changed entries. */
enum err queue_lanes_renew(struct queue *q, struct why *why) MUST_USE;

/* NULL is a no-op; clears *l. */
void tally_free(struct tally **l);

/* "user@example.org" for the log, or "<>"; lives in a. */
struct str queue_address_text(struct arena *a, const struct mailaddr *address);
/* An entry's id as the log shows it. */
struct str queue_id_text(struct arena *a, uint64_t id);

#endif
