/* model/queue/destinations/destinations.h: the destination queues in memory; for this folder only.
 *
 * A destination queue (dest in names) has the entries that may share a connection: those of one
 * named queue, route and destination. Its rows are adjacent in queue_due, by priority and
 * then by time (record.h). Memory has one hint for each of its priorities: no entry is
 * due before that time. A hint may be too early, which costs one read of the store, but
 * never too late: every commit of a row updates the hint afterwards. So taking costs the
 * same for any length of the queue:
 *
 *	ready     those with a due entry, in lists by named queue and priority; a served one
 *	          moves to the tail, so a long queue does not delay short ones
 *	suspects  those whose last attempt got no answer, in a list of their own: many dead
 *	          destinations cost no walks
 *	proven    those of ready and suspects whose destination has just accepted a message
 *	          (pace.h), also in lists of their own: used if only they may be served
 *	later     a heap by the time at which one becomes due or is retried
 *
 * All of it can be built again from the rows at any time (dests_hint for each), as after
 * changes by another process. Never touches the store. Thread-safe. About 450 bytes a
 * destination queue. */
#ifndef QUEUE_DESTINATIONS_H
#define QUEUE_DESTINATIONS_H
#include "foundation/base/str.h"
#include "model/queue/admin.h"
#include "model/queue/entry.h"
#include "model/queue/pauses.h"
#include "model/queue/take.h"

struct dests;
struct pace;

/* pace has the proven destinations; borrowed. */
struct dests *dests_new(struct pace *pace);
/* NULL is a no-op; clears *l. */
void dests_free(struct dests **l);

/* The key of a destination queue, also the beginning of its rows' keys: three strings,
 * each ended by a zero byte. */
enum { DEST_KEY_MAX = 2 * (QUEUE_NAME_MAX + 1) + QUEUE_DESTINATION_MAX + 1 };
struct str dest_key(char to[static DEST_KEY_MAX], const struct queue_destination *dest);
/* Borrows from key. False: the key is invalid. */
bool dest_of_key(struct str key, struct queue_destination *out);

/* An entry of this priority is due in that destination queue at due_ms. expires_ms: check
 * the destination queue then, whatever the state of the destination (INT64_MAX: not
 * needed). */
void dests_hint(struct dests *l, struct str key, int priority, int64_t due_ms, int64_t expires_ms,
                int64_t now_ms);

struct dests_pick {
	struct str key; /* in the arena                */
	bool suspect;   /* it did not answer last time */
};

/* The destination queue to serve next, of the highest due priority. Its hints are
 * removed: the caller gives new ones after reading the store, and calls dests_settle.
 * False: no destination queue allowed by want is due. */
bool dests_pick(struct dests *l, const struct queue_want *want, struct arena *a,
                struct dests_pick *out);
void dests_settle(struct dests *l, struct str key);
/* When dests_pick may succeed: now_ms for at once, INT64_MAX for never. */
int64_t dests_next(struct dests *l, const struct queue_want *want);

/* No host answered: back off until the time of until_ms. wait_ms is called with the
 * number of failures in a row. Failures of attempts begun before the last failure was
 * known do not count again. Returns the number. text is the reason, for the
 * administrator. */
uint32_t dests_failed(struct dests *l, struct str key, int64_t now_ms,
                     int64_t (*wait_ms)(unsigned failures, void *arg), void *arg, struct str text);
/* The number of failures in a row. */
uint32_t dests_failures(struct dests *l, struct str key);
/* Check a destination queue in back-off at at_ms, when one of its entries is owed a
 * report. Not much earlier than its retry, because a long destination queue always has
 * such an entry. */
void dests_wake(struct dests *l, struct str key, int64_t at_ms, int64_t now_ms);
/* A host answered: end the back-off. */
void dests_reached(struct dests *l, struct str key, int64_t now_ms);
/* The destination has become proven. The reverse need not be reported. */
void dests_prove(struct dests *l, struct str destination);
/* Try it at once, ignoring the back-off. */
void dests_forgive(struct dests *l, struct str destination, int64_t now_ms);

/* Pause exactly what pauses has. Returns whether that is a change. */
bool dests_pause(struct dests *l, const struct queue_pauses *pauses);
bool dests_paused(struct dests *l, struct str key);

/* The destination queues in back-off, for the administrator; at most max, in a. */
size_t dests_list(struct dests *l, struct arena *a, size_t max,
                  struct queue_destination_state *out);

#endif
