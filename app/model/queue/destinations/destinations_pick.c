/* model/queue/destinations/destinations_pick.c: chooses the next destination queue, and
 * tracks failures; see destinations.h. */
#include "foundation/base/arena.h"
#include "model/queue/admin.h"
#include "model/queue/destinations/destinations_private.h"
#include "model/queue/entry.h"
#include "model/queue/destinations/pace.h"
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

static bool may_serve(const struct dest *dest, const struct queue_want *want)
{
	return want->may == NULL || want->may(dest_destination(dest), want->may_arg);
}

/* The first that may be served: only destinations at their limit are skipped, so there
 * are few. */
static struct dest *all_first(const struct list *all, const struct queue_want *want)
{
	list_each(it, all)
	{
		struct dest *dest = container_of(it, struct dest, link);

		if (may_serve(dest, want))
			return dest;
	}
	return NULL;
}

/* The same for proven ones. A destination queue that is no longer proven is removed from
 * the list. */
static struct dest *proven_first(struct pace *pace, struct list *proven,
                                 const struct queue_want *want)
{
	list_each_safe(it, proven)
	{
		struct dest *dest = container_of(it, struct dest, proven);

		if (!pace_is_proven(pace, dest_destination(dest)))
			list_remove(&dest->proven);
		else if (may_serve(dest, want))
			return dest;
	}
	return NULL;
}

static struct dest *class_first(struct dests *l, struct dest_class *class, unsigned place,
                                const struct queue_want *want)
{
	if (list_empty(&class->all[place]))
		class->places &= ~BIT(place);
	return want->proven ? proven_first(l->pace, &class->proven[place], want)
	                    : all_first(&class->all[place], want);
}

/* The longest unserved of all named queues that may be served. */
static struct dest *place_first(struct dests *l, unsigned place, const struct queue_want *want)
{
	struct dest *found = NULL;

	for (size_t i = 0; i < l->class_count; i++) {
		struct dest_class *class = l->classes[i];
		struct dest *dest;

		if ((class->places & BIT(place)) == 0)
			continue;
		if (found != NULL && found->class->served <= class->served)
			continue;
		if (is_among(class->name, want->skip_queues, want->skip_queue_count))
			continue;
		dest = class_first(l, class, place, want);
		found = dest != NULL ? dest : found;
	}
	return found;
}

static struct dest *dests_first(struct dests *l, const struct queue_want *want)
{
	struct dest *suspect =
		want->no_suspects ? NULL : place_first(l, PLACE_SUSPECTS, want);
	struct dest *dest = NULL;

	if (suspect != NULL && l->served % SUSPECTS_EACH == 0)
		return suspect;
	for (unsigned level = 0; dest == NULL && level < ENVELOPE_PRIORITY_LEVELS; level++)
		dest = place_first(l, level, want);
	return dest != NULL ? dest : suspect;
}

bool dests_pick(struct dests *l, const struct queue_want *want, struct arena *a,
                struct dests_pick *out)
{
	struct dest *dest;

	pthread_mutex_lock(&l->lock);
	dests_ripen(l, want->now_ms);
	dest = dests_first(l, want);
	if (dest != NULL) {
		dest->class->served = ++l->served;
		out->key = str_dup(a, dest->key);
		out->suspect = dest->failures != 0;
		dest_remove(l, dest);
		dest->track_count = 0;
	}
	pthread_mutex_unlock(&l->lock);
	return dest != NULL;
}

void dests_settle(struct dests *l, struct str key)
{
	struct dest *dest;

	pthread_mutex_lock(&l->lock);
	dest = map_get(&l->by_key, key);
	if (dest != NULL && dest->track_count == 0 && dest->place == PLACE_NONE)
		dest_forget(l, dest);
	pthread_mutex_unlock(&l->lock);
}

int64_t dests_next(struct dests *l, const struct queue_want *want)
{
	int64_t next_ms = INT64_MAX;

	pthread_mutex_lock(&l->lock);
	dests_ripen(l, want->now_ms);
	if (dests_first(l, want) != NULL)
		next_ms = want->now_ms;
	else if (l->heap_count != 0)
		next_ms = l->heap[1]->wake_ms;
	pthread_mutex_unlock(&l->lock);
	return next_ms;
}

/* --- destinations ----------------------------------------------------------------------- */

uint32_t dests_failed(struct dests *l, struct str key, int64_t now_ms,
                      int64_t (*wait_ms)(unsigned failures, void *arg), void *arg, struct str text)
{
	struct dest *dest;
	uint32_t failures;

	pthread_mutex_lock(&l->lock);
	dest = dest_of(l, key);
	if (dest->until_ms <= now_ms) {
		dest->failures++;
		dest->until_ms = now_ms + wait_ms(dest->failures, arg);
		str_free(&dest->text);
		dest->text = str_new(str_sub(text, 0, TEXT_MAX));
		dest_place(l, dest, now_ms);
	}
	failures = dest->failures;
	pthread_mutex_unlock(&l->lock);
	return failures;
}

uint32_t dests_failures(struct dests *l, struct str key)
{
	const struct dest *dest;
	uint32_t failures;

	pthread_mutex_lock(&l->lock);
	dest = map_get(&l->by_key, key);
	failures = dest != NULL ? dest->failures : 0;
	pthread_mutex_unlock(&l->lock);
	return failures;
}

void dests_wake(struct dests *l, struct str key, int64_t at_ms, int64_t now_ms)
{
	struct dest *dest;

	pthread_mutex_lock(&l->lock);
	dest = map_get(&l->by_key, key);
	if (dest != NULL && dest->until_ms > now_ms) {
		at_ms = MAX(at_ms, now_ms + (dest->until_ms - now_ms) / WAKES_EACH);
		if (at_ms < dest->until_ms) {
			dest->until_ms = at_ms;
			dest_place(l, dest, now_ms);
		}
	}
	pthread_mutex_unlock(&l->lock);
}

static void reached(struct dests *l, struct dest *dest, int64_t now_ms)
{
	dest->failures = 0;
	dest->until_ms = 0;
	str_free(&dest->text);
	if (dest->track_count == 0)
		dest_forget(l, dest);
	else
		dest_place(l, dest, now_ms);
}

void dests_reached(struct dests *l, struct str key, int64_t now_ms)
{
	struct dest *dest;

	pthread_mutex_lock(&l->lock);
	dest = map_get(&l->by_key, key);
	if (dest != NULL && dest->failures != 0)
		reached(l, dest, now_ms);
	pthread_mutex_unlock(&l->lock);
}

void dests_prove(struct dests *l, struct str destination)
{
	struct dest *first;

	pthread_mutex_lock(&l->lock);
	first = map_get(&l->by_destination, destination);
	if (first != NULL) {
		dest_prove(first);
		list_each(it, &first->siblings)
			dest_prove(container_of(it, struct dest, siblings));
	}
	pthread_mutex_unlock(&l->lock);
}

struct walk {
	struct dests *dests;
	struct str destination;
	int64_t now_ms;
	struct arena *arena;
	struct queue_destination_state *out;
	size_t count, max;
};

static bool dest_forgive(struct str key, void *value, void *arg)
{
	struct walk *w = arg;
	struct dest *dest = value;
	struct queue_destination name;

	if (dest->failures == 0 || !dest_of_key(key, &name) ||
	    (w->destination.n != 0 && !str_eq(name.destination, w->destination)))
		return true;
	dest->until_ms = 0;
	dest_place(w->dests, dest, w->now_ms);
	return true;
}

void dests_forgive(struct dests *l, struct str destination, int64_t now_ms)
{
	struct walk w = { .dests = l, .destination = destination, .now_ms = now_ms };

	pthread_mutex_lock(&l->lock);
	map_filter(&l->by_key, dest_forgive, &w);
	pthread_mutex_unlock(&l->lock);
}

static bool dest_show(struct str key, void *value, void *arg)
{
	struct walk *w = arg;
	const struct dest *dest = value;
	struct queue_destination_state *out;

	if (dest->failures == 0 || w->count == w->max)
		return true;
	out = &w->out[w->count++];
	dest_of_key(str_dup(w->arena, key), &out->dest);
	out->failures = dest->failures;
	out->until_ms = dest->until_ms;
	out->text = str_dup(w->arena, dest->text);
	return true;
}

size_t dests_list(struct dests *l, struct arena *a, size_t max, struct queue_destination_state *out)
{
	struct walk w = { .arena = a, .out = out, .max = max };

	pthread_mutex_lock(&l->lock);
	map_filter(&l->by_key, dest_show, &w);
	pthread_mutex_unlock(&l->lock);
	return w.count;
}
