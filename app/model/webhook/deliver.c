/* model/webhook/deliver.c: delivering the due events of one endpoint; see body.h. */
#include "foundation/base/clock.h"
#include "foundation/observe/event.h"
#include "foundation/observe/metrics.h"
#include "model/store/store.h"
#include "model/webhook/body.h"
#include "model/webhook/request.h"
#include "model/webhook/rules.h"

enum { TURN_MAX = 100, WAIT_LEAST_MS = 2000, EXPIRE_MAX = 500 };

static const int64_t age_ms = (int64_t)LIMIT_webhook_age_s * 1000;

/* One event, and the outcome for its row. */
struct telling {
	struct webhooks *w;
	const struct webhook_rule *rule;
	struct str dns_servers;
	struct arena a;
	struct webhook_row row;
	int64_t again_ms; /* 0: it is over */
	int64_t before_ms;
	uint64_t expired;
	struct webhook_result result;
};

static enum err first(struct txn *t, void *arg)
{
	struct telling *n = arg;
	char id[WEBHOOK_ENDPOINT];

	webhook_endpoint(id, n->rule->url);
	return webhook_row_first(t, id, &n->a, &n->row);
}

static enum err deliver_settle(struct txn *t, void *arg)
{
	struct telling *n = arg;
	enum err e = n->again_ms == 0 ? webhook_row_del(t, &n->row)
	                              : webhook_row_delay(t, &n->row, n->again_ms);

	if (e == OK || e == ERR_MISSING) /* deleted meanwhile */
		return OK;
	return fail(txn_why(t), e, "the result of a webhook request could not be stored");
}

/* 2 s, 8 s, 32 s ... an hour. */
static int64_t wait_ms(uint32_t attempts)
{
	int64_t wait = WAIT_LEAST_MS;

	for (uint32_t i = 0; i < attempts && wait < WEBHOOK_WAIT_MOST_MS; i++)
		wait *= 4;
	return MIN(wait, (int64_t)WEBHOOK_WAIT_MOST_MS);
}

/* RFC 9110 15.3: any 2xx is a success. */
static bool post(struct telling *n, struct why *why)
{
	const struct webhook_request q = {
		.url = n->rule->url,
		.secret = n->rule->secret,
		.id = webhook_event_id(&n->a, n->row.id),
		.body = n->row.body,
		.dns_servers = n->dns_servers,
		.deadline_ms = clock_mono_ms() + LIMIT_webhook_ms,
		.answer_max = LIMIT_webhook_answer,
		.stop = &n->w->stop,
	};
	struct httpc_response response = { .status = 0 };

	if (webhook_post(&q, &n->a, &response, why) != OK)
		return false;
	if (response.status / 100 == 2)
		return true;
	fail(why, ERR_RETRY, "it answers %u", response.status);
	return false;
}

static void deliver_failed(struct telling *n, const struct why *why)
{
	int64_t now_ms = clock_real_ms(), wait = wait_ms(n->row.attempts);

	metric_add(METRIC_webhook_failed, 1);
	n->row.created_ms = MIN(n->row.created_ms, now_ms); /* the clock was set back */
	if (now_ms + wait - n->row.created_ms < age_ms) {
		n->again_ms = now_ms + wait;
		event(webhook_failed, STR(""), ev_str(n->rule->name),
		      ev_str(webhook_event_id(&n->a, n->row.id)), ev_z(why->text),
		      ev_int(wait / 1000));
		return;
	}
	metric_add(METRIC_webhook_dropped, 1);
	event(webhook_dropped, STR(""), ev_str(n->rule->name), ev_z(why->text));
}

static enum err deliver_expire(struct txn *t, void *arg)
{
	struct telling *n = arg;
	enum err e = webhook_rows_expire(t, n->row.endpoint, n->before_ms, EXPIRE_MAX, &n->expired);

	return e == OK ? e : fail(txn_why(t), e, "old events of a webhook could not be forgotten");
}

/* An event that is too old is deleted without an attempt: otherwise an unreachable endpoint's rows
 * would stay until each was tried again. */
static bool too_old(struct telling *n)
{
	struct why why = { "" };
	enum err e;

	n->expired = 0;
	e = store_write(n->w->config.store, deliver_expire, n, &why);
	if (e) {
		event(store_failed, STR(""), ev_z(err_words(e, &why)));
		n->result.failed = true;
		n->result.failure = why;
		return false;
	}
	metric_add(METRIC_webhook_dropped, (int64_t)n->expired);
	if (n->expired != 0)
		event(webhook_dropped, STR(""), ev_str(n->rule->name),
		      ev_str(str_fmt(&n->a, "%" PRIu64 " events are too old", n->expired)));
	return true;
}

/* False when it failed. */
static bool deliver_one(struct telling *n)
{
	struct why why = { "" };
	bool delivered = post(n, &why);
	enum err e;

	if (!delivered && atomic_load(&n->w->stop))
		return false; /* as if it had not been tried */
	n->result.delivered += delivered;
	n->result.failed = !delivered;
	if (delivered)
		metric_add(METRIC_webhook_told, 1);
	else
		deliver_failed(n, &why);
	n->result.failure = why;
	why = (struct why){ "" };
	e = store_write(n->w->config.store, deliver_settle, n, &why);
	if (e) {
		event(store_failed, STR(""), ev_z(err_words(e, &why)));
		n->result.failed = true; /* it would be delivered again and again */
		n->result.failure = why;
	}
	return !n->result.failed;
}

/* False when nothing is due or a delivery failed. */
static bool next(struct telling *n)
{
	int64_t now_ms = clock_real_ms();

	n->again_ms = 0;
	n->before_ms = now_ms - age_ms;
	if (store_read(n->w->config.store, first, n) != OK)
		return false;
	if (n->row.created_ms < n->before_ms)
		return too_old(n);
	return webhook_row_due(&n->row, now_ms) <= now_ms && deliver_one(n);
}

struct webhook_result webhook_deliver(struct webhooks *w, const struct webhook_rule *rule,
                                 struct str dns_servers)
{
	struct telling n = { .w = w, .rule = rule, .dns_servers = dns_servers };
	bool more = true;

	for (int i = 0; more && i < TURN_MAX && !atomic_load(&w->stop); i++) {
		more = next(&n);
		arena_reset(&n.a);
	}
	arena_deinit(&n.a);
	return n.result;
}

unsigned webhook_failures(unsigned before, const struct webhook_result *result)
{
	if (!result->failed)
		return 0;
	return result->delivered != 0 ? 1 : before + 1;
}
