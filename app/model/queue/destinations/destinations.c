/* model/queue/destinations/destinations.c: see destinations.h. */
#include "foundation/base/mem.h"
#include "model/queue/destinations/destinations_private.h"
#include "model/queue/entry.h"
#include "model/queue/destinations/pace.h"

/* --- names ------------------------------------------------------------------------------ */

static size_t part_put(char *to, struct str s, size_t max)
{
	s = str_sub(s, 0, max);
	for (size_t i = 0; i < s.n; i++)
		to[i] = s.p[i];
	to[s.n] = '\0';
	return s.n + 1;
}

struct str dest_key(char to[static DEST_KEY_MAX], const struct queue_destination *dest)
{
	size_t n = part_put(to, dest->queue, QUEUE_NAME_MAX);

	n += part_put(to + n, dest->route, QUEUE_NAME_MAX);
	n += part_put(to + n, dest->destination, QUEUE_DESTINATION_MAX);
	return str_from(to, n);
}

bool dest_of_key(struct str key, struct queue_destination *out)
{
	struct cur c = cur_of(key);

	return cur_until(&c, '\0', &out->queue) && cur_byte(&c, '\0') &&
	       cur_until(&c, '\0', &out->route) && cur_byte(&c, '\0') &&
	       cur_until(&c, '\0', &out->destination) && cur_byte(&c, '\0') && cur_done(&c);
}

/* --- life ------------------------------------------------------------------------------- */

struct dests *dests_new(struct pace *pace)
{
	struct dests *l = NEW(struct dests);

	l->pace = pace;
	pthread_mutex_init(&l->lock, NULL);
	return l;
}

static void dest_free(struct dest *dest)
{
	str_free(&dest->key);
	str_free(&dest->text);
	mem_free(dest->tracks);
	mem_free(dest);
}

static bool dest_drop(struct str key, void *dest, void *arg)
{
	(void)key, (void)arg;
	dest_free(dest);
	return false;
}

void dests_free(struct dests **l)
{
	struct dests *dests = *l;

	if (dests == NULL)
		return;
	map_filter(&dests->by_key, dest_drop, NULL);
	map_deinit(&dests->by_key);
	map_deinit(&dests->by_destination);
	for (size_t i = 0; i < dests->class_count; i++) {
		str_free(&dests->classes[i]->name);
		mem_free(dests->classes[i]);
	}
	mem_free(dests->classes);
	dests_pauses_free(dests);
	mem_free(dests->heap);
	pthread_mutex_destroy(&dests->lock);
	mem_clear(l);
}

static struct dest_class *class_of(struct dests *l, struct str name)
{
	struct dest_class *class;

	for (size_t i = 0; i < l->class_count; i++)
		if (str_eq(l->classes[i]->name, name))
			return l->classes[i];
	class = NEW(struct dest_class);
	class->name = str_new(name);
	for (int i = 0; i < PLACE_LISTS; i++) {
		list_init(&class->all[i]);
		list_init(&class->proven[i]);
	}
	l->classes = mem_resize(l->classes, (l->class_count + 1) * sizeof(struct dest_class *));
	l->classes[l->class_count++] = class;
	return class;
}

struct str dest_destination(const struct dest *dest)
{
	struct queue_destination name;

	return dest_of_key(dest->key, &name) ? name.destination : STR_EMPTY;
}

static void siblings_join(struct dests *l, struct dest *dest)
{
	struct str destination = dest_destination(dest);
	struct dest *first = map_get(&l->by_destination, destination);

	if (first != NULL)
		list_push_back(&first->siblings, &dest->siblings);
	else
		(void)map_put(&l->by_destination, destination, dest);
}

static void siblings_leave(struct dests *l, struct dest *dest)
{
	struct str destination = dest_destination(dest);

	if (list_empty(&dest->siblings))
		(void)map_remove(&l->by_destination, destination);
	else
		(void)map_put(&l->by_destination, destination,
		              container_of(dest->siblings.next, struct dest, siblings));
	list_remove(&dest->siblings);
}

struct dest *dest_of(struct dests *l, struct str key)
{
	struct dest *dest = map_get(&l->by_key, key);
	struct queue_destination name;

	if (dest != NULL)
		return dest;
	dest = NEW(struct dest);
	dest->key = str_new(key);
	dest->class = class_of(l, dest_of_key(key, &name) ? name.queue : STR_EMPTY);
	dest->place = PLACE_NONE;
	dest->paused = dest_rests(l, key);
	list_init(&dest->link);
	list_init(&dest->proven);
	list_init(&dest->siblings);
	siblings_join(l, dest);
	map_put(&l->by_key, dest->key, dest);
	return dest;
}

/* --- places ----------------------------------------------------------------------------- */

void dest_remove(struct dests *l, struct dest *dest)
{
	if (dest->place == PLACE_LATER)
		heap_remove(l, dest);
	list_remove(&dest->link);
	list_remove(&dest->proven);
	dest->place = PLACE_NONE;
}

/* Append to the list of this place. */
static void dest_queue(struct dests *l, struct dest *dest, unsigned place)
{
	dest_remove(l, dest);
	dest->place = (uint8_t)place;
	list_push_back(&dest->class->all[place], &dest->link);
	dest->class->places |= BIT(place);
	if (pace_is_proven(l->pace, dest_destination(dest)))
		dest_prove(dest);
}

void dest_prove(struct dest *dest)
{
	if (dest->place < PLACE_LISTS && list_empty(&dest->proven))
		list_push_back(&dest->class->proven[dest->place], &dest->proven);
}

void dest_forget(struct dests *l, struct dest *dest)
{
	dest_remove(l, dest);
	siblings_leave(l, dest);
	map_remove(&l->by_key, dest->key);
	dest_free(dest);
}

/* The highest priority with a due entry, or PLACE_NONE; *next_ms: the earliest time of
 * all. */
static unsigned level_due(const struct dest *dest, int64_t now_ms, int64_t *next_ms)
{
	unsigned level = PLACE_NONE;

	*next_ms = INT64_MAX;
	for (unsigned i = 0; i < dest->track_count; i++) {
		const struct track *track = &dest->tracks[i];

		*next_ms = MIN(*next_ms, track->next_ms);
		if (track->next_ms <= now_ms)
			level = MIN(level, track->level);
	}
	return level;
}

static void dest_sleep(struct dests *l, struct dest *dest, int64_t wake_ms)
{
	dest_remove(l, dest);
	if (wake_ms == INT64_MAX)
		return;
	dest->wake_ms = wake_ms;
	dest->place = PLACE_LATER;
	heap_put(l, dest);
}

void dest_place(struct dests *l, struct dest *dest, int64_t now_ms)
{
	int64_t next_ms;
	unsigned level = level_due(dest, now_ms, &next_ms);

	if (dest->paused) {
		dest_remove(l, dest);
	} else if (dest->until_ms > now_ms) {
		dest_sleep(l, dest, dest->until_ms);
	} else if (level == PLACE_NONE) {
		dest_sleep(l, dest, next_ms);
	} else if (dest->failures != 0) {
		if (dest->place != PLACE_SUSPECTS)
			dest_queue(l, dest, PLACE_SUSPECTS);
	} else if (dest->place > level) {
		dest_queue(l, dest, level);
	}
}

void dests_ripen(struct dests *l, int64_t now_ms)
{
	while (l->heap_count != 0 && l->heap[1]->wake_ms <= now_ms) {
		struct dest *dest = l->heap[1];

		if (dest->track_count == 0)
			dest_forget(l, dest);
		else
			dest_place(l, dest, now_ms);
	}
}

/* --- hints ------------------------------------------------------------------------------ */

static struct track *track_of(struct dest *dest, uint8_t level)
{
	for (unsigned i = 0; i < dest->track_count; i++)
		if (dest->tracks[i].level == level)
			return &dest->tracks[i];
	if (dest->track_count == dest->track_room) {
		dest->track_room++;
		dest->tracks = mem_resize(dest->tracks, dest->track_room * sizeof(struct track));
	}
	dest->tracks[dest->track_count] = (struct track){ INT64_MAX, level };
	return &dest->tracks[dest->track_count++];
}

void dests_hint(struct dests *l, struct str key, int priority, int64_t due_ms, int64_t expires_ms,
                int64_t now_ms)
{
	struct track *track;
	struct dest *dest;

	if (due_ms == QUEUE_NEVER_MS)
		return;
	pthread_mutex_lock(&l->lock);
	dest = dest_of(l, key);
	track = track_of(dest, (uint8_t)(ENVELOPE_PRIORITY_MAX - priority));
	track->next_ms = MIN(track->next_ms, due_ms);
	dest->until_ms = MIN(dest->until_ms, MAX(expires_ms, due_ms));
	dest_place(l, dest, now_ms);
	pthread_mutex_unlock(&l->lock);
}
