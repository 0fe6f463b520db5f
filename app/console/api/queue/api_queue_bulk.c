/* console/api/queue/api_queue_bulk.c: one action on all entries that match a filter
 * (model/queue/bulk.h). A call that takes too long returns where to continue. */
#include "console/api/access/scope.h"
#include "console/api/admin.h"
#include "console/api/api.h"
#include "console/api/queue/queue_private.h"
#include "model/queue/bulk.h"
#include "model/queue/entry.h"
#include "model/store/store.h"

enum { CALL_MS = 10000, NAME_MAX_BYTES = 300 };

struct bulk_call {
	struct api_call *call;
	struct queue_bulk bulk;
	struct scope scope;
	uint64_t count;
};

static enum err bulk_scope(struct txn *t, void *arg)
{
	struct bulk_call *b = arg;

	return scope_of(t, b->call, &b->scope);
}

static bool bulk_keep(const struct queue_item *item, void *arg)
{
	return scope_queue(arg, item);
}

static enum err bulk_audit(struct txn *t, void *arg)
{
	const struct bulk_call *b = arg;
	struct str what = str_fmt(txn_arena(t), "queue.all.%s", queue_bulk_name(b->bulk.action));
	struct str after = str_fmt(txn_arena(t), "{\"entries\":%" PRIu64 "}", b->count);

	return api_audit(t, b->call, str_z(txn_arena(t), what), queue_filter_text(b->call),
	                 STR_EMPTY, after);
}

static bool bulk_name_take(struct api_call *c, struct queue_bulk *b)
{
	if (b->action == QUEUE_BULK_ROUTE)
		return json_str(json_get(c->body, "route"), &b->name);
	return b->action != QUEUE_BULK_QUEUE || json_str(json_get(c->body, "to_queue"), &b->name);
}

static enum err bulk_take(struct api_call *c, struct queue_bulk *b)
{
	struct str action = STR_EMPTY, after = STR_EMPTY;
	struct cur cur;

	(void)json_str(json_get(c->body, "action"), &action);
	(void)json_bool(json_get(c->body, "dry_run"), &b->dry_run);
	if (!queue_bulk_parse(action, &b->action))
		return api_invalid(c, "action", action,
		                   "retry, hold, release, drop, bounce, route or queue");
	if ((b->action == QUEUE_BULK_ROUTE || b->action == QUEUE_BULK_QUEUE) &&
	    c->who.role != API_OWNER)
		return fail(&c->why, ERR_DENIED, "only an owner may change the route");
	if (!bulk_name_take(c, b) || b->name.n > NAME_MAX_BYTES)
		return fail(&c->why, ERR_SYNTAX,
		            "the action route needs a route, and the action queue needs to_queue");
	if (!queue_filter_body(c, &b->query))
		return ERR_SYNTAX;
	if (json_str(json_get(c->body, "after"), &after) && after.n != 0) {
		cur = cur_of(after);
		if (!cur_u64(&cur, &b->query.after) || !cur_done(&cur))
			return api_invalid(c, "after", after, "next of the previous page");
	}
	return OK;
}

enum err api_queue_bulk(struct api_call *c)
{
	struct bulk_call b = { .call = c,
		               .bulk = { .store = c->admin->store,
		                         .queue = c->admin->queue,
		                         .webhooks = c->admin->webhooks,
		                         .prepare = bulk_scope,
		                         .arg = &b } };
	uint64_t next = 0;
	enum err e = bulk_take(c, &b.bulk), noted = OK;

	b.bulk.query.keep = bulk_keep;
	b.bulk.query.arg = &b.scope;
	if (e == OK)
		e = queue_bulk_run(&b.bulk, CALL_MS, &b.count, &next, &c->why);
	if (b.count != 0 && !b.bulk.dry_run) /* also of what was done before a failure */
		noted = store_write(c->admin->store, bulk_audit, &b, &c->why);
	e = e != OK ? e : noted;
	if (e != OK)
		return e;
	json_open(c->out, NULL, '{');
	json_put_u64(c->out, "count", b.count);
	json_put_str(c->out, "next", next != 0 ? str_fmt(c->arena, "%" PRIu64, next) : STR_EMPTY);
	json_close(c->out);
	return OK;
}
