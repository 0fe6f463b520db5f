/* flow/policy/filter_health.c: see filter_health.h. */
#include "flow/policy/filter_health.h"

#include "foundation/base/clock.h"

#include <pthread.h>
#include <string.h>

enum { SICK_MAX = 32, NAME_BYTES = 128 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct sick {
	char name[NAME_BYTES]; /* truncated                   */
	size_t n;
	unsigned failures; /* in a row; 0: the row is free */
	int64_t until_ms;  /* end of the suspension        */
} sick[SICK_MAX]; /* lock */

static struct sick *health_find(struct str name)
{
	for (size_t i = 0; i < COUNT(sick); i++)
		if (sick[i].failures != 0 && str_eq(str_from(sick[i].name, sick[i].n), name))
			return &sick[i];
	return NULL;
}

static struct sick *health_place(struct str name)
{
	struct sick *s = health_find(name);

	for (size_t i = 0; s == NULL && i < COUNT(sick); i++)
		if (sick[i].failures == 0)
			s = &sick[i];
	if (s == NULL) { /* only after many changes of the settings */
		s = &sick[0];
		s->failures = 0;
	}
	s->n = name.n;
	memcpy(s->name, name.p, name.n);
	return s;
}

bool filter_health_ask(struct str name)
{
	int64_t now_ms = clock_mono_ms();
	struct sick *s;
	bool ask = true;

	pthread_mutex_lock(&lock);
	s = health_find(str_sub(name, 0, NAME_BYTES));
	if (s != NULL && s->failures >= FILTER_FAILURES) {
		ask = now_ms >= s->until_ms;
		if (ask)
			s->until_ms = now_ms + FILTER_REST_MS;
	}
	pthread_mutex_unlock(&lock);
	return ask;
}

void filter_health_tell(struct str name, bool good)
{
	struct sick *s;

	name = str_sub(name, 0, NAME_BYTES);
	pthread_mutex_lock(&lock);
	s = good ? health_find(name) : health_place(name);
	if (s != NULL) {
		s->failures = good ? 0 : s->failures + 1;
		s->until_ms = clock_mono_ms() + FILTER_REST_MS;
	}
	pthread_mutex_unlock(&lock);
}

void filter_health_forget(void)
{
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < COUNT(sick); i++)
		sick[i] = (struct sick){ 0 };
	pthread_mutex_unlock(&lock);
}
