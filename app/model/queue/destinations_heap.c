/* model/queue/destinations_heap.c: destination queues by wake-up time: a binary heap whose
 * elements store their position, so that any of them can be removed. */
#include "foundation/base/mem.h"
#include "model/queue/destinations_private.h"

static void put_at(struct lanes *l, size_t at, struct lane *lane)
{
	l->heap[at] = lane;
	lane->heap_at = at;
}

static void rise(struct lanes *l, struct lane *lane)
{
	size_t at = lane->heap_at;

	for (; at > 1 && l->heap[at / 2]->wake_ms > lane->wake_ms; at /= 2)
		put_at(l, at, l->heap[at / 2]);
	put_at(l, at, lane);
}

static void sink(struct lanes *l, struct lane *lane)
{
	size_t at = lane->heap_at, child;

	while ((child = 2 * at) <= l->heap_count) {
		if (child < l->heap_count && l->heap[child + 1]->wake_ms < l->heap[child]->wake_ms)
			child++;
		if (l->heap[child]->wake_ms >= lane->wake_ms)
			break;
		put_at(l, at, l->heap[child]);
		at = child;
	}
	put_at(l, at, lane);
}

void heap_put(struct lanes *l, struct lane *lane)
{
	if (l->heap_count + 1 >= l->heap_room) {
		l->heap_room = MAX(2 * l->heap_room, 64u);
		l->heap = mem_resize(l->heap, l->heap_room * sizeof(l->heap[0]));
	}
	put_at(l, ++l->heap_count, lane);
	rise(l, lane);
}

void heap_remove(struct lanes *l, struct lane *lane)
{
	struct lane *last = l->heap[l->heap_count--];

	if (last != lane) {
		put_at(l, lane->heap_at, last);
		rise(l, last);
		sink(l, last);
	}
	lane->heap_at = 0;
}
