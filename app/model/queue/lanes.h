/* model/queue/lanes.h: where something is due, in memory; for this folder only.
 *
 * A lane is what may share a connection: the entries of one named queue, route and destination.
 * Its rows lie together in queue_due, by priority and then by time (record.h). What is kept here
 * are hints, one for each priority that a lane has: nothing in it is due before that time. A hint
 * may be too early, which costs one look into the store, but never too late: whoever commits a
 * row touches its lane afterwards. So taking costs the same whatever the queue's length:
 *
 *	ready     lanes with something due, in lists by named queue and priority; who has been
 *	          served goes to the tail, so a long lane does not hold up the short ones
 *	suspects  those whose last attempt found nobody, in a list of their own: however many
 *	          destinations are dead, nobody walks over them
 *	proven    those of ready and suspects whose destination has just taken a message (pace.h),
 *	          in lists of their own as well: when only they may be served, nobody walks over
 *	          the others
 *	later     a heap by the time at which a lane comes due or is tried again
 *
 * All of it can be made anew from the rows at any time (lanes_hint for each), and is, when
 * somebody else may have changed them. Nothing here touches the store. Thread-safe. Memory: some
 * 450 bytes a lane. */
#ifndef QUEUE_LANES_H
#define QUEUE_LANES_H
#include "model/queue/queue.h"

struct lanes;
struct pace;

/* pace knows who is proven; borrowed. */
struct lanes *lanes_new(struct pace *pace);
/* NULL is a no-op; clears *l. */
void lanes_free(struct lanes **l);

/* The name of a lane as one string, also the beginning of its keys: three strings, each ended by
 * a zero byte. */
enum { LANE_KEY_MAX = 2 * (QUEUE_NAME_MAX + 1) + QUEUE_DESTINATION_MAX + 1 };
struct str lane_key(char to[static LANE_KEY_MAX], const struct queue_lane *lane);
/* Borrows from key. False: it is none. */
bool lane_of_key(struct str key, struct queue_lane *out);

/* Something of this priority is due in that lane at due_ms. expires_ms: it must be looked at then
 * whatever the state of the destination (INT64_MAX: no need). */
void lanes_hint(struct lanes *l, struct str key, int priority, int64_t due_ms, int64_t expires_ms,
                int64_t now_ms);

struct lanes_pick {
	struct str key; /* in the arena                              */
	bool suspect;   /* nobody was there last time                */
};

/* The lane to serve next, of the highest priority that is due; its hints are forgotten, so the
 * caller gives them anew after he looked into the store, and calls lanes_settle. False: nothing
 * is due that want allows. */
bool lanes_pick(struct lanes *l, const struct queue_want *want, struct arena *a,
                struct lanes_pick *out);
void lanes_settle(struct lanes *l, struct str key);
/* When lanes_pick may find something: now_ms for at once, INT64_MAX for never. */
int64_t lanes_next(struct lanes *l, const struct queue_want *want);

/* Nobody is there: leave the lane alone until until_ms gives. wait_ms is asked with the number
 * of failures in a row. Failures of attempts begun before the last was known do not count again.
 * Returns how many there are. text says why, for the administrator. */
uint32_t lanes_failed(struct lanes *l, struct str key, int64_t now_ms,
                     int64_t (*wait_ms)(unsigned failures, void *arg), void *arg, struct str text);
/* How many failures there were in a row. */
uint32_t lanes_failures(struct lanes *l, struct str key);
/* A lane that is left alone: look at it at at_ms, for something in it is owed a report then. Not
 * much sooner than it would be anyway: a lane with many entries has such a time at any time. */
void lanes_wake(struct lanes *l, struct str key, int64_t at_ms, int64_t now_ms);
/* Somebody is. */
void lanes_reached(struct lanes *l, struct str key, int64_t now_ms);
/* The destination is proven by now. That one is no more need not be told. */
void lanes_prove(struct lanes *l, struct str destination);
/* Try it at once, whatever is known of it. */
void lanes_forgive(struct lanes *l, struct str destination, int64_t now_ms);

/* Let rest what these say, and nothing else. Returns whether that is news. */
bool lanes_pause(struct lanes *l, const struct queue_pauses *pauses);
bool lanes_paused(struct lanes *l, struct str key);

/* What is known of the lanes that are left alone, for the administrator; at most max, in a. */
size_t lanes_list(struct lanes *l, struct arena *a, size_t max, struct queue_lane_state *out);

#endif
