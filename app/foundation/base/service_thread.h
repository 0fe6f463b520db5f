/* foundation/base/service_thread.h: a thread that serves one object. It sleeps until the object has
 * work for it, or until the object is freed.
 *
 * To give it work, take the lock, record the work and signal wake. The thread waits with
 * cond_wait_until (foundation/base/cond.h). It returns soon after it finds stopping true, and may
 * finish recorded work before. */
#ifndef BASE_SERVICE_THREAD_H
#define BASE_SERVICE_THREAD_H
#include "foundation/base/err.h"

#include <pthread.h>
#include <stdatomic.h>

struct service_thread {
	pthread_mutex_t lock; /* also protects the fields that the object names */
	pthread_cond_t wake;
	atomic_bool stopping; /* set under lock                              */
	pthread_t thread;
};

/* of: what the thread serves, for why. ERR_IO: there is no thread; do not call stop. */
enum err service_thread_start(struct service_thread *m, void *(*run)(void *), void *arg,
                              const char *of, struct why *why) MUST_USE;
/* Blocks until run has returned, then destroys the lock. */
void service_thread_stop(struct service_thread *m);

#endif
