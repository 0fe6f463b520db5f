/* model/queue/bulk.c: see bulk.h. */
#include "model/queue/bulk.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "model/queue/queue.h"
#include "model/store/store.h"

enum { BATCH = 200 };

struct batch {
	const struct queue_bulk *bulk;
	struct arena arena;
	struct queue_list list;
	uint64_t done;
	struct why *why;
};

static const char *const bulk_names[QUEUE_BULK_ACTIONS] = {
	[QUEUE_BULK_RETRY] = "retry",     [QUEUE_BULK_HOLD] = "hold",
	[QUEUE_BULK_RELEASE] = "release", [QUEUE_BULK_DROP] = "drop",
	[QUEUE_BULK_BOUNCE] = "bounce",   [QUEUE_BULK_ROUTE] = "route",
	[QUEUE_BULK_QUEUE] = "queue",
};

const char *queue_bulk_name(enum queue_bulk_action action)
{
	return bulk_names[action];
}

bool queue_bulk_parse(struct str name, enum queue_bulk_action *out)
{
	for (size_t i = 0; i < COUNT(bulk_names); i++) {
		if (!str_eq(name, str_of(bulk_names[i])))
			continue;
		*out = (enum queue_bulk_action)i;
		return true;
	}
	return false;
}

/* ERR_CONFLICT: not with this entry. */
static enum err entry_act(struct txn *t, const struct queue_bulk *b, uint64_t id)
{
	uint64_t count;
	enum err e;

	switch (b->action) {
	case QUEUE_BULK_RETRY:
		e = queue_retry(t, id, b->query.now_ms, &count);
		return e == OK && count == 0 ? ERR_CONFLICT : e;
	case QUEUE_BULK_HOLD:
		return queue_hold(t, id);
	case QUEUE_BULK_RELEASE:
		return queue_unhold(t, id, b->query.now_ms);
	case QUEUE_BULK_DROP:
		return queue_drop(b->webhooks, t, id);
	case QUEUE_BULK_ROUTE:
		return queue_requeue(b->queue, t, id, b->name);
	case QUEUE_BULK_QUEUE:
		return queue_move(b->queue, t, id, b->name);
	case QUEUE_BULK_BOUNCE: /* batch_bounce: not inside a transaction */
	case QUEUE_BULK_ACTIONS:
		break;
	}
	return ERR_CONFLICT;
}

/* The entry still matches, and is not being tried. */
static bool entry_matches(struct txn *t, const struct queue_query *query, uint64_t id)
{
	struct queue_item item;

	return queue_get(t, id, txn_arena(t), &item) == OK &&
	       queue_state_of(&item, query->now_ms) != QUEUE_STATE_ACTIVE &&
	       queue_fits(&item, query, txn_arena(t));
}

static enum err batch_find(struct txn *t, void *arg)
{
	struct batch *x = arg;
	const struct queue_bulk *b = x->bulk;
	enum err e = b->prepare != NULL ? b->prepare(t, b->arg) : OK;

	return e == OK ? queue_find(t, &b->query, &x->arena, &x->list) : e;
}

static enum err batch_act(struct txn *t, void *arg)
{
	struct batch *x = arg;
	enum err e = OK;

	x->done = 0;
	for (size_t i = 0; e == OK && i < x->list.count; i++) {
		uint64_t id = x->list.items[i].id;

		if (!entry_matches(t, &x->bulk->query, id))
			continue;
		e = entry_act(t, x->bulk, id);
		x->done += e == OK;
		if (e == ERR_CONFLICT || e == ERR_MISSING)
			e = OK;
	}
	if (e == OK)
		queue_wake_after(x->bulk->queue, t);
	return e;
}

static enum err batch_bounce(struct batch *x)
{
	enum err e = OK;

	for (size_t i = 0; e == OK && i < x->list.count; i++) {
		e = queue_give_back(x->bulk->queue, x->list.items[i].id,
		                    STR("an administrator has given it up"), x->why);
		x->done += e == OK;
		if (e == ERR_CONFLICT || e == ERR_MISSING)
			e = OK;
	}
	return e;
}

static enum err batch_run(struct batch *x)
{
	const struct queue_bulk *b = x->bulk;
	enum err e;

	arena_reset(&x->arena);
	x->done = 0;
	e = queue_clock_look(b->queue, x->why);
	if (e == OK)
		e = store_read(b->store, batch_find, x);
	if (e != OK)
		return e;
	if (b->dry_run)
		x->done = x->list.count;
	if (b->dry_run || x->list.count == 0)
		return OK;
	if (b->action == QUEUE_BULK_BOUNCE)
		return batch_bounce(x);
	e = store_write(b->store, batch_act, x, x->why);
	if (e != OK)
		x->done = 0; /* nothing was written */
	return e;
}

enum err queue_bulk_run(struct queue_bulk *b, int64_t max_ms, uint64_t *count, uint64_t *next,
                        struct why *why)
{
	struct batch x = { .bulk = b, .why = why };
	int64_t until_ms = clock_mono_ms() + max_ms;
	enum err e;

	b->query.max = BATCH;
	*count = 0;
	do {
		*next = 0;
		e = batch_run(&x);
		*count += x.done;
		if (e == OK && x.list.more != 0)
			*next = b->query.after = x.list.items[x.list.count - 1].id;
	} while (e == OK && *next != 0 && clock_mono_ms() < until_ms);
	arena_deinit(&x.arena);
	if (e == OK && b->action == QUEUE_BULK_RETRY && !b->dry_run)
		queue_destinations_forgive(b->queue, STR_EMPTY);
	return e;
}
