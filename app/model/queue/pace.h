/* model/queue/pace.h: how many connections each destination is good for, as its answers have
 * taught.
 *
 *	begins with PACE_BEGIN; each message that is taken allows one more, as TCP's slow start
 *	trouble (421, a refusal before MAIL, no answer in time) halves it, down to one. What
 *	   several connections hear at the same time halves it once: those begun before the last
 *	   cut do not count again
 *	up to where trouble began it grows again with each message taken; beyond only after
 *	   PACE_PROBE_MS, by one more for each round of messages
 *
 * So a remote that takes ten connections and answers the eleventh with 421 is given about ten.
 * What rules of routes say (connections=) is a bound that is never passed.
 *
 * A destination is proven while its last news was a message taken. What takes long with one that
 * is not proven must not take the room of those that are (queue_want.proven).
 *
 * In memory only, of this process; forgotten an hour after its last connection. Thread-safe, and
 * calls no one. Memory: some 200 bytes a destination, LIMIT_queue_paces of them. */
#ifndef QUEUE_PACE_H
#define QUEUE_PACE_H
#include "foundation/base/str.h"

struct arena;
struct pace;

enum { PACE_BEGIN = 5, PACE_PROBE_MS = 60 * 1000, PACE_KEEP_MS = 3600 * 1000 };

struct pace *pace_new(void);
/* NULL is a no-op; clears *p. */
void pace_free(struct pace **p);

/* A connection (or the look for one) begins, and ends; now_ms is clock_mono_ms. most: how many it
 * may ever have; 0: LIMIT_smtp_out_per_destination. Returns the mark by which pace_bad knows it. */
uint64_t pace_begin(struct pace *p, struct str destination, uint64_t most, int64_t now_ms);
void pace_end(struct pace *p, struct str destination, int64_t now_ms);

/* It took a message. True: so one more connection may begin now. */
bool pace_good(struct pace *p, struct str destination, int64_t now_ms);
/* It, or somebody before it, has had enough; mark is of the connection that heard it, text says
 * what, for the administrator. True: that was only one connection too many, at a destination where
 * others work; so it is for all that hear the same piece of news. */
bool pace_bad(struct pace *p, struct str destination, uint64_t mark, int64_t now_ms,
              struct str text);

/* May one more connection begin? */
bool pace_may(struct pace *p, struct str destination);
bool pace_is_proven(struct pace *p, struct str destination);
/* How many it has at the moment. */
unsigned pace_connections(struct pace *p, struct str destination);

/* What is known of one, for the administrator. */
struct pace_state {
	struct str destination;
	unsigned connections; /* at the moment                           */
	unsigned limit;       /* how many it may have                    */
	unsigned cuts;        /* how often that was halved               */
	struct str text;      /* why, the last time; or empty            */
};
/* Those that have connections, or were cut; at most max, in no order. Strings live in a. */
size_t pace_list(struct pace *p, struct arena *a, size_t max, struct pace_state *out);

#endif
