/* model/queue/destinations/pace.c: see pace.h. */
#include "model/queue/destinations/pace.h"

#include "foundation/base/arena.h"
#include "foundation/base/map.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"

#include <pthread.h>

enum { TEXT_MAX = 200, SWEEP_EACH = 256 };

struct place {
	unsigned connections;
	unsigned limit;
	unsigned reached;  /* limit at which trouble began; 0: none yet */
	unsigned taken;    /* messages since the limit last changed     */
	unsigned cuts;
	uint64_t most;     /* by the rules                               */
	uint64_t cut_mark; /* connections begun before this do not count */
	int64_t cut_ms;
	int64_t used_ms;   /* last begin, end or result                       */
	bool proven;
	bool crowd;        /* at the last cut, mail was accepted on other connections */
	struct str text;   /* owned */
};

struct pace {
	pthread_mutex_t lock; /* of everything below */
	struct map by_name;
	uint64_t marks; /* given so far */
	unsigned news;  /* results since the last sweep */
};

struct pace *pace_new(void)
{
	struct pace *p = NEW(struct pace);

	pthread_mutex_init(&p->lock, NULL);
	return p;
}

static void place_free(struct place *place)
{
	str_free(&place->text);
	mem_free(place);
}

static bool place_drop(struct str name, void *place, void *arg)
{
	(void)name, (void)arg;
	place_free(place);
	return false;
}

void pace_free(struct pace **p)
{
	if (*p == NULL)
		return;
	map_filter(&(*p)->by_name, place_drop, NULL);
	map_deinit(&(*p)->by_name);
	pthread_mutex_destroy(&(*p)->lock);
	mem_clear(p);
}

/* --- places ----------------------------------------------------------------------------- */

struct sweep {
	int64_t before_ms;
};

static bool place_keep(struct str name, void *value, void *arg)
{
	const struct sweep *s = arg;
	struct place *place = value;

	(void)name;
	if (place->connections != 0 || place->used_ms > s->before_ms)
		return true;
	place_free(place);
	return false;
}

/* Regularly, so that each place pays a share; at the maximum, all unused places. */
static void sweep(struct pace *p, int64_t now_ms)
{
	struct sweep s = { now_ms - PACE_KEEP_MS };

	if (p->by_name.count >= LIMIT_queue_paces)
		s.before_ms = now_ms;
	else if (++p->news < SWEEP_EACH)
		return;
	p->news = 0;
	map_filter(&p->by_name, place_keep, &s);
}

static struct place *place_of(struct pace *p, struct str name, int64_t now_ms)
{
	struct place *place = map_get(&p->by_name, name);

	if (place != NULL)
		return place;
	sweep(p, now_ms);
	place = NEW(struct place);
	place->limit = PACE_BEGIN;
	(void)map_put(&p->by_name, name, place);
	return place;
}

/* --- connections ------------------------------------------------------------------------ */

uint64_t pace_begin(struct pace *p, struct str destination, uint64_t most, int64_t now_ms)
{
	struct place *place;
	uint64_t mark;

	pthread_mutex_lock(&p->lock);
	place = place_of(p, destination, now_ms);
	place->connections++;
	place->most = most != 0 ? most : LIMIT_smtp_out_per_destination;
	place->used_ms = now_ms;
	mark = ++p->marks;
	pthread_mutex_unlock(&p->lock);
	return mark;
}

void pace_end(struct pace *p, struct str destination, int64_t now_ms)
{
	struct place *place;

	pthread_mutex_lock(&p->lock);
	place = map_get(&p->by_name, destination);
	assert(place != NULL && place->connections != 0);
	place->connections--;
	place->used_ms = now_ms;
	pthread_mutex_unlock(&p->lock);
}

/* --- results ---------------------------------------------------------------------------- */

/* Below the point of trouble one more for each message; above it one more for each
 * round. */
static bool may_grow(const struct place *place, int64_t now_ms)
{
	if (place->limit >= place->most)
		return false;
	if (place->reached == 0 || place->limit < place->reached)
		return true;
	return place->taken >= place->limit && now_ms - place->cut_ms >= PACE_PROBE_MS;
}

bool pace_good(struct pace *p, struct str destination, int64_t now_ms)
{
	struct place *place;
	bool grown = false;

	pthread_mutex_lock(&p->lock);
	place = map_get(&p->by_name, destination);
	if (place != NULL) {
		place->proven = true;
		place->used_ms = now_ms;
		place->taken++;
		if (may_grow(place, now_ms)) {
			place->limit++;
			place->taken = 0;
			grown = true;
		}
	}
	pthread_mutex_unlock(&p->lock);
	return grown;
}

/* If mail was accepted on other connections, this one was one too many. Otherwise the
 * trouble says nothing about the number. */
static void cut(struct pace *p, struct place *place, int64_t now_ms)
{
	unsigned had = MIN(place->connections, place->limit);

	place->reached = place->proven ? MAX(had, 2u) - 1 : 0;
	place->crowd = place->proven && place->connections > 1;
	place->limit = MAX(had / 2, 1u);
	place->taken = 0;
	place->cuts++;
	place->cut_mark = p->marks;
	place->cut_ms = now_ms;
}

bool pace_bad(struct pace *p, struct str destination, uint64_t mark, int64_t now_ms,
              struct str text)
{
	struct place *place;
	bool crowd = false;

	pthread_mutex_lock(&p->lock);
	place = map_get(&p->by_name, destination);
	if (place != NULL) {
		place->used_ms = now_ms;
		if (mark > place->cut_mark)
			cut(p, place, now_ms);
		crowd = place->crowd;
		place->proven = false;
		str_free(&place->text);
		place->text = str_new(str_sub(text, 0, TEXT_MAX));
	}
	pthread_mutex_unlock(&p->lock);
	return crowd;
}

/* --- questions -------------------------------------------------------------------------- */

bool pace_may(struct pace *p, struct str destination)
{
	const struct place *place;
	bool may;

	pthread_mutex_lock(&p->lock);
	place = map_get(&p->by_name, destination);
	may = place == NULL || place->connections < MIN(place->limit, place->most);
	pthread_mutex_unlock(&p->lock);
	return may;
}

bool pace_is_proven(struct pace *p, struct str destination)
{
	const struct place *place;
	bool proven;

	pthread_mutex_lock(&p->lock);
	place = map_get(&p->by_name, destination);
	proven = place != NULL && place->proven;
	pthread_mutex_unlock(&p->lock);
	return proven;
}

unsigned pace_connections(struct pace *p, struct str destination)
{
	const struct place *place;
	unsigned n;

	pthread_mutex_lock(&p->lock);
	place = map_get(&p->by_name, destination);
	n = place != NULL ? place->connections : 0;
	pthread_mutex_unlock(&p->lock);
	return n;
}

struct listing {
	struct arena *a;
	struct pace_state *out;
	size_t count, max;
};

static bool place_show(struct str name, void *value, void *arg)
{
	const struct place *place = value;
	struct listing *l = arg;

	if ((place->connections != 0 || place->cuts != 0) && l->count < l->max)
		l->out[l->count++] = (struct pace_state){
			.destination = str_dup(l->a, name),
			.connections = place->connections,
			.limit = (unsigned)MIN(place->limit, place->most),
			.cuts = place->cuts,
			.text = str_dup(l->a, place->text),
		};
	return true;
}

size_t pace_list(struct pace *p, struct arena *a, size_t max, struct pace_state *out)
{
	struct listing l = { .a = a, .out = out, .max = max };

	pthread_mutex_lock(&p->lock);
	map_filter(&p->by_name, place_show, &l);
	pthread_mutex_unlock(&p->lock);
	return l.count;
}
