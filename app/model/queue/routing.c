/* model/queue/routing.c: see routing.h. */
#include "model/queue/routing.h"

#include "formats/message/header.h"
#include "foundation/config/limits.h"
#include "model/directory/directory.h"
#include "model/queue/entry.h"
#include "model/queue/pause_body.h"
#include "model/queue/queue_body.h"
#include "model/queue/record.h"
#include "model/queue/split.h"
#include "model/store/store.h"

enum err routing_of(const struct settings *s, struct arena *a, struct routes *out,
                    struct why *why)
{
	enum err e = routes_parse(s->routes, s->smarthost.n != 0, a, out, why);

	return e ? fail_about(why, e, "ROOST_ROUTES") : OK;
}

bool routing_knows(const struct settings *s, const struct routes *r, struct str name,
                   struct arena *a)
{
	struct rules relays = { 0 };
	struct str v;

	if (name.n == 0 || str_eqi(name, STR("mx")) || route_find(r, name) != NULL)
		return true;
	if (s->relays.n != 0 && rules_parse(s->relays, a, &relays, NULL) != OK)
		return false;
	for (size_t i = 0; i < relays.count; i++)
		if (rule_get(&relays.items[i], STR("name"), &v) && str_eq(v, name) &&
		    rule_get(&relays.items[i], STR("to"), &v) && !str_starts(v, STR("socks5:")))
			return true;
	return false;
}

static enum err account_ask(struct txn *t, uint32_t id, struct str *address)
{
	struct account account;
	enum err e;

	if (id == 0)
		return OK;
	e = account_get(t, id, txn_arena(t), &account);
	if (e == OK)
		*address = account.address;
	return e == ERR_MISSING ? OK : e; /* removed meanwhile */
}

/* Reads the beginning of the message, which has any reasonable header. */
static enum err header_ask(struct txn *t, const struct blob_id *blob, struct str *header)
{
	struct buf b;
	enum err e;

	buf_init(&b, LIMIT_route_header);
	e = blob_get(t, blob, 0, LIMIT_route_header, &b);
	if (e == OK)
		*header = str_dup(txn_arena(t),
		                  str_sub(buf_str(&b), 0, header_size(buf_str(&b))));
	buf_deinit(&b);
	return e;
}

/* Can item share a way with other domains? Otherwise pauses of domains are irrelevant. */
static bool may_share(const struct routes *r, const struct queue_item *item)
{
	bool share = r->smarthost || item->envelope.route.n != 0;

	for (size_t i = 0; !share && i < r->count; i++)
		share = r->items[i].kind != ROUTE_MX || r->items[i].fallback.n != 0;
	return share;
}

enum err routing_rests(struct txn *t, struct routes *r)
{
	r->rests_read = true;
	return pauses_destinations(t, txn_arena(t), &r->rests, &r->rest_count);
}

enum err routing_ask(struct txn *t, const struct routes *r, const struct queue_item *item,
                     struct route_ask *out)
{
	enum err e = OK;

	*out = (struct route_ask){ .item = item };
	if (r->accounts)
		e = account_ask(t, item->envelope.submitter, &out->account);
	if (e == OK && r->headers)
		e = header_ask(t, &item->blob, &out->header);
	out->rests = r->rests;
	out->rest_count = r->rest_count;
	if (e == OK && !r->rests_read && may_share(r, item))
		e = pauses_destinations(t, txn_arena(t), &out->rests, &out->rest_count);
	return e;
}

/* Add the other parts of a split entry. */
static enum err parts_add(struct queue *q, struct txn *t, const struct queue_item *item,
                          const struct split *split)
{
	uint64_t first;
	enum err e = record_ids_take(t, split->count - 1, &first);

	for (size_t i = 1; e == OK && i < split->count; i++) {
		struct queue_item other = *item;

		other.id = first + i - 1;
		other.destination = split->parts[i].destination;
		other.envelope.rcpts = split->parts[i].rcpts;
		other.envelope.rcpt_count = split->parts[i].count;
		e = blob_ref(t, &other.blob);
		if (e == OK)
			e = record_add(t, &other);
		queue_hint_after(q, t, &other);
	}
	return e;
}

/* Is everything unchanged that rules and a start can change? Other changes imply a
 * counted attempt. */
static bool is_as_it_was(const struct queue_item *old, const struct queue_item *item,
                         struct str destination)
{
	return str_eq(destination, old->destination) && item->due_ms == old->due_ms &&
	       item->holder == old->holder && item->attempts == old->attempts &&
	       item->created_ms == old->created_ms && item->expires_ms == old->expires_ms &&
	       str_eq(item->envelope.route, old->envelope.route);
}

enum err routing_change(struct queue *q, struct txn *t, const struct routes *r,
                        const struct queue_item *old, struct queue_item *item)
{
	struct route_ask ask;
	struct split split;
	enum err e = routing_ask(t, r, item, &ask);

	if (e)
		return e;
	split_rcpts(txn_arena(t), item->envelope.rcpts, item->envelope.rcpt_count, r, &ask, &split);
	if (split.count == 1 && is_as_it_was(old, item, split.parts[0].destination))
		return OK;
	item->destination = split.parts[0].destination;
	item->envelope.rcpts = split.parts[0].rcpts;
	item->envelope.rcpt_count = split.parts[0].count;
	e = record_change(t, old, item);
	queue_hint_after(q, t, item);
	return e == OK && split.count > 1 ? parts_add(q, t, item, &split) : e;
}
