/* model/queue/destinations/pace.h: limits the connections of each destination by its replies.
 *
 *	begins with PACE_BEGIN; each accepted message allows one more, as TCP's slow start
 *	trouble (421, a refusal before MAIL, a timeout) halves it, down to one. Trouble on
 *	   several connections at once halves it once: connections begun before the last cut
 *	   do not count again
 *	below the point of trouble it grows with each accepted message; above it only after
 *	   PACE_PROBE_MS, by one for each round of messages
 *
 * So a remote that accepts ten connections and answers the eleventh with 421 gets about
 * ten. connections= of a route is a bound that is never exceeded.
 *
 * A destination is proven while its last result is an accepted message. Slow work with
 * unproven ones must not take threads from proven ones (queue_want.proven).
 *
 * In memory of this process only; forgotten an hour after the last connection.
 * Thread-safe, without callbacks. About 200 bytes a destination, LIMIT_queue_paces of
 * them. */
#ifndef QUEUE_PACE_H
#define QUEUE_PACE_H
#include "foundation/base/str.h"

struct arena;
struct pace;

enum { PACE_BEGIN = 5, PACE_PROBE_MS = 60 * 1000, PACE_KEEP_MS = 3600 * 1000 };

struct pace *pace_new(void);
/* NULL is a no-op; clears *p. */
void pace_free(struct pace **p);

/* A connection (or the lookup for one) begins or ends; now_ms is clock_mono_ms. most: its
 * maximum; 0: LIMIT_smtp_out_per_destination. Returns the mark for pace_bad. */
uint64_t pace_begin(struct pace *p, struct str destination, uint64_t most, int64_t now_ms);
void pace_end(struct pace *p, struct str destination, int64_t now_ms);

/* A message was accepted. True: so one more connection may begin now. */
bool pace_good(struct pace *p, struct str destination, int64_t now_ms);
/* Trouble on the connection of mark; text is its reply, for the administrator. True: it
 * was only one connection too many at a destination where others work; also for later
 * reports of the same trouble. */
bool pace_bad(struct pace *p, struct str destination, uint64_t mark, int64_t now_ms,
              struct str text);

/* May one more connection begin? */
bool pace_may(struct pace *p, struct str destination);
bool pace_is_proven(struct pace *p, struct str destination);
/* Its current connections. */
unsigned pace_connections(struct pace *p, struct str destination);

/* The state of one, for the administrator. */
struct pace_state {
	struct str destination;
	unsigned connections; /* current ones                     */
	unsigned limit;       /* its limit                        */
	unsigned cuts;        /* how often it was halved          */
	struct str text;      /* reason of the last cut; or empty */
};
/* Those with connections or cuts; at most max, unordered. Strings live in a. */
size_t pace_list(struct pace *p, struct arena *a, size_t max, struct pace_state *out);

#endif
