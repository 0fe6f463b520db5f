/* foundation/base/minder.h: a thread that minds an object: it sleeps until there is something to do
 * for it, or until the object's end.
 *
 * Whoever gives it something to do takes the lock, notes it, and signals wake. The thread waits
 * by cond_wait_until (foundation/base/cond.h), and returns soon after it finds stopping true;
 * what is left to be done it may do before. */
#ifndef BASE_MINDER_H
#define BASE_MINDER_H
#include "foundation/base/err.h"

#include <pthread.h>
#include <stdatomic.h>

struct minder {
	pthread_mutex_t lock; /* also of what the object says it is of       */
	pthread_cond_t wake;
	atomic_bool stopping; /* set under lock                              */
	pthread_t thread;
};

/* of is what it minds, for why. ERR_IO: there is no thread, and nothing to be stopped. */
enum err minder_start(struct minder *m, void *(*run)(void *), void *arg, const char *of,
                      struct why *why) MUST_USE;
/* Back when run is; the lock is gone then. */
void minder_stop(struct minder *m);

#endif
