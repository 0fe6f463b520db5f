/* model/queue/destinations_pick.c: chooses the next destination queue, and tracks failures; see
 * destinations.h. */
#include "foundation/base/arena.h"
#include "model/queue/admin.h"
#include "model/queue/destinations_private.h"
#include "model/queue/entry.h"
#include "model/queue/pace.h"
#include "model/queue/take.h"

enum {
	SUSPECTS_EACH = 4, /* one pick of so many is a suspect, while others are due too */
	WAKES_EACH = 8,    /* checks of a destination queue during a back-off, for owed
	                    * reports */
	TEXT_MAX = 200,
};

/* --- picking ---------------------------------------------------------------------------- */

static bool is_among(struct str s, const struct str *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(list[i], s))
			return true;
	return false;
}

static bool may_serve(const struct lane *lane, const struct queue_want *want)
{
	return want->may == NULL || want->may(lane_destination(lane), want->may_arg);
}

/* The first that may be served: only destinations at their limit are skipped, so there
 * are few. */
static struct lane *all_first(const struct list *all, const struct queue_want *want)
{
	list_each(it, all)
	{
		struct lane *lane = container_of(it, struct lane, link);

		if (may_serve(lane, want))
			return lane;
	}
	return NULL;
}

/* The same for proven ones. A destination queue that is no longer proven is removed from
 * the list. */
static struct lane *proven_first(struct pace *pace, struct list *proven,
                                 const struct queue_want *want)
{
	list_each_safe(it, proven)
	{
		struct lane *lane = container_of(it, struct lane, proven);

		if (!pace_is_proven(pace, lane_destination(lane)))
			list_remove(&lane->proven);
		else if (may_serve(lane, want))
			return lane;
	}
	return NULL;
}

static struct lane *class_first(struct lanes *l, struct lane_class *class, unsigned place,
                                const struct queue_want *want)
{
	if (list_empty(&class->all[place]))
		class->places &= ~BIT(place);
	return want->proven ? proven_first(l->pace, &class->proven[place], want)
	                    : all_first(&class->all[place], want);
}

/* The longest unserved of all named queues that may be served. */
static struct lane *place_first(struct lanes *l, unsigned place, const struct queue_want *want)
{
	struct lane *found = NULL;

	for (size_t i = 0; i < l->class_count; i++) {
		struct lane_class *class = l->classes[i];
		struct lane *lane;

		if ((class->places & BIT(place)) == 0)
			continue;
		if (found != NULL && found->class->served <= class->served)
			continue;
		if (is_among(class->name, want->skip_queues, want->skip_queue_count))
			continue;
		lane = class_first(l, class, place, want);
		found = lane != NULL ? lane : found;
	}
	return found;
}

static struct lane *lanes_first(struct lanes *l, const struct queue_want *want)
{
	struct lane *suspect =
		want->no_suspects ? NULL : place_first(l, PLACE_SUSPECTS, want);
	struct lane *lane = NULL;

	if (suspect != NULL && l->served % SUSPECTS_EACH == 0)
		return suspect;
	for (unsigned level = 0; lane == NULL && level < ENVELOPE_PRIORITY_LEVELS; level++)
		lane = place_first(l, level, want);
	return lane != NULL ? lane : suspect;
}

bool lanes_pick(struct lanes *l, const struct queue_want *want, struct arena *a,
                struct lanes_pick *out)
{
	struct lane *lane;

	pthread_mutex_lock(&l->lock);
	lanes_ripen(l, want->now_ms);
	lane = lanes_first(l, want);
	if (lane != NULL) {
		lane->class->served = ++l->served;
		out->key = str_dup(a, lane->key);
		out->suspect = lane->failures != 0;
		lane_remove(l, lane);
		lane->track_count = 0;
	}
	pthread_mutex_unlock(&l->lock);
	return lane != NULL;
}

void lanes_settle(struct lanes *l, struct str key)
{
	struct lane *lane;

	pthread_mutex_lock(&l->lock);
	lane = map_get(&l->by_key, key);
	if (lane != NULL && lane->track_count == 0 && lane->place == PLACE_NONE)
		lane_forget(l, lane);
	pthread_mutex_unlock(&l->lock);
}

int64_t lanes_next(struct lanes *l, const struct queue_want *want)
{
	int64_t next_ms = INT64_MAX;

	pthread_mutex_lock(&l->lock);
	lanes_ripen(l, want->now_ms);
	if (lanes_first(l, want) != NULL)
		next_ms = want->now_ms;
	else if (l->heap_count != 0)
		next_ms = l->heap[1]->wake_ms;
	pthread_mutex_unlock(&l->lock);
	return next_ms;
}

/* --- destinations ----------------------------------------------------------------------- */

uint32_t lanes_failed(struct lanes *l, struct str key, int64_t now_ms,
                      int64_t (*wait_ms)(unsigned failures, void *arg), void *arg, struct str text)
{
	struct lane *lane;
	uint32_t failures;

	pthread_mutex_lock(&l->lock);
	lane = lane_of(l, key);
	if (lane->until_ms <= now_ms) {
		lane->failures++;
		lane->until_ms = now_ms + wait_ms(lane->failures, arg);
		str_free(&lane->text);
		lane->text = str_new(str_sub(text, 0, TEXT_MAX));
		lane_place(l, lane, now_ms);
	}
	failures = lane->failures;
	pthread_mutex_unlock(&l->lock);
	return failures;
}

uint32_t lanes_failures(struct lanes *l, struct str key)
{
	const struct lane *lane;
	uint32_t failures;

	pthread_mutex_lock(&l->lock);
	lane = map_get(&l->by_key, key);
	failures = lane != NULL ? lane->failures : 0;
	pthread_mutex_unlock(&l->lock);
	return failures;
}

void lanes_wake(struct lanes *l, struct str key, int64_t at_ms, int64_t now_ms)
{
	struct lane *lane;

	pthread_mutex_lock(&l->lock);
	lane = map_get(&l->by_key, key);
	if (lane != NULL && lane->until_ms > now_ms) {
		at_ms = MAX(at_ms, now_ms + (lane->until_ms - now_ms) / WAKES_EACH);
		if (at_ms < lane->until_ms) {
			lane->until_ms = at_ms;
			lane_place(l, lane, now_ms);
		}
	}
	pthread_mutex_unlock(&l->lock);
}

static void reached(struct lanes *l, struct lane *lane, int64_t now_ms)
{
	lane->failures = 0;
	lane->until_ms = 0;
	str_free(&lane->text);
	if (lane->track_count == 0)
		lane_forget(l, lane);
	else
		lane_place(l, lane, now_ms);
}

void lanes_reached(struct lanes *l, struct str key, int64_t now_ms)
{
	struct lane *lane;

	pthread_mutex_lock(&l->lock);
	lane = map_get(&l->by_key, key);
	if (lane != NULL && lane->failures != 0)
		reached(l, lane, now_ms);
	pthread_mutex_unlock(&l->lock);
}

void lanes_prove(struct lanes *l, struct str destination)
{
	struct lane *first;

	pthread_mutex_lock(&l->lock);
	first = map_get(&l->by_destination, destination);
	if (first != NULL) {
		lane_prove(first);
		list_each(it, &first->siblings)
			lane_prove(container_of(it, struct lane, siblings));
	}
	pthread_mutex_unlock(&l->lock);
}

struct walk {
	struct lanes *lanes;
	struct str destination;
	int64_t now_ms;
	struct arena *arena;
	struct queue_lane_state *out;
	size_t count, max;
};

static bool lane_forgive(struct str key, void *value, void *arg)
{
	struct walk *w = arg;
	struct lane *lane = value;
	struct queue_lane name;

	if (lane->failures == 0 || !lane_of_key(key, &name) ||
	    (w->destination.n != 0 && !str_eq(name.destination, w->destination)))
		return true;
	lane->until_ms = 0;
	lane_place(w->lanes, lane, w->now_ms);
	return true;
}

void lanes_forgive(struct lanes *l, struct str destination, int64_t now_ms)
{
	struct walk w = { .lanes = l, .destination = destination, .now_ms = now_ms };

	pthread_mutex_lock(&l->lock);
	map_filter(&l->by_key, lane_forgive, &w);
	pthread_mutex_unlock(&l->lock);
}

static bool lane_show(struct str key, void *value, void *arg)
{
	struct walk *w = arg;
	const struct lane *lane = value;
	struct queue_lane_state *out;

	if (lane->failures == 0 || w->count == w->max)
		return true;
	out = &w->out[w->count++];
	lane_of_key(str_dup(w->arena, key), &out->lane);
	out->failures = lane->failures;
	out->until_ms = lane->until_ms;
	out->text = str_dup(w->arena, lane->text);
	return true;
}

size_t lanes_list(struct lanes *l, struct arena *a, size_t max, struct queue_lane_state *out)
{
	struct walk w = { .arena = a, .out = out, .max = max };

	pthread_mutex_lock(&l->lock);
	map_filter(&l->by_key, lane_show, &w);
	pthread_mutex_unlock(&l->lock);
	return w.count;
}
