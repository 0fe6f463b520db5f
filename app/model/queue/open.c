/* model/queue/open.c: the queue object, and the repairs at a start; see queue.h. */
#include "foundation/base/mem.h"
#include "foundation/base/random.h"
#include "model/queue/admin.h"
#include "model/queue/count.h"
#include "model/queue/queue.h"
#include "model/queue/queue_body.h"
#include "model/queue/record.h"
#include "model/queue/take.h"
#include "model/store/store.h"

static enum err due_renew(struct txn *t, void *arg)
{
	(void)arg;
	return record_due_renew(t);
}

enum err queue_open(struct queue **out, const struct queue_config *config, struct why *why)
{
	struct queue *q = NEW(struct queue);
	enum err e;

	q->store = config->store;
	q->live = config->live;
	q->webhooks = config->webhooks;
	q->host = config->host;
	q->holder = (uint64_t)config->node << 32 | (1 + random_below(UINT32_MAX));
	q->pace = pace_new();
	q->dests = dests_new(q->pace);
	pthread_mutex_init(&q->place_lock, NULL);
	pthread_mutex_init(&q->clock_lock, NULL);
	pthread_mutex_init(&q->look_lock, NULL);
	q->clock_offset_ms = queue_clock_now();
	pthread_mutex_init(&q->tally_lock, NULL);
	queue_changed(q);
	e = store_write(q->store, due_renew, NULL, why);
	if (e == OK)
		e = queue_mend(q, 0, why);
	if (e == OK)
		e = count_mend(q->store, why);
	if (e == OK)
		e = queue_reroute(q, why);
	if (e == OK)
		e = queue_destinations_renew(q, why);
	if (e != OK)
		queue_close(&q);
	*out = q;
	return e;
}

void queue_close(struct queue **q)
{
	if (*q != NULL) {
		dests_free(&(*q)->dests);
		tally_free(&(*q)->tally);
		pthread_mutex_destroy(&(*q)->place_lock);
		pthread_mutex_destroy(&(*q)->clock_lock);
		pthread_mutex_destroy(&(*q)->look_lock);
		pace_free(&(*q)->pace);
		pthread_mutex_destroy(&(*q)->tally_lock);
	}
	mem_clear(q);
}

struct pace *queue_pace(struct queue *q)
{
	return q->pace;
}

bool queue_taken(struct queue *q, struct str destination, int64_t now_ms)
{
	bool grown = pace_good(q->pace, destination, now_ms);

	dests_prove(q->dests, destination);
	return grown;
}

void queue_host_set(struct queue *q, const struct queue_host *host)
{
	q->host = *host;
}

struct str queue_address_text(struct arena *a, const struct mailaddr *address)
{
	return mailaddr_is_null(address) ? STR("<>") : mailaddr_text(a, address);
}

struct str queue_id_text(struct arena *a, uint64_t id)
{
	return str_fmt(a, "%" PRIu64, id);
}
