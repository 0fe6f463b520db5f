/* foundation/observe/history.c: see history.h. */
#include "foundation/observe/history.h"

#include "foundation/base/pack.h"

#include <pthread.h>
#include <string.h>

enum {
	STEP_MS = HISTORY_STEP_S * 1000,
	DAY_MS = 86400 * 1000,
	RECORD_VERSION = 1,
};

/* A step of yesterday is in the same slot; number identifies the step. */
static struct step {
	int64_t number; /* steps since 1970 */
	uint64_t counts[HISTORY_WHATS];
} steps[HISTORY_STEPS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

enum history_what history_what_of(enum metric m)
{
	static const enum history_what whats[METRICS] = {
		[METRIC_smtp_in_messages] = HISTORY_IN,
		[METRIC_queue_delivered] = HISTORY_OUT,
		[METRIC_smtp_in_refused] = HISTORY_REFUSED,
	};

	return whats[m];
}

static struct step *step_of(int64_t number)
{
	struct step *s = &steps[number % HISTORY_STEPS];

	if (s->number != number)
		*s = (struct step){ .number = number };
	return s;
}

void history_add(enum history_what what, int64_t n, int64_t now_ms)
{
	pthread_mutex_lock(&lock);
	step_of(now_ms / STEP_MS)->counts[what] += (uint64_t)n;
	pthread_mutex_unlock(&lock);
}

void history_get(int64_t now_ms, struct history_point points[static HISTORY_STEPS])
{
	int64_t oldest = now_ms / STEP_MS - (HISTORY_STEPS - 1);

	pthread_mutex_lock(&lock);
	for (int64_t i = 0; i < HISTORY_STEPS; i++) {
		const struct step *s = &steps[(oldest + i) % HISTORY_STEPS];

		points[i] = (struct history_point){ .time_ms = (oldest + i) * STEP_MS };
		if (s->number == oldest + i)
			memcpy(points[i].counts, s->counts, sizeof s->counts);
	}
	pthread_mutex_unlock(&lock);
}

void history_today(int64_t now_ms, uint64_t counts[static HISTORY_WHATS])
{
	struct history_point points[HISTORY_STEPS];

	memset(counts, 0, HISTORY_WHATS * sizeof *counts);
	history_get(now_ms, points);
	for (size_t i = 0; i < HISTORY_STEPS; i++)
		for (size_t what = 0; what < HISTORY_WHATS; what++)
			if (points[i].time_ms >= now_ms - now_ms % DAY_MS)
				counts[what] += points[i].counts[what];
}

/* --- across a restart ----------------------------------------------------------- */

static bool is_quiet(const struct history_point *p)
{
	uint64_t sum = 0;

	for (size_t what = 0; what < HISTORY_WHATS; what++)
		sum += p->counts[what];
	return sum == 0;
}

void history_pack(struct buf *out, int64_t now_ms)
{
	struct history_point points[HISTORY_STEPS];

	history_get(now_ms, points);
	pack_u64(out, RECORD_VERSION);
	for (size_t i = 0; i < HISTORY_STEPS; i++) {
		if (is_quiet(&points[i]))
			continue;
		pack_u64(out, (uint64_t)(points[i].time_ms / STEP_MS));
		for (size_t what = HISTORY_IN; what < HISTORY_WHATS; what++)
			pack_u64(out, points[i].counts[what]);
	}
}

void history_unpack(struct str record)
{
	struct unpack u = unpack_of(record);

	if (unpack_u64(&u) != RECORD_VERSION)
		return;
	pthread_mutex_lock(&lock);
	while (unpack_more(&u)) {
		struct step s = { .number = (int64_t)(unpack_u64(&u) & INT64_MAX) }, *to;

		for (size_t what = HISTORY_IN; what < HISTORY_WHATS; what++)
			s.counts[what] = unpack_u64(&u);
		to = step_of(s.number);
		for (size_t what = HISTORY_IN; unpack_ok(&u) && what < HISTORY_WHATS; what++)
			to->counts[what] += s.counts[what];
	}
	pthread_mutex_unlock(&lock);
}
