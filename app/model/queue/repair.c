/* model/queue/repair.c: repairs at a start: leases of an earlier life, times of a wrong
 * clock; also after a change of the clock (clock.c). One pass over all entries finds
 * those to repair, usually none; only these are written. See queue_body.h. */
#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "model/history/sent.h"
#include "model/queue/class.h"
#include "model/queue/entry.h"
#include "model/queue/queue_body.h"
#include "model/queue/record.h"
#include "model/queue/routing.h"
#include "model/store/store.h"

enum {
	CLOCK_SLACK_MS = 24 * 3600 * 1000, /* two correct clocks may differ by so much */
	AGE_LEAST_MS = 60 * 1000, /* smaller changes of the clock do not affect ages        */
	MEND_EACH = 500, /* entries of one commit */
};

struct mend {
	struct queue *q;
	const struct settings *settings;
	int64_t now_ms;
	int64_t set_ms;     /* the clock was just set forward by so much; back: negative */
	int64_t longest_ms; /* longest wait of any named queue, or a lease               */
	uint64_t *ids;      /* of those to repair                                        */
	size_t count, room;
	size_t done;
};

/* --- which entries ----------------------------------------------------------------------- */

static uint32_t holder_node(uint64_t holder)
{
	return (uint32_t)(holder >> 32);
}

/* The lease of an earlier life of this node, which has ended. */
static bool lease_is_dead(const struct queue *q, const struct queue_item *item)
{
	return item->holder != 0 && item->holder != q->holder &&
	       holder_node(item->holder) == holder_node(q->holder);
}

/* Is it being tried in this process? */
static bool lease_lives(const struct mend *m, const struct queue_item *item)
{
	return item->holder == m->q->holder;
}

/* Would it wait longer because the clock went back? Not if a sender requested its
 * time. */
static bool waits_too_long(const struct mend *m, const struct queue_item *item)
{
	return m->set_ms < 0 && !item->held && item->holder == 0 && item->due_ms > m->now_ms &&
	       item->due_ms != item->envelope.not_before_ms;
}

/* Written by a clock far ahead: it would not be tried for as long. */
static bool time_is_wrong(const struct mend *m, const struct queue_item *item)
{
	return !item->held && (item->created_ms > m->now_ms + CLOCK_SLACK_MS ||
	                       (item->attempts != 0 && item->due_ms > m->now_ms + m->longest_ms));
}

/* Is it older by the step of the clock, and would expire too early? New entries are
 * not. */
static bool ages(const struct mend *m, const struct queue_item *item)
{
	return m->set_ms >= AGE_LEAST_MS && item->created_ms <= m->now_ms - m->set_ms;
}

static bool needs_it(const struct mend *m, const struct queue_item *item)
{
	if (lease_lives(m, item))
		return m->set_ms > 0;
	if (ages(m, item))
		return true;
	return lease_is_dead(m->q, item) || time_is_wrong(m, item) || waits_too_long(m, item);
}

/* Is it of an API submission that lacks its entries, from an older version? Checked at a
 * start. */
static bool is_unknown(const struct mend *m, struct txn *t, const struct queue_item *item)
{
	return m->set_ms == 0 && item->envelope.sent_id != 0 &&
	       sent_waits_check(t, item->envelope.submitter, item->envelope.sent_id, item->id) ==
	               ERR_MISSING;
}

static void longest_take(const struct queue_class *class, void *arg)
{
	struct mend *m = arg;

	m->longest_ms = MAX(m->longest_ms, schedule_wait_max_ms(&class->schedule));
}

static void id_keep(struct mend *m, uint64_t id)
{
	if (m->count == m->room) {
		m->room = MAX(2 * m->room, (size_t)64);
		m->ids = mem_resize(m->ids, m->room * sizeof *m->ids);
	}
	m->ids[m->count++] = id;
}

/* Skips unreadable rows; fsck reports them. */
static enum err look(struct txn *t, void *arg)
{
	struct mend *m = arg;
	struct queue_item item;
	struct kv_iter it;

	record_iter(&it, t, 1);
	while (kv_iter_next(&it))
		if (record_glance(&it, &item) == OK &&
		    (needs_it(m, &item) || is_unknown(m, t, &item)))
			id_keep(m, item.id);
	return kv_iter_end(&it);
}

/* --- repair ------------------------------------------------------------------------------ */

/* Move the times relative to its creation. */
static void age_keep(const struct mend *m, struct queue_item *item)
{
	item->created_ms += m->set_ms;
	item->expires_ms += m->set_ms;
	if (item->envelope.by_mode != ENVELOPE_BY_NONE)
		item->envelope.by_ms += m->set_ms;
}

static void item_mend(const struct mend *m, struct queue_item *item)
{
	struct schedule schedule = queue_class_of(m->settings, item->queue).schedule;

	if (ages(m, item))
		age_keep(m, item);
	if (lease_lives(m, item)) {
		item->due_ms += MAX(m->set_ms, 0);
		return;
	}
	if (waits_too_long(m, item))
		item->due_ms = MAX(item->due_ms + m->set_ms, m->now_ms);
	if (lease_is_dead(m->q, item)) {
		item->holder = 0;
		item->due_ms = item->held ? QUEUE_NEVER_MS : m->now_ms;
	}
	if (time_is_wrong(m, item)) {
		item->due_ms = m->now_ms;
		item->created_ms = MIN(item->created_ms, m->now_ms);
		item->expires_ms = MIN(item->expires_ms, m->now_ms + schedule.expire_ms);
	}
}

/* The rules may have changed during the attempt, so place it by the current ones. */
static enum err entry_mend(const struct mend *m, struct txn *t, const struct routes *routes,
                           uint64_t id)
{
	struct queue_item old, item;
	enum err e = record_get(t, id, txn_arena(t), &old);

	if (e != OK)
		return e == ERR_MISSING || e == ERR_CORRUPT ? OK : e;
	e = record_sent_put(t, &old);
	if (e != OK)
		return e;
	item = old;
	item_mend(m, &item);
	return item.holder == 0 ? routing_change(m->q, t, routes, &old, &item)
	                        : record_change(t, &old, &item);
}

static enum err some_mend(struct txn *t, void *arg)
{
	const struct mend *m = arg;
	struct routes routes;
	enum err e = routing_of(m->settings, txn_arena(t), &routes, txn_why(t));

	if (e == OK)
		e = routing_rests(t, &routes);
	for (size_t i = m->done; e == OK && i < MIN(m->count, m->done + MEND_EACH); i++)
		e = entry_mend(m, t, &routes, m->ids[i]);
	return e;
}

enum err queue_mend(struct queue *q, int64_t set_ms, struct why *why)
{
	struct mend m = { .q = q,
		          .settings = settings_ref(q->live),
		          .now_ms = clock_real_ms(),
		          .set_ms = set_ms };
	struct schedule schedule = schedule_of(m.settings);
	enum err e;

	m.longest_ms = MAX(schedule_wait_max_ms(&schedule), (int64_t)LIMIT_queue_lease_s * 1000);
	queue_class_each(m.settings, longest_take, &m);
	e = store_read(q->store, look, &m);
	if (e != OK)
		fail(why, e, "the queue cannot be read");
	for (; e == OK && m.done < m.count; m.done += MEND_EACH)
		e = store_write(q->store, some_mend, &m, why);
	settings_unref(m.settings);
	mem_free(m.ids);
	return e;
}
