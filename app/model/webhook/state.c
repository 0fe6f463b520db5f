/* model/webhook/state.c: the state of the endpoints, for the console; see webhook.h. */
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/config/live.h"
#include "model/store/store.h"
#include "model/webhook/body.h"
#include "model/webhook/rules.h"

struct look {
	struct webhooks *w;
	struct arena *a; /* of the caller: nothing secret is stored there */
	struct webhook_rules rules;
	struct webhook_states *out;
	int64_t now_ms;
};

/* The rule without its secret and without its path, which may be secret too. */
static struct webhook_state webhook_state_of(const struct webhook_rule *r, struct arena *a)
{
	struct webhook_state s = { .name = str_dup(a, r->name),
		                   .from = str_dup(a, r->from),
		                   .tag = str_dup(a, r->tag),
		                   .events = r->events,
		                   .is_signed = r->secret.n != 0 };
	struct str host;

	if (webhook_url_host(r->url, &host))
		s.site = str_dup(a, str_sub(r->url, 0, (size_t)(host.p - r->url.p) + host.n));
	return s;
}

/* The time of the next attempt: the event is due, and the endpoint's pause is over. */
static int64_t next_ms(const struct endpoint *e, int64_t due_ms, int64_t now_ms)
{
	int64_t rest_ms = e != NULL ? e->rest_until_ms - clock_mono_ms() : 0;

	return MAX(due_ms, now_ms + MAX(rest_ms, (int64_t)0));
}

static void endpoint_add(struct look *l, const char id[static WEBHOOK_ENDPOINT],
                         struct webhook_state *s)
{
	const struct endpoint *e;

	pthread_mutex_lock(&l->w->lock);
	e = webhooks_endpoint(l->w, id);
	if (s->waiting != 0)
		s->next_ms = next_ms(e, s->next_ms, l->now_ms);
	if (e != NULL) {
		s->failures = e->failures;
		s->delivered_ms = e->delivered_ms;
		s->failed_ms = e->failed_ms;
		s->failure = str_dup(l->a, str_of(e->failure.text));
	}
	pthread_mutex_unlock(&l->w->lock);
}

static enum err states(struct txn *t, void *arg)
{
	struct look *l = arg;
	enum err e = OK;

	l->out->count = 0;
	for (size_t i = 0; e == OK && i < l->rules.count; i++) {
		struct webhook_state *s = &l->out->items[i];
		char id[WEBHOOK_ENDPOINT];
		struct webhook_row row;

		*s = webhook_state_of(&l->rules.items[i], l->a);
		webhook_endpoint(id, l->rules.items[i].url);
		e = webhook_rows_count(t, id, &s->waiting);
		if (e == OK && s->waiting != 0) {
			e = webhook_row_first(t, id, txn_arena(t), &row);
			s->next_ms = e == OK ? webhook_row_due(&row, l->now_ms) : 0;
		}
		e = e == ERR_MISSING ? OK : e;
		if (e == OK)
			endpoint_add(l, id, s);
		l->out->count++;
	}
	return e;
}

enum err webhooks_states_get(struct webhooks *w, struct arena *a, struct webhook_states *out)
{
	const struct settings *s = settings_ref(w->config.live);
	struct look l = { .w = w, .a = a, .out = out, .now_ms = clock_real_ms() };
	struct arena secrets;
	enum err e;

	arena_init(&secrets, true);
	if (webhook_rules_parse(s->webhooks, &secrets, &l.rules, NULL) != OK)
		l.rules.count = 0; /* checked when it was set */
	out->items = arena_array(a, struct webhook_state, LIMIT_webhooks);
	e = store_read(w->config.store, states, &l);
	settings_unref(s);
	arena_deinit(&secrets);
	return e;
}
