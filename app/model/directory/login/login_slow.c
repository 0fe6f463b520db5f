/* model/directory/login/login_slow.c: see login_slow.h. */
#include "model/directory/login/login_slow.h"

#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "network/runtime/addr.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

enum { WORKERS_PART = 8 }; /* one thread in so many may wait */

struct queue_of {
	char key[ADDR_NETWORK_KEY_MAX];
	size_t n;
	unsigned waiting; /* 0: the entry is free */
	int64_t last_ms;  /* the time of the last admitted login */
};

struct login_slow {
	pthread_mutex_t lock;
	struct queue_of queues[LIMIT_login_slowed]; /* lock */
	unsigned waiting;                           /* lock */
	unsigned most;                              /* of waiting; lock */
};

struct login_slow *login_slow_new(void)
{
	struct login_slow *s = NEW(struct login_slow);

	pthread_mutex_init(&s->lock, NULL);
	s->most = LIMIT_login_slowed;
	return s;
}

void login_slow_workers(struct login_slow *s, unsigned workers)
{
	pthread_mutex_lock(&s->lock);
	s->most = MAX(1, MIN(LIMIT_login_slowed, workers / WORKERS_PART));
	pthread_mutex_unlock(&s->lock);
}

void login_slow_free(struct login_slow **s)
{
	if (*s == NULL)
		return;
	pthread_mutex_destroy(&(*s)->lock);
	mem_clear(s);
}

/* The queue of key, or a free entry. There always is one: no more threads wait than there are
 * entries. */
static struct queue_of *queue_find(struct login_slow *s, struct str key)
{
	struct queue_of *free = NULL;

	for (size_t i = 0; i < COUNT(s->queues); i++) {
		struct queue_of *q = &s->queues[i];

		if (q->waiting == 0)
			free = q;
		else if (str_eq(str_from(q->key, q->n), key))
			return q;
	}
	assert(free != NULL);
	memcpy(free->key, key.p, key.n);
	free->n = key.n;
	free->last_ms = clock_mono_ms();
	return free;
}

static void sleep_ms(int64_t ms)
{
	struct timespec left;

	if (ms <= 0)
		return;
	left = (struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	while (nanosleep(&left, &left) != 0 && errno == EINTR)
		;
}

bool login_slow_wait(struct login_slow *s, struct str key, int64_t ms)
{
	struct queue_of *q = NULL;
	int64_t turn_ms = 0;

	assert(key.n != 0 && key.n <= ADDR_NETWORK_KEY_MAX);
	pthread_mutex_lock(&s->lock);
	if (s->waiting < s->most) {
		q = queue_find(s, key);
		if (q->waiting >= MAX(1, s->most / 2))
			q = NULL;
	}
	if (q != NULL) {
		s->waiting++;
		q->waiting++;
		turn_ms = q->last_ms += ms;
	}
	pthread_mutex_unlock(&s->lock);
	if (q == NULL)
		return false;
	sleep_ms(turn_ms - clock_mono_ms());
	pthread_mutex_lock(&s->lock);
	q->waiting--;
	s->waiting--;
	pthread_mutex_unlock(&s->lock);
	return true;
}
