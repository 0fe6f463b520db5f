/* model/queue/owed.c: see owed.h. */
#include "model/queue/owed.h"

#include "foundation/base/arena.h"
#include "model/queue/entry.h"
#include "model/queue/record.h"
#include "model/queue/routing.h"
#include "model/queue/take.h"
#include "model/store/store.h"

bool owed_wants(const struct queue_item *item, size_t rcpt, unsigned event_bit)
{
	unsigned notify = item->envelope.rcpts[rcpt].notify;

	if (mailaddr_is_null(&item->envelope.sender))
		return false;
	/* MAIL FROM of a remote sender may be forged: delay notices only on request, by
	 * NOTIFY or DELIVERBY. */
	if (notify == 0 && event_bit == DSN_DELAY)
		return (item->envelope.submitter != 0 &&
		        !(item->envelope.flags & ENVELOPE_REDIRECTED)) ||
		       item->envelope.by_mode == ENVELOPE_BY_NOTIFY;
	return notify == 0 || (notify & event_bit) != 0;
}

bool owed_is_late(const struct queue_item *item, int64_t now_ms)
{
	return item->envelope.by_mode != ENVELOPE_BY_NONE && now_ms >= item->envelope.by_ms;
}

bool owed_notice(const struct queue_item *item, const struct schedule *s, int64_t now_ms)
{
	if (owed_is_late(item, now_ms) && !(item->envelope.flags & ENVELOPE_BY_NOTICED))
		return true;
	return !(item->envelope.flags & ENVELOPE_NOTICED) &&
	       schedule_notice_due(s, item->created_ms, now_ms);
}

static bool is_wanted(const struct queue_item *item)
{
	for (size_t i = 0; i < item->envelope.rcpt_count; i++)
		if (owed_wants(item, i, DSN_DELAY))
			return true;
	return false;
}

int64_t owed_ms(const struct queue_item *item, const struct schedule *s)
{
	int64_t at_ms = item->expires_ms;

	if (!is_wanted(item))
		return at_ms;
	if (item->envelope.by_mode != ENVELOPE_BY_NONE &&
	    !(item->envelope.flags & ENVELOPE_BY_NOTICED))
		at_ms = MIN(at_ms, item->envelope.by_ms);
	if (s->notice_ms > 0 && !(item->envelope.flags & ENVELOPE_NOTICED))
		at_ms = MIN(at_ms, item->created_ms + s->notice_ms);
	return at_ms;
}

void owed_tried(struct queue_item *item, struct str route, uint32_t attempts, uint32_t least,
                struct arena *a)
{
	struct queue_tried *tried = arena_array(a, struct queue_tried, QUEUE_TRIED_MAX);
	size_t i = 0;

	for (size_t j = 0; j < item->tried_count; j++)
		tried[j] = item->tried[j];
	item->tried = tried;
	while (i < item->tried_count && !str_eq(tried[i].route, route))
		i++;
	if (i == QUEUE_TRIED_MAX)
		return;
	if (i == item->tried_count)
		tried[item->tried_count++] = (struct queue_tried){
			.route = record_line(a, route, QUEUE_NAME_MAX)
		};
	tried[i].attempts = MAX(tried[i].attempts + attempts, least);
}

/* Does the route have a fallback after at most so many attempts? */
static bool is_tired(const struct routes *r, struct str name, uint32_t attempts)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct route *route = &r->items[i];

		if (route->fallback.n != 0 && attempts >= route->after &&
		    str_eq(route->plain ? STR_EMPTY : route->name, name))
			return true;
	}
	return false;
}

enum err owed_turn(struct txn *t, const struct routes *r, const struct queue_item *item,
                   struct str destination, uint32_t failures, bool *turns)
{
	struct queue_item tired = *item;
	struct str name, domain;
	struct route_ask ask;
	enum err e;

	*turns = false;
	route_key_split(destination, &name, &domain);
	if (!is_tired(r, name, MAX(queue_attempts_by(item, name), failures)))
		return OK;
	owed_tried(&tired, name, 0, failures, txn_arena(t));
	e = routing_ask(t, r, &tired, &ask);
	for (size_t i = 0; e == OK && i < tired.envelope.rcpt_count && !*turns; i++)
		*turns = !str_eq(
			route_destination(r, &ask, &tired.envelope.rcpts[i].address, txn_arena(t)),
			destination);
	return e;
}
