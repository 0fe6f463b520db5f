/* model/query/thread.c: see thread.h, and thread_making.h for the algorithm. */
#include "model/query/thread.h"

#include "foundation/base/mem.h"
#include "model/query/order.h"
#include "model/query/thread_making.h"

#include <string.h>

static void nodes_grow(struct thread_making *m)
{
	m->cap = MAX(256, 2 * m->cap);
	m->nodes = mem_resize(m->nodes, m->cap * sizeof(*m->nodes));
	m->ids = mem_resize(m->ids, m->cap * sizeof(*m->ids));
	m->has_children = mem_resize(m->has_children, m->cap * sizeof(*m->has_children));
}

uint32_t thread_node_add(struct thread_making *m, uint32_t message, uint64_t id)
{
	if (m->count == m->cap)
		nodes_grow(m);
	m->ids[m->count] = id;
	m->has_children[m->count] = false;
	m->nodes[m->count] = (struct thread_node){ message, THREAD_NONE, THREAD_NONE, THREAD_NONE };
	return m->count++;
}

static void order_make(struct thread_making *m)
{
	struct order_item *items = arena_array(m->arena, struct order_item, m->n);
	struct order_item *scratch = arena_array(m->arena, struct order_item, m->n);

	m->order = arena_array(m->arena, uint32_t, m->n);
	for (uint32_t i = 0; i < m->n; i++)
		items[i] = (struct order_item){ order_number(m->messages[i].sent_ms), i };
	order_sort(items, scratch, m->n, NULL, NULL);
	for (uint32_t i = 0; i < m->n; i++)
		m->order[i] = items[i].index;
}

/* After all messages have their nodes. */
static void nodes_find(struct thread_making *m)
{
	m->node_of = arena_array(m->arena, uint32_t, m->n);
	for (uint32_t i = 0; i < m->count; i++)
		if (!thread_is_dummy(m, i))
			m->node_of[m->nodes[i].message] = i;
}

static void making_end(struct thread_making *m, struct threads *out)
{
	out->nodes = arena_array(m->arena, struct thread_node, m->count);
	if (m->count)
		memcpy(out->nodes, m->nodes, m->count * sizeof(*m->nodes));
	mem_free(m->nodes);
	mem_free(m->ids);
	mem_free(m->has_children);
	mem_free(m->slots);
}

void threads_make(struct arena *a, enum thread_algorithm how, const struct thread_message *messages,
                  uint32_t n, struct threads *out)
{
	struct thread_making m = { .arena = a, .messages = messages, .n = n };

	order_make(&m);
	if (how == THREAD_ORDEREDSUBJECT) {
		thread_subjects_link(&m);
	} else {
		thread_links_make(&m);
		thread_dummies_drop(&m);
	}
	nodes_find(&m);
	if (how == THREAD_REFERENCES)
		thread_subjects_merge(&m);
	out->root = thread_lists_make(&m, how);
	making_end(&m, out);
}
