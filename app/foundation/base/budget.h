/* foundation/base/budget.h: a limit in bytes that several threads share, so that the work of many
 * peers at once needs no more memory than the work of one.
 *
 * Threads are served in the order of their arrival, so small requests cannot starve a large one. A
 * thread that holds bytes must not take more from the same budget. */
#ifndef BASE_BUDGET_H
#define BASE_BUDGET_H
#include "foundation/base/util.h"

#include <pthread.h>

struct budget {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	size_t total;     /* constant */
	size_t taken;     /* lock     */
	uint64_t next;    /* lock; ticket of the next thread that arrives */
	uint64_t serving; /* lock; ticket of the thread that is served */
};

/* total in bytes, not 0. For one of static storage. */
#define BUDGET_OF(bytes)                                                             \
	{                                                                            \
		.lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER, \
		.total = (bytes)                                                     \
	}

/* Block until n bytes are free, and take them. A request of more than the total takes the total, so
 * that its work runs alone. Returns the number of bytes for budget_give. */
size_t budget_take(struct budget *b, size_t n) MUST_USE;
/* n is what budget_take returned. */
void budget_give(struct budget *b, size_t n);

#endif
