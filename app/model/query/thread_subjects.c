/* model/query/thread_subjects.c: merges threads of one subject; see
 * thread_making.h. */
#include "model/query/order.h"
#include "model/query/thread_making.h"

/* --- step 5: subjects ------------------------------------------------------------------- */

/* Number the subjects: equal ones get the same number, 0 is the empty one. */
static uint32_t *subjects_number(struct thread_making *m)
{
	uint32_t *numbers = arena_array(m->arena, uint32_t, m->n);
	struct str *subjects = arena_array(m->arena, struct str, m->n);

	for (uint32_t i = 0; i < m->n; i++)
		subjects[i] = m->messages[i].subject;
	(void)order_strings_number(subjects, m->n, numbers);
	for (uint32_t i = 0; i < m->n; i++)
		if (subjects[i].n == 0)
			numbers[i] = 0;
	return numbers;
}

/* A thread: its topmost node, and its first message by date, which has its subject. */
struct thread_top {
	uint32_t node, first;
};

/* Threads by the date of their first message. */
static struct thread_top *tops_list(struct thread_making *m, uint32_t *count)
{
	struct thread_top *tops = arena_array(m->arena, struct thread_top, m->n);
	bool *seen = arena_array(m->arena, bool, m->count);

	*count = 0;
	for (uint32_t i = 0; i < m->n; i++) {
		uint32_t node = m->node_of[m->order[i]], up = m->nodes[node].parent;
		uint32_t top = up == THREAD_NONE ? node : thread_is_dummy(m, up) ? up : THREAD_NONE;

		if (top == THREAD_NONE || seen[top])
			continue;
		seen[top] = true;
		tops[(*count)++] = (struct thread_top){ top, m->order[i] };
	}
	return tops;
}

/* Is the top a reply? A dummy is not. */
static bool top_replies(const struct thread_making *m, const struct thread_top *t)
{
	return !thread_is_dummy(m, t->node) && m->messages[t->first].reply;
}

/* 5.B */
static bool is_better(const struct thread_making *m, const struct thread_top *now,
                      const struct thread_top *before)
{
	return !thread_is_dummy(m, before->node) &&
	       (thread_is_dummy(m, now->node) || (top_replies(m, before) && !top_replies(m, now)));
}

/* 5.C: t and first have the same subject. Only parents are stored, so two dummies are
 * joined by pointing one to the other. */
static void tops_merge(struct thread_making *m, struct thread_top *first, struct thread_top *t)
{
	if (thread_is_dummy(m, first->node) ||
	    (top_replies(m, t) && !top_replies(m, first) && !thread_is_dummy(m, t->node))) {
		m->nodes[t->node].parent = first->node;
	} else {
		uint32_t dummy = thread_node_add(m, THREAD_NONE, 0);

		m->nodes[first->node].parent = m->nodes[t->node].parent = dummy;
		first->node = dummy;
	}
}

void thread_subjects_merge(struct thread_making *m)
{
	uint32_t count, *subjects = subjects_number(m);
	struct thread_top *tops = tops_list(m, &count);
	/* index of a top + 1, by subject */
	uint32_t *table = arena_array(m->arena, uint32_t, m->n + 1);

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

/* --- ORDEREDSUBJECT ---------------------------------------------------------------------- */

void thread_subjects_link(struct thread_making *m)
{
	uint32_t *subjects = subjects_number(m);
	/* index of a message + 1 */
	uint32_t *heads = arena_array(m->arena, uint32_t, m->n + 1);

	for (uint32_t i = 0; i < m->n; i++)
		(void)thread_node_add(m, i, 0);
	for (uint32_t i = 0; i < m->n; i++) {
		uint32_t message = m->order[i], *head = &heads[subjects[message]];

		if (*head)
			m->nodes[message].parent = *head - 1;
		else
			*head = message + 1;
	}
}
