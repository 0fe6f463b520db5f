/* model/queue/tally.c: metrics of the queue: its contents, results of attempts, waiting
 * times; see queue_body.h and queue.h. */
#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "foundation/observe/metrics.h"
#include "model/queue/admin.h"
#include "model/queue/dsn/report_body.h"
#include "model/queue/entry.h"
#include "model/queue/pauses.h"
#include "model/queue/queue_body.h"
#include "model/queue/record.h"
#include "model/queue/take.h"
#include "model/store/store.h"

/* --- results of attempts ----------------------------------------------------------------- */

static enum metric kind_of(const struct report *r, size_t i, enum queue_outcome what)
{
	const struct queue_result *result = &r->results[i];

	if (what == QUEUE_DELIVERED)
		return result->here ? METRIC_queue_here : METRIC_queue_sent;
	if (what == QUEUE_FAILED && result->outcome == QUEUE_DELAYED)
		return METRIC_queue_expired;
	if (result->path != NULL && result->path->unreachable)
		return METRIC_queue_unreachable;
	/* by or because of a remote */
	if (result->reply.code == 0 && result->reply.remote.n == 0)
		return METRIC_queue_ours;
	return what == QUEUE_FAILED ? METRIC_queue_refused : METRIC_queue_deferred;
}

/* Upper bounds in seconds; one more bucket follows the last. */
static const int64_t buckets[] = { 1, 10, 60, 300, 1800, 7200, 43200, 172800 };

static struct {
	_Atomic uint64_t counts[COUNT(buckets) + 1];
	_Atomic uint64_t sum_ms;
} waited;

static void wait_note(int64_t wait_ms)
{
	size_t i = 0;

	while (i < COUNT(buckets) && wait_ms > buckets[i] * 1000)
		i++;
	atomic_fetch_add(&waited.counts[i], 1);
	atomic_fetch_add(&waited.sum_ms, (uint64_t)MAX(wait_ms, 0));
}

void tally_result(const struct report *r, size_t i)
{
	enum queue_outcome what = report_outcome(r, i);

	if (what == QUEUE_DELAYED && r->results[i].outcome == QUEUE_FAILED)
		return;
	metric_add(kind_of(r, i, what), 1);
	/* A message with a release time has not waited before it (RFC 4865). */
	if (what != QUEUE_DELAYED)
		wait_note(r->now_ms - MAX(r->item->created_ms, r->item->envelope.not_before_ms));
}

static void put_waits(struct buf *out)
{
	uint64_t sum = 0;

	buf_put(out, STR("# HELP roost_queue_wait_seconds From coming into the queue to being "
	                 "delivered or given up, for each recipient\n"
	                 "# TYPE roost_queue_wait_seconds histogram\n"));
	for (size_t i = 0; i < COUNT(buckets); i++) {
		sum += atomic_load(&waited.counts[i]);
		buf_fmt(out, "roost_queue_wait_seconds_bucket{le=\"%" PRId64 "\"} %" PRIu64 "\n",
		        buckets[i], sum);
	}
	sum += atomic_load(&waited.counts[COUNT(buckets)]);
	buf_fmt(out,
	        "roost_queue_wait_seconds_bucket{le=\"+Inf\"} %" PRIu64 "\n"
	        "roost_queue_wait_seconds_sum %.3f\n"
	        "roost_queue_wait_seconds_count %" PRIu64 "\n",
	        sum, (double)atomic_load(&waited.sum_ms) / 1000, sum);
}

/* --- contents ---------------------------------------------------------------------------- */

enum { CLASSES_MAX = 64, STATES = QUEUE_STATE_HELD + 1, KEEP_MS = 10000 };

struct tally {
	struct arena arena; /* of the names */
	int64_t made_ms;    /* clock_mono_ms; 0: never */
	struct {
		struct str name;
		uint64_t states[STATES];
	} classes[CLASSES_MAX]; /* further ones count in the first, the default queue */
	size_t class_count;
	uint64_t bytes;
	int64_t oldest_ms; /* INT64_MAX: none */
	uint64_t paused;
};

static uint64_t *states_of(struct tally *l, struct str name)
{
	size_t i = 0;

	while (i < l->class_count && !str_eq(l->classes[i].name, name))
		i++;
	if (i == CLASSES_MAX)
		return l->classes[0].states;
	if (i == l->class_count)
		l->classes[l->class_count++].name = str_dup(&l->arena, name);
	return l->classes[i].states;
}

static enum err look(struct txn *t, void *arg)
{
	struct tally *l = arg;
	int64_t now_ms = clock_real_ms();
	struct queue_pauses pauses;
	struct queue_item item;
	struct kv_iter it;
	enum err e = queue_pauses_read(t, txn_arena(t), &pauses);

	l->paused = pauses.count;
	(void)states_of(l, STR_EMPTY);
	record_iter(&it, t, 1);
	while (e == OK && kv_iter_next(&it)) {
		if (record_glance(&it, &item) != OK) /* fsck reports it */
			continue;
		states_of(l, item.queue)[queue_state_of(&item, now_ms)]++;
		l->bytes += item.size_bytes;
		l->oldest_ms = MIN(l->oldest_ms, item.created_ms);
	}
	if (kv_iter_end(&it) != OK)
		return ERR_IO;
	return e;
}

static void tally_renew(struct queue *q)
{
	struct tally *l = q->tally;

	if (l != NULL && clock_mono_ms() - l->made_ms < KEEP_MS)
		return;
	tally_free(&q->tally);
	l = q->tally = NEW(struct tally);
	l->oldest_ms = INT64_MAX;
	if (store_read(q->store, look, l) == OK)
		l->made_ms = clock_mono_ms();
	else
		tally_free(&q->tally); /* no values instead of zeros */
}

void tally_free(struct tally **l)
{
	if (*l != NULL)
		arena_deinit(&(*l)->arena);
	mem_clear(l);
}

static void head_put(struct buf *out, const char *name, const char *help)
{
	buf_fmt(out, "# HELP roost_%s %s\n# TYPE roost_%s gauge\n", name, help, name);
}

static void gauge_put(struct buf *out, const char *name, const char *help, uint64_t n)
{
	head_put(out, name, help);
	buf_fmt(out, "roost_%s %" PRIu64 "\n", name, n);
}

static void states_put(struct buf *out, struct str queue, const uint64_t *states)
{
	for (int s = QUEUE_STATE_WAITING; s < STATES; s++)
		buf_fmt(out, "roost_queue_entries{queue=\"%.*s\",state=\"%s\"} %" PRIu64 "\n",
		        STR_ARG(queue), queue_state_name((enum queue_state)s), states[s]);
}

static void put_tally(struct buf *out, const struct tally *l)
{
	int64_t age_ms = l->oldest_ms == INT64_MAX ? 0 : clock_real_ms() - l->oldest_ms;

	head_put(out, "queue_entries", "Messages that wait, each once for every destination");
	for (size_t i = 0; i < l->class_count; i++)
		states_put(out, l->classes[i].name, l->classes[i].states);
	gauge_put(out, "queue_bytes", "Their size", l->bytes);
	gauge_put(out, "queue_oldest_seconds", "Age of the oldest of them; 0 without any",
	          (uint64_t)MAX(age_ms, 0) / 1000);
	gauge_put(out, "queue_pauses", "Destinations and queues that are paused", l->paused);
}

bool queue_entries_count(struct queue *q, uint64_t *out)
{
	bool ok;

	*out = 0;
	pthread_mutex_lock(&q->tally_lock);
	tally_renew(q);
	ok = q->tally != NULL;
	for (size_t i = 0; ok && i < q->tally->class_count; i++)
		for (int s = 0; s < STATES; s++)
			*out += q->tally->classes[i].states[s];
	pthread_mutex_unlock(&q->tally_lock);
	return ok;
}

void queue_metrics_put(struct queue *q, struct buf *out)
{
	pthread_mutex_lock(&q->tally_lock);
	tally_renew(q);
	if (q->tally != NULL)
		put_tally(out, q->tally);
	pthread_mutex_unlock(&q->tally_lock);
	put_waits(out);
}
