/* foundation/base/list.h: intrusive doubly linked lists. The element contains a struct list. No
 * allocation; every operation is O(1). The head is a struct list too, linked to itself while
 * empty. */
#ifndef BASE_LIST_H
#define BASE_LIST_H
#include "foundation/base/util.h"

struct list {
	struct list *next, *prev;
};

static inline void list_init(struct list *l)
{
	l->next = l->prev = l;
}
static inline bool list_empty(const struct list *head)
{
	return head->next == head;
}
static inline void list_push_back(struct list *head, struct list *l)
{
	l->prev = head->prev;
	l->next = head;
	head->prev->next = l;
	head->prev = l;
}
static inline void list_push_front(struct list *head, struct list *l)
{
	list_push_back(head->next, l);
}
/* l is linked to itself afterwards, so a second remove is a no-op. */
static inline void list_remove(struct list *l)
{
	l->prev->next = l->next;
	l->next->prev = l->prev;
	list_init(l);
}
/* NULL when empty. */
static inline struct list *list_pop_front(struct list *head)
{
	struct list *l = head->next;

	if (l == head)
		return NULL;
	list_remove(l);
	return l;
}

#define list_each(it, head) for (struct list *it = (head)->next; it != (head); it = it->next)
/* The body may remove it. */
#define list_each_safe(it, head)                                                  \
	for (struct list *it = (head)->next, *it##_next = it->next; it != (head); \
	     it = it##_next, it##_next = it->next)

#endif
