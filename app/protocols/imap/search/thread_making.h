/* protocols/imap/search/thread_making.h: threads while they are made. Private to thread*.c, which
 * follow the steps of RFC 5256 3, THREAD, REFERENCES:
 *
 *	thread_links.c     1 and 3: messages by what they refer to, with dummies for those that
 *	                   are missing; then without the dummies that nobody needs
 *	thread_subjects.c  5: threads of one subject become one; and ORDEREDSUBJECT
 *	thread_lists.c     6: lists of children, in the order of dates
 *
 * While links are made, a node knows its parent only. Lists of children are made once, at the
 * end: nodes are taken in the order of dates, so each list comes out sorted. */
#ifndef IMAP_THREAD_MAKING_H
#define IMAP_THREAD_MAKING_H
#include "protocols/imap/search/thread.h"

enum { THREAD_RECENT = 64 };

struct thread_making {
	struct arena *arena;
	const struct thread_message *messages;
	uint32_t n;
	uint32_t *order;   /* messages by date  */
	uint32_t *node_of; /* node of each message, once links are made */

	/* nodes, which get more as ids come; heap */
	struct thread_node *nodes;
	uint64_t *ids; /* 0: none */
	bool *has_children;
	uint32_t count, cap;
	/* which has which id: node + 1, 0 is empty; a power of two of them, heap */
	uint32_t *slots;
	size_t slot_count;
	/* the same of ids that came lately, as answers to one message come together */
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
/* All messages of a subject below the first of them. */
void thread_subjects_link(struct thread_making *m);
void thread_subjects_merge(struct thread_making *m);
/* The root's first child is returned. */
uint32_t thread_lists_make(struct thread_making *m, enum thread_algorithm how);

#endif
