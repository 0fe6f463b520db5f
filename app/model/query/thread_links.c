/* model/query/thread_links.c: links messages by references; see
 * thread_making.h. */
#include "foundation/base/cur.h"
#include "foundation/base/mem.h"
#include "foundation/base/util.h"
#include "model/query/thread_making.h"

/* --- step 1: links ---------------------------------------------------------------------- */

static size_t id_slot(const struct thread_making *m, uint64_t id)
{
	size_t i = id * 0x9e3779b97f4a7c15 >> 20 & (m->slot_count - 1);

	while (m->slots[i] && m->ids[m->slots[i] - 1] != id)
		i = (i + 1) & (m->slot_count - 1);
	return i;
}

/* At least half of the slots stay empty. */
static void slots_grow(struct thread_making *m)
{
	mem_free(m->slots);
	m->slot_count = MAX(256, 2 * m->slot_count);
	m->slots = mem_new(m->slot_count * sizeof(*m->slots));
	for (uint32_t i = 0; i < m->count; i++)
		if (m->ids[i])
			m->slots[id_slot(m, m->ids[i])] = i + 1;
}

/* The node of that id; a new dummy if there is none. */
static uint32_t id_node(struct thread_making *m, uint64_t id)
{
	size_t i, at = id % THREAD_RECENT;

	if (m->recent[at].slot && m->recent[at].id == id)
		return m->recent[at].slot - 1;
	if (2 * (size_t)m->count >= m->slot_count)
		slots_grow(m);
	i = id_slot(m, id);
	if (!m->slots[i])
		m->slots[i] = thread_node_add(m, THREAD_NONE, id) + 1;
	m->recent[at].id = id;
	m->recent[at].slot = m->slots[i];
	return m->slots[i] - 1;
}

static uint64_t next_id(struct cur *c)
{
	uint64_t id = 0;

	(void)cur_be64(c, &id);
	return id;
}

/* The first message of an id gets its node, duplicates get a node without id. */
static uint32_t message_node(struct thread_making *m, uint32_t message, uint64_t id)
{
	uint32_t node = id ? id_node(m, id) : THREAD_NONE;

	if (node == THREAD_NONE || m->nodes[node].message != THREAD_NONE)
		return thread_node_add(m, message, 0);
	m->nodes[node].message = message;
	return node;
}

/* Would child below parent be a loop? A path to the root that is too long counts as
 * one. */
static bool loops(const struct thread_making *m, uint32_t parent, uint32_t child)
{
	if (parent == child)
		return true;
	if (!m->has_children[child])
		return false;
	for (unsigned depth = 0; parent != THREAD_NONE; depth++) {
		if (parent == child || depth == THREAD_DEPTH)
			return true;
		parent = m->nodes[parent].parent;
	}
	return false;
}

static void link_below(struct thread_making *m, uint32_t parent, uint32_t child)
{
	if (loops(m, parent, child))
		return;
	m->nodes[child].parent = parent;
	m->has_children[parent] = true;
}

static void message_link(struct thread_making *m, uint32_t message)
{
	struct cur c = cur_of(m->messages[message].ids);
	uint32_t node = message_node(m, message, next_id(&c)), before = THREAD_NONE;

	while (!cur_done(&c)) {
		uint32_t reference = id_node(m, next_id(&c));

		if (before != THREAD_NONE && m->nodes[reference].parent == THREAD_NONE)
			link_below(m, before, reference);
		before = reference;
	}
	m->nodes[node].parent = THREAD_NONE; /* 1.B: the last reference is the most
	                                      * reliable */
	if (before != THREAD_NONE)
		link_below(m, before, node);
}

void thread_links_make(struct thread_making *m)
{
	for (uint32_t i = 0; i < m->n; i++)
		message_link(m, i);
}

/* --- step 3: dummies -------------------------------------------------------------------- */

/* The nearest message above node, or the topmost dummy. Dummies on the path are pointed
 * there, which shortens later walks. */
static uint32_t anchor(struct thread_making *m, uint32_t node)
{
	uint32_t top = m->nodes[node].parent, at = top;

	if (top == THREAD_NONE)
		return THREAD_NONE;
	while (thread_is_dummy(m, top) && m->nodes[top].parent != THREAD_NONE)
		top = m->nodes[top].parent;
	while (at != top) {
		uint32_t up = m->nodes[at].parent;

		m->nodes[at].parent = top;
		at = up;
	}
	return top;
}

/* Messages become children of messages, or of a topmost dummy with several of them. */
void thread_dummies_drop(struct thread_making *m)
{
	uint32_t *children = arena_array(m->arena, uint32_t, m->count);
	uint32_t *parents = arena_array(m->arena, uint32_t, m->count);

	for (uint32_t i = 0; i < m->count; i++)
		parents[i] = thread_is_dummy(m, i) ? THREAD_NONE : anchor(m, i);
	for (uint32_t i = 0; i < m->count; i++)
		if (parents[i] != THREAD_NONE)
			children[parents[i]]++;
	for (uint32_t i = 0; i < m->count; i++) {
		uint32_t p = parents[i];
		bool needless = p != THREAD_NONE && thread_is_dummy(m, p) && children[p] < 2;

		m->nodes[i].parent = needless ? THREAD_NONE : p;
	}
}
