/* console/api/queue/api_queue_past.c: what became of mail that left, addresses that are written
 * to no more, and destinations that are served with care. */
#include "console/api/access/scope.h"
#include "console/api/admin.h"
#include "console/api/api.h"
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/text/date.h"
#include "model/queue/admin.h"
#include "model/queue/entry.h"
#include "model/queue/destinations/pace.h"
#include "model/queue/past.h"
#include "model/queue/suppress.h"
#include "model/queue/take.h"
#include "model/store/store.h"

enum { DESTINATIONS_MAX = 1000, DAY_MS = 86400000 };

static size_t page_size(struct api_call *c)
{
	return (size_t)MAX(api_argument_u64(c, "limit", 100, LIMIT_api_page), 1);
}

/* --- deliveries -------------------------------------------------------------------------- */

struct look {
	struct api_call *call;
	struct scope scope;
	struct queue_past_query query;
	struct queue_past_list list;
};

/* As of the entry that it was. */
static bool past_keep(const struct queue_past *past, void *arg)
{
	struct envelope_rcpt rcpt = { .address = past->rcpt };
	const struct queue_item item = { .envelope = { .sender = past->sender,
		                                       .submitter = past->submitter,
		                                       .rcpts = &rcpt,
		                                       .rcpt_count = 1 } };

	return scope_queue(arg, &item);
}

static enum err past_look(struct txn *t, void *arg)
{
	struct look *l = arg;
	enum err e = scope_of(t, l->call, &l->scope);

	return e != OK ? e : queue_past_find(t, &l->query, l->call->arena, &l->list);
}

static void past_put(struct api_call *c, const struct queue_past *p)
{
	json_open(c->out, NULL, '{');
	json_put_str(c->out, "id", str_fmt(c->arena, "%" PRIu64, p->id));
	json_put_time(c->out, "time", p->time_ms);
	json_put_str(c->out, "message", str_fmt(c->arena, "%" PRIu64, p->message));
	json_put_str(c->out, "from", mailaddr_text(c->arena, &p->sender));
	json_put_str(c->out, "to", mailaddr_text(c->arena, &p->rcpt));
	json_put_bool(c->out, "delivered", p->delivered);
	json_put_u64(c->out, "attempts", p->attempts);
	json_put_u64(c->out, "size", p->size_bytes);
	json_put_time(c->out, "created", p->created_ms);
	json_put_str(c->out, "host", p->host.n != 0 ? p->host : p->reply.remote);
	json_put_str(c->out, "address", p->address);
	json_put_str(c->out, "route", p->route);
	json_put_str(c->out, "queue", p->queue);
	json_put_str(c->out, "tls", p->tls);
	json_put_u64(c->out, "code", p->reply.code);
	json_put_str(c->out, "reply", p->reply.text);
	json_close(c->out);
}

static bool time_parse(struct api_call *c, const char *name, int64_t *out)
{
	struct cur cur = cur_of(api_argument(c, name));

	*out = 0;
	return cur_done(&cur) || (date_parse_iso(&cur, out) && cur_done(&cur));
}

enum err api_deliveries(struct api_call *c)
{
	struct look l = { .call = c };
	enum err e;

	l.query = (struct queue_past_query){
		.before = api_argument_u64(c, "after", 0, UINT64_MAX),
		.text = api_argument(c, "q"),
		.max = page_size(c),
		.keep = past_keep,
		.arg = &l.scope,
	};
	if (!time_parse(c, "since", &l.query.since_ms) ||
	    !time_parse(c, "until", &l.query.until_ms))
		return fail(&c->why, ERR_SYNTAX,
		            "since and until: use a time like 2026-01-31T12:00:00Z");
	e = store_read(c->admin->store, past_look, &l);
	if (e != OK)
		return e;
	json_open(c->out, NULL, '{');
	json_open(c->out, "items", '[');
	for (size_t i = 0; i < l.list.count; i++)
		past_put(c, &l.list.items[i]);
	json_close(c->out);
	if (l.list.next != 0)
		json_put_str(c->out, "next", str_fmt(c->arena, "%" PRIu64, l.list.next));
	else
		json_put_null(c->out, "next");
	json_close(c->out);
	return OK;
}

/* --- destinations ------------------------------------------------------------------------ */

struct destinations {
	struct queue_destination_state *dests;
	size_t dest_count;
	struct pace_state *paces;
	size_t pace_count;
};

static void destination_put(struct api_call *c, const struct queue_destination_state *dest,
                            const struct pace_state *pace)
{
	json_open(c->out, NULL, '{');
	json_put_str(c->out, "destination", dest->dest.destination);
	json_put_str(c->out, "queue", dest->dest.queue);
	json_put_str(c->out, "route", dest->dest.route);
	json_put_u64(c->out, "failures", dest->failures);
	json_put_time(c->out, "next", dest->until_ms);
	json_put_str(c->out, "reason", dest->text);
	json_put_u64(c->out, "connections", pace->connections);
	json_put_u64(c->out, "limit", pace->limit);
	json_put_u64(c->out, "cuts", pace->cuts);
	json_close(c->out);
}

/* Those that are left alone, each with what is known of its connections. */
static void dests_put(struct api_call *c, const struct destinations *d)
{
	for (size_t i = 0; i < d->dest_count; i++) {
		struct pace_state none = { .limit = PACE_BEGIN };
		const struct pace_state *pace = &none;

		for (size_t j = 0; j < d->pace_count; j++)
			if (str_eq(d->paces[j].destination, d->dests[i].dest.destination))
				pace = &d->paces[j];
		destination_put(c, &d->dests[i], pace);
	}
}

/* The others. */
static void paces_put(struct api_call *c, const struct destinations *d)
{
	for (size_t i = 0; i < d->pace_count; i++) {
		struct queue_destination_state dest = { .dest.destination = d->paces[i].destination,
			                         .text = d->paces[i].text };
		bool known = false;

		for (size_t j = 0; j < d->dest_count; j++)
			known = known ||
			        str_eq(d->dests[j].dest.destination, dest.dest.destination);
		if (!known)
			destination_put(c, &dest, &d->paces[i]);
	}
}

enum err api_queue_destinations(struct api_call *c)
{
	struct destinations d = {
		.dests = arena_array(c->arena, struct queue_destination_state, DESTINATIONS_MAX),
		.paces = arena_array(c->arena, struct pace_state, DESTINATIONS_MAX),
	};

	d.dest_count = queue_destinations(c->admin->queue, c->arena, DESTINATIONS_MAX, d.dests);
	d.pace_count = pace_list(queue_pace(c->admin->queue), c->arena, DESTINATIONS_MAX, d.paces);
	json_open(c->out, NULL, '{');
	json_open(c->out, "items", '[');
	dests_put(c, &d);
	paces_put(c, &d);
	json_close(c->out);
	json_put_null(c->out, "next");
	json_close(c->out);
	return OK;
}

/* --- suppressed -------------------------------------------------------------------------- */

static bool suppressed_put(const struct queue_suppressed *s, void *arg)
{
	struct api_list *list = arg;
	struct api_call *c = list->call;
	struct str key = str_fmt(c->arena, "%.*s %.*s", STR_ARG(s->domain), STR_ARG(s->address));

	if (!api_list_wants(list, key))
		return !list->more;
	json_open(c->out, NULL, '{');
	json_put_str(c->out, "address", s->address);
	json_put_str(c->out, "domain", s->domain);
	json_put_time(c->out, "since", s->since_ms);
	json_put_time(c->out, "until", s->until_ms);
	json_put_u64(c->out, "hits", s->hits);
	json_put_bool(c->out, "by_hand", s->by_hand);
	json_put_str(c->out, "reason", s->reply);
	json_close(c->out);
	return true;
}

static enum err suppressed_list(struct txn *t, void *arg)
{
	struct api_list list;
	enum err e;

	api_list_open(arg, &list);
	e = queue_suppressed_each(t, suppressed_put, &list);
	api_list_close(&list);
	return e;
}

enum err api_suppressed(struct api_call *c)
{
	return store_read(c->admin->store, suppressed_list, c);
}

struct change {
	struct api_call *call;
	struct queue_suppressed row;
};

static enum err suppress_write(struct txn *t, void *arg)
{
	struct change *ch = arg;
	enum err e = queue_suppress(t, &ch->row);

	return e != OK ? e
	               : api_audit(t, ch->call, "suppressed.add", ch->row.address, STR_EMPTY,
	                           STR_EMPTY);
}

enum err api_suppress(struct api_call *c)
{
	struct change ch = { .call = c };
	struct mailaddr address;
	struct str text = STR_EMPTY;
	int64_t days = 0;

	(void)json_str(json_get(c->body, "address"), &text);
	(void)json_str(json_get(c->body, "domain"), &ch.row.domain);
	(void)json_str(json_get(c->body, "reason"), &ch.row.reply);
	(void)json_i64(json_get(c->body, "days"), &days);
	if (!mailaddr_of(text, c->arena, MAILADDR_UTF8, &address))
		return api_invalid(c, "address", text, "name@domain");
	if (days < 0 || days > 36500)
		return api_invalid(c, "days", str_fmt(c->arena, "%" PRId64, days),
		                   "a number of 1 to 36500, or 0 for no expiry");
	if (ch.row.domain.n > MAILADDR_DOMAIN_MAX)
		return api_invalid(c, "domain", ch.row.domain, "a domain like example.org");
	ch.row.domain = mailaddr_domain_normal(c->arena, ch.row.domain);
	ch.row.address = mailaddr_text(c->arena, &address);
	ch.row.since_ms = clock_real_ms();
	ch.row.until_ms = days != 0 ? ch.row.since_ms + days * DAY_MS : 0;
	ch.row.by_hand = true;
	return store_write(c->admin->store, suppress_write, &ch, &c->why);
}

static enum err unsuppress_write(struct txn *t, void *arg)
{
	struct change *ch = arg;
	enum err e = queue_unsuppress(t, ch->row.domain, ch->row.address);

	if (e == ERR_MISSING)
		return fail(txn_why(t), e, "this address is not suppressed (any more)");
	return e != OK ? e
	               : api_audit(t, ch->call, "suppressed.remove", ch->row.address, STR_EMPTY,
	                           STR_EMPTY);
}

enum err api_unsuppress(struct api_call *c)
{
	struct change ch = { .call = c };
	struct mailaddr address;

	ch.row.address = c->parameter[0];
	if (mailaddr_of(c->parameter[0], c->arena, MAILADDR_UTF8, &address))
		ch.row.address = mailaddr_text(c->arena, &address);
	ch.row.domain = mailaddr_domain_normal(c->arena, api_argument(c, "domain"));
	return store_write(c->admin->store, unsuppress_write, &ch, &c->why);
}
