/* model/queue/clock.c: handles changes of the clock while the server runs; see
 * queue_body.h.
 *
 * Due times are real times, because they survive the process. If the clock goes back,
 * entries would wait longer by the same time. If it goes forward, leases would end while
 * their holders work, and another runner would send a second copy; new entries would be
 * too old. So all these times are moved. Times requested by a sender (FUTURERELEASE)
 * stay. */
#include "foundation/base/clock.h"
#include "foundation/observe/event.h"
#include "model/queue/admin.h"
#include "model/queue/entry.h"
#include "model/queue/queue.h"
#include "model/queue/queue_body.h"
#include "model/queue/record.h"
#include "model/store/store.h"

enum { CLOCK_LEAST_MS = 2000 }; /* smaller steps are adjustments, or the time between
                                 * reading both clocks */

int64_t queue_clock_now(void)
{
	return clock_real_ms() - clock_mono_ms();
}

/* Recorded before the leases move, so that their holders recognize them. */
static void set_note(struct queue *q, int64_t by_ms)
{
	pthread_mutex_lock(&q->clock_lock);
	for (size_t i = 1; i < COUNT(q->clock_sets); i++)
		q->clock_sets[i - 1] = q->clock_sets[i];
	q->clock_sets[COUNT(q->clock_sets) - 1] = by_ms;
	pthread_mutex_unlock(&q->clock_lock);
}

static bool is_set(struct queue *q, int64_t now)
{
	int64_t by_ms = now - atomic_load(&q->clock_offset_ms);

	return by_ms <= -CLOCK_LEAST_MS || by_ms >= CLOCK_LEAST_MS;
}

/* q->look_lock: other callers wait, because unmoved leases look expired. */
static enum err set_mend(struct queue *q, int64_t now, struct why *why)
{
	int64_t by_ms = now - atomic_load(&q->clock_offset_ms);
	enum err e;

	event(clock_changed, STR(""), ev_int(by_ms / 1000));
	if (by_ms > 0)
		set_note(q, by_ms);
	else
		dests_forgive(q->dests, STR_EMPTY, clock_real_ms());
	e = queue_mend(q, by_ms, why);
	if (e == OK)
		atomic_store(&q->clock_offset_ms, now);
	queue_changed(q);
	return e;
}

enum err queue_clock_look(struct queue *q, struct why *why)
{
	enum err e = OK;
	int64_t now;

	if (q == NULL || !is_set(q, queue_clock_now()))
		return OK;
	pthread_mutex_lock(&q->look_lock);
	now = queue_clock_now();
	if (is_set(q, now)) /* not fixed by another thread meanwhile */
		e = set_mend(q, now, why);
	pthread_mutex_unlock(&q->look_lock);
	return e;
}

bool queue_lease_is(struct queue *q, const struct queue_item *taken, const struct queue_item *now)
{
	int64_t moved = now->due_ms - taken->due_ms, sum = 0;
	bool same = moved == 0;

	if (now->holder != q->holder || now->envelope.rcpt_count != taken->envelope.rcpt_count)
		return false;
	pthread_mutex_lock(&q->clock_lock);
	for (size_t i = COUNT(q->clock_sets); i-- > 0 && !same;)
		same = (sum += q->clock_sets[i]) == moved;
	pthread_mutex_unlock(&q->clock_lock);
	return same;
}

struct times {
	struct queue *q;
	struct queue_item *item;
};

static enum err times_read(struct txn *t, void *arg)
{
	const struct times *times = arg;
	struct queue_item now;
	enum err e = record_get(t, times->item->id, txn_arena(t), &now);

	if (e == OK && queue_lease_is(times->q, times->item, &now)) {
		times->item->created_ms = now.created_ms;
		times->item->expires_ms = now.expires_ms;
		times->item->envelope.by_ms = now.envelope.by_ms;
	}
	return e == ERR_MISSING || e == ERR_CORRUPT ? OK : e; /* the report logs it */
}

enum err queue_times_take(struct queue *q, struct queue_item *item)
{
	struct times times = { q, item };
	bool set;

	pthread_mutex_lock(&q->clock_lock);
	set = q->clock_sets[COUNT(q->clock_sets) - 1] != 0;
	pthread_mutex_unlock(&q->clock_lock);
	return set ? store_read(q->store, times_read, &times) : OK;
}
