/* model/queue/destinations/destinations_heap.c: destination queues by wake-up time: a
 * binary heap whose elements store their position, so that any of them can be removed. */
#include "foundation/base/mem.h"
#include "model/queue/destinations/destinations_private.h"

static void put_at(struct dests *l, size_t at, struct dest *dest)
{
	l->heap[at] = dest;
	dest->heap_at = at;
}

static void rise(struct dests *l, struct dest *dest)
{
	size_t at = dest->heap_at;

	for (; at > 1 && l->heap[at / 2]->wake_ms > dest->wake_ms; at /= 2)
		put_at(l, at, l->heap[at / 2]);
	put_at(l, at, dest);
}

static void sink(struct dests *l, struct dest *dest)
{
	size_t at = dest->heap_at, child;

	while ((child = 2 * at) <= l->heap_count) {
		if (child < l->heap_count && l->heap[child + 1]->wake_ms < l->heap[child]->wake_ms)
			child++;
		if (l->heap[child]->wake_ms >= dest->wake_ms)
			break;
		put_at(l, at, l->heap[child]);
		at = child;
	}
	put_at(l, at, dest);
}

void heap_put(struct dests *l, struct dest *dest)
{
	if (l->heap_count + 1 >= l->heap_room) {
		l->heap_room = MAX(2 * l->heap_room, 64u);
		l->heap = mem_resize(l->heap, l->heap_room * sizeof(l->heap[0]));
	}
	put_at(l, ++l->heap_count, dest);
	rise(l, dest);
}

void heap_remove(struct dests *l, struct dest *dest)
{
	struct dest *last = l->heap[l->heap_count--];

	if (last != dest) {
		put_at(l, dest->heap_at, last);
		rise(l, last);
		sink(l, last);
	}
	dest->heap_at = 0;
}
