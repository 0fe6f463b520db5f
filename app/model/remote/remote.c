/* model/remote/remote.c: the object and its thread; see remote.h. */
#include "model/remote/remote.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/base/cond.h"
#include "foundation/base/mem.h"
#include "foundation/config/live.h"
#include "foundation/observe/event.h"
#include "model/remote/evidence.h"
#include "model/remote/remote_body.h"
#include "model/remote/sts.h"
#include "network/tls/trust.h"

enum { GATHER_MS = 60 * 1000, ROUND_MS = 3600 * 1000, SLICE_MS = 30 * 1000 };

/* --- the thread --------------------------------------------------------------------------- */

/* Waits until until_ms, or until many notes are waiting. False when the thread shall end. */
static bool wait_for_work(struct remotes *r, int64_t until_ms)
{
	bool more;

	pthread_mutex_lock(&r->service.lock);
	while (!r->service.stopping && !r->pressed &&
	       cond_wait_until(&r->service.wake, &r->service.lock, until_ms))
		continue;
	r->pressed = false;
	more = !r->service.stopping;
	pthread_mutex_unlock(&r->service.lock);
	return more;
}

static void notes_write(struct remotes *r)
{
	struct why why = { "" };
	enum err e = tls_notes_flush(r, &why);

	/* When the disk is full, only these notes are lost. */
	if (e)
		event(store_failed, STR(""), ev_z(err_words(e, &why)));
}

static void notes_expire(struct remotes *r)
{
	const struct settings *s = settings_ref(r->config.live);
	uint32_t today = tls_day_of(clock_real_ms());
	uint64_t days = MIN(s->tls_evidence_days, (uint64_t)today);
	struct why why = { "" };
	enum err e;

	settings_unref(s);
	e = tls_days_expire(r, today - (uint32_t)days, &why);
	if (e)
		event(store_failed, STR(""), ev_z(err_words(e, &why)));
}

static void *remotes_thread_run(void *arg)
{
	struct remotes *r = arg;
	int64_t round_ms = clock_mono_ms(), wait_ms;
	bool more = true;

	while (more) {
		if (clock_mono_ms() >= round_ms) {
			notes_expire(r);
			if (r->config.fetch == NULL)
				sts_refresh_begin(r);
			round_ms = clock_mono_ms() + ROUND_MS;
		}
		/* Notes do not wait for policy hosts that do not answer. */
		wait_ms = r->config.fetch == NULL &&
		                          sts_refresh_some(r, clock_mono_ms() + SLICE_MS)
		                  ? 0
		                  : GATHER_MS;
		more = wait_for_work(r, MIN(clock_mono_ms() + wait_ms, round_ms));
		notes_write(r);
	}
	return NULL;
}

void remotes_press(struct remotes *r)
{
	pthread_mutex_lock(&r->service.lock);
	r->pressed = true;
	pthread_cond_signal(&r->service.wake);
	pthread_mutex_unlock(&r->service.lock);
}

/* --- creation and end --------------------------------------------------------------------- */

static void body_free(struct remotes *r)
{
	flights_deinit(r);
	renewals_deinit(r);
	pthread_cond_destroy(&r->landed);
	pthread_mutex_destroy(&r->notes_lock);
	pthread_mutex_destroy(&r->flights_lock);
	mem_free(r);
}

enum err remotes_open(const struct remotes_config *config, struct remotes **out, struct why *why)
{
	struct remotes *r = NEW(struct remotes);
	enum err e;

	*out = NULL;
	r->config = *config;
	pthread_mutex_init(&r->flights_lock, NULL);
	pthread_mutex_init(&r->notes_lock, NULL);
	cond_init(&r->landed);
	e = service_thread_start(&r->service, remotes_thread_run, r,
	                         "what is known of other domains", why);
	if (e == OK)
		*out = r;
	else
		body_free(r);
	return e;
}

void remotes_halt(struct remotes *r)
{
	if (r != NULL)
		atomic_store(&r->stop, true);
}

void remotes_close(struct remotes **remote)
{
	struct remotes *r = *remote;

	*remote = NULL;
	if (r == NULL)
		return;
	remotes_halt(r);
	service_thread_stop(&r->service);
	body_free(r);
}

enum err remote_trust(struct str ca, struct trust **own, const struct trust **out, struct why *why)
{
	struct arena a = { 0 };
	enum err e = OK;

	*own = NULL;
	*out = &trust_builtin;
	if (ca.n != 0 && (e = trust_load_file(str_z(&a, ca), own, why)) == OK)
		*out = *own;
	arena_deinit(&a);
	return e ? fail_about(why, e, "ROOST_SMTP_OUT_CA") : OK;
}

enum err remote_trust_check(struct str ca, struct why *why)
{
	const struct trust *trust;
	struct trust *own = NULL;
	enum err e = remote_trust(ca, &own, &trust, why);

	trust_free(own);
	return e;
}
