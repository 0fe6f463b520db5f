/* foundation/base/cond.h: condition variables and semaphores that wait until a point of
 * clock_mono_ms. */
#ifndef BASE_COND_H
#define BASE_COND_H
#include "foundation/base/util.h"

#include <pthread.h>
#include <semaphore.h>

void cond_init(pthread_cond_t *cond);
/* As pthread_cond_wait, but false when the deadline has passed. */
bool cond_wait_until(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t deadline_ms);
/* As sem_wait, but false when the deadline has passed. INT64_MAX: there is none. */
bool sem_wait_until(sem_t *sem, int64_t deadline_ms);

#endif
