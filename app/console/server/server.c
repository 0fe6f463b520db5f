/* console/server/server.c: the order in which a server starts and stops; see server.h.
 *
 *	rights dropped -> store -> settings -> listeners bound -> process confined -> first
 *	domain and owner -> certificate -> queue -> protocols -> sending -> accepting
 *
 * It stops in reverse order: connections first, then deliveries, then the store, so that all mail
 * that was accepted is durable before the process ends. */
#include "console/server/server.h"

#include "console/api/access/attempt.h"
#include "console/api/api.h"
#include "console/api/mail/jmap_login.h"
#include "console/server/certificate.h"
#include "console/server/client_ca.h"
#include "console/server/control.h"
#include "console/server/privilege.h"
#include "console/server/settings.h"
#include "flow/policy/memory/recall.h"
#include "flow/policy/policy.h"
#include "flow/reports_in/report_intake.h"
#include "flow/reports_out/reports_out.h"
#include "foundation/base/clock.h"
#include "foundation/config/version.h"
#include "foundation/observe/event.h"
#include "foundation/observe/recent.h"
#include "model/directory/dkim_key.h"
#include "model/directory/login/login.h"
#include "model/directory/login/salt.h"
#include "model/history/trace.h"
#include "model/mailbox/lease.h"
#include "model/mailbox/watch.h"
#include "model/objects/objects.h"
#include "model/queue/queue.h"
#include "model/remote/remote.h"
#include "model/search/indexer.h"
#include "model/store/spool.h"
#include "model/store/store.h"
#include "model/webhook/webhook.h"
#include "network/dns/dns.h"
#include "network/http_server/local.h"
#include "network/http_server/server.h"
#include "network/runtime/pool.h"
#include "network/runtime/ratelimit.h"
#include "network/runtime/runtime.h"
#include "network/tls/cert.h"
#include "network/tls/tls.h"
#include "operations/acme/acme.h"
#include "operations/dns_publish/publish.h"
#include "operations/doctor/doctor.h"
#include "operations/transfer/imports.h"
#include "protocols/jmap/push/dispatch.h"
#include "protocols/jmap/request/load.h"
#include "protocols/smtp_out/smtp_out.h"

#include <signal.h>
#include <unistd.h>

/* --- the runtime and what it serves --------------------------------------------------- */

static void assert_no_txn(void)
{
	assert(txns_open() == 0); /* a slow peer must not hold a snapshot */
}

static bool ready(void *arg, struct why *why)
{
	struct server *v = arg;
	struct store_stats stats;

	if (!atomic_load(&v->serving)) {
		fail(why, ERR_RETRY, "starting or stopping");
		return false;
	}
	store_stats(v->store, &stats);
	if (stats.full)
		fail(why, ERR_FULL, "the disk is full");
	return !stats.full;
}

/* No request arrives before the store is open. */
static int body_file(void *context)
{
	const struct admin *admin = context;

	return spool_file_open(admin->store);
}

static enum err open_http(struct server *v, struct why *why)
{
	struct http_config config = { .routes = admin_routes,
		                      .route_count = admin_route_count,
		                      .context = &v->admin,
		                      .pool = runtime_pool(v->runtime),
		                      .refuse = api_refused,
		                      .admit = admin_admit,
		                      .body_file = body_file };

	v->admin = (struct admin){ .runtime = v->runtime, .ready = ready, .arg = v };
	return http_server_new(&config, &v->http, why);
}

/* All that starts threads is opened before the process drops its privileges, so that no thread
 * keeps them (console/server/privilege.h). */
static enum err open_runtime(struct server *v, struct why *why)
{
	struct runtime_config config = { .workers_max = (unsigned)v->settings->workers,
		                         .before_wait = assert_no_txn };
	enum err e = runtime_new(&config, &v->runtime, why);

	return e ? e : open_http(v, why);
}

/* --- the store ------------------------------------------------------------------------ */

/* Stops as on a signal, but with a failure status, so that the supervisor restarts the server:
 * opening the store again finds the last commit that reached the disk, which includes all mail that
 * was accepted. */
static void on_store_lost(void *arg)
{
	struct server *v = arg;

	atomic_store(&v->lost, true);
	kill(getpid(), SIGTERM);
}

static enum err open_store(struct server *v, struct why *why)
{
	const struct settings *s = v->settings;
	struct store_config config = { .role = STORE_SERVER,
		                       .folder = str_z(&v->arena, s->data),
		                       .writer = roost_version,
		                       .on_lost = on_store_lost,
		                       .on_lost_arg = v };

	enum err e = store_open(&v->store, &config, why);

	if (!e)
		e = mail_upgrade(v->store, 0, why);
	return e ? e : store_write(v->store, mail_modseqs_raise, NULL, why);
}

/* Settings may be in the store, so listeners are bound after it was opened: the privilege for that
 * is kept until then. */
static enum err open_listeners(struct server *v, struct why *why)
{
	enum err e;

	v->certs = certs_new();
	v->tls = tls_server_open(v->certs, (size_t)v->settings->tls_sessions);
	if ((e = client_ca_open(&v->client_ca, v->tls, v->settings, why)))
		return e;
	runtime_limits_set(v->runtime, (unsigned)v->settings->connections,
	                   (unsigned)v->settings->connections_per_address);
	if ((e = services_listen(v, why)))
		return e;
	return confinement_begin(v->settings, why);
}

static enum err open_identity(struct server *v, struct why *why)
{
	enum err e;

	if ((e = salts_open(v->store, why)))
		return e;
	e = provision(v->store, v->settings, why);
	return e ? e : certificate_load(v->certs, v->store, v->settings, v->hostname, why);
}

static void start_tell(const struct server *v)
{
	enum event_level level;

	if (event_level_parse(v->settings->log_level, &level))
		event_level_set(level);
	event(server_started, STR(""), ev_z(roost_version), ev_z(roost_commit),
	      ev_str(v->settings->data), ev_str(v->hostname));
	for (enum setting_id id = 0; id < SETTINGS; id++)
		if (v->settings->renamed[id])
			event(setting_renamed, STR(""), ev_z(setting_old_name(id)),
			      ev_z(setting_row(id)->name));
}

/* --- all of it ------------------------------------------------------------------------- */

static bool on_control(void *arg, enum control_what what, uint32_t account, struct why *why)
{
	struct server *v = arg;

	switch (what) {
	case CONTROL_MAIL:
		watches_notify(v->mailboxes.watches, account, 0, 0);
		break;
	case CONTROL_SETTINGS:
		if (settings_reload(&v->changes, why) == OK)
			break;
		event(setting_ignored, STR(""), ev_z("what was changed"), ev_z(why->text));
		return false;
	}
	return true;
}

static enum err start(struct server *v, struct why *why)
{
	enum err e;

	if ((e = outgoing_start(v, why)) || (e = authority_start(v, why)) ||
	    (e = doctoring_start(v, why)) || (e = publishing_start(v, why)) ||
	    (e = reporting_start(v, why)) || (e = searching_start(v, why)) ||
	    (e = importing_start(v, why)) ||
	    (e = jmap_push_open(&v->jmap, &v->jmap.push, why)) ||
	    (e = reports_reading_start(v, why)))
		return e;
	if ((e = control_open(&v->control, v->settings->data, on_control, v, why)))
		return e;
	if ((e = http_local_open(v->http, v->settings->data, &v->local, why)) ||
	    (e = runtime_start(v->runtime, why)))
		return e;
	/* For domains of the environment, and of a store from before DKIM keys. */
	if (!pool_run(runtime_pool(v->runtime), dkim_keys_ensure_all, v->store))
		return fail(why, ERR_RETRY, "no thread to make keys with");
	return setup_link_print(v, why);
}

enum err server_open(struct server *v, struct why *why)
{
	enum err e;

	if ((e = open_runtime(v, why)) ||
	    (e = privilege_drop_but_bind(str_z(&v->arena, v->settings->data), why)) ||
	    (e = open_store(v, why)) || (e = settings_open(v, why)))
		return e;
	start_tell(v);
	if ((e = settings_rules_check(v->settings, why)))
		return e;
	if ((e = open_listeners(v, why)) || (e = open_identity(v, why)) ||
	    (e = traces_open(v->store, v->live, &v->traces, why)) || (e = outgoing_open(v, why)))
		return e;
	reporting_open(v);
	if ((e = checking_open(v, why)))
		return e;
	history_load(v->store);
	protocols_fill(v);
	return start(v, why);
}

/* Ends the process without freeing memory that threads still use. */
static void end_now(unsigned cut, int status)
{
	event(server_stopped, STR(""), ev_int(cut));
	_exit(status);
}

void server_close(struct server *v, int64_t deadline_ms, int status)
{
	unsigned cut = 0;

	recent_stop(true);
	imports_halt(v->imports);
	if (v->runtime != NULL)
		cut = runtime_stop(v->runtime, MAX(deadline_ms - clock_mono_ms(), 0));
	control_close(&v->control);
	http_local_close(&v->local);
	remotes_halt(v->remote);
	webhooks_halt(v->webhooks);
	if (!smtp_out_stop(&v->smtp_out, deadline_ms))
		end_now(cut + 1, status);
	remotes_close(&v->remote);
	runtime_free(&v->runtime);
	if (!policy_close(&v->policy, deadline_ms))
		end_now(cut + 1, status);
	report_out_stop(&v->reports);
	http_server_free(&v->http);
	if (!imports_close(&v->imports, deadline_ms))
		end_now(cut + 1, status);
	acme_stop(&v->acme);
	if (!doctor_stop(&v->doctor, deadline_ms) || !publisher_stop(&v->publisher, deadline_ms))
		end_now(cut + 1, status);
	jmap_push_close(&v->jmap.push);
	indexer_stop(&v->indexer);
	webhooks_free(&v->webhooks);
	report_desk_close(&v->reports_in);
	recall_close(&v->recall);
	queue_close(&v->queue);
	traces_close(&v->traces);
	dns_free(&v->dns);
	lockout_free(&v->admin.claims);
	attempts_free(&v->admin.attempts);
	ratelimit_free(&v->admin.calls);
	ratelimit_free(&v->admin.calls_nobody);
	ratelimit_free(&v->admin.import_starts);
	ratelimit_free(&v->admin.self_tests);
	ratelimit_free(&v->admin.forms);
	ratelimit_free(&v->admin.forms_all);
	logins_free(&v->logins);
	objects_watch(NULL, NULL);
	watches_free(&v->mailboxes.watches);
	leases_free(&v->mailboxes.leases);
	maildrops_free(&v->pop3.maildrops);
	jmap_load_free(&v->jmap.load);
	jmap_logins_free(&v->admin.jmap_logins);
	tls_server_close(v->tls);
	client_ca_deinit(&v->client_ca);
	certs_free(v->certs);
	live_free(&v->live);
	history_save(v->store);
	store_close(&v->store);
	event(server_stopped, STR(""), ev_int(cut));
}
