/* operations/acme/acme.c: the service: a thread that sleeps until something is due; see acme.h. */
#include "operations/acme/acme.h"

#include "foundation/base/clock.h"
#include "foundation/base/cond.h"
#include "foundation/base/mem.h"
#include "foundation/config/live.h"
#include "foundation/observe/event.h"
#include "foundation/text/base64url.h"
#include "model/store/store.h"
#include "network/http_client/httpc.h"
#include "network/tls/cert.h"
#include "network/tls/trust.h"
#include "operations/acme/uploaded.h"
#include "operations/acme/plan.h"
#include "operations/acme/work.h"

#include <pthread.h>
#include <stdatomic.h>

struct acme {
	struct acme_config config;
	struct challenges *challenges;
	pthread_t thread;
	atomic_bool stop;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool woken;               /* lock                         */
	pthread_mutex_t own_lock; /* one own_certs_show at a time */
	atomic_bool held;         /* certificates are held        */
};

/* --- settings ------------------------------------------------------------------------------ */

static enum err challenge_check(const struct settings *s, struct why *why)
{
	static const char *const known[] = { "", "http-01", "tls-alpn-01", "dns-01" };

	for (size_t i = 0; i < COUNT(known); i++)
		if (str_eq(s->acme_challenge, str_of(known[i])))
			return OK;
	return fail(why, ERR_SYNTAX, "ROOST_ACME_CHALLENGE: give http-01, tls-alpn-01 or dns-01");
}

static enum err binding_check(struct str eab, struct why *why)
{
	ptrdiff_t colon = str_rfind_byte(eab, ':');
	struct buf key;
	bool ok;

	if (eab.n == 0)
		return OK;
	buf_init(&key, 1024);
	ok = colon > 0 && base64url_parse(str_sub(eab, (size_t)colon + 1, eab.n), &key) &&
	     key.n != 0;
	mem_wipe(key.p, key.n);
	buf_deinit(&key);
	return ok ? OK
	          : fail(why, ERR_SYNTAX,
	                 "ROOST_ACME_EAB: give id:key as the authority shows them");
}

static enum err dns_check(const struct settings *s, struct arena *a, struct why *why)
{
	struct zone_writer zone;

	if (!zone_writer_wanted(s) && str_eq(s->acme_challenge, STR("dns-01")))
		return fail(why, ERR_SYNTAX,
		            "ROOST_ACME_CHALLENGE: dns-01 needs ROOST_DNS_UPDATE_SERVER or "
		            "ROOST_DNS_UPDATE_HOOK");
	return zone_writer_read(s, a, &zone, why);
}

enum err acme_check(const struct settings *s, struct why *why)
{
	struct arena a;
	enum err e;

	if (!answer_url(s->acme_directory))
		return fail(why, ERR_SYNTAX, "ROOST_ACME_DIRECTORY: give an https URL");
	arena_init(&a, true);
	if (!(e = challenge_check(s, why)) && !(e = binding_check(s->acme_eab, why)) &&
	    !(e = acme_plan_check(s->acme_names, why)))
		e = dns_check(s, &a, why);
	arena_deinit(&a);
	return e;
}

/* --- access to the CA ----------------------------------------------------------------------- */

struct way {
	struct acme *acme;
	struct httpc *http;
};

static enum err way_ask(void *arg, const struct httpc_request *q, struct arena *a,
                        struct httpc_response *out, struct why *why)
{
	const struct way *way = arg;

	return httpc_ask(way->http, q, a, out, why);
}

static bool way_wait(void *arg, int64_t ms)
{
	const struct way *way = arg;
	struct acme *a = way->acme;
	int64_t until_ms = clock_mono_ms() + ms;

	pthread_mutex_lock(&a->lock);
	while (!atomic_load(&a->stop) && clock_mono_ms() < until_ms)
		cond_wait_until(&a->changed, &a->lock, until_ms);
	pthread_mutex_unlock(&a->lock);
	return !atomic_load(&a->stop);
}

static enum err trust_find(const struct settings *s, struct arena *a, struct trust **own,
                           const struct trust **out, struct why *why)
{
	enum err e = OK;

	*out = &trust_builtin;
	if (s->acme_ca.n != 0 && (e = trust_load_file(str_z(a, s->acme_ca), own, why)) == OK)
		*out = *own;
	return e ? fail_about(why, e, "ROOST_ACME_CA") : OK;
}

/* --- the thread ------------------------------------------------------------------------------ */

static enum err round_with(struct acme *a, const struct settings *s, bool woken,
                           const struct trust *trust, struct arena *arena, int64_t *next_ms,
                           struct why *why)
{
	struct httpc_config http = { .trust = trust,
		                     .dns_servers = s->dns_servers,
		                     .stop = &a->stop };
	struct way way = { .acme = a };
	const struct acme_io io = { way_ask, way_wait, &way };
	struct challenge_dns change = { .dns = a->config.dns, .io = &io };
	struct work work = { .config = &a->config,
		             .settings = s,
		             .challenges = a->challenges,
		             .io = &io,
		             .dns_change = &change,
		             .woken = woken };
	struct httpc_config hook = http;
	enum err e = s->acme ? zone_writer_read(s, arena, &change.zone, why) : OK;

	if (e)
		return e;
	hook.plain = true; /* the address may be local */
	change.zone.hook.wait = io.wait;
	change.zone.hook.arg = io.arg;
	change.zone.hook.http = httpc_new(&hook);
	way.http = httpc_new(&http);
	work_requests(&work, next_ms);
	if (s->acme)
		work_round(&work, next_ms);
	httpc_free(&way.http);
	httpc_free(&change.zone.hook.http);
	return OK;
}

/* One round with these settings. *next_ms: the time of the next one (real clock). */
static void round_do(struct acme *a, const struct settings *s, bool woken, int64_t *next_ms)
{
	const struct trust *trust;
	struct trust *own = NULL;
	struct why why = { "" };
	struct arena arena;
	enum err e;

	arena_init(&arena, true);
	e = trust_find(s, &arena, &own, &trust, &why);
	if (e == OK)
		e = round_with(a, s, woken, trust, &arena, next_ms, &why);
	if (e) {
		*next_ms = clock_real_ms() + (int64_t)3600 * 1000;
		event(certificate_order_failed, STR(""), ev_z("all"), ev_z(why.text), ev_int(3600));
	}
	trust_free(own);
	arena_deinit(&arena);
}

/* Sleep until the real clock reaches until_ms, a wake-up or a stop. The clock may be set
 * meanwhile, so it is checked every LOOK_MS. Returns whether it was woken. */
static bool sleep_until(struct acme *a, int64_t until_ms)
{
	enum { LOOK_MS = 600000 };
	bool woken;

	pthread_mutex_lock(&a->lock);
	while (!a->woken && !atomic_load(&a->stop) && clock_real_ms() < until_ms)
		cond_wait_until(&a->changed, &a->lock,
		                clock_mono_ms() +
		                        MIN(until_ms - clock_real_ms(), (int64_t)LOOK_MS));
	woken = a->woken;
	a->woken = false;
	pthread_mutex_unlock(&a->lock);
	return woken;
}

static bool is_requested(const struct acme *a)
{
	bool any = false;

	return store_read(a->config.store, requests_pending, &any) == OK && any;
}

static void *acme_run(void *arg)
{
	enum { HELD_MS = 10000 }; /* interval of checks of held certificates */
	struct acme *a = arg;
	bool woken = false;

	while (!atomic_load(&a->stop)) {
		const struct settings *s = settings_ref(a->config.live);
		int64_t next_ms = INT64_MAX;

		acme_own_changed(a); /* a command next to the server may have changed
		                      * them */
		if (s->acme || is_requested(a))
			round_do(a, s, woken, &next_ms);
		certs_default(a->config.certs, s->hostname);
		settings_unref(s);
		if (atomic_load(&a->held))
			next_ms = MIN(next_ms, clock_real_ms() + HELD_MS);
		woken = sleep_until(a, next_ms);
	}
	return NULL;
}

/* --- begin and end --------------------------------------------------------------------------- */

static enum err show_all(struct txn *t, void *arg)
{
	struct cert_row *rows;
	struct arena a;
	size_t count;
	enum err e;

	arena_init(&a, true);
	e = cert_rows(t, &a, &rows, &count);
	for (size_t i = 0; e == OK && i < count; i++) {
		struct why why = { "" };

		/* One that is unusable is ordered again; the others are used. */
		if (work_show(arg, &rows[i], &why) != OK)
			event(certificate_failed, STR(""), ev_z(why.text));
	}
	arena_deinit(&a);
	return e;
}

enum err acme_certs_show(struct store *store, struct certs *certs)
{
	return store_read(store, show_all, certs);
}

void acme_own_changed(struct acme *a)
{
	const struct settings *s;
	struct own_release release;
	bool held = false;
	enum err e;

	if (a == NULL)
		return;
	s = settings_ref(a->config.live);
	release = (struct own_release){ .hostname = s->hostname,
		                        .published = a->config.published,
		                        .arg = a->config.arg };
	pthread_mutex_lock(&a->own_lock);
	e = own_certs_release(a->config.store, a->config.certs, &release, &held);
	atomic_store(&a->held, held);
	if (e == OK)
		e = own_certs_show(a->config.store, a->config.certs);
	pthread_mutex_unlock(&a->own_lock);
	settings_unref(s);
	if (e)
		event(certificate_failed, STR(""),
		      ev_z("certificates in the store cannot be read"));
}

/* Stored certificates are used even if ACME is off. */
static void show_stored(struct acme *a, struct str hostname)
{
	if (acme_certs_show(a->config.store, a->config.certs) != OK)
		event(certificate_failed, STR(""),
		      ev_z("certificates in the store cannot be read"));
	acme_own_changed(a);
	certs_default(a->config.certs, hostname);
}

static void acme_free(struct acme **a)
{
	challenges_free(&(*a)->challenges);
	pthread_cond_destroy(&(*a)->changed);
	pthread_mutex_destroy(&(*a)->lock);
	pthread_mutex_destroy(&(*a)->own_lock);
	mem_clear(a);
}

enum err acme_start(const struct acme_config *config, struct acme **out, struct why *why)
{
	const struct settings *s = settings_ref(config->live);
	struct acme *a = NEW(struct acme);
	enum err e = OK;

	a->config = *config;
	a->challenges = challenges_new(config->certs);
	pthread_mutex_init(&a->lock, NULL);
	pthread_mutex_init(&a->own_lock, NULL);
	cond_init(&a->changed);
	*out = a;
	if (s->acme)
		e = acme_check(s, why);
	if (e == OK)
		show_stored(a, s->hostname);
	settings_unref(s);
	if (e == OK && pthread_create(&a->thread, NULL, acme_run, a) != 0)
		e = fail(why, ERR_IO, "no thread for certificates");
	if (e)
		acme_free(out);
	return e;
}

void acme_stop(struct acme **a)
{
	if (*a == NULL)
		return;
	pthread_mutex_lock(&(*a)->lock);
	atomic_store(&(*a)->stop, true);
	pthread_cond_broadcast(&(*a)->changed);
	pthread_mutex_unlock(&(*a)->lock);
	pthread_join((*a)->thread, NULL);
	acme_free(a);
}

void acme_wake(struct acme *a)
{
	if (a == NULL)
		return;
	pthread_mutex_lock(&a->lock);
	a->woken = true;
	pthread_cond_broadcast(&a->changed);
	pthread_mutex_unlock(&a->lock);
}

bool acme_http_answer(struct acme *a, struct str token, struct arena *arena, struct str *out)
{
	return challenges_http(a->challenges, token, arena, out);
}
