/* model/query/thread_making.h: builds threads. Private to thread*.c, which
 * follow the steps of RFC 5256 3, THREAD, REFERENCES:
 *
 *	thread_links.c     1 and 3: link messages by references, with dummies for missing
 *	                   ones; then remove needless dummies
 *	thread_subjects.c  5: merge threads of one subject; and ORDEREDSUBJECT
 *	thread_lists.c     6: lists of children, in the order of dates
 *
 * While links are made, a node has its parent only. The lists of children are made once
 * at the end: nodes are added in the order of dates, so each list is sorted. */
#ifndef QUERY_THREAD_MAKING_H
#define QUERY_THREAD_MAKING_H
#include "model/query/thread.h"

enum { THREAD_RECENT = 64 };

struct thread_making {
	struct arena *arena;
	const struct thread_message *messages;
	uint32_t n;
	uint32_t *order;   /* messages by date                    */
	uint32_t *node_of; /* node of each message, after linking */

	/* grows as ids are added; heap */
	struct thread_node *nodes;
	uint64_t *ids; /* 0: none */
	bool *has_children;
	uint32_t count, cap;
	/* Hash table from id to node + 1, 0 is empty; the size is a power of two; heap */
	uint32_t *slots;
	size_t slot_count;
	/* The same for recent ids, since replies to one message arrive together */
	struct {
		uint64_t id;
		uint32_t slot; /* as in slots */
	} recent[THREAD_RECENT];
};

uint32_t thread_node_add(struct thread_making *m, uint32_t message, uint64_t id);
static inline bool thread_is_dummy(const struct thread_making *m, uint32_t node)
{
	return m->nodes[node].message == THREAD_NONE;
}

void thread_links_make(struct thread_making *m);
void thread_dummies_drop(struct thread_making *m);
/* Link all messages of a subject below the first of them. */
void thread_subjects_link(struct thread_making *m);
void thread_subjects_merge(struct thread_making *m);
/* Returns the root's first child. */
uint32_t thread_lists_make(struct thread_making *m, enum thread_algorithm how);

#endif
