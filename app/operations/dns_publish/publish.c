/* operations/dns_publish/publish.c: see publish.h. */
#include "operations/dns_publish/publish.h"

#include "foundation/base/clock.h"
#include "foundation/base/cond.h"
#include "foundation/base/mem.h"
#include "foundation/base/service_thread.h"
#include "foundation/config/live.h"
#include "foundation/observe/event.h"
#include "network/dns/dns.h"
#include "network/http_client/httpc.h"
#include "network/tls/trust.h"
#include "operations/dns_publish/publish_run.h"
#include "operations/dns_publish/wanted.h"
#include "operations/dns_update/zone_writer.h"

enum { FIRST_MS = 1000, SOON_MS = 5000, EVERY_MS = 60000, COUNT_MS = 600000, TELL_MS = 3600000 };

struct publisher {
	struct publisher_config config;
	struct service_thread service; /* its lock protects the next two */
	bool woken, busy;
	/* used by the thread only */
	int64_t round_ms; /* clock_mono_ms of the last round; 0: none yet */
	int64_t count_ms; /* time passed since the last countdown         */
	struct look_pace pace;
	int64_t logged_ms;  /* clock_mono_ms when a failure was logged; 0: none */
};

/* --- a round ------------------------------------------------------------------------------- */

static enum err publish_change(void *arg, const struct dns_change *c, struct arena *a,
                               struct why *why)
{
	return zone_change(arg, c, a, why);
}

static void publish_lookup(void *arg, struct sight *sights, size_t n, struct arena *a)
{
	sights_take(arg, sights, n, a);
}

static bool publish_continues(void *arg, int64_t ms)
{
	struct publisher *p = arg;
	int64_t until_ms = clock_mono_ms() + ms;

	pthread_mutex_lock(&p->service.lock);
	while (!atomic_load(&p->service.stopping) && clock_mono_ms() < until_ms)
		cond_wait_until(&p->service.wake, &p->service.lock, until_ms);
	pthread_mutex_unlock(&p->service.lock);
	return !atomic_load(&p->service.stopping);
}

static bool runs(void *arg)
{
	struct publisher *p = arg;

	return !atomic_load(&p->service.stopping);
}

static void times_set(struct publisher *p, struct round *r)
{
	int64_t now_ms = clock_mono_ms();

	r->passed_ms = p->round_ms != 0 ? now_ms - p->round_ms : 0;
	p->round_ms = now_ms;
	p->count_ms += r->passed_ms;
	if (p->count_ms >= COUNT_MS) {
		r->counted_ms = p->count_ms;
		p->count_ms = 0;
	}
	r->zone.tell = p->logged_ms == 0 || now_ms - p->logged_ms >= TELL_MS;
}

/* *soon: start the next round in seconds. */
static void round_with(struct publisher *p, const struct settings *s, struct zone_writer *writer,
                       bool *soon)
{
	struct sight_config sight = { .settings = s,
		                      .dns = dns_fresh(p->config.dns),
		                      .stop = &p->service.stopping };
	struct round r = { .store = p->config.store,
		           .certs = p->config.certs,
		           .settings = s,
		           .stop = &p->service.stopping,
		           .pace = &p->pace,
		           .zone = { .dns = sight.dns,
		                     .change = publish_change,
		                     .arg = writer,
		                     .look = publish_lookup,
		                     .look_arg = &sight,
		                     .blind = writer->hook.to.n != 0 } };

	times_set(p, &r);
	round_do(&r);
	if (r.zone.failed && r.zone.tell)
		p->logged_ms = clock_mono_ms();
	if (!r.zone.failed)
		p->logged_ms = 0;
	*soon = r.soon;
}

static bool turn(struct publisher *p)
{
	const struct settings *s = settings_ref(p->config.live);
	const struct httpc_config http = { .trust = &trust_builtin,
		                           .dns_servers = s->dns_servers,
		                           .stop = &p->service.stopping,
		                           .plain = true };
	struct zone_writer writer;
	struct why why = { "" };
	struct arena a;
	bool soon = false;

	arena_init(&a, true);
	if (zone_writer_read(s, &a, &writer, &why) == OK) {
		writer.hook.wait = publish_continues;
		writer.hook.arg = writer.update.arg = p;
		writer.update.go_on = runs;
		writer.hook.http = httpc_new(&http);
		round_with(p, s, &writer, &soon);
		httpc_free(&writer.hook.http);
	}
	arena_deinit(&a);
	settings_unref(s);
	return soon;
}

/* --- the thread ---------------------------------------------------------------------------- */

/* Locked. */
static void rest(struct publisher *p, int64_t ms)
{
	int64_t until_ms = clock_mono_ms() + ms;

	while (!p->woken && !atomic_load(&p->service.stopping) && clock_mono_ms() < until_ms)
		cond_wait_until(&p->service.wake, &p->service.lock, until_ms);
	p->woken = false;
}

static void *publish_run(void *arg)
{
	struct publisher *p = arg;
	int64_t wait_ms = FIRST_MS;

	pthread_mutex_lock(&p->service.lock);
	for (;;) {
		rest(p, wait_ms);
		if (atomic_load(&p->service.stopping))
			break;
		p->busy = true;
		pthread_mutex_unlock(&p->service.lock);
		wait_ms = turn(p) ? SOON_MS : EVERY_MS;
		pthread_mutex_lock(&p->service.lock);
		p->busy = false;
		pthread_cond_broadcast(&p->service.wake);
	}
	pthread_mutex_unlock(&p->service.lock);
	return NULL;
}

enum err publisher_start(const struct publisher_config *config, struct publisher **out,
                         struct why *why)
{
	struct publisher *p = NEW(struct publisher);
	enum err e;

	p->config = *config;
	e = service_thread_start(&p->service, publish_run, p, "publishing", why);
	*out = p;
	if (e)
		mem_clear(out);
	return e;
}

bool publisher_stop(struct publisher **out, int64_t deadline_ms)
{
	struct publisher *p = *out;
	bool busy;

	if (p == NULL)
		return true;
	pthread_mutex_lock(&p->service.lock);
	atomic_store(&p->service.stopping, true);
	pthread_cond_broadcast(&p->service.wake);
	while (p->busy && clock_mono_ms() < deadline_ms)
		cond_wait_until(&p->service.wake, &p->service.lock, deadline_ms);
	busy = p->busy;
	pthread_mutex_unlock(&p->service.lock);
	if (busy)
		return false;
	service_thread_stop(&p->service);
	mem_clear(out);
	return true;
}

void publisher_wake(struct publisher *p)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&p->service.lock);
	p->woken = true;
	pthread_cond_broadcast(&p->service.wake);
	pthread_mutex_unlock(&p->service.lock);
}
