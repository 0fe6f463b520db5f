/* protocols/smtp_out/batch.c: see batch.h. */
#include "protocols/smtp_out/batch.h"

#include "flow/delivery/queue_local.h"
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/config/settings.h"
#include "foundation/observe/event.h"
#include "model/queue/entry.h"
#include "model/queue/queue.h"
#include "model/queue/take.h"
#include "model/remote/remote.h"
#include "network/tls/trust.h"
#include "protocols/smtp_out/idle.h"
#include "protocols/smtp_out/params.h"
#include "protocols/smtp_out/report.h"
#include "protocols/smtp_out/run.h"

enum {
	MORE_MAX = 20,
	MORE_MS = 400, /* rough time for messages that one session takes at once */
};

/* If a result cannot be recorded, take no more: it would fail again. */
static void report(struct out_run *r, const struct queue_item *item, struct queue_result *results,
                   struct delivery_local *local)
{
	struct arena a = { 0 };
	struct queue_path path;

	out_run_path(r, &a, &path);
	if (!out_report(r->b, &path, item, results, local))
		r->halted = true;
	arena_deinit(&a);
}

/* False: give the item back. */
static bool item_run(struct out_run *r, struct queue_item *item)
{
	enum out_tried tried = OUT_TRIED;
	struct arena a = { 0 };
	struct delivery_local local;

	delivery_local_prepare(&local, r->b->config->delivery, item, NULL, &a);
	if (local.rest.envelope.rcpt_count != 0) {
		struct queue_result *results =
			arena_array(&a, struct queue_result, local.rest.envelope.rcpt_count);

		out_run_answer(results, local.rest.envelope.rcpt_count,
		               (struct queue_result){ .outcome = QUEUE_DELAYED });
		tried = out_remote_try(r, item, &local, &a, results);
		delivery_local_fill(&local, results);
	}
	if (tried == OUT_TRIED)
		report(r, item, local.results, &local);
	else
		delivery_local_end(&local, false);
	arena_deinit(&a);
	return tried == OUT_TRIED;
}

/* If a remote is so slow that the lease would expire, stop: another runner may take the
 * rest. Changed rules may choose another route. */
static void items_run(struct out_run *r, const struct queue_batch *batch)
{
	int64_t began_ms = clock_mono_ms();

	for (size_t i = 0; i < batch->count; i++) {
		if (atomic_load(r->b->stopping) || r->halted ||
		    batch->rules != queue_rules_now(r->b->config->queue) ||
		    !queue_lease_holds(&batch->items[i], clock_real_ms()) ||
		    !item_run(r, &batch->items[i])) {
			if (queue_release(r->b->config->queue, &batch->items[i], batch->count - i,
			                  0, NULL) != OK)
				(void)0; /* the lease expires */
			return;
		}
	}
	r->each_ms = (clock_mono_ms() - began_ms) / (int64_t)batch->count;
}

/* A slow remote gets few messages at a time, so that other sessions can send in
 * parallel. */
static size_t more_max(const struct out_run *r)
{
	if (r->away)
		return MORE_MAX;
	return (size_t)MIN(MAX(MORE_MS / MAX(r->each_ms, 1), 1), MORE_MAX);
}

/* Take more for the same destination while connected. If no host answers, take only
 * entries that are due for a bounce: the rest waits without a connection for each. */
static bool take_more(struct out_run *r, const struct queue_batch *first, struct arena *a,
                      struct queue_batch *out)
{
	struct queue_want want = {
		.now_ms = clock_real_ms(), .only = &first->dest, .owed = r->away, .max = more_max(r)
	};

	if (atomic_load(r->b->stopping) || r->halted ||
	    first->rules != queue_rules_now(r->b->config->queue) ||
	    (!r->away && (!out_session_is_open(&r->session) || out_params_spent(&r->session))))
		return false;
	return queue_take(r->b->config->queue, &want, a, out, NULL) == OK && out->count != 0;
}

/* If a file of roots is missing, all certificates that need it are untrusted. */
static void trust_take(struct out_run *r)
{
	struct why why = { "" };

	if (remote_trust(r->b->settings->smtp_out_ca, &r->own_trust, &r->trust, &why) != OK)
		event(smtp_out_ca_failed, STR(""), ev_z(why.text));
}

/* Addresses that receive mail. */
static void listens_take(struct out_run *r)
{
	struct addr_list list;

	if (addr_list_parse(&r->route_arena, r->b->settings->listen_smtp, 0, &list, NULL) != OK)
		return;
	for (size_t i = 0; i < list.count && i < OUT_LISTENS_MAX; i++)
		r->listens[r->listen_count++] = list.items[i].port;
}

/* Keep a reusable session for the next batch. */
static void session_keep(struct out_run *r)
{
	int64_t now_ms = clock_mono_ms(), keep_ms = (int64_t)r->b->settings->smtp_out_idle_s * 1000;
	struct out_session *s = &r->session;

	if (r->b->idle == NULL || keep_ms == 0 || atomic_load(r->b->stopping) ||
	    !out_session_is_open(s) || out_params_spent(s) || now_ms - s->began_ms >= OUT_AGE_MS)
		return;
	if (!out_idle_put(r->b->idle, s, r->b->settings, now_ms + keep_ms))
		(void)0; /* no room: it is closed */
}

void out_batch_run(const struct out_batch *b, const struct queue_batch *first)
{
	struct out_run r = { .b = b };
	struct str hello = b->way->manner.hello;
	struct queue_batch batch = *first;
	struct arena a = { 0 };

	listens_take(&r);
	out_session_init(&r.session, hello.n != 0 ? hello : b->settings->hostname);
	r.session.patience_ms = (int64_t)b->settings->smtp_out_timeout_s * 1000;
	r.session.connect_ms = b->crowded ? OUT_CONNECT_CROWDED_MS : OUT_CONNECT_MS;
	r.session.idle = b->idle;
	r.session.tls_sessions = b->tls_sessions;
	r.session.settings = b->settings;
	trust_take(&r);
	do {
		items_run(&r, &batch);
		arena_reset(&a);
	} while (take_more(&r, first, &a, &batch));
	session_keep(&r);
	out_session_deinit(&r.session);
	trust_free(r.own_trust);
	arena_deinit(&r.route_arena);
	arena_deinit(&a);
}
