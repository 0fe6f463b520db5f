/* flow/delivery/queue_local.c: see queue_local.h. */
#include "flow/delivery/queue_local.h"

#include "flow/delivery/delivery.h"
#include "formats/message/header.h"
#include "formats/message/received.h"
#include "foundation/base/arena.h"
#include "foundation/config/limits.h"
#include "model/directory/resolve.h"
#include "model/queue/entry.h"
#include "model/queue/take.h"
#include "model/store/blob.h"
#include "model/store/spool.h"
#include "model/store/store.h"

/* --- local recipients ------------------------------------------------------------------ */

struct split {
	const struct queue_item *item;
	bool *here;
	size_t count;
};

static enum err rcpts_split(struct txn *t, void *arg)
{
	struct split *s = arg;
	enum err e = OK;

	s->count = 0;
	for (size_t i = 0; e == OK && i < s->item->envelope.rcpt_count; i++) {
		e = directory_is_local(t, s->item->envelope.rcpts[i].address.domain, &s->here[i]);
		s->count += s->here[i];
	}
	return e;
}

/* Mail that waited for its time is resolved here for all its recipients. */
static enum err here_find(const struct delivery *delivery, const struct queue_item *item,
                          bool *here, size_t *count)
{
	struct split s = { .item = item, .here = here };
	enum err e = OK;

	if (delivery != NULL && item->envelope.flags & ENVELOPE_LATER)
		for (; s.count < item->envelope.rcpt_count; s.count++)
			here[s.count] = true;
	else if (delivery != NULL)
		e = store_read(delivery->store, rcpts_split, &s);
	*count = s.count;
	return e;
}

/* --- the message --------------------------------------------------------------------------- */

struct piece {
	const struct blob_id *blob;
	uint64_t offset;
	struct buf bytes;
};

static enum err piece_read(struct txn *t, void *arg)
{
	struct piece *p = arg;

	buf_reset(&p->bytes);
	return blob_get_some(t, p->blob, p->offset, &p->bytes);
}

static enum err message_read(struct store *store, const struct queue_item *item,
                             struct spool *spool, struct str *out)
{
	struct piece p = { .blob = &item->blob };
	enum err e;

	spool_init(spool, store, item->size_bytes);
	buf_init(&p.bytes, BLOB_PIECE_MAX);
	while ((e = store_read(store, piece_read, &p)) == OK && p.bytes.n != 0) {
		p.offset += p.bytes.n;
		if ((e = spool_put(spool, buf_str(&p.bytes))))
			break;
	}
	buf_deinit(&p.bytes);
	return e == OK ? spool_view(spool, out) : e;
}

/* --- one delivery ---------------------------------------------------------------------------- */

/* One table for what delivery/ says and the sender hears. */
static struct queue_result result_of(enum err e)
{
	struct queue_result result = { .outcome = QUEUE_FAILED, .here = e == OK };

	switch (e) {
	case OK:
		result.outcome = QUEUE_DELIVERED;
		result.reply = (struct envelope_reply){ .code = 250,
			                                .status = STR("2.0.0"),
			                                .text = STR("delivered here") };
		break;
	case ERR_MISSING:
		result.reply = (struct envelope_reply){ .status = STR("5.1.1"),
			                                .text = STR("user unknown") };
		break;
	case ERR_LIMIT: /* RFC 3463 3.3: "persistent transient" */
		result.outcome = QUEUE_DELAYED;
		result.reply = (struct envelope_reply){ .status = STR("4.2.2"),
			                                .text = STR("mailbox full") };
		break;
	case ERR_DENIED:
		result.reply =
			(struct envelope_reply){ .status = STR("5.2.3"),
			                         .text = STR("larger than the mailbox takes") };
		break;
	default:
		result.outcome = QUEUE_DELAYED;
		result.reply = (struct envelope_reply){ .status = STR("4.3.0"),
			                                .text = STR("a passing failure") };
	}
	return result;
}

/* A delivery that is committed with the report. */
struct local_part {
	const struct delivery *delivery;
	struct envelope_rcpt *to;
	struct delivery_fate *fates;
	size_t *places; /* of those in results */
	struct delivery_message m;
	struct delivery_draft *draft; /* NULL: it failed */
	struct queue_deed deed;
	struct queue_result *results; /* of the entry  */
	enum err error;               /* of the last put */
	bool renewed;
};

/* A message that is queued again is not delivered yet. */
static struct queue_result led_result(enum delivery_led led)
{
	struct queue_result result = result_of(OK);

	result.onward = led == DELIVERY_ONWARD;
	if (led != DELIVERY_HERE)
		result.reply.text =
			led == DELIVERY_LIST ? STR("passed on to the list") : STR("sent on");
	return result;
}

/* When some recipients are refused, delivery/ sends their bounce; when all are, the entry's report
 * does. A full mailbox is then a temporary failure. */
static struct queue_result fate_result(const struct delivery_fate *fate, enum err e)
{
	bool nobody = e == ERR_MISSING || e == ERR_DENIED || e == ERR_LIMIT;

	if (nobody && fate->full)
		return result_of(ERR_LIMIT);
	if ((nobody || e == OK) && fate->refused != NULL)
		return (struct queue_result){ .outcome = QUEUE_FAILED,
			                      .reply = *fate->refused,
			                      .here = e == OK };
	return e == OK ? led_result(fate->led) : result_of(e);
}

static void local_result(struct local_part *h, enum err e)
{
	for (size_t i = 0; i < h->m.envelope.rcpt_count; i++)
		h->results[h->places[i]] = fate_result(&h->fates[i], e);
	if (e == OK)
		h->results[h->places[0]].deed = &h->deed;
	else
		delivery_end(&h->draft, false);
}

static enum err local_put(struct txn *t, void *arg)
{
	struct local_part *h = arg;

	return h->error = delivery_put(h->draft, t);
}

static void local_begin(struct local_part *h)
{
	h->error = OK;
	local_result(h, delivery_begin(h->delivery, &h->m, &h->draft, NULL));
}

/* RFC 5321 6.3: an alias and a route can form a loop. */
static bool is_loop(const struct delivery_local_route *route, struct str body)
{
	struct str header = str_sub(body, 0, header_size(body));

	return received_count(header) > LIMIT_smtp_hops ||
	       received_delivered_to(header, route->address);
}

static struct queue_result looped(void)
{
	return (struct queue_result){
		.outcome = QUEUE_FAILED,
		.reply = { .status = STR("5.4.6"),
		           .text = STR("mail loop: a route delivered the message there before") },
	};
}

static struct delivery_message message_of(const struct queue_item *item,
                                          const struct delivery_local_route *route, struct str body)
{
	const unsigned done = ENVELOPE_NOTICED | ENVELOPE_BY_NOTICED | ENVELOPE_LATER |
	                      ENVELOPE_REDIRECTED;
	bool later = (item->envelope.flags & ENVELOPE_LATER) != 0;
	struct delivery_message m = { .envelope = item->envelope,
		                      .trace = route != NULL ? route->trace : STR_EMPTY,
		                      .body = body,
		                      .patient = later };

	if (m.envelope.flags & ENVELOPE_REDIRECTED)
		m.envelope.submitter = 0;
	m.envelope.flags &= ~done;
	m.envelope.session.service = STR("queue");
	if (!later) { /* its delivery has a trace of its own, and goes by the rules */
		m.envelope.trace_id = 0;
		m.envelope.route = STR_EMPTY;
	}
	return m;
}

/* All local recipients, while their deliveries are prepared. */
struct locals {
	struct delivery_local *l;
	const struct delivery *delivery;
	const struct queue_item *item;
	const struct delivery_local_route *route;
	const bool *here; /* of the item's recipients */
	size_t count;
	struct arena *a;
};

/* The next delivery, for count of them: those from the item's recipient i on. */
static struct local_part *local_add(const struct locals *g, size_t i, size_t count)
{
	struct local_part *h = &g->l->parts[g->l->part_count++];
	size_t n = 0;

	*h = (struct local_part){
		.delivery = g->delivery,
		.to = arena_array(g->a, struct envelope_rcpt, count),
		.fates = arena_array(g->a, struct delivery_fate, count),
		.places = arena_array(g->a, size_t, count),
		.results = g->l->results,
	};
	for (; n < count; i++) {
		if (!g->here[i])
			continue;
		h->places[n] = i;
		h->to[n++] = g->item->envelope.rcpts[i];
	}
	h->m.envelope.rcpt_count = count;
	return h;
}

static void local_prepare(const struct locals *g, struct local_part *h, struct str body)
{
	size_t count = h->m.envelope.rcpt_count;

	h->m = message_of(g->item, g->route, body);
	h->m.envelope.rcpts = h->to;
	h->m.envelope.rcpt_count = count;
	h->m.fates = h->fates;
	h->m.arena = g->a;
	h->deed = (struct queue_deed){ local_put, h };
	local_begin(h);
}

/* Mail that waited for its time is one delivery, so that no mailbox gets two copies. Otherwise each
 * recipient has a delivery, so that a full mailbox does not delay the others. */
static void locals_prepare(const struct locals *g)
{
	size_t each = g->item->envelope.flags & ENVELOPE_LATER ? g->count : 1, done = 0;
	struct str body = STR_EMPTY;
	enum err e = message_read(g->delivery->store, g->item, &g->l->spool, &body);

	for (size_t i = 0; done < g->count; i++) {
		struct local_part *h;

		if (!g->here[i])
			continue;
		h = local_add(g, i, each);
		done += each;
		if (e != OK)
			local_result(h, ERR_IO);
		else if (g->route != NULL && is_loop(g->route, body))
			g->l->results[i] = looped();
		else
			local_prepare(g, h, body);
	}
}

void delivery_local_prepare(struct delivery_local *l, const struct delivery *delivery,
                            const struct queue_item *item, const struct delivery_local_route *route,
                            struct arena *a)
{
	bool *here = arena_array(a, bool, item->envelope.rcpt_count);
	struct locals g = { l, delivery, item, route, here, 0, a };

	*l = (struct delivery_local){ .results = arena_array(a, struct queue_result,
		                                             item->envelope.rcpt_count),
		                      .places = arena_array(a, size_t, item->envelope.rcpt_count),
		                      .rest = *item };
	l->rest.envelope.rcpts = arena_array(a, struct envelope_rcpt, item->envelope.rcpt_count);
	l->rest.envelope.rcpt_count = 0;
	if (here_find(delivery, item, here, &g.count) != OK) {
		/* Without the list of local domains nothing is sent; all are tried later. */
		for (size_t i = 0; i < item->envelope.rcpt_count; i++) {
			here[i] = true;
			l->results[i] = result_of(ERR_IO);
		}
	} else if (g.count != 0) {
		l->parts = arena_array(a, struct local_part, g.count);
		locals_prepare(&g);
	}
	for (size_t i = 0; i < item->envelope.rcpt_count; i++) {
		if (here[i])
			continue;
		l->places[l->rest.envelope.rcpt_count] = i;
		l->rest.envelope.rcpts[l->rest.envelope.rcpt_count++] = item->envelope.rcpts[i];
	}
}

/* After a full mailbox the others may take it. A draft that is gone is prepared anew, once. */
static void local_retry(struct local_part *h)
{
	enum err e = h->error;

	h->error = OK;
	if (e == ERR_LIMIT)
		e = delivery_again(h->draft, NULL);
	if (e == OK)
		return;
	delivery_end(&h->draft, false);
	if (e == ERR_RETRY && !h->renewed) {
		h->renewed = true;
		local_begin(h);
		return;
	}
	local_result(h, e);
}

bool delivery_local_retry(struct delivery_local *l)
{
	bool changed = false;

	for (size_t i = 0; i < l->part_count; i++) {
		if (l->parts[i].draft == NULL || l->parts[i].error == OK)
			continue;
		local_retry(&l->parts[i]);
		changed = true;
	}
	return changed;
}

void delivery_local_end(struct delivery_local *l, bool recorded)
{
	for (size_t i = 0; i < l->part_count; i++)
		delivery_end(&l->parts[i].draft, recorded);
	if (l->part_count != 0)
		spool_deinit(&l->spool);
}

void delivery_local_fill(struct delivery_local *l, const struct queue_result *rest)
{
	for (size_t i = 0; i < l->rest.envelope.rcpt_count; i++)
		l->results[l->places[i]] = rest[i];
}
