/* flow/policy/tally.c: see policy_private.h.
 *
 * One slot for each hour of the day, cleared when its hour begins again. A count during
 * the clearing may be lost: these figures are only displayed. */
#include "flow/policy/policy_private.h"

#include "foundation/base/clock.h"
#include "foundation/base/mem.h"

#include <pthread.h>
#include <stdatomic.h>

enum { HOURS = 24, HOUR_MS = 3600 * 1000 };

struct hour {
	_Atomic int64_t number; /* since 1970 */
	_Atomic uint32_t *counts; /* by check, then kind */
};

struct policy_tally {
	pthread_mutex_t lock; /* for clearing */
	size_t checks;
	struct hour hours[HOURS];
};

enum { KINDS = POLICY_KINDS + 1 };

static int64_t now_hour(void)
{
	return clock_real_ms() / HOUR_MS;
}

struct policy_tally *policy_tally_new(size_t checks)
{
	struct policy_tally *t = NEW(struct policy_tally);

	pthread_mutex_init(&t->lock, NULL);
	t->checks = checks;
	for (size_t i = 0; i < HOURS; i++)
		t->hours[i].counts = mem_new(checks * KINDS * sizeof *t->hours[i].counts);
	return t;
}

void policy_tally_free(struct policy_tally **t)
{
	if (*t == NULL)
		return;
	for (size_t i = 0; i < HOURS; i++)
		mem_free((void *)(*t)->hours[i].counts);
	pthread_mutex_destroy(&(*t)->lock);
	mem_clear(t);
}

static void empty(struct policy_tally *t, struct hour *h, int64_t number)
{
	pthread_mutex_lock(&t->lock);
	if (atomic_load(&h->number) != number) {
		for (size_t i = 0; i < t->checks * KINDS; i++)
			atomic_store(&h->counts[i], 0);
		atomic_store(&h->number, number);
	}
	pthread_mutex_unlock(&t->lock);
}

void policy_tally_add(struct policy_tally *t, size_t check, enum policy_kind kind)
{
	int64_t number = now_hour();
	struct hour *h = &t->hours[(uint64_t)number % HOURS];

	if (atomic_load(&h->number) != number)
		empty(t, h, number);
	atomic_fetch_add(&h->counts[check * KINDS + (size_t)kind], 1);
}

void policy_tally_read(struct policy_tally *t, size_t check, uint64_t out[POLICY_KINDS + 1])
{
	int64_t now = now_hour();

	for (size_t k = 0; k < KINDS; k++)
		out[k] = 0;
	for (size_t i = 0; i < HOURS; i++) {
		int64_t number = atomic_load(&t->hours[i].number);

		if (number > now || number <= now - HOURS)
			continue;
		for (size_t k = 0; k < KINDS; k++)
			out[k] += atomic_load(&t->hours[i].counts[check * KINDS + k]);
	}
}
