/* console/api/api_webhooks.c: programs that are told what became of mail, and how that goes. */
#include "console/api/admin.h"
#include "console/api/api.h"
#include "foundation/base/arena.h"
#include "model/webhook/webhook.h"

static void state_put(struct api_call *c, size_t place, const struct webhook_state *s)
{
	json_open(c->out, NULL, '{');
	json_put_str(c->out, "id", str_fmt(c->arena, "%zu", place));
	json_put_str(c->out, "name", s->name);
	json_put_str(c->out, "site", s->site);
	json_open(c->out, "events", '[');
	for (unsigned i = 0; i < WEBHOOK_KINDS; i++)
		if (s->events & BIT(i))
			json_put_str(c->out, NULL,
			             str_of(webhook_kind_name((enum webhook_kind)i)));
	json_close(c->out);
	json_put_str(c->out, "from", s->from);
	json_put_str(c->out, "tag", s->tag);
	json_put_bool(c->out, "signed", s->is_signed);
	json_put_u64(c->out, "waiting", s->waiting);
	json_put_time(c->out, "next", s->next_ms);
	json_put_u64(c->out, "failures", s->failures);
	json_put_time(c->out, "told", s->delivered_ms);
	json_put_time(c->out, "failed", s->failed_ms);
	json_put_str(c->out, "reason", s->failure);
	json_close(c->out);
}

/* The few there are: LIMIT_webhooks. */
enum err api_webhooks(struct api_call *c)
{
	struct webhook_states states = { .count = 0 };
	enum err e = webhooks_states_get(c->admin->webhooks, c->arena, &states);

	if (e)
		return e;
	json_open(c->out, NULL, '{');
	json_open(c->out, "items", '[');
	for (size_t i = 0; i < states.count; i++)
		state_put(c, i + 1, &states.items[i]);
	json_close(c->out);
	json_put_null(c->out, "next");
	json_close(c->out);
	return OK;
}
