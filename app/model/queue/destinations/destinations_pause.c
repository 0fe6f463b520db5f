/* model/queue/destinations/destinations_pause.c: destination queues paused by an administrator; see
 * destinations.h. */
#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "model/queue/destinations/destinations_private.h"
#include "model/queue/entry.h"
#include "model/queue/pause_body.h"
#include "model/queue/pauses.h"

bool dest_rests(const struct dests *l, struct str key)
{
	struct queue_destination name;

	if (l->pauses.count == 0 || !dest_of_key(key, &name))
		return false;
	for (size_t i = 0; i < l->pauses.count; i++)
		if (pause_fits(&l->pauses.items[i], &name))
			return true;
	return false;
}

bool dests_paused(struct dests *l, struct str key)
{
	bool paused;

	pthread_mutex_lock(&l->lock);
	paused = dest_rests(l, key);
	pthread_mutex_unlock(&l->lock);
	return paused;
}

void dests_pauses_free(struct dests *l)
{
	for (size_t i = 0; i < l->pauses.count; i++)
		str_free(&l->pauses.items[i].name);
	mem_free(l->pauses.items);
	l->pauses = (struct queue_pauses){ 0 };
}

static bool are_same(const struct queue_pauses *a, const struct queue_pauses *b)
{
	bool same = a->count == b->count;

	for (size_t i = 0; same && i < a->count; i++) /* both are in the order of their rows */
		same = a->items[i].of == b->items[i].of &&
		       str_eq(a->items[i].name, b->items[i].name);
	return same;
}

static void pauses_copy(struct dests *l, const struct queue_pauses *from)
{
	dests_pauses_free(l);
	if (from->count == 0)
		return;
	l->pauses.items = mem_resize(NULL, from->count * sizeof *from->items);
	for (size_t i = 0; i < from->count; i++)
		l->pauses.items[i] = (struct queue_pause){ .of = from->items[i].of,
			                                   .name = str_new(from->items[i].name) };
	l->pauses.count = from->count;
}

struct walk {
	struct dests *dests;
	int64_t now_ms;
};

static bool dest_again(struct str key, void *value, void *arg)
{
	struct walk *w = arg;
	struct dest *dest = value;
	bool paused = dest_rests(w->dests, key);

	if (dest->paused == paused)
		return true;
	dest->paused = paused;
	dest_place(w->dests, dest, w->now_ms);
	return true;
}

bool dests_pause(struct dests *l, const struct queue_pauses *pauses)
{
	struct walk w = { l, clock_real_ms() };
	bool news;

	pthread_mutex_lock(&l->lock);
	news = !are_same(&l->pauses, pauses);
	if (news) {
		pauses_copy(l, pauses);
		map_filter(&l->by_key, dest_again, &w);
	}
	pthread_mutex_unlock(&l->lock);
	return news;
}
