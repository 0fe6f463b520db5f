/* net/cond.c: see cond.h. */
#include "net/cond.h"

#include "base/clock.h"

#include <errno.h>
#include <time.h>

void cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
}

bool cond_wait_until(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t deadline_ms)
{
	/* Through what is left, since tests turn clock_mono_ms and not the kernel's clock. */
	int64_t left = MIN(MAX(deadline_ms - clock_mono_ms(), 0), INT32_MAX);
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += left / 1000;
	at.tv_nsec += left % 1000 * 1000000;
	if (at.tv_nsec >= 1000000000) {
		at.tv_sec++;
		at.tv_nsec -= 1000000000;
	}
	return pthread_cond_timedwait(cond, lock, &at) != ETIMEDOUT;
}
