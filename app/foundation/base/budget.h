/* foundation/base/budget.h: bytes that several threads share, so that work of many peers at once
 * needs no more memory than the work of one.
 *
 * Threads are served in the order in which they come: a large request is not passed by small
 * ones for ever. A thread that holds bytes must not take more from the same budget. */
#ifndef BASE_BUDGET_H
#define BASE_BUDGET_H
#include "foundation/base/util.h"

#include <pthread.h>

struct budget {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	size_t total;     /* constant */
	size_t taken;     /* lock     */
	uint64_t next;    /* lock; the number of the next thread that comes   */
	uint64_t serving; /* lock; the number of the thread whose turn it is  */
};

/* total in bytes, not 0. For one of static storage. */
#define BUDGET_OF(bytes)                                                             \
	{                                                                            \
		.lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER, \
		.total = (bytes)                                                     \
	}

/* Wait until n bytes are free, and take them. More than the total is taken as the total: such
 * work runs alone. Returns what to give back. */
size_t budget_take(struct budget *b, size_t n) MUST_USE;
/* n is what budget_take returned. */
void budget_give(struct budget *b, size_t n);

#endif
