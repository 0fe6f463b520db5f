/* foundation/base/budget.c: see budget.h. */
#include "foundation/base/budget.h"

size_t budget_take(struct budget *b, size_t n)
{
	uint64_t number;

	n = MIN(n, b->total);
	pthread_mutex_lock(&b->lock);
	number = b->next++;
	while (number != b->serving || n > b->total - b->taken)
		pthread_cond_wait(&b->wake, &b->lock);
	b->serving++;
	b->taken += n;
	pthread_cond_broadcast(&b->wake); /* the next one may fit as well */
	pthread_mutex_unlock(&b->lock);
	return n;
}

void budget_give(struct budget *b, size_t n)
{
	pthread_mutex_lock(&b->lock);
	assert(n <= b->taken);
	b->taken -= n;
	pthread_cond_broadcast(&b->wake);
	pthread_mutex_unlock(&b->lock);
}
