/* smtp/out_batch.c: see out_batch.h. */
#include "smtp/out_batch.h"

#include "base/arena.h"
#include "base/clock.h"
#include "config/limits.h"
#include "config/settings.h"
#include "observe/event.h"
#include "smtp/out_transaction.h"

enum { REPORT_TRIES = 5, REPORT_WAIT_MS = 2000 };

struct run {
	const struct out_batch *b;
	struct out_session session;
	struct out_route route;
	struct arena route_arena;
	bool routed;
	bool dead; /* no hop would talk to us: session.reply says why */
};

static void report(struct run *r, const struct queue_item *item, const struct queue_result *results)
{
	struct why why = { "" };
	enum err e = ERR_FULL;

	/* The remote has the message: a full disk now must not send it twice. */
	for (int i = 0; i < REPORT_TRIES && (e == ERR_FULL || e == ERR_RETRY); i++) {
		if (i > 0)
			clock_sleep_ms(REPORT_WAIT_MS);
		e = queue_report(r->b->config->queue, item, results, &why);
	}
	if (e != OK && e != ERR_CONFLICT)
		event(store_failed, STR(""), ev_z(why.text));
}

/* The same result for all recipients of an item that was not tried. */
static void report_all(struct run *r, const struct queue_item *item, struct queue_result result)
{
	struct arena a = { 0 };
	struct queue_result *results = arena_array(&a, struct queue_result, item->rcpt_count);

	for (size_t i = 0; i < item->rcpt_count; i++)
		results[i] = result;
	report(r, item, results);
	arena_deinit(&a);
}

/* Look the route up once; OK or, with result filled, the answer for every recipient. */
static enum err route(struct run *r, struct str destination, struct queue_result *result)
{
	struct out_route_request request = {
		.dns = r->b->config->dns,
		.hostname = r->b->settings->hostname,
		.port = (uint16_t)r->b->settings->smtp_out_port,
		.smarthost = r->b->smarthost,
	};
	enum err e;

	if (r->routed)
		return OK;
	e = out_route_find(&request, destination, &r->route_arena, &r->route, &result->reply);
	result->outcome = e == ERR_DENIED ? QUEUE_FAILED : QUEUE_DELAYED;
	r->routed = e == OK;
	return e;
}

/* An open session for the next message. */
static enum err connect(struct run *r, const struct queue_item *item, struct queue_result *result,
                        struct arena *a)
{
	enum err e;

	if (out_session_is_open(&r->session) && r->session.messages < LIMIT_smtp_out_messages)
		return OK;
	out_session_close(&r->session, true);
	if ((e = route(r, item->destination, result)))
		return e;
	if (!r->dead && out_session_open(&r->session, &r->route) == OK)
		return OK;
	r->dead = true;
	*result = out_result(&r->session, a);
	/* Whatever a host says before MAIL is about itself, not about the recipients. */
	result->outcome = QUEUE_DELAYED;
	return ERR_RETRY;
}

/* False: an old connection had ended meanwhile, and nothing is reported yet. */
static bool item_try(struct run *r, const struct queue_item *item)
{
	struct arena a = { 0 };
	struct queue_result *results = arena_array(&a, struct queue_result, item->rcpt_count);
	struct queue_result why_not = { .outcome = QUEUE_DELAYED };
	bool done = true;

	if (connect(r, item, &why_not, &a) != OK) {
		report_all(r, item, why_not);
	} else {
		bool old = r->session.messages != 0;

		done = out_transaction(&r->session, r->b->config->store, item, &a, results) || !old;
		if (done)
			report(r, item, results);
	}
	arena_deinit(&a);
	return done;
}

static void item_run(struct run *r, const struct queue_item *item)
{
	/* The second connection is not old. */
	if (!item_try(r, item))
		item_try(r, item);
}

/* A remote so slow that the lease would not last makes the rest wait: another runner might
 * take it meanwhile. */
static void items_run(struct run *r, const struct queue_batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		if (atomic_load(r->b->stopping) ||
		    !queue_lease_holds(&batch->items[i], clock_real_ms())) {
			if (queue_release(r->b->config->queue, &batch->items[i], batch->count - i,
			                  0, NULL) != OK)
				(void)0; /* the lease ends by itself */
			return;
		}
		item_run(r, &batch->items[i]);
	}
}

/* More for the same place, while we are there. */
static bool take_more(struct run *r, const struct str *destination, struct arena *a,
                      struct queue_batch *out)
{
	struct queue_want want = { .now_ms = clock_real_ms(),
		                   .only = destination,
		                   .max = QUEUE_BATCH_MAX / 5 };

	if (!out_session_is_open(&r->session) || atomic_load(r->b->stopping) ||
	    r->session.messages >= LIMIT_smtp_out_messages)
		return false;
	return queue_take(r->b->config->queue, &want, a, out, NULL) == OK && out->count != 0;
}

void out_batch_run(const struct out_batch *b, const struct queue_batch *first)
{
	struct run r = { .b = b };
	struct str destination = first->items[0].destination;
	struct queue_batch batch = *first;
	struct arena a = { 0 };

	out_session_init(&r.session, b->settings->hostname, b->smarthost);
	do {
		items_run(&r, &batch);
		arena_reset(&a);
	} while (take_more(&r, &destination, &a, &batch));
	out_session_deinit(&r.session);
	arena_deinit(&r.route_arena);
	arena_deinit(&a);
}
