/* console/api/queue/api_queue_bulk.c: one thing done with all entries that fit, some at a time:
 * each part is a transaction of its own that looks at its entries again, so what has left
 * meanwhile, or does not fit any more, is passed over. A call that takes too long says where to
 * go on. */
#include "console/api/access/scope.h"
#include "console/api/admin.h"
#include "console/api/api.h"
#include "console/api/queue/queue_private.h"
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "model/queue/admin.h"
#include "model/queue/entry.h"
#include "model/queue/queue.h"
#include "model/store/store.h"

enum { PART = 200, CALL_MS = 10000, NAME_MAX_BYTES = 300 };

struct bulk;

struct bulk_action {
	const char *name;
	/* Do it with an entry; ERR_CONFLICT: not with this one. In a transaction, or, for one
	 * whose alone is set, outside. */
	enum err (*act)(struct txn *t, const struct bulk *b, uint64_t id);
	enum err (*alone)(const struct bulk *b, uint64_t id);
	bool owners; /* theirs only: which way mail goes */
};

struct bulk {
	struct api_call *call;
	const struct bulk_action *action;
	struct str name; /* of route or queue */
	struct queue_query query;
	struct scope scope;
	bool dry_run;
	struct arena arena; /* of a part */
	struct queue_list part;
	uint64_t done; /* in the part */
};

/* --- actions ----------------------------------------------------------------------------- */

static enum err retry(struct txn *t, const struct bulk *b, uint64_t id)
{
	uint64_t count;
	enum err e = queue_retry(t, id, b->query.now_ms, &count);

	return e == OK && count == 0 ? ERR_CONFLICT : e;
}

static enum err hold(struct txn *t, const struct bulk *b, uint64_t id)
{
	(void)b;
	return queue_hold(t, id);
}

static enum err unhold(struct txn *t, const struct bulk *b, uint64_t id)
{
	return queue_unhold(t, id, b->query.now_ms);
}

static enum err drop(struct txn *t, const struct bulk *b, uint64_t id)
{
	return queue_drop(b->call->admin->webhooks, t, id);
}

static enum err bounce(const struct bulk *b, uint64_t id)
{
	return queue_give_back(b->call->admin->queue, id, STR("an administrator has given it up"),
	                       &b->call->why);
}

static enum err reroute(struct txn *t, const struct bulk *b, uint64_t id)
{
	return queue_requeue(b->call->admin->queue, t, id, b->name);
}

static enum err move(struct txn *t, const struct bulk *b, uint64_t id)
{
	return queue_move(b->call->admin->queue, t, id, b->name);
}

static const struct bulk_action actions[] = {
	{ "retry", retry, NULL, false },    { "hold", hold, NULL, false },
	{ "release", unhold, NULL, false }, { "drop", drop, NULL, false },
	{ "bounce", NULL, bounce, false },  { "route", reroute, NULL, true },
	{ "queue", move, NULL, true },
};

static const struct bulk_action *action_find(struct str name)
{
	for (size_t i = 0; i < COUNT(actions); i++)
		if (str_eq(name, str_of(actions[i].name)))
			return &actions[i];
	return NULL;
}

/* --- a part ------------------------------------------------------------------------------ */

static bool keep(const struct queue_item *item, void *arg)
{
	return scope_queue(arg, item);
}

static enum err part_find(struct txn *t, void *arg)
{
	struct bulk *b = arg;
	enum err e = scope_of(t, b->call, &b->scope);

	return e == OK ? queue_find(t, &b->query, &b->arena, &b->part) : e;
}

/* Does it still fit, and is it not being tried? */
static bool fits_still(struct txn *t, const struct bulk *b, uint64_t id)
{
	struct queue_item item;

	return queue_get(t, id, txn_arena(t), &item) == OK &&
	       queue_state_of(&item, b->query.now_ms) != QUEUE_STATE_ACTIVE &&
	       queue_fits(&item, &b->query, txn_arena(t));
}

static enum err part_act(struct txn *t, void *arg)
{
	struct bulk *b = arg;
	enum err e = OK;

	b->done = 0;
	for (size_t i = 0; e == OK && i < b->part.count; i++) {
		uint64_t id = b->part.items[i].id;

		if (!fits_still(t, b, id))
			continue;
		e = b->action->act(t, b, id);
		b->done += e == OK;
		if (e == ERR_CONFLICT || e == ERR_MISSING)
			e = OK;
	}
	if (e == OK)
		queue_wake_after(b->call->admin->queue, t);
	return e;
}

static enum err part_alone(struct bulk *b)
{
	enum err e = OK;

	b->done = 0;
	for (size_t i = 0; e == OK && i < b->part.count; i++) {
		e = b->action->alone(b, b->part.items[i].id);
		b->done += e == OK;
		if (e == ERR_CONFLICT || e == ERR_MISSING)
			e = OK;
	}
	return e;
}

static enum err part_do(struct bulk *b)
{
	struct api_call *c = b->call;
	enum err e;

	arena_reset(&b->arena);
	b->done = 0;
	e = queue_clock_look(c->admin->queue, &c->why);
	if (e == OK)
		e = store_read(c->admin->store, part_find, b);
	if (e != OK)
		return e;
	b->done = b->part.count;
	if (b->dry_run || b->part.count == 0)
		return OK;
	if (b->action->alone != NULL)
		return part_alone(b);
	e = store_write(c->admin->store, part_act, b, &c->why);
	if (e != OK)
		b->done = 0; /* all of it or nothing */
	return e;
}

/* --- the call ---------------------------------------------------------------------------- */

struct note {
	const struct bulk *bulk;
	uint64_t count;
};

static enum err note_put(struct txn *t, void *arg)
{
	const struct note *n = arg;
	struct api_call *c = n->bulk->call;
	struct str what = str_fmt(txn_arena(t), "queue.all.%s", n->bulk->action->name);
	struct str after = str_fmt(txn_arena(t), "{\"entries\":%" PRIu64 "}", n->count);

	return api_audit(t, c, str_z(txn_arena(t), what), queue_filter_text(c), STR_EMPTY, after);
}

static bool name_take(struct bulk *b)
{
	const struct json *body = &b->call->body;

	if (b->action->act == reroute)
		return json_str(json_get(*body, "route"), &b->name);
	return b->action->act != move || json_str(json_get(*body, "to_queue"), &b->name);
}

static enum err bulk_take(struct bulk *b)
{
	struct api_call *c = b->call;
	struct str action = STR_EMPTY, after = STR_EMPTY;
	struct cur cur;

	(void)json_str(json_get(c->body, "action"), &action);
	(void)json_bool(json_get(c->body, "dry_run"), &b->dry_run);
	b->action = action_find(action);
	if (b->action == NULL)
		return api_invalid(c, "action", action,
		                   "retry, hold, release, drop, bounce, route or queue");
	if (b->action->owners && c->who.role != API_OWNER)
		return fail(&c->why, ERR_DENIED, "only an owner may change the route");
	if (!name_take(b) || b->name.n > NAME_MAX_BYTES)
		return fail(&c->why, ERR_SYNTAX,
		            "the action route needs a route, and the action queue needs to_queue");
	if (!queue_filter_body(c, &b->query))
		return ERR_SYNTAX;
	if (json_str(json_get(c->body, "after"), &after) && after.n != 0) {
		cur = cur_of(after);
		if (!cur_u64(&cur, &b->query.after) || !cur_done(&cur))
			return api_invalid(c, "after", after, "next of the previous page");
	}
	b->query.max = PART;
	b->query.keep = keep;
	b->query.arg = &b->scope;
	return OK;
}

static enum err bulk_run(struct bulk *b, uint64_t *count, uint64_t *next)
{
	int64_t until_ms = clock_mono_ms() + CALL_MS;
	enum err e;

	*count = 0;
	do {
		*next = 0;
		e = part_do(b);
		*count += b->done; /* before a failure, too */
		if (e != OK)
			return e;
		if (b->part.more != 0)
			*next = b->query.after = b->part.items[b->part.count - 1].id;
	} while (*next != 0 && clock_mono_ms() < until_ms);
	return OK;
}

enum err api_queue_bulk(struct api_call *c)
{
	struct bulk b = { .call = c };
	struct note n = { .bulk = &b };
	uint64_t next = 0;
	enum err e = bulk_take(&b), noted = OK;

	if (e == OK)
		e = bulk_run(&b, &n.count, &next);
	if (n.count != 0 && !b.dry_run) /* also of what was done before a failure */
		noted = store_write(c->admin->store, note_put, &n, &c->why);
	arena_deinit(&b.arena);
	e = e != OK ? e : noted;
	if (e != OK)
		return e;
	if (b.action->act == retry && !b.dry_run)
		queue_destinations_forgive(c->admin->queue, STR_EMPTY);
	json_open(c->out, NULL, '{');
	json_put_u64(c->out, "count", n.count);
	json_put_str(c->out, "next", next != 0 ? str_fmt(c->arena, "%" PRIu64, next) : STR_EMPTY);
	json_close(c->out);
	return OK;
}
