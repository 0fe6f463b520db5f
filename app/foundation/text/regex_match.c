/* foundation/text/regex_match.c: simulation of all states of an automaton in parallel; see regex.h.
 *
 * A thread is a state that expects a byte, with the positions of the groups on its path. If several
 * threads reach a state, only the best one continues: so threads are sorted, best first, before
 * they continue to the states that they reach without a byte. */
#include "foundation/base/mem.h"
#include "foundation/text/regex_body.h"

#include <stdlib.h>
#include <string.h>

enum { TAGS = 2 * REGEX_GROUPS, NOWHERE = -1 };

struct thread {
	uint16_t node;
	int32_t tags[TAGS];
};

/* A pending step of the walk: a node to visit, or a tag to restore. */
struct pending {
	bool is_tag;
	uint16_t node; /* or the tag */
	int32_t was;
};

struct matcher {
	const struct regex *r;
	struct str text;
	int32_t at;
	struct thread *now, *next;
	size_t now_n, next_n;
	uint32_t *visited; /* of each node: the last round in which a thread reached it */
	uint32_t round;
	struct pending *stack;
	bool found;
	int32_t best[TAGS];
};

/* Earlier beginnings are better, then later ends; the end of an open group is later than all, and a
 * matched group is better than an unmatched one. */
static int tags_order(const int32_t *a, const int32_t *b)
{
	for (int i = 0; i < TAGS; i += 2) {
		if (a[i] != b[i])
			return (uint32_t)a[i] < (uint32_t)b[i] ? -1 : 1;
		if (a[i + 1] != b[i + 1])
			return (uint32_t)a[i + 1] > (uint32_t)b[i + 1] ? -1 : 1;
	}
	return 0;
}

static int thread_order(const void *a, const void *b)
{
	return tags_order(((const struct thread *)a)->tags, ((const struct thread *)b)->tags);
}

static bool word_at(const struct matcher *m, int32_t i)
{
	return i >= 0 && (size_t)i < m->text.n && regex_is_word((unsigned char)m->text.p[i]);
}

static bool holds(const struct matcher *m, unsigned assertion)
{
	bool before = word_at(m, m->at - 1), after = word_at(m, m->at);

	switch (assertion) {
	case REGEX_BEGIN:
		return m->at == 0;
	case REGEX_END:
		return (size_t)m->at == m->text.n;
	case REGEX_WORD_EDGE:
		return before != after;
	case REGEX_WORD_INNER:
		return before == after;
	case REGEX_WORD_BEGIN:
		return !before && after;
	default:
		return before && !after;
	}
}

static void best_take(struct matcher *m, const int32_t *tags)
{
	if (m->found && tags_order(m->best, tags) <= 0)
		return;
	m->found = true;
	memcpy(m->best, tags, sizeof m->best);
}

/* One node; pushes those that follow it without a byte. */
static size_t node_visit(struct matcher *m, uint16_t at, int32_t *tags, size_t depth)
{
	const struct regex_node *node = &m->r->nodes[at];
	struct pending *stack = m->stack;

	switch (node->op) {
	case REGEX_SET:
		m->now[m->now_n].node = at;
		memcpy(m->now[m->now_n++].tags, tags, sizeof m->best);
		return depth;
	case REGEX_MATCH:
		best_take(m, tags);
		return depth;
	case REGEX_ASSERT:
		if (!holds(m, node->arg))
			return depth;
		break;
	case REGEX_SPLIT:
		stack[depth++] = (struct pending){ .node = node->other };
		break;
	case REGEX_SAVE:
		stack[depth++] = (struct pending){ true, node->arg, tags[node->arg] };
		if (node->arg % 2 == 0) {
			stack[depth++] =
				(struct pending){ true, node->arg + 1u, tags[node->arg + 1] };
			tags[node->arg + 1] = NOWHERE;
		}
		tags[node->arg] = m->at;
		break;
	default:
		break;
	}
	stack[depth++] = (struct pending){ .node = node->next };
	return depth;
}

/* Visit all nodes that are reachable from a node without a byte, and that no better thread has
 * reached in this round. */
static void regex_match_walk(struct matcher *m, uint16_t from, int32_t *tags)
{
	size_t depth = 0;

	m->stack[depth++] = (struct pending){ .node = from };
	while (depth != 0) {
		struct pending p = m->stack[--depth];

		if (p.is_tag) {
			tags[p.node] = p.was;
		} else if (m->visited[p.node] != m->round) {
			m->visited[p.node] = m->round;
			depth = node_visit(m, p.node, tags, depth);
		}
	}
}

static void threads_begin(struct matcher *m)
{
	int32_t tags[TAGS];

	m->now_n = 0;
	m->round++;
	for (size_t i = 0; i < m->next_n; i++)
		regex_match_walk(m, m->next[i].node, m->next[i].tags);
	if (m->found)
		return;
	memset(tags, NOWHERE, sizeof tags);
	regex_match_walk(m, m->r->start, tags);
}

static void threads_step(struct matcher *m)
{
	unsigned char byte = (unsigned char)m->text.p[m->at];

	m->next_n = 0;
	for (size_t i = 0; i < m->now_n; i++) {
		const struct regex_node *node = &m->r->nodes[m->now[i].node];

		if (!regex_set_has(&m->r->sets[node->set], byte))
			continue;
		m->next[m->next_n] = m->now[i];
		m->next[m->next_n++].node = node->next;
	}
	qsort(m->next, m->next_n, sizeof *m->next, thread_order);
	m->at++;
}

static void regex_match_run(struct matcher *m)
{
	for (;;) {
		threads_begin(m);
		if ((size_t)m->at == m->text.n || (m->found && m->now_n == 0))
			return;
		threads_step(m);
	}
}

size_t regex_bytes(const struct regex *r)
{
	return sizeof *r + r->n * sizeof *r->nodes + r->set_count * sizeof *r->sets +
	       2 * (r->set_nodes + 1) * sizeof(struct thread) + r->n * sizeof(uint32_t) +
	       (3 * r->n + 1) * sizeof(struct pending);
}

size_t regex_states(const struct regex *r)
{
	return r->n;
}

bool regex_match(const struct regex *r, struct str text, struct str parts[REGEX_GROUPS])
{
	struct matcher m = { .r = r, .text = text };

	assert(text.n < INT32_MAX);
	m.now = mem_new((r->set_nodes + 1) * sizeof *m.now);
	m.next = mem_new((r->set_nodes + 1) * sizeof *m.next);
	m.visited = mem_new(r->n * sizeof *m.visited);
	m.stack = mem_new((3 * r->n + 1) * sizeof *m.stack);
	regex_match_run(&m);
	mem_free(m.now);
	mem_free(m.next);
	mem_free(m.visited);
	mem_free(m.stack);
	for (size_t i = 0; i < REGEX_GROUPS; i++) {
		bool took = m.found && m.best[2 * i] >= 0 && m.best[2 * i + 1] >= 0;

		parts[i] = took ? str_sub(text, (size_t)m.best[2 * i], (size_t)m.best[2 * i + 1])
		                : STR_EMPTY;
	}
	return m.found;
}
