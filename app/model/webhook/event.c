/* model/webhook/event.c: an event as JSON, and its rows; see webhook.h. */
#include "foundation/base/random.h"
#include "foundation/config/limits.h"
#include "foundation/config/live.h"
#include "foundation/observe/event.h"
#include "foundation/observe/metrics.h"
#include "foundation/text/json.h"
#include "model/store/store.h"
#include "model/webhook/body.h"
#include "model/webhook/row.h"
#include "model/webhook/rules.h"

enum { BODY_MAX = 64 << 10 };

/* --- JSON -------------------------------------------------------------------------------- */

static void webhook_event_put_text(struct json_writer *w, const char *name, struct str s)
{
	if (s.n != 0)
		json_put_str(w, name, s);
	else
		json_put_null(w, name);
}

/* Ids are text: JavaScript's numbers have 53 bits. */
static void put_id(struct json_writer *w, const char *name, uint64_t id, struct arena *a)
{
	webhook_event_put_text(w, name, id != 0 ? str_fmt(a, "%" PRIu64, id) : STR_EMPTY);
}

static void put_reply(struct json_writer *w, const struct webhook_event *e)
{
	json_open(w, "reply", '{');
	if (e->code != 0)
		json_put_u64(w, "code", e->code);
	else
		json_put_null(w, "code");
	webhook_event_put_text(w, "status", e->status);
	webhook_event_put_text(w, "text", e->text);
	webhook_event_put_text(w, "remote", e->remote);
	json_close(w);
}

void webhook_event_put(struct buf *out, const struct webhook_event *e, struct str id,
                       struct arena *a)
{
	struct json_writer w;

	json_writer_init(&w, out);
	json_open(&w, NULL, '{');
	json_put_str(&w, "id", id);
	json_put_str(&w, "type", str_of(webhook_kind_name(e->kind)));
	json_put_time(&w, "timestamp", e->time_ms);
	json_open(&w, "data", '{');
	put_id(&w, "id", e->sent, a);
	webhook_event_put_text(&w, "message_id", e->message_id);
	json_put_str(&w, "from", mailaddr_text(a, &e->sender));
	json_put_str(&w, "recipient", e->rcpt);
	json_put_u64(&w, "attempts", e->attempts);
	put_reply(&w, e);
	webhook_event_put_text(&w, "tag", e->tag);
	if (e->metadata.n != 0)
		json_put_raw(&w, "metadata", e->metadata);
	else
		json_put_raw(&w, "metadata", STR("{}"));
	put_id(&w, "queue", e->queue, a);
	put_id(&w, "trace", e->trace, a);
	json_close(&w);
	json_close(&w);
}

/* --- rows ---------------------------------------------------------------------------------- */

static void dropped(void *arg)
{
	const struct str *name = arg;

	metric_add(METRIC_webhook_dropped, 1);
	event(webhook_dropped, STR(""), ev_str(*name), ev_z("too many events wait"));
}

static enum err rule_put(struct webhooks *w, struct txn *t, const struct webhook_rule *rule,
                         const struct webhook_event *e)
{
	struct arena *a = txn_arena(t);
	struct webhook_row row = { .due_ms = e->time_ms,
		                   .created_ms = e->time_ms,
		                   .id = random_u64() };
	struct str *name;
	struct buf body;
	enum err done;

	webhook_endpoint(row.endpoint, rule->url);
	buf_init(&body, BODY_MAX);
	webhook_event_put(&body, e, webhook_event_id(a, row.id), a);
	row.body = buf_str(&body);
	done = buf_ok(&body) ? webhook_row_add(t, &row) : ERR_LIMIT;
	buf_deinit(&body);
	if (done == OK)
		txn_after(t, webhooks_wake, w);
	if (done != ERR_LIMIT)
		return done;
	name = arena_new(a, struct str);
	*name = str_dup(a, rule->name);
	txn_after(t, dropped, name);
	return OK;
}

enum err webhook_put(struct webhooks *w, struct txn *t, const struct webhook_event *e)
{
	const struct settings *s;
	struct webhook_rules rules = { 0 };
	struct arena a;
	enum err done = OK;
	struct str from;

	if (w == NULL)
		return OK;
	arena_init(&a, true); /* rules have secrets */
	s = settings_ref(w->config.live);
	if (s->webhooks.n != 0 && webhook_rules_parse(s->webhooks, &a, &rules, NULL) != OK)
		rules.count = 0; /* checked when it was set */
	from = mailaddr_text(&a, &e->sender);
	for (size_t i = 0; done == OK && i < rules.count; i++)
		if (webhook_rule_wants(&rules.items[i], e->kind, from, e->tag))
			done = rule_put(w, t, &rules.items[i], e);
	settings_unref(s);
	arena_deinit(&a);
	return done;
}
