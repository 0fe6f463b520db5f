/* model/queue/release.c: returns an entry to its sender without an attempt, by an
 * administrator or at expiry. It takes a lease like an attempt, which then fails for all
 * recipients. See queue.h. */
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "model/queue/admin.h"
#include "model/queue/entry.h"
#include "model/queue/queue.h"
#include "model/queue/queue_body.h"
#include "model/queue/record.h"
#include "model/queue/take.h"
#include "model/store/store.h"

struct give_back {
	struct queue *q;
	uint64_t id;
	struct arena arena;
	struct queue_item item;
};

static enum err lease(struct txn *t, void *arg)
{
	struct give_back *g = arg;
	int64_t now_ms = clock_real_ms();
	struct queue_item old;
	enum err e = record_get(t, g->id, &g->arena, &old);

	if (e == ERR_MISSING)
		return fail(txn_why(t), e, "there is no entry %" PRIu64, g->id);
	if (e == OK && queue_state_of(&old, now_ms) == QUEUE_STATE_ACTIVE)
		return fail(txn_why(t), ERR_CONFLICT,
		            "entry %" PRIu64 " is being tried at the moment", g->id);
	if (e != OK)
		return e;
	g->item = old;
	g->item.holder = g->q->holder;
	g->item.due_ms = now_ms + (int64_t)LIMIT_queue_lease_s * 1000;
	return record_change(t, &old, &g->item);
}

/* reply: for all recipients; NULL: the last reply. again_ms: due time if that fails; 0:
 * at once. */
static enum err give_back(struct queue *q, uint64_t id, enum queue_outcome outcome,
                          const struct envelope_reply *reply, int64_t again_ms, struct why *why)
{
	struct give_back g = { .q = q, .id = id };
	struct queue_result *results;
	enum err e = queue_clock_look(q, why);

	if (e == OK)
		e = store_write(q->store, lease, &g, why);
	if (e == OK) {
		results = arena_array(&g.arena, struct queue_result, g.item.envelope.rcpt_count);
		for (size_t i = 0; i < g.item.envelope.rcpt_count; i++)
			results[i] = (struct queue_result){
				.outcome = outcome,
				.reply = reply != NULL ? *reply : g.item.envelope.rcpts[i].reply,
			};
		e = queue_report(q, &g.item, results, why);
		/* Restore the entry; if even that fails, its lease expires. */
		if (e != OK && queue_release(q, &g.item, 1, again_ms, NULL) != OK)
			(void)0;
	}
	arena_deinit(&g.arena);
	return e;
}

enum err queue_give_back(struct queue *q, uint64_t id, struct str text, struct why *why)
{
	struct envelope_reply reply = { .status = STR("5.7.1"), .text = text };

	return give_back(q, id, QUEUE_FAILED, &reply, 0, why);
}

enum err queue_expire(struct queue *q, uint64_t id, int64_t again_ms, struct why *why)
{
	return give_back(q, id, QUEUE_DELAYED, NULL, again_ms, why);
}
