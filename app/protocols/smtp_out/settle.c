/* protocols/smtp_out/settle.c: see settle.h. */
#include "protocols/smtp_out/settle.h"

#include "flow/delivery/queue_local.h"
#include "formats/message/build.h"
#include "formats/smtp_wire/reply.h"
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/clock.h"
#include "foundation/base/cur.h"
#include "foundation/config/settings.h"
#include "model/queue/entry.h"
#include "model/queue/take.h"
#include "protocols/smtp_out/report.h"

static void report(const struct out_batch *b, const struct queue_item *item,
                   struct queue_result *results, struct delivery_local *local)
{
	const struct queue_path path = { .route = b->way->name };

	(void)out_report(b, &path, item, results, local);
}

/* "reject": the rule's text is the reply. */
static struct queue_result rule_result(const struct out_way *way)
{
	struct queue_result result = { .outcome = QUEUE_FAILED };
	struct cur c = cur_of(way->text);
	struct str text;
	uint32_t code;

	if (way->kind == ROUTE_DISCARD) {
		result.outcome = QUEUE_DELIVERED;
		result.here = true; /* it was not relayed */
		result.reply = (struct envelope_reply){ .code = 250,
			                                .text = STR("discarded by a rule of "
			                                            "ROOST_ROUTES") };
		return result;
	}
	if (!cur_u32(&c, &code) || !cur_byte(&c, ' '))
		code = 550;
	text = cur_rest(&c);
	result.reply.code = (uint16_t)code;
	smtp_reply_status_take(code, &text, &result.reply.status);
	result.reply.text = text;
	return result;
}

enum { TRACE_MAX = 4096 };

/* The Received field of this hop (RFC 5321 4.4), and the mark that detects a loop at its
 * first round. */
static struct delivery_local_route led_of(const struct out_batch *b, const struct queue_item *item,
                                          struct arena *a)
{
	struct str host = b->settings->hostname, stamp;
	struct buf fields, date;
	struct delivery_local_route led = { .address = b->way->address };

	buf_init(&date, 100);
	build_date(&date, STR("D"), clock_real_ms());
	stamp = str_sub(buf_str(&date), 3, date.n - 2); /* between "D: " and CRLF */
	buf_init(&fields, TRACE_MAX);
	build_field(&fields, STR("Delivered-To"), led.address);
	build_field(&fields, STR("Received"),
	            str_fmt(a, "by %.*s (Roost) id %" PRIu64 "; %.*s", STR_ARG(host), item->message,
	                    STR_ARG(stamp)));
	led.trace = str_dup(a, buf_str(&fields));
	buf_deinit(&fields);
	buf_deinit(&date);
	return led;
}

/* Its time has come: process it like newly accepted mail. */
static void item_take_in(const struct out_batch *b, const struct queue_item *item)
{
	struct queue_result nobody = { .outcome = QUEUE_DELAYED };
	struct delivery_local local;
	struct arena a = { 0 };

	nobody.reply.text = STR("local delivery is not available");
	delivery_local_prepare(&local, b->config->delivery, item, NULL, &a);
	for (size_t i = 0; i < local.rest.envelope.rcpt_count; i++)
		local.results[local.places[i]] = nobody;
	report(b, item, local.results, &local);
	arena_deinit(&a);
}

/* "local": deliver to a local address instead of its recipients. An address that is not
 * local would come back. */
static void item_keep(const struct out_batch *b, const struct queue_item *item)
{
	struct queue_result nobody = { .outcome = QUEUE_DELAYED };
	struct queue_item ours = *item;
	struct delivery_local local;
	struct arena a = { 0 };
	struct delivery_local_route led = led_of(b, item, &a);

	nobody.reply.status = STR("4.3.5");
	nobody.reply.text = STR("ROOST_ROUTES: the address of this way is none of ours");
	ours.envelope.rcpts = arena_array(&a, struct envelope_rcpt, item->envelope.rcpt_count);
	for (size_t i = 0; i < item->envelope.rcpt_count; i++) {
		ours.envelope.rcpts[i] = item->envelope.rcpts[i];
		(void)!mailaddr_of(b->way->address, &a, 0, &ours.envelope.rcpts[i].address);
	}
	delivery_local_prepare(&local, b->config->delivery, &ours, &led, &a);
	for (size_t i = 0; i < local.rest.envelope.rcpt_count; i++)
		local.results[local.places[i]] = nobody;
	report(b, item, local.results, &local);
	arena_deinit(&a);
}

/* The same result for all. */
static void item_answer(const struct out_batch *b, const struct queue_item *item,
                        const struct queue_result *result)
{
	struct arena a = { 0 };
	struct queue_result *results =
		arena_array(&a, struct queue_result, item->envelope.rcpt_count);

	for (size_t i = 0; i < item->envelope.rcpt_count; i++)
		results[i] = *result;
	report(b, item, results, NULL);
	arena_deinit(&a);
}

void out_settle(const struct out_batch *b, const struct queue_batch *batch)
{
	struct queue_result result = rule_result(b->way);

	for (size_t i = 0; i < batch->count; i++)
		if (b->way->kind == ROUTE_LOCAL)
			item_keep(b, &batch->items[i]);
		else if (b->way->kind == ROUTE_LATER)
			item_take_in(b, &batch->items[i]);
		else
			item_answer(b, &batch->items[i], &result);
}

void out_settle_later(const struct out_batch *b, const struct queue_batch *batch, struct str why)
{
	struct queue_result result = { .outcome = QUEUE_DELAYED,
		                       .reply = { .status = STR("4.3.5"), .text = why } };

	for (size_t i = 0; i < batch->count; i++)
		item_answer(b, &batch->items[i], &result);
}
