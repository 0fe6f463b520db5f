/* console/server/settings.c: see settings.h. */
#include "console/server/settings.h"

#include "console/api/settings/settings_trial.h"
#include "console/server/certificate.h"
#include "console/server/client_ca.h"
#include "console/server/server.h"
#include "flow/policy/filters.h"
#include "flow/policy/policy.h"
#include "flow/reports_out/reports_out.h"
#include "flow/submission/form_rules.h"
#include "foundation/observe/event.h"
#include "model/directory/login/login.h"
#include "model/directory/rewrite.h"
#include "model/queue/queue.h"
#include "model/remote/remote.h"
#include "model/store/store.h"
#include "model/webhook/webhook.h"
#include "network/dns/dns.h"
#include "network/http_server/server.h"
#include "network/runtime/addr.h"
#include "network/runtime/network.h"
#include "network/runtime/proxies.h"
#include "network/runtime/runtime.h"
#include "network/tls/cert.h"
#include "operations/acme/acme.h"
#include "operations/dns_publish/publish.h"
#include "operations/dns_publish/wanted.h"
#include "operations/doctor/doctor.h"
#include "protocols/smtp_out/smtp_out.h"

#include <signal.h>
#include <unistd.h>

/* --- checks ------------------------------------------------------------------------------ */

static enum err check_addresses(const struct settings *s, struct why *why)
{
	const struct {
		const char *variable;
		struct str list;
		uint16_t port;
	} rows[] = {
		{ "ROOST_LISTEN_SMTP", s->listen_smtp, 0 },
		{ "ROOST_LISTEN_SUBMISSION", s->listen_submission, 0 },
		{ "ROOST_LISTEN_SUBMISSIONS", s->listen_submissions, 0 },
		{ "ROOST_LISTEN_LMTP", s->listen_lmtp, 0 },
		{ "ROOST_LISTEN_IMAP", s->listen_imap, 0 },
		{ "ROOST_LISTEN_IMAPS", s->listen_imaps, 0 },
		{ "ROOST_LISTEN_POP3", s->listen_pop3, 0 },
		{ "ROOST_LISTEN_POP3S", s->listen_pop3s, 0 },
		{ "ROOST_LISTEN_MANAGESIEVE", s->listen_managesieve, 0 },
		{ "ROOST_LISTEN_HTTP", s->listen_http, 0 },
		{ "ROOST_LISTEN_HTTPS", s->listen_https, 0 },
		{ "ROOST_DNS_SERVERS", s->dns_servers, 53 },
	};
	struct arena a = { 0 };
	enum err e = OK;

	for (size_t i = 0; e == OK && i < COUNT(rows); i++) {
		struct addr_list list;

		e = addr_list_parse(&a, rows[i].list, rows[i].port, &list, why);
		if (e)
			fail_about(why, e, rows[i].variable);
	}
	arena_deinit(&a);
	return e;
}

static enum err check_networks(const struct settings *s, struct why *why)
{
	struct network_list list;
	struct arena a = { 0 };
	enum err e = network_list_parse_trusted(&a, s->trusted_proxies, &list, why);

	if (e)
		e = fail_about(why, e, "ROOST_TRUSTED_PROXIES");
	if (e == OK && (e = network_list_parse(&a, s->feedback_from, &list, why)))
		e = fail_about(why, e, "ROOST_FEEDBACK_FROM");
	if (e == OK && (e = network_list_parse(&a, s->metrics_networks, &list, why)))
		e = fail_about(why, e, "ROOST_METRICS_NETWORKS");
	arena_deinit(&a);
	return e;
}

static enum err check_proxy_protocol(const struct settings *s, struct why *why)
{
	struct proxies *proxies;
	enum err e = proxies_parse(s->proxy_protocol, &proxies, why);

	proxies_free(&proxies);
	return e ? fail_about(why, e, "ROOST_PROXY_PROTOCOL") : OK;
}

static enum err check_certificate(const struct settings *s, struct why *why)
{
	struct str key = s->tls_key.n != 0 ? s->tls_key : s->tls_cert;
	struct why detail = { "" };
	struct arena a = { 0 };
	struct certs *certs;
	enum err e;

	if (s->tls_cert.n == 0)
		return s->tls_key.n == 0 ? OK
		                         : fail(why, ERR_MISSING,
		                                "ROOST_TLS_KEY is set without ROOST_TLS_CERT");
	/* Only a start reads these files. The running server may not be permitted to. */
	if (confinement_hides(s->tls_cert) || confinement_hides(key))
		return OK;
	certs = certs_new();
	e = certs_load_files(certs, str_z(&a, s->tls_cert), str_z(&a, key), &detail);
	certs_free(certs);
	arena_deinit(&a);
	return e ? fail(why, e, "ROOST_TLS_CERT: %s", detail.text) : OK;
}

/* Refuses a value that would lock the administrator out of the console. Values of the environment
 * can be changed back there. */
static enum err check_way_back(const struct settings *s, struct why *why)
{
	enum { CONNECTIONS_LEAST = 50, PER_ADDRESS_LEAST = 10, WORKERS_LEAST = 4 };
	bool by_store = s->origin[SETTING_listen_http] == ORIGIN_STORE ||
	                s->origin[SETTING_listen_https] == ORIGIN_STORE;

	if (by_store && s->listen_http.n == 0 && s->listen_https.n == 0)
		return fail(why, ERR_SYNTAX,
		            "ROOST_LISTEN_HTTP and ROOST_LISTEN_HTTPS would both be off: nobody "
		            "could reach this page any more; leave one on");
	if (s->origin[SETTING_connections] == ORIGIN_STORE && s->connections < CONNECTIONS_LEAST)
		return fail(why, ERR_SYNTAX,
		            "ROOST_CONNECTIONS: with fewer than %d mail clients could keep "
		            "everybody from this page",
		            CONNECTIONS_LEAST);
	if (s->origin[SETTING_connections_per_address] == ORIGIN_STORE &&
	    s->connections_per_address < PER_ADDRESS_LEAST)
		return fail(why, ERR_SYNTAX,
		            "ROOST_CONNECTIONS_PER_ADDRESS: a browser and a mail client at one "
		            "address need %d",
		            PER_ADDRESS_LEAST);
	if (s->origin[SETTING_workers] == ORIGIN_STORE && s->workers < WORKERS_LEAST)
		return fail(why, ERR_SYNTAX, "ROOST_WORKERS: give at least %d", WORKERS_LEAST);
	return OK;
}

enum err settings_rules_check(const struct settings *s, struct why *why)
{
	enum err e = rewrite_check(s->rewrite, why);

	if (e)
		return fail_about(why, e, "ROOST_REWRITE");
	if ((e = filters_check(s, why)) || (e = policy_settings_check(s, why)) ||
	    (e = queue_rules_check(s->queues, why)) || (e = webhooks_check(s->webhooks, why)) ||
	    (e = forms_check(s->forms, why)) || (e = publish_check(s, why)) ||
	    (e = report_out_failure_check(s->reports_failure, why)))
		return e;
	return smtp_out_routes_check(s->routes, s->relays, why);
}

enum err settings_check(const struct settings *s, struct why *why)
{
	enum err e;

	if ((e = check_way_back(s, why)) || (e = check_addresses(s, why)) ||
	    (e = check_networks(s, why)) || (e = check_proxy_protocol(s, why)) ||
	    (e = lmtp_socket_check(s->lmtp_socket, why)) || (e = check_certificate(s, why)) ||
	    (e = confinement_check(s, why)) || (e = client_ca_check(s, why)) ||
	    (e = remote_trust_check(s->smtp_out_ca, why)) ||
	    (e = dns_security_check(s->dnssec, s->dnssec_anchors, why)) ||
	    (s->acme && (e = acme_check(s, why))) || (e = settings_rules_check(s, why)))
		return e;
	return smtp_out_check(s->smarthost, s->smarthost_ca, why);
}

static enum err server_settings_check(void *arg, const struct settings *s, struct why *why)
{
	struct server *v = arg;
	const struct settings *present = settings_ref(v->live);
	enum err e = settings_check(s, why);

	if (e == OK)
		e = services_try(v, present, s, why);
	settings_unref(present);
	return e;
}

/* --- applying them ----------------------------------------------------------------------- */

static void apply_dns(struct server *v, const struct settings *now)
{
	struct arena a = { 0 };
	struct addr_list servers;
	struct why why = { "" };

	if (addr_list_parse(&a, now->dns_servers, 53, &servers, &why) != OK ||
	    dns_servers_set(v->dns, &servers, &why) != OK)
		event(setting_ignored, STR(""), ev_z("DNS_SERVERS"), ev_z(why.text));
	arena_deinit(&a);
}

/* A wrong value was refused when it was set. */
static void apply_dnssec(struct server *v, const struct settings *now)
{
	struct why why = { "" };

	if (dns_security_set(v->dns, now->dnssec, now->dnssec_anchors, &why) != OK)
		event(setting_ignored, STR(""), ev_z("DNSSEC"), ev_z(why.text));
}

static void apply_proxies(struct server *v, const struct settings *now)
{
	struct why why = { "" };

	if (http_server_trust(v->http, now->trusted_proxies, &why) != OK)
		event(setting_ignored, STR(""), ev_z("TRUSTED_PROXIES"), ev_z(why.text));
	if (runtime_proxies_set(v->runtime, now->proxy_protocol, &why) != OK)
		event(setting_ignored, STR(""), ev_z("PROXY_PROTOCOL"), ev_z(why.text));
}

static void apply_queue(struct server *v, const struct settings *before, const struct settings *now)
{
	bool moved = (before->smarthost.n != 0) != (now->smarthost.n != 0) ||
	             !str_eq(before->routes, now->routes);
	struct why why = { "" };
	enum err e = OK;

	if (moved)
		e = queue_reroute(v->queue, &why);
	if (e)
		event(store_failed, STR(""), ev_z(err_words(e, &why)));
	smtp_out_wake(v->smtp_out);
}

/* The self-signed certificate has the host name. */
static void apply_hostname(struct server *v, const struct settings *before,
                           const struct settings *now)
{
	struct why why = { "" };

	if (v->settings->tls_cert.n == 0 && !str_eq(before->hostname, now->hostname) &&
	    certificate_load(v->certs, v->store, v->settings, now->hostname, &why) != OK)
		event(certificate_failed, STR(""), ev_z(why.text));
}

static void apply(void *arg, const struct settings *before, const struct settings *now)
{
	struct server *v = arg;
	enum event_level level;

	services_change(v, before, now);
	if (settings_trial_left_ms(&v->changes) != 0)
		kill(getpid(), SIGHUP); /* the main thread checks the time */
	if (event_level_parse(now->log_level, &level))
		event_level_set(level);
	runtime_limits_set(v->runtime, (unsigned)now->connections,
	                   (unsigned)now->connections_per_address);
	if (!str_eq(before->dns_servers, now->dns_servers))
		apply_dns(v, now);
	if (!str_eq(before->dnssec, now->dnssec) ||
	    !str_eq(before->dnssec_anchors, now->dnssec_anchors))
		apply_dnssec(v, now);
	apply_proxies(v, now);
	apply_queue(v, before, now);
	apply_hostname(v, before, now);
	if (v->doctor != NULL && !str_eq(before->hostname, now->hostname))
		doctor_restart(v->doctor);
	client_ca_apply(&v->client_ca, v->tls, now);
	logins_cram_set(v->logins, now->cram_md5);
	acme_wake(v->acme);
	publisher_wake(v->publisher);
}

/* --- opening ----------------------------------------------------------------------------- */

static void ignored_tell(const struct settings_stored *stored)
{
	for (size_t i = 0; i < stored->count; i++)
		if (stored->items[i].ignored)
			event(setting_ignored, STR(""), ev_str(stored->items[i].name),
			      ev_z("it is no setting, or its value is not valid"));
}

/* Reports a stored program, which older versions accepted: the helper process that would run it was
 * not started (console/cli/serve.c). */
static void hook_check(const struct settings *s)
{
	if (s->origin[SETTING_dns_update_hook] == ORIGIN_STORE &&
	    str_starts(s->dns_update_hook, STR("/")))
		event(dns_hook_stored, STR(""), ev_str(s->dns_update_hook));
}

/* If the stored settings would prevent a start, all of them are ignored: the server then runs with
 * its environment, and they can be corrected in the console. */
static enum err live_open(struct server *v, struct settings_stored *stored, struct why *why)
{
	struct settings_stored none = { 0 };
	struct why wrong = { "" };
	enum err e = live_new(v->settings->environment, stored, &v->live, why);

	if (e)
		return e;
	ignored_tell(stored);
	hook_check(settings_first(v->live));
	if (stored->count == 0 || settings_check(settings_first(v->live), &wrong) == OK)
		return OK;
	live_free(&v->live);
	settings_trouble_set(&v->changes.troubles, SETTINGS, &wrong);
	event(setting_ignored, STR(""), ev_z("all that are stored"), ev_z(wrong.text));
	return live_new(v->settings->environment, &none, &v->live, why);
}

enum err settings_open(struct server *v, struct why *why)
{
	struct arena a;
	struct settings_stored stored = { 0 };
	enum err e;

	pthread_mutex_init(&v->changes.lock, NULL);
	pthread_mutex_init(&v->changes.troubles.lock, NULL);
	if ((e = settings_trial_recover(v->store, why)))
		return e;
	arena_init(&a, true);
	e = settings_stored_read(v->store, &a, &stored);
	if (e)
		fail(why, e, "the settings in the store cannot be read");
	else
		e = live_open(v, &stored, why);
	arena_deinit(&a);
	if (e)
		return e;
	v->settings = settings_first(v->live);
	v->hostname = v->settings->hostname;
	v->changes.store = v->store;
	v->changes.live = v->live;
	v->changes.environment = v->settings->environment;
	v->changes.check = server_settings_check;
	v->changes.apply = apply;
	v->changes.arg = v;
	v->admin.store = v->store;
	v->admin.settings = v->settings;
	v->admin.live = v->live;
	v->admin.changes = &v->changes;
	return OK;
}
