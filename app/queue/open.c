/* queue/open.c: the queue object, and what a start has to mend; see queue.h. */
#include "base/clock.h"
#include "base/mem.h"
#include "base/random.h"
#include "config/limits.h"
#include "queue/queue_body.h"
#include "queue/record.h"
#include "queue/split.h"
#include "store/store.h"

/* A clock may differ this much from the one that wrote the record, and be right. */
enum { CLOCK_SLACK_MS = 24 * 3600 * 1000 };

/* What entries are brought in line with. */
struct mend {
	const struct queue *q;
	struct schedule schedule;
	bool smarthost;
};

static uint32_t holder_node(uint64_t holder)
{
	return (uint32_t)(holder >> 32);
}

/* The lease of an earlier life of this node, which does not work on it any more. */
static bool lease_is_dead(const struct queue *q, const struct queue_item *item)
{
	return item->holder != 0 && item->holder != q->holder &&
	       holder_node(item->holder) == holder_node(q->holder);
}

/* Written by a clock that was far ahead: nobody would look at it for as long. */
static bool time_is_wrong(const struct mend *m, const struct queue_item *item, int64_t now_ms)
{
	int64_t longest =
		MAX(schedule_wait_max_ms(&m->schedule), (int64_t)LIMIT_queue_lease_s * 1000);

	return item->created_ms > now_ms + CLOCK_SLACK_MS ||
	       (item->attempts != 0 && item->due_ms > now_ms + longest);
}

static void item_mend(const struct mend *m, struct queue_item *item, int64_t now_ms)
{
	if (lease_is_dead(m->q, item)) {
		item->holder = 0;
		item->due_ms = item->held ? QUEUE_NEVER_MS : now_ms;
	}
	if (!item->held && time_is_wrong(m, item, now_ms)) {
		item->due_ms = now_ms;
		item->created_ms = MIN(item->created_ms, now_ms);
		item->expires_ms = MIN(item->expires_ms, now_ms + m->schedule.expire_ms);
	}
}

/* The smarthost came or went: entries go where they now have to, a reference each. */
static enum err item_route(const struct mend *m, struct txn *t, const struct queue_item *old,
                           struct queue_item *item)
{
	struct split split;
	uint64_t first = 0;
	enum err e = OK;

	split_rcpts(txn_arena(t), item->rcpts, item->rcpt_count, m->smarthost, &split);
	item->destination = split.parts[0].destination;
	item->rcpts = split.parts[0].rcpts;
	item->rcpt_count = split.parts[0].count;
	e = record_change(t, old, item);
	if (e == OK && split.count > 1)
		e = record_ids_take(t, split.count - 1, &first);
	for (size_t i = 1; e == OK && i < split.count; i++) {
		struct queue_item other = *item;

		other.id = first + i - 1;
		other.destination = split.parts[i].destination;
		other.rcpts = split.parts[i].rcpts;
		other.rcpt_count = split.parts[i].count;
		e = blob_ref(t, &other.blob);
		if (e == OK)
			e = record_add(t, &other);
	}
	return e;
}

static enum err entry_mend(struct txn *t, const struct queue_item *old, void *arg)
{
	const struct mend *m = arg;
	struct queue_item item = *old;

	item_mend(m, &item, clock_real_ms());
	if (item.holder == 0 && m->smarthost != (item.destination.n == 0))
		return item_route(m, t, old, &item);
	if (item.due_ms == old->due_ms && item.holder == old->holder)
		return OK;
	return record_change(t, old, &item);
}

static enum err entries_mend(struct txn *t, void *arg)
{
	const struct queue *q = arg;
	const struct settings *s = settings_ref(q->live);
	struct mend m = { q, schedule_of(s), s->smarthost.n != 0 };

	settings_unref(s);
	return record_each(t, entry_mend, &m);
}

enum err queue_reroute(struct queue *q, struct why *why)
{
	return store_write(q->store, entries_mend, q, why);
}

enum err queue_open(struct queue **out, const struct queue_config *config, struct why *why)
{
	struct queue *q = NEW(struct queue);
	enum err e;

	q->store = config->store;
	q->live = config->live;
	q->host = config->host;
	q->holder = (uint64_t)config->node << 32 | (1 + random_below(UINT32_MAX));
	e = queue_reroute(q, why);
	if (e != OK)
		queue_close(&q);
	*out = q;
	return e;
}

void queue_close(struct queue **q)
{
	mem_clear(q);
}

void queue_host_set(struct queue *q, const struct queue_host *host)
{
	q->host = *host;
}

static void wake(void *arg)
{
	struct queue *q = arg;

	if (q->host.wake != NULL)
		q->host.wake(q->host.arg);
}

void queue_wake_after(struct queue *q, struct txn *t)
{
	txn_after(t, wake, q);
}

struct str queue_address_text(struct arena *a, const struct mailaddr *address)
{
	return mailaddr_is_null(address) ? STR("<>") : mailaddr_text(a, address);
}

struct str queue_id_text(struct arena *a, uint64_t id)
{
	return str_fmt(a, "%" PRIu64, id);
}
