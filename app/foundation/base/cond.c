/* foundation/base/cond.c: see cond.h. */
#include "foundation/base/cond.h"

#include "foundation/base/clock.h"

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

/* The remaining time, since tests change clock_mono_ms and not the kernel's clocks. */
static struct timespec point_of(clockid_t clock, int64_t deadline_ms)
{
	int64_t left = MIN(MAX(deadline_ms - clock_mono_ms(), 0), INT32_MAX);
	struct timespec at;

	clock_gettime(clock, &at);
	at.tv_sec += left / 1000;
	at.tv_nsec += left % 1000 * 1000000;
	if (at.tv_nsec >= 1000000000) {
		at.tv_sec++;
		at.tv_nsec -= 1000000000;
	}
	return at;
}

bool cond_wait_until(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t deadline_ms)
{
	struct timespec at = point_of(CLOCK_MONOTONIC, deadline_ms);

	return pthread_cond_timedwait(cond, lock, &at) != ETIMEDOUT;
}

/* sem_timedwait uses the wall clock. When that is changed meanwhile, this checks again, or waits
 * too long; use it only where that is harmless. */
bool sem_wait_until(sem_t *sem, int64_t deadline_ms)
{
	while (sem_trywait(sem) != 0) {
		struct timespec at = point_of(CLOCK_REALTIME, deadline_ms);

		if (deadline_ms == INT64_MAX) {
			if (sem_wait(sem) == 0)
				return true;
			assert(errno == EINTR);
		} else if (sem_timedwait(sem, &at) == 0) {
			return true;
		} else if (clock_mono_ms() >= deadline_ms) {
			return false;
		}
	}
	return true;
}
