/* model/query/thread_lists.c: the order of nodes; see thread_making.h. */
#include "foundation/base/util.h"
#include "model/query/order.h"
#include "model/query/thread_making.h"

/* --- step 6: lists ---------------------------------------------------------------------- */

/* The topmost dummy above a message with no message in between; else its parent. */
static uint32_t place_of(const struct thread_making *m, uint32_t node)
{
	uint32_t up = m->nodes[node].parent;

	while (up != THREAD_NONE && thread_is_dummy(m, up) && m->nodes[up].parent != THREAD_NONE)
		up = m->nodes[up].parent;
	return up;
}

/* The root of a message; shortens the path on the way. */
static uint32_t root_of(struct thread_making *m, uint32_t *roots, uint32_t node)
{
	uint32_t top = node, at = node;

	while (roots[top] == THREAD_NONE && m->nodes[top].parent != THREAD_NONE)
		top = m->nodes[top].parent;
	top = roots[top] != THREAD_NONE ? roots[top] : top;
	while (at != THREAD_NONE && roots[at] == THREAD_NONE) {
		roots[at] = top;
		at = m->nodes[at].parent;
	}
	return top;
}

/* With REFS threads are sorted by their latest message, else by their first. */
static uint32_t *roots_order(struct thread_making *m, enum thread_algorithm how)
{
	struct order_item *items, *scratch;
	uint32_t *roots, *out;

	if (how != THREAD_REFS)
		return m->order;
	items = arena_array(m->arena, struct order_item, m->n);
	scratch = arena_array(m->arena, struct order_item, m->n);
	roots = arena_array(m->arena, uint32_t, m->count);
	out = arena_array(m->arena, uint32_t, m->n);
	int64_t *last = arena_array(m->arena, int64_t, m->count);

	for (uint32_t i = 0; i < m->count; i++) {
		roots[i] = THREAD_NONE;
		last[i] = INT64_MIN;
	}
	for (uint32_t i = 0; i < m->n; i++) {
		uint32_t root = root_of(m, roots, m->node_of[i]);

		last[root] = MAX(last[root], m->messages[i].arrived_ms);
	}
	for (uint32_t i = 0; i < m->n; i++)
		items[i] = (struct order_item){
			order_number(last[root_of(m, roots, m->node_of[m->order[i]])]), m->order[i]
		};
	order_sort(items, scratch, m->n, NULL, NULL);
	for (uint32_t i = 0; i < m->n; i++)
		out[i] = items[i].index;
	return out;
}

static void thread_list_put(struct thread_making *m, uint32_t *first, uint32_t **ends,
                            uint32_t parent, uint32_t node)
{
	uint32_t *end = ends[parent == THREAD_NONE ? m->count : parent];

	if (!end)
		end = parent == THREAD_NONE ? first : &m->nodes[parent].child;
	*end = node;
	ends[parent == THREAD_NONE ? m->count : parent] = &m->nodes[node].next;
}

uint32_t thread_lists_make(struct thread_making *m, enum thread_algorithm how)
{
	uint32_t **ends = arena_array(m->arena, uint32_t *, m->count + 1);
	bool *listed = arena_array(m->arena, bool, m->count);
	const uint32_t *order = roots_order(m, how);
	uint32_t first = THREAD_NONE;

	for (uint32_t i = 0; i < m->n; i++) { /* within threads */
		uint32_t node = m->node_of[m->order[i]], up = place_of(m, node);

		if (up != THREAD_NONE)
			thread_list_put(m, &first, ends, up, node);
	}
	for (uint32_t i = 0; i < m->n; i++) { /* the threads */
		uint32_t node = m->node_of[order[i]], up = place_of(m, node);
		uint32_t top = up == THREAD_NONE ? node : thread_is_dummy(m, up) ? up : THREAD_NONE;

		if (top != THREAD_NONE && !listed[top])
			thread_list_put(m, &first, ends, THREAD_NONE, top);
		if (top != THREAD_NONE)
			listed[top] = true;
	}
	for (uint32_t i = 0; i < m->n; i++)
		m->nodes[m->node_of[i]].parent = place_of(m, m->node_of[i]);
	return first;
}
