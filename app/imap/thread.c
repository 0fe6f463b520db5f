/* imap/thread.c: see thread.h. Step numbers are those of RFC 5256 3, THREAD, REFERENCES.
 *
 * While links are made, a node knows its parent only. Lists of children are made once, at the
 * end: nodes are taken in the order of dates, so each list comes out sorted. */
#include "imap/thread.h"

#include "base/cur.h"
#include "base/util.h"
#include "imap/order.h"

#include <string.h>

struct making {
	struct arena *arena;
	const struct thread_message *messages;
	uint32_t n;
	struct thread_node *nodes;
	uint32_t count, cap;
	bool *has_children;
	uint32_t *slots; /* node by id, or by subject; node + 1, 0 is empty */
	uint64_t *ids;   /* of nodes, 0: none */
	size_t slot_count;
	uint32_t *order; /* messages by date */
};

static uint32_t node_add(struct making *m, uint32_t message, uint64_t id)
{
	assert(m->count < m->cap);
	m->ids[m->count] = id;
	m->nodes[m->count] = (struct thread_node){ message, THREAD_NONE, THREAD_NONE, THREAD_NONE };
	return m->count++;
}

/* --- dates ------------------------------------------------------------------------------ */

static void order_make(struct making *m)
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

/* --- step 1: links ---------------------------------------------------------------------- */

static size_t id_slot(const struct making *m, uint64_t id)
{
	size_t i = id * 0x9e3779b97f4a7c15 >> 20 & (m->slot_count - 1);

	while (m->slots[i] && m->ids[m->slots[i] - 1] != id)
		i = (i + 1) & (m->slot_count - 1);
	return i;
}

/* The node of that id; a dummy when there is none yet. */
static uint32_t id_node(struct making *m, uint64_t id)
{
	size_t i = id_slot(m, id);

	if (!m->slots[i])
		m->slots[i] = node_add(m, THREAD_NONE, id) + 1;
	return m->slots[i] - 1;
}

static uint64_t next_id(struct cur *c)
{
	uint64_t id = 0;

	(void)cur_be(c, 8, &id);
	return id;
}

/* The first message of an id has it, others of the same have none. */
static uint32_t message_node(struct making *m, uint32_t message, uint64_t id)
{
	uint32_t node = id ? id_node(m, id) : THREAD_NONE;

	if (node == THREAD_NONE || m->nodes[node].message != THREAD_NONE)
		return node_add(m, message, 0);
	m->nodes[node].message = message;
	return node;
}

/* Would it be a loop if child lay below parent? A way up that is too long counts as one. */
static bool loops(const struct making *m, uint32_t parent, uint32_t child)
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

static void link_below(struct making *m, uint32_t parent, uint32_t child)
{
	if (loops(m, parent, child))
		return;
	m->nodes[child].parent = parent;
	m->has_children[parent] = true;
}

static void message_link(struct making *m, uint32_t message)
{
	struct cur c = cur_of(m->messages[message].ids);
	uint32_t node = message_node(m, message, next_id(&c)), before = THREAD_NONE;

	while (!cur_done(&c)) {
		uint32_t reference = id_node(m, next_id(&c));

		if (before != THREAD_NONE && m->nodes[reference].parent == THREAD_NONE)
			link_below(m, before, reference);
		before = reference;
	}
	m->nodes[node].parent = THREAD_NONE; /* 1.B: the last reference says it best */
	if (before != THREAD_NONE)
		link_below(m, before, node);
}

static void links_make(struct making *m)
{
	for (uint32_t i = 0; i < m->n; i++)
		message_link(m, i);
}

/* --- step 3: dummies -------------------------------------------------------------------- */

static bool is_dummy(const struct making *m, uint32_t node)
{
	return m->nodes[node].message == THREAD_NONE;
}

/* The nearest message above node, or the topmost dummy; dummies on the way are made to point
 * there, so that nobody goes the same way again. */
static uint32_t anchor(struct making *m, uint32_t node)
{
	uint32_t top = m->nodes[node].parent, at = top;

	if (top == THREAD_NONE)
		return THREAD_NONE;
	while (is_dummy(m, top) && m->nodes[top].parent != THREAD_NONE)
		top = m->nodes[top].parent;
	while (at != top) {
		uint32_t up = m->nodes[at].parent;

		m->nodes[at].parent = top;
		at = up;
	}
	return top;
}

/* Messages hang below messages, or below a topmost dummy that has several of them. */
static void dummies_drop(struct making *m)
{
	uint32_t *children = arena_array(m->arena, uint32_t, m->count);
	uint32_t *parents = arena_array(m->arena, uint32_t, m->count);

	for (uint32_t i = 0; i < m->count; i++)
		parents[i] = is_dummy(m, i) ? THREAD_NONE : anchor(m, i);
	for (uint32_t i = 0; i < m->count; i++)
		if (parents[i] != THREAD_NONE)
			children[parents[i]]++;
	for (uint32_t i = 0; i < m->count; i++) {
		uint32_t p = parents[i];

		m->nodes[i].parent =
			p != THREAD_NONE && is_dummy(m, p) && children[p] < 2 ? THREAD_NONE : p;
	}
}

/* --- step 5: subjects ------------------------------------------------------------------- */

/* Which number each subject has: equal ones the same, 0 the empty one. Their hashes are made
 * while the subjects are read one after the other: to compare them here and there is slow. */
static uint64_t subject_hash(struct str s)
{
	uint64_t h = 0xcbf29ce484222325 ^ s.n;

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3;
	return h ^ h >> 29;
}

static uint32_t *subjects_number(struct making *m)
{
	struct slot {
		uint64_t hash;
		uint32_t message, number; /* 0: empty */
	} * table;
	uint32_t *numbers = arena_array(m->arena, uint32_t, m->n), next = 1;
	size_t slots = 64;

	while (slots < 2 * (size_t)m->n)
		slots *= 2;
	table = arena_array(m->arena, struct slot, slots);
	for (uint32_t i = 0; i < m->n; i++) {
		struct str s = m->messages[i].subject;
		uint64_t hash = subject_hash(s);
		size_t at = hash & (slots - 1);

		if (s.n == 0)
			continue;
		while (table[at].number && !(table[at].hash == hash &&
		                             str_eq(m->messages[table[at].message].subject, s)))
			at = (at + 1) & (slots - 1);
		if (!table[at].number)
			table[at] = (struct slot){ hash, i, next++ };
		numbers[i] = table[at].number;
	}
	return numbers;
}

/* A thread: its topmost node, and the message whose subject it has, the first by date. */
struct thread_top {
	uint32_t node, first;
};

/* Threads by date: that of the first message of each. */
static struct thread_top *tops_list(struct making *m, const uint32_t *node_of, uint32_t *count)
{
	struct thread_top *tops = arena_array(m->arena, struct thread_top, m->n);
	bool *seen = arena_array(m->arena, bool, m->count);

	*count = 0;
	for (uint32_t i = 0; i < m->n; i++) {
		uint32_t node = node_of[m->order[i]], up = m->nodes[node].parent;
		uint32_t top = up == THREAD_NONE ? node : is_dummy(m, up) ? up : THREAD_NONE;

		if (top == THREAD_NONE || seen[top])
			continue;
		seen[top] = true;
		tops[(*count)++] = (struct thread_top){ top, m->order[i] };
	}
	return tops;
}

static const struct thread_message *top_message(const struct making *m, const struct thread_top *t)
{
	return &m->messages[t->first];
}

/* Is the top a message that is a reply? A dummy is neither. */
static bool top_replies(const struct making *m, const struct thread_top *t)
{
	return !is_dummy(m, t->node) && top_message(m, t)->reply;
}

/* 5.B */
static bool is_better(const struct making *m, const struct thread_top *now,
                      const struct thread_top *before)
{
	return !is_dummy(m, before->node) &&
	       (is_dummy(m, now->node) || (top_replies(m, before) && !top_replies(m, now)));
}

/* 5.C: t and first have the same subject. Children of dummies are told by their parent, so to
 * join two dummies one of them points to the other. */
static void tops_merge(struct making *m, struct thread_top *first, struct thread_top *t)
{
	if (is_dummy(m, first->node) ||
	    (top_replies(m, t) && !top_replies(m, first) && !is_dummy(m, t->node))) {
		m->nodes[t->node].parent = first->node;
	} else {
		uint32_t dummy = node_add(m, THREAD_NONE, 0);

		m->nodes[first->node].parent = m->nodes[t->node].parent = dummy;
		first->node = dummy;
	}
}

static void subjects_merge(struct making *m, const uint32_t *node_of)
{
	uint32_t count, *subjects = subjects_number(m);
	struct thread_top *tops = tops_list(m, node_of, &count);
	uint32_t *table = arena_array(m->arena, uint32_t, m->n + 1); /* a top + 1 by subject */

	for (uint32_t i = 0; i < count; i++) {
		uint32_t *slot = &table[subjects[tops[i].first]];

		if (!*slot || is_better(m, &tops[i], &tops[*slot - 1]))
			*slot = i + 1;
	}
	for (uint32_t i = 0; i < count; i++) {
		uint32_t subject = subjects[tops[i].first];

		if (subject && table[subject] != i + 1)
			tops_merge(m, &tops[table[subject] - 1], &tops[i]);
	}
}

/* --- step 6: lists ---------------------------------------------------------------------- */

/* The topmost of the dummies above a message without another message between; else its parent. */
static uint32_t place_of(const struct making *m, uint32_t node)
{
	uint32_t up = m->nodes[node].parent;

	while (up != THREAD_NONE && is_dummy(m, up) && m->nodes[up].parent != THREAD_NONE)
		up = m->nodes[up].parent;
	return up;
}

/* The root that a message is in; by steps of the path that are made shorter as one goes. */
static uint32_t root_of(struct making *m, uint32_t *roots, uint32_t node)
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

/* Of REFS, threads are ordered by what came last in each; else by what is first in each. */
static uint32_t *roots_order(struct making *m, enum thread_algorithm how, const uint32_t *node_of)
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
		uint32_t root = root_of(m, roots, node_of[i]);

		last[root] = MAX(last[root], m->messages[i].arrived_ms);
	}
	for (uint32_t i = 0; i < m->n; i++)
		items[i] = (struct order_item){
			order_number(last[root_of(m, roots, node_of[m->order[i]])]), m->order[i]
		};
	order_sort(items, scratch, m->n, NULL, NULL);
	for (uint32_t i = 0; i < m->n; i++)
		out[i] = items[i].index;
	return out;
}

static void list_put(struct making *m, uint32_t *first, uint32_t **ends, uint32_t parent,
                     uint32_t node)
{
	uint32_t *end = ends[parent == THREAD_NONE ? m->count : parent];

	if (!end)
		end = parent == THREAD_NONE ? first : &m->nodes[parent].child;
	*end = node;
	ends[parent == THREAD_NONE ? m->count : parent] = &m->nodes[node].next;
}

static void lists_make(struct making *m, enum thread_algorithm how, const uint32_t *node_of,
                       uint32_t *first)
{
	uint32_t **ends = arena_array(m->arena, uint32_t *, m->count + 1);
	bool *listed = arena_array(m->arena, bool, m->count);
	const uint32_t *order = roots_order(m, how, node_of);

	*first = THREAD_NONE;
	for (uint32_t i = 0; i < m->n; i++) { /* those within threads */
		uint32_t node = node_of[m->order[i]], up = place_of(m, node);

		if (up != THREAD_NONE)
			list_put(m, first, ends, up, node);
	}
	for (uint32_t i = 0; i < m->n; i++) { /* the threads */
		uint32_t node = node_of[order[i]], up = place_of(m, node);
		uint32_t top = up == THREAD_NONE ? node : is_dummy(m, up) ? up : THREAD_NONE;

		if (top != THREAD_NONE && !listed[top])
			list_put(m, first, ends, THREAD_NONE, top);
		if (top != THREAD_NONE)
			listed[top] = true;
	}
	for (uint32_t i = 0; i < m->n; i++)
		m->nodes[node_of[i]].parent = place_of(m, node_of[i]);
}

/* --- the algorithms --------------------------------------------------------------------- */

/* Messages of one subject: all below the first of them by date. */
static void subjects_link(struct making *m)
{
	uint32_t *subjects = subjects_number(m);
	uint32_t *heads = arena_array(m->arena, uint32_t, m->n + 1); /* a message + 1 */

	for (uint32_t i = 0; i < m->n; i++)
		(void)node_add(m, i, 0);
	for (uint32_t i = 0; i < m->n; i++) {
		uint32_t message = m->order[i], *head = &heads[subjects[message]];

		if (*head)
			m->nodes[message].parent = *head - 1;
		else
			*head = message + 1;
	}
}

static void making_init(struct making *m)
{
	size_t ids = 0;

	for (uint32_t i = 0; i < m->n; i++)
		ids += m->messages[i].ids.n / 8;
	m->cap = (uint32_t)(ids + 2 * (size_t)m->n + 1);
	m->nodes = arena_array(m->arena, struct thread_node, m->cap);
	m->ids = arena_array(m->arena, uint64_t, m->cap);
	m->has_children = arena_array(m->arena, bool, m->cap);
	for (m->slot_count = 64; m->slot_count < 2 * ids;)
		m->slot_count *= 2;
	m->slots = arena_array(m->arena, uint32_t, m->slot_count);
}

void threads_make(struct arena *a, enum thread_algorithm how, const struct thread_message *messages,
                  uint32_t n, struct threads *out)
{
	struct making m = { .arena = a, .messages = messages, .n = n };
	uint32_t *node_of = arena_array(a, uint32_t, n);

	making_init(&m);
	order_make(&m);
	if (how == THREAD_ORDEREDSUBJECT) {
		subjects_link(&m);
	} else {
		links_make(&m);
		dummies_drop(&m);
	}
	for (uint32_t i = 0; i < m.count; i++)
		if (!is_dummy(&m, i))
			node_of[m.nodes[i].message] = i;
	if (how == THREAD_REFERENCES)
		subjects_merge(&m, node_of);
	lists_make(&m, how, node_of, &out->root);
	out->nodes = m.nodes;
}
