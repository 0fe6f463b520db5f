/* foundation/base/service_thread.c: see service_thread.h. */
#include "foundation/base/service_thread.h"

#include "foundation/base/cond.h"

static void deinit(struct service_thread *m)
{
	pthread_cond_destroy(&m->wake);
	pthread_mutex_destroy(&m->lock);
}

enum err service_thread_start(struct service_thread *m, void *(*run)(void *), void *arg,
                              const char *of, struct why *why)
{
	pthread_mutex_init(&m->lock, NULL);
	cond_init(&m->wake);
	atomic_init(&m->stopping, false);
	if (pthread_create(&m->thread, NULL, run, arg) == 0)
		return OK;
	deinit(m);
	return fail(why, ERR_IO, "cannot start the thread of %s", of);
}

void service_thread_stop(struct service_thread *m)
{
	pthread_mutex_lock(&m->lock);
	atomic_store(&m->stopping, true);
	pthread_cond_signal(&m->wake);
	pthread_mutex_unlock(&m->lock);
	pthread_join(m->thread, NULL);
	deinit(m);
}
