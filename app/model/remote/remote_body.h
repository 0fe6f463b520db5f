/* model/remote/remote_body.h: the struct shared by the files of this folder. */
#ifndef REMOTE_REMOTE_BODY_H
#define REMOTE_REMOTE_BODY_H
#include "foundation/base/map.h"
#include "foundation/base/service_thread.h"
#include "model/remote/remote.h"

#include <pthread.h>
#include <stdatomic.h>

struct gathered;
struct round;

struct remotes {
	struct remotes_config config;
	atomic_bool stop; /* cancels fetches */

	/* sts.c */
	pthread_mutex_t flights_lock;
	pthread_cond_t landed;
	struct map flights; /* flights_lock: domain -> struct flight */

	/* sts_refresh.c, for the thread only */
	struct round *round;         /* NULL: no renewals are left */
	struct map renewals_failed;  /* domain -> when: int64_t, of clock_mono_ms */

	/* evidence.c */
	pthread_mutex_t notes_lock;
	struct gathered *notes; /* notes_lock; NULL: none */

	/* remote.c */
	struct service_thread service;
	bool pressed; /* thread.lock: many notes are pending */
};

/* Ask the thread to write notes soon. */
void remotes_press(struct remotes *r);

/* sts_refresh.c: forget failed renewals; free all, at the end. */
void renewals_forget(struct remotes *r);
void renewals_deinit(struct remotes *r);

/* sts.c: free the state of fetches; at the end. */
void flights_deinit(struct remotes *r);

#endif
