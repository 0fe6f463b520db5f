/* model/queue/admin.h: the queue as administrators see and change it, next to a running server or
 * without one. */
#ifndef QUEUE_ADMIN_H
#define QUEUE_ADMIN_H
#include "foundation/base/err.h"
#include "model/queue/entry.h"

struct arena;
struct buf;
struct queue;
struct txn;
struct webhooks;

/* Without a running server, entries marked as being tried were interrupted by a kill, and
 * may be changed (txn_is_alone). */

struct queue_list {
	struct queue_item *items; /* by id, which is the order of creation */
	size_t count;
	uint64_t more; /* entries beyond max */
};

/* Entries from id on, at most max. */
enum err queue_list(struct txn *t, uint64_t from, size_t max, struct arena *a,
                    struct queue_list *out) MUST_USE;
/* ERR_MISSING: no such entry. */
enum err queue_get(struct txn *t, uint64_t id, struct arena *a, struct queue_item *out) MUST_USE;
/* State of an entry, for filters. */
enum queue_state {
	QUEUE_STATE_ANY,
	QUEUE_STATE_WAITING, /* for the first attempt */
	QUEUE_STATE_DELAYED, /* tried before          */
	QUEUE_STATE_ACTIVE,  /* being tried now       */
	QUEUE_STATE_HELD,
};
enum queue_state queue_state_of(const struct queue_item *item, int64_t now_ms);
/* "waiting"...; an unknown name is QUEUE_STATE_ANY, which has none. */
const char *queue_state_name(enum queue_state state);
bool queue_state_parse(struct str name, enum queue_state *out);

struct queue_query {
	uint64_t after;  /* ids above this; 0: all                                    */
	struct str text; /* part of an address, the destination, or a reply; any case */
	enum queue_state state;
	struct str domain;      /* of a recipient, or the destination; empty: any */
	struct str sender;      /* its address, or its domain; empty: any         */
	bool in_queue;          /* only in the following named queue              */
	struct str queue;
	int64_t before_ms;      /* created before that; 0: any                    */
	int64_t now_ms;
	size_t max;
	/* may it be shown? NULL: always */
	bool (*keep)(const struct queue_item *item, void *arg);
	void *arg;
};
/* Does the entry match? a is for temporary memory. Ignores after and max. Pure. */
bool queue_fits(const struct queue_item *item, const struct queue_query *query, struct arena *a);
/* Visit all entries until max match; more says whether there is another match. */
enum err queue_find(struct txn *t, const struct queue_query *query, struct arena *a,
                    struct queue_list *out) MUST_USE;

/* A destination queue that is backed off because no host answered. */
struct queue_destination_state {
	struct queue_destination dest;
	uint32_t failures; /* in a row           */
	int64_t until_ms;  /* next attempt       */
	struct str text;   /* result of the last */
};
/* Those of this process; at most max of them. In a. */
size_t queue_destinations(struct queue *q, struct arena *a, size_t max,
                          struct queue_destination_state *out);
/* Try a destination (empty: all) at once, ignoring its back-off. */
void queue_destinations_forgive(struct queue *q, struct str destination);

/* The number of entries, and the creation time of the oldest (INT64_MAX: none). Two
 * lookups. */
enum err queue_size(struct txn *t, uint64_t *count, int64_t *oldest_ms) MUST_USE;

/* Append metrics in Prometheus' text format: entries by queue and state, their size and
 * greatest age, pauses, how long mail waited. Visits all entries, at most once in ten
 * seconds. */
void queue_metrics_put(struct queue *q, struct buf *out);
/* The number of entries, as of then. False: it could not be read. */
bool queue_entries_count(struct queue *q, uint64_t *out) MUST_USE;

/* Make an entry (0: all) due now, except those being tried or held. *count (may be NULL)
 * is how many. Wake the server afterwards if this transaction is not in its process, or
 * call queue_wake_after in it. */
enum err queue_retry(struct txn *t, uint64_t id, int64_t now_ms, uint64_t *count) MUST_USE;
/* Remove an entry without a bounce; webhooks receive a cancellation. w: may be NULL.
 * ERR_MISSING; ERR_CONFLICT: it is being tried, and may succeed. */
enum err queue_drop(struct webhooks *w, struct txn *t, uint64_t id) MUST_USE;
/* Do not try it until queue_unhold. A running attempt continues and may succeed. Its age
 * still counts. ERR_MISSING; ERR_CONFLICT: it is held already (or is not). */
enum err queue_hold(struct txn *t, uint64_t id) MUST_USE;
enum err queue_unhold(struct txn *t, uint64_t id, int64_t now_ms) MUST_USE;
/* Send it by this route instead of the rules' (the name of a route or relay; "mx": by MX;
 * empty: by the rules again), at once. ERR_MISSING; ERR_SYNTAX: no such route;
 * ERR_CONFLICT: it is being tried. */
enum err queue_requeue(struct queue *q, struct txn *t, uint64_t id, struct str route) MUST_USE;
/* Move it to another named queue; empty: the default one. Its expiry stays. As above;
 * ERR_SYNTAX: no such queue. */
enum err queue_move(struct queue *q, struct txn *t, uint64_t id, struct str queue) MUST_USE;
/* Wake the runner after t is committed; in the server's process. */
void queue_wake_after(struct queue *q, struct txn *t);
/* Another process, a command next to the server, has changed entries: read the rows again
 * before the next take. Quick, from any thread; wake the runner afterwards. */
void queue_changed(struct queue *q);

/* Remove an entry and return it to its sender. text: the reason in the bounce for each
 * recipient. Not inside a transaction. ERR_MISSING; ERR_CONFLICT: it is being tried; else
 * as queue_report. */
enum err queue_give_back(struct queue *q, uint64_t id, struct str text,
                         struct why *why) MUST_USE;

#endif
