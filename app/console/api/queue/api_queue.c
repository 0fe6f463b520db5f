/* console/api/queue/api_queue.c: mail that waits to leave. */
#include "console/api/access/scope.h"
#include "console/api/admin.h"
#include "console/api/api.h"
#include "console/api/queue/queue_private.h"
#include "formats/message/header.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/config/live.h"
#include "model/queue/admin.h"
#include "model/queue/entry.h"
#include "model/queue/pauses.h"
#include "model/queue/queue.h"
#include "model/store/store.h"

enum { HEADERS_MAX = 64 << 10 };

/* One run of any of these calls. */
struct run {
	struct api_call *call;
	struct scope scope;
	struct queue_pauses pauses;
	uint64_t id;
	struct queue_query query;
	struct queue_list list;
	struct queue_item item;
	struct buf headers;
	/* a change, and what it is called in the audit trail */
	enum err (*change)(struct txn *t, struct run *r);
	const char *what;
	struct str before;
};

static bool id_parse(struct api_call *c, uint64_t *id)
{
	struct cur cur = cur_of(c->parameter[0]);

	return cur_u64(&cur, id) && cur_done(&cur) && *id != 0;
}

static enum err missing(struct api_call *c)
{
	return fail(&c->why, ERR_MISSING,
	            "there is no such entry: it may have been delivered meanwhile");
}

/* --- showing ----------------------------------------------------------------------------- */

static struct str reply_text(struct arena *a, const struct envelope_reply *reply)
{
	struct buf b;
	struct str text;

	buf_init(&b, 4096);
	if (reply->remote.n != 0)
		buf_fmt(&b, "%.*s: ", STR_ARG(reply->remote));
	if (reply->code != 0)
		buf_fmt(&b, "%u ", reply->code);
	buf_put(&b, reply->text);
	text = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

static void put_rcpts(struct api_call *c, const struct queue_item *item)
{
	json_open(c->out, "to", '[');
	for (size_t i = 0; i < item->envelope.rcpt_count; i++) {
		json_open(c->out, NULL, '{');
		json_put_str(c->out, "address",
		             mailaddr_text(c->arena, &item->envelope.rcpts[i].address));
		json_put_u64(c->out, "attempts", item->attempts);
		json_put_str(c->out, "reply", reply_text(c->arena, &item->envelope.rcpts[i].reply));
		json_close(c->out);
	}
	json_close(c->out);
}

static struct str number_text(struct arena *a, uint64_t n)
{
	return str_fmt(a, "%" PRIu64, n);
}

/* The sender's TLS requirement (RFC 8689 4.1, 5). */
static struct str tls_text(unsigned flags)
{
	if (flags & ENVELOPE_REQUIRETLS)
		return STR("required");
	return flags & ENVELOPE_TLS_OPTIONAL ? STR("optional") : STR_EMPTY;
}

/* Leaves the object open. */
static void put_item(struct run *r, const struct queue_item *shown, int64_t now_ms)
{
	struct queue_item copy = *shown, *item = &copy;
	const struct settings *s = settings_ref(r->call->admin->live);
	struct api_call *c = r->call;

	if (c->admin->queue == NULL && item->holder != 0) {
		item->holder = 0; /* no server tries it; the next one does first */
		item->due_ms = QUEUE_NEVER_MS;
	}
	json_open(c->out, NULL, '{');
	json_put_str(c->out, "id", number_text(c->arena, item->id));
	json_put_str(c->out, "message", number_text(c->arena, item->message));
	json_put_str(c->out, "from", mailaddr_text(c->arena, &item->envelope.sender));
	put_rcpts(c, item);
	json_put_str(c->out, "destination", item->destination);
	json_put_u64(c->out, "size", item->size_bytes);
	json_put_time(c->out, "created", item->created_ms);
	json_put_time(c->out, "next", item->due_ms == QUEUE_NEVER_MS ? 0 : item->due_ms);
	json_put_time(c->out, "expires", item->expires_ms);
	json_put_bool(c->out, "held", item->held);
	json_put_bool(c->out, "paused", queue_is_paused(&r->pauses, s, item));
	json_put_str(c->out, "state", str_of(queue_state_name(queue_state_of(item, now_ms))));
	json_put_str(c->out, "reason",
	             item->envelope.rcpt_count != 0
	                     ? reply_text(c->arena, &item->envelope.rcpts[0].reply)
	                     : STR_EMPTY);
	json_put_str(c->out, "queue", item->queue);
	json_put_str(c->out, "route", item->envelope.route);
	json_put_str(c->out, "tls", tls_text(item->envelope.flags));
	json_put_i64(c->out, "priority", item->envelope.priority);
	settings_unref(s);
}

static bool keep(const struct queue_item *item, void *arg)
{
	return scope_queue(arg, item);
}

static enum err find(struct txn *t, void *arg)
{
	struct run *r = arg;
	enum err e = scope_of(t, r->call, &r->scope);

	if (e == OK)
		e = queue_pauses_read(t, r->call->arena, &r->pauses);
	return e != OK ? e : queue_find(t, &r->query, r->call->arena, &r->list);
}

enum err api_queue(struct api_call *c)
{
	struct run r = { .call = c };
	enum err e;

	if (!queue_filter_query(c, &r.query))
		return ERR_SYNTAX;
	r.query.after = api_argument_u64(c, "after", 0, UINT64_MAX - 1);
	r.query.keep = keep;
	r.query.arg = &r.scope;
	r.query.max = (size_t)MAX(api_argument_u64(c, "limit", 100, LIMIT_api_page), 1);
	e = store_read(c->admin->store, find, &r);
	if (e != OK)
		return e;
	json_open(c->out, NULL, '{');
	json_open(c->out, "items", '[');
	for (size_t i = 0; i < r.list.count; i++) {
		put_item(&r, &r.list.items[i], r.query.now_ms);
		json_close(c->out);
	}
	json_close(c->out);
	if (r.list.more != 0)
		json_put_str(c->out, "next",
		             number_text(c->arena, r.list.items[r.list.count - 1].id));
	else
		json_put_null(c->out, "next");
	json_close(c->out);
	return OK;
}

/* The entry; one that is not the caller's to see is missing to him. */
static enum err item_get(struct txn *t, struct run *r)
{
	enum err e = queue_get(t, r->id, r->call->arena, &r->item);

	if (e == OK)
		e = scope_of(t, r->call, &r->scope);
	return e == OK && !scope_queue(&r->scope, &r->item) ? ERR_MISSING : e;
}

static enum err get(struct txn *t, void *arg)
{
	struct run *r = arg;
	enum err e = item_get(t, r);

	if (e == OK)
		e = queue_pauses_read(t, r->call->arena, &r->pauses);
	buf_reset(&r->headers);
	return e == OK ? blob_get(t, &r->item.blob, 0, HEADERS_MAX, &r->headers) : e;
}

enum err api_queue_get(struct api_call *c)
{
	struct run r = { .call = c };
	enum err e = ERR_MISSING;
	struct str headers;

	buf_init(&r.headers, HEADERS_MAX);
	if (id_parse(c, &r.id))
		e = store_read(c->admin->store, get, &r);
	if (e == OK) {
		headers = str_sub(buf_str(&r.headers), 0, header_size(buf_str(&r.headers)));
		put_item(&r, &r.item, clock_real_ms());
		json_put_str(c->out, "headers", headers);
		json_close(c->out);
	}
	buf_deinit(&r.headers);
	return e == ERR_MISSING ? missing(c) : e;
}

/* --- changing ---------------------------------------------------------------------------- */

static enum err change_write(struct txn *t, void *arg)
{
	struct run *r = arg;
	struct api_call *c = r->call;
	struct str after;
	enum err e = item_get(t, r);

	if (e == OK)
		e = queue_note(t, r->id, &r->before);
	if (e == OK)
		e = r->change(t, r);
	if (e == OK)
		e = queue_note(t, r->id, &after);
	if (e == OK)
		e = api_audit(t, c, r->what, c->parameter[0], r->before, after);
	if (e == OK)
		queue_wake_after(c->admin->queue, t);
	return e;
}

static enum err change(struct api_call *c, enum err (*fn)(struct txn *t, struct run *r),
                       const char *what)
{
	struct run r = { .call = c, .change = fn, .what = what };
	enum err e = queue_clock_look(c->admin->queue, &c->why);

	if (e != OK)
		return e;
	e = ERR_MISSING;
	if (id_parse(c, &r.id))
		e = store_write(c->admin->store, change_write, &r, &c->why);
	return e == ERR_MISSING ? missing(c) : e;
}

static enum err retry(struct txn *t, struct run *r)
{
	uint64_t count;
	enum err e = queue_retry(t, r->id, clock_real_ms(), &count);

	if (e == OK && count == 0)
		return fail(txn_why(t), ERR_CONFLICT,
		            "the entry is being tried at the moment, or held: release it first");
	return e;
}

enum err api_queue_retry(struct api_call *c)
{
	enum err e = change(c, retry, "queue.retry");

	if (e == OK) /* whatever is known of the destination */
		queue_destinations_forgive(c->admin->queue, STR_EMPTY);
	return e;
}

static enum err hold(struct txn *t, struct run *r)
{
	return queue_hold(t, r->id);
}

enum err api_queue_hold(struct api_call *c)
{
	return change(c, hold, "queue.hold");
}

static enum err unhold(struct txn *t, struct run *r)
{
	return queue_unhold(t, r->id, clock_real_ms());
}

enum err api_queue_release(struct api_call *c)
{
	return change(c, unhold, "queue.release");
}

static enum err drop(struct txn *t, struct run *r)
{
	return queue_drop(r->call->admin->webhooks, t, r->id);
}

static enum err may_drop(struct txn *t, void *arg)
{
	struct run *r = arg;
	enum err e = item_get(t, r);

	if (e == OK)
		e = queue_note(t, r->id, &r->before);
	r->before = str_dup(r->call->arena, r->before); /* it outlives the transaction */
	return e;
}

static enum err given_back(struct txn *t, void *arg)
{
	const struct run *r = arg;

	return api_audit(t, r->call, "queue.give_back", r->call->parameter[0], r->before,
	                 STR_EMPTY);
}

/* The queue gives it back in a transaction of its own. */
static enum err give_back(struct api_call *c)
{
	struct run r = { .call = c };
	enum err e = ERR_MISSING;

	if (id_parse(c, &r.id))
		e = store_read(c->admin->store, may_drop, &r);
	if (e == OK)
		e = queue_give_back(c->admin->queue, r.id, STR("an administrator has given it up"),
		                    &c->why);
	if (e == OK)
		e = store_write(c->admin->store, given_back, &r, &c->why);
	return e == ERR_MISSING ? missing(c) : e;
}

enum err api_queue_drop(struct api_call *c)
{
	if (str_eq(api_argument(c, "bounce"), STR("1")))
		return give_back(c);
	return change(c, drop, "queue.drop");
}

/* --- elsewhere ---------------------------------------------------------------------------- */

static enum err requeue(struct txn *t, struct run *r)
{
	struct str route = STR_EMPTY;

	(void)json_str(json_get(r->call->body, "route"), &route);
	return queue_requeue(r->call->admin->queue, t, r->id, route);
}

enum err api_queue_requeue(struct api_call *c)
{
	return change(c, requeue, "queue.route");
}

static enum err move(struct txn *t, struct run *r)
{
	struct str queue = STR_EMPTY;

	(void)json_str(json_get(r->call->body, "queue"), &queue);
	return queue_move(r->call->admin->queue, t, r->id, queue);
}

enum err api_queue_move(struct api_call *c)
{
	return change(c, move, "queue.move");
}
