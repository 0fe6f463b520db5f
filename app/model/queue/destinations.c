/* model/queue/destinations.c: see destinations.h. */
#include "foundation/base/mem.h"
#include "model/queue/destinations_private.h"
#include "model/queue/entry.h"
#include "model/queue/pace.h"

/* --- names ------------------------------------------------------------------------------ */

static size_t part_put(char *to, struct str s, size_t max)
{
	s = str_sub(s, 0, max);
	for (size_t i = 0; i < s.n; i++)
		to[i] = s.p[i];
	to[s.n] = '\0';
	return s.n + 1;
}

struct str lane_key(char to[static LANE_KEY_MAX], const struct queue_lane *lane)
{
	size_t n = part_put(to, lane->queue, QUEUE_NAME_MAX);

	n += part_put(to + n, lane->route, QUEUE_NAME_MAX);
	n += part_put(to + n, lane->destination, QUEUE_DESTINATION_MAX);
	return str_from(to, n);
}

bool lane_of_key(struct str key, struct queue_lane *out)
{
	struct cur c = cur_of(key);

	return cur_until(&c, '\0', &out->queue) && cur_byte(&c, '\0') &&
	       cur_until(&c, '\0', &out->route) && cur_byte(&c, '\0') &&
	       cur_until(&c, '\0', &out->destination) && cur_byte(&c, '\0') && cur_done(&c);
}

/* --- life ------------------------------------------------------------------------------- */

struct lanes *lanes_new(struct pace *pace)
{
	struct lanes *l = NEW(struct lanes);

	l->pace = pace;
	pthread_mutex_init(&l->lock, NULL);
	return l;
}

static void lane_free(struct lane *lane)
{
	str_free(&lane->key);
	str_free(&lane->text);
	mem_free(lane->tracks);
	mem_free(lane);
}

static bool lane_drop(struct str key, void *lane, void *arg)
{
	(void)key, (void)arg;
	lane_free(lane);
	return false;
}

void lanes_free(struct lanes **l)
{
	struct lanes *lanes = *l;

	if (lanes == NULL)
		return;
	map_filter(&lanes->by_key, lane_drop, NULL);
	map_deinit(&lanes->by_key);
	map_deinit(&lanes->by_destination);
	for (size_t i = 0; i < lanes->class_count; i++) {
		str_free(&lanes->classes[i]->name);
		mem_free(lanes->classes[i]);
	}
	mem_free(lanes->classes);
	lanes_pauses_free(lanes);
	mem_free(lanes->heap);
	pthread_mutex_destroy(&lanes->lock);
	mem_clear(l);
}

static struct lane_class *class_of(struct lanes *l, struct str name)
{
	struct lane_class *class;

	for (size_t i = 0; i < l->class_count; i++)
		if (str_eq(l->classes[i]->name, name))
			return l->classes[i];
	class = NEW(struct lane_class);
	class->name = str_new(name);
	for (int i = 0; i < PLACE_LISTS; i++) {
		list_init(&class->all[i]);
		list_init(&class->proven[i]);
	}
	l->classes = mem_resize(l->classes, (l->class_count + 1) * sizeof(struct lane_class *));
	l->classes[l->class_count++] = class;
	return class;
}

struct str lane_destination(const struct lane *lane)
{
	struct queue_lane name;

	return lane_of_key(lane->key, &name) ? name.destination : STR_EMPTY;
}

static void siblings_join(struct lanes *l, struct lane *lane)
{
	struct str destination = lane_destination(lane);
	struct lane *first = map_get(&l->by_destination, destination);

	if (first != NULL)
		list_push_back(&first->siblings, &lane->siblings);
	else
		(void)map_put(&l->by_destination, destination, lane);
}

static void siblings_leave(struct lanes *l, struct lane *lane)
{
	struct str destination = lane_destination(lane);

	if (list_empty(&lane->siblings))
		(void)map_remove(&l->by_destination, destination);
	else
		(void)map_put(&l->by_destination, destination,
		              container_of(lane->siblings.next, struct lane, siblings));
	list_remove(&lane->siblings);
}

struct lane *lane_of(struct lanes *l, struct str key)
{
	struct lane *lane = map_get(&l->by_key, key);
	struct queue_lane name;

	if (lane != NULL)
		return lane;
	lane = NEW(struct lane);
	lane->key = str_new(key);
	lane->class = class_of(l, lane_of_key(key, &name) ? name.queue : STR_EMPTY);
	lane->place = PLACE_NONE;
	lane->paused = lane_rests(l, key);
	list_init(&lane->link);
	list_init(&lane->proven);
	list_init(&lane->siblings);
	siblings_join(l, lane);
	map_put(&l->by_key, lane->key, lane);
	return lane;
}

/* --- places ----------------------------------------------------------------------------- */

void lane_remove(struct lanes *l, struct lane *lane)
{
	if (lane->place == PLACE_LATER)
		heap_remove(l, lane);
	list_remove(&lane->link);
	list_remove(&lane->proven);
	lane->place = PLACE_NONE;
}

/* Append to the list of this place. */
static void lane_queue(struct lanes *l, struct lane *lane, unsigned place)
{
	lane_remove(l, lane);
	lane->place = (uint8_t)place;
	list_push_back(&lane->class->all[place], &lane->link);
	lane->class->places |= BIT(place);
	if (pace_is_proven(l->pace, lane_destination(lane)))
		lane_prove(lane);
}

void lane_prove(struct lane *lane)
{
	if (lane->place < PLACE_LISTS && list_empty(&lane->proven))
		list_push_back(&lane->class->proven[lane->place], &lane->proven);
}

void lane_forget(struct lanes *l, struct lane *lane)
{
	lane_remove(l, lane);
	siblings_leave(l, lane);
	map_remove(&l->by_key, lane->key);
	lane_free(lane);
}

/* The highest priority with a due entry, or PLACE_NONE; *next_ms: the earliest time of
 * all. */
static unsigned level_due(const struct lane *lane, int64_t now_ms, int64_t *next_ms)
{
	unsigned level = PLACE_NONE;

	*next_ms = INT64_MAX;
	for (unsigned i = 0; i < lane->track_count; i++) {
		const struct track *track = &lane->tracks[i];

		*next_ms = MIN(*next_ms, track->next_ms);
		if (track->next_ms <= now_ms)
			level = MIN(level, track->level);
	}
	return level;
}

static void lane_sleep(struct lanes *l, struct lane *lane, int64_t wake_ms)
{
	lane_remove(l, lane);
	if (wake_ms == INT64_MAX)
		return;
	lane->wake_ms = wake_ms;
	lane->place = PLACE_LATER;
	heap_put(l, lane);
}

void lane_place(struct lanes *l, struct lane *lane, int64_t now_ms)
{
	int64_t next_ms;
	unsigned level = level_due(lane, now_ms, &next_ms);

	if (lane->paused) {
		lane_remove(l, lane);
	} else if (lane->until_ms > now_ms) {
		lane_sleep(l, lane, lane->until_ms);
	} else if (level == PLACE_NONE) {
		lane_sleep(l, lane, next_ms);
	} else if (lane->failures != 0) {
		if (lane->place != PLACE_SUSPECTS)
			lane_queue(l, lane, PLACE_SUSPECTS);
	} else if (lane->place > level) {
		lane_queue(l, lane, level);
	}
}

void lanes_ripen(struct lanes *l, int64_t now_ms)
{
	while (l->heap_count != 0 && l->heap[1]->wake_ms <= now_ms) {
		struct lane *lane = l->heap[1];

		if (lane->track_count == 0)
			lane_forget(l, lane);
		else
			lane_place(l, lane, now_ms);
	}
}

/* --- hints ------------------------------------------------------------------------------ */

static struct track *track_of(struct lane *lane, uint8_t level)
{
	for (unsigned i = 0; i < lane->track_count; i++)
		if (lane->tracks[i].level == level)
			return &lane->tracks[i];
	if (lane->track_count == lane->track_room) {
		lane->track_room++;
		lane->tracks = mem_resize(lane->tracks, lane->track_room * sizeof(struct track));
	}
	lane->tracks[lane->track_count] = (struct track){ INT64_MAX, level };
	return &lane->tracks[lane->track_count++];
}

void lanes_hint(struct lanes *l, struct str key, int priority, int64_t due_ms, int64_t expires_ms,
                int64_t now_ms)
{
	struct track *track;
	struct lane *lane;

	if (due_ms == QUEUE_NEVER_MS)
		return;
	pthread_mutex_lock(&l->lock);
	lane = lane_of(l, key);
	track = track_of(lane, (uint8_t)(ENVELOPE_PRIORITY_MAX - priority));
	track->next_ms = MIN(track->next_ms, due_ms);
	lane->until_ms = MIN(lane->until_ms, MAX(expires_ms, due_ms));
	lane_place(l, lane, now_ms);
	pthread_mutex_unlock(&l->lock);
}
