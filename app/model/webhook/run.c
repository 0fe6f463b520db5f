/* model/webhook/run.c: the object, and the thread that starts due deliveries; see webhook.h. */
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/base/cond.h"
#include "foundation/base/mem.h"
#include "foundation/config/live.h"
#include "foundation/observe/event.h"
#include "model/store/store.h"
#include "model/webhook/body.h"
#include "model/webhook/request.h"
#include "model/webhook/rules.h"
#include "network/runtime/pool.h"

#include <string.h>

enum { LOOK_MS = 60 * 1000, REST_LEAST_MS = 1000, REST_MOST_MS = 5 * 60 * 1000, CLEAR_MAX = 500 };

void webhooks_wake(void *arg)
{
	struct webhooks *w = arg;

	pthread_mutex_lock(&w->lock);
	w->woken = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
}

/* --- endpoints ---------------------------------------------------------------------------- */

struct endpoint *webhooks_endpoint(struct webhooks *w, const char id[static WEBHOOK_ENDPOINT])
{
	for (size_t i = 0; i < w->endpoint_count; i++)
		if (memcmp(w->endpoints[i].id, id, WEBHOOK_ENDPOINT) == 0)
			return &w->endpoints[i];
	return NULL;
}

/* Under the lock: updates the list of endpoints from the rules. Keeps an endpoint with a running
 * delivery. */
static void endpoints_take(struct webhooks *w, const char (*ids)[WEBHOOK_ENDPOINT], size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->endpoint_count; i++) {
		bool wanted = w->endpoints[i].busy;

		for (size_t j = 0; j < count; j++)
			wanted =
				wanted || memcmp(ids[j], w->endpoints[i].id, WEBHOOK_ENDPOINT) == 0;
		if (wanted)
			w->endpoints[kept++] = w->endpoints[i];
	}
	w->endpoint_count = kept;
	for (size_t j = 0; j < count && w->endpoint_count < COUNT(w->endpoints); j++) {
		if (webhooks_endpoint(w, ids[j]) != NULL)
			continue;
		w->endpoints[w->endpoint_count] = (struct endpoint){ .busy = false };
		memcpy(w->endpoints[w->endpoint_count++].id, ids[j], WEBHOOK_ENDPOINT);
	}
}

/* --- a job -------------------------------------------------------------------------------- */

/* Has its own copy of the rule: settings may change meanwhile. */
struct job {
	struct pool_job job;
	struct webhooks *w;
	struct arena a; /* secret */
	struct webhook_rule rule;
	struct str dns_servers;
	char id[WEBHOOK_ENDPOINT];
};

/* Records the result for the console. */
static void turn_note(struct endpoint *e, const struct webhook_result *result)
{
	int64_t now_ms = clock_real_ms();

	if (result->delivered != 0)
		e->delivered_ms = now_ms;
	if (result->failed) {
		e->failed_ms = now_ms;
		e->failure = result->failure;
	}
}

static void job_run(struct pool_job *job)
{
	struct job *j = container_of(job, struct job, job);
	struct webhooks *w = j->w;
	struct webhook_result result = webhook_deliver(w, &j->rule, j->dns_servers);
	struct endpoint *e;

	pthread_mutex_lock(&w->lock);
	e = webhooks_endpoint(w, j->id);
	if (e != NULL) {
		e->busy = false;
		e->failures = webhook_failures(e->failures, &result);
		turn_note(e, &result);
		e->rest_until_ms = clock_mono_ms();
		if (result.failed)
			e->rest_until_ms +=
				MIN((int64_t)REST_MOST_MS,
			            (int64_t)REST_LEAST_MS << MIN(e->failures - 1, 10u));
	}
	w->woken = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	arena_deinit(&j->a);
	mem_free(j);
}

static void job_start(struct webhooks *w, const struct webhook_rule *rule, struct str dns_servers,
                      const char id[WEBHOOK_ENDPOINT])
{
	struct job *j = NEW(struct job);

	arena_init(&j->a, true);
	j->job.run = job_run;
	j->w = w;
	j->rule = (struct webhook_rule){ .name = str_dup(&j->a, rule->name),
		                         .url = str_dup(&j->a, rule->url),
		                         .secret = str_dup(&j->a, rule->secret) };
	j->dns_servers = str_dup(&j->a, dns_servers);
	memcpy(j->id, id, WEBHOOK_ENDPOINT);
	pool_push(w->pool, &j->job);
}

/* --- checking for due events -------------------------------------------------------------- */

struct look {
	struct webhooks *w;
	struct arena a;
	struct webhook_rules rules;
	char ids[LIMIT_webhooks][WEBHOOK_ENDPOINT]; /* of the rules */
	int64_t due_ms[LIMIT_webhooks];             /* of the first; INT64_MAX: none */
	int64_t now_ms;
	uint64_t cleared;
};

static enum err dues(struct txn *t, void *arg)
{
	struct look *l = arg;
	struct webhook_row row;
	enum err e = OK;

	for (size_t i = 0; e == OK && i < l->rules.count; i++) {
		l->due_ms[i] = INT64_MAX;
		e = webhook_row_first(t, l->ids[i], txn_arena(t), &row);
		if (e == OK)
			l->due_ms[i] = webhook_row_due(&row, l->now_ms);
		e = e == ERR_MISSING ? OK : e;
	}
	return e;
}

static enum err clear(struct txn *t, void *arg)
{
	struct look *l = arg;
	enum err e = webhook_rows_clear(t, (const char(*)[WEBHOOK_ENDPOINT])l->ids, l->rules.count,
	                                CLEAR_MAX, &l->cleared);

	return e != OK ? fail(txn_why(t), e, "events of webhooks could not be forgotten") : OK;
}

/* Deletes the events of removed endpoints. */
static void clear_others(struct look *l)
{
	struct why why = { "" };
	enum err e = OK;

	l->cleared = CLEAR_MAX;
	while (e == OK && l->cleared == CLEAR_MAX) {
		e = store_write(l->w->config.store, clear, l, &why);
		if (e == OK && l->cleared != 0)
			event(webhook_dropped, STR(""),
			      ev_str(str_fmt(&l->a, "%" PRIu64 " events", l->cleared)),
			      ev_z("of webhooks that are not in the setting any more"));
	}
	if (e != OK)
		event(store_failed, STR(""), ev_z(err_words(e, &why)));
}

/* Starts due deliveries; returns until when to wait then (clock_mono_ms). */
static int64_t look_start(struct look *l, struct str dns_servers)
{
	int64_t mono_ms = clock_mono_ms(), until_ms = mono_ms + LOOK_MS;
	struct webhooks *w = l->w;

	pthread_mutex_lock(&w->lock);
	endpoints_take(w, (const char(*)[WEBHOOK_ENDPOINT])l->ids, l->rules.count);
	for (size_t i = 0; i < l->rules.count; i++) {
		struct endpoint *e = webhooks_endpoint(w, l->ids[i]);
		int64_t at_ms;

		if (e == NULL || e->busy || l->due_ms[i] == INT64_MAX)
			continue;
		at_ms = MAX(e->rest_until_ms, mono_ms + (l->due_ms[i] - l->now_ms));
		if (at_ms <= mono_ms) {
			e->busy = true;
			job_start(w, &l->rules.items[i], dns_servers, l->ids[i]);
		} else {
			until_ms = MIN(until_ms, at_ms);
		}
	}
	pthread_mutex_unlock(&w->lock);
	return until_ms;
}

/* *seen: the setting at the last check, to notice a change. */
static int64_t webhooks_due_check(struct webhooks *w, struct str *seen)
{
	const struct settings *s = settings_ref(w->config.live);
	struct look l = { .w = w, .now_ms = clock_real_ms() };
	int64_t until_ms = clock_mono_ms() + LOOK_MS;

	arena_init(&l.a, true);
	if (webhook_rules_parse(s->webhooks, &l.a, &l.rules, NULL) != OK)
		l.rules.count = 0;
	for (size_t i = 0; i < l.rules.count; i++)
		webhook_endpoint(l.ids[i], l.rules.items[i].url);
	if (seen->p == NULL || !str_eq(*seen, s->webhooks)) {
		clear_others(&l);
		str_free(seen);
		*seen = str_new(s->webhooks);
	}
	if (l.rules.count != 0 && store_read(w->config.store, dues, &l) == OK)
		until_ms = look_start(&l, s->dns_servers);
	settings_unref(s);
	arena_deinit(&l.a);
	return until_ms;
}

static void *webhooks_thread_run(void *arg)
{
	struct webhooks *w = arg;
	struct str seen = { NULL, 0 };

	while (!atomic_load(&w->stop)) {
		int64_t until_ms;

		pthread_mutex_lock(&w->lock);
		w->woken = false;
		pthread_mutex_unlock(&w->lock);
		until_ms = webhooks_due_check(w, &seen);
		pthread_mutex_lock(&w->lock);
		while (!w->woken && !atomic_load(&w->stop) &&
		       cond_wait_until(&w->wake, &w->lock, until_ms))
			continue;
		pthread_mutex_unlock(&w->lock);
	}
	str_free(&seen);
	return NULL;
}

/* --- creation and end --------------------------------------------------------------------- */

struct webhooks *webhooks_new(const struct webhooks_config *config)
{
	struct webhooks *w = NEW(struct webhooks);

	w->config = *config;
	pthread_mutex_init(&w->lock, NULL);
	cond_init(&w->wake);
	return w;
}

enum err webhooks_start(struct webhooks *w, struct why *why)
{
	enum err e = pool_new("webhooks", 1, LIMIT_webhook_parallel, 1, &w->pool, why);

	if (e)
		return e;
	if (pthread_create(&w->thread, NULL, webhooks_thread_run, w) != 0)
		return fail(why, ERR_IO, "no thread for webhooks");
	w->started = true;
	return OK;
}

void webhooks_halt(struct webhooks *w)
{
	if (w == NULL)
		return;
	atomic_store(&w->stop, true);
	webhooks_wake(w);
}

void webhooks_free(struct webhooks **webhooks)
{
	struct webhooks *w = *webhooks;

	*webhooks = NULL;
	if (w == NULL)
		return;
	webhooks_halt(w);
	if (w->started)
		pthread_join(w->thread, NULL);
	/* Requests end within about 100 ms after a stop. */
	while (w->pool != NULL && !pool_stop(w->pool, clock_mono_ms() + 1000))
		continue;
	pool_free(&w->pool);
	webhook_forget(&w->stop);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	mem_free(w);
}
