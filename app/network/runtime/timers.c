/* network/runtime/timers.c: see timers.h. */
#include "network/runtime/timers.h"

#include "foundation/base/mem.h"

static void put_at(struct timers *h, size_t place, struct timer *t)
{
	h->heap[place] = t;
	t->place = place;
}

/* Move the timer at place to its position in the heap. */
static void timers_settle(struct timers *h, size_t place)
{
	struct timer *t = h->heap[place];

	while (place > 1 && h->heap[place / 2]->at_ms > t->at_ms) {
		put_at(h, place, h->heap[place / 2]);
		place /= 2;
	}
	for (;;) {
		size_t child = place * 2;

		if (child + 1 <= h->count && h->heap[child + 1]->at_ms < h->heap[child]->at_ms)
			child++;
		if (child > h->count || h->heap[child]->at_ms >= t->at_ms)
			break;
		put_at(h, place, h->heap[child]);
		place = child;
	}
	put_at(h, place, t);
}

void timers_set(struct timers *h, struct timer *t, int64_t at_ms)
{
	t->at_ms = at_ms;
	if (t->place == 0) {
		if (h->count + 1 >= h->capacity) {
			h->capacity = h->capacity != 0 ? h->capacity * 2 : 64;
			h->heap = mem_resize(h->heap, h->capacity * sizeof *h->heap);
		}
		put_at(h, ++h->count, t);
	}
	timers_settle(h, t->place);
}

void timers_remove(struct timers *h, struct timer *t)
{
	size_t place = t->place;
	struct timer *last;

	if (place == 0)
		return;
	t->place = 0;
	last = h->heap[h->count--];
	if (last == t)
		return;
	put_at(h, place, last);
	timers_settle(h, place);
}

struct timer *timers_first(const struct timers *h)
{
	return h->count != 0 ? h->heap[1] : NULL;
}

void timers_deinit(struct timers *h)
{
	mem_clear(&h->heap);
	*h = (struct timers){ 0 };
}
