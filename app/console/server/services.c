/* console/server/services.c: the listeners of each protocol; see server.h. */
#include "console/server/server.h"

#include "foundation/observe/event.h"
#include "network/http_server/server.h"
#include "network/runtime/runtime.h"

enum service_flags {
	IMPLICIT_TLS = BIT(0),
	ASKS = BIT(1), /* for client certificates, if ROOST_CLIENT_CA is set. Not for HTTP: browsers
	                * would ask everybody who has one for another site */
};

/* One setting of listeners, and their protocol. */
struct service {
	const char *name;
	enum setting_id id;
	struct str list; /* comma list of address:port */
	const struct proto *proto;
	void *context;
	unsigned flags;
};

enum { SERVICES = 11 };

static void services_of(struct server *v, const struct settings *s, struct service out[SERVICES])
{
	const struct service services[SERVICES] = {
		{ "smtp", SETTING_listen_smtp, s->listen_smtp, &smtp_in_proto, &v->mx, 0 },
		{ "submission", SETTING_listen_submission, s->listen_submission, &smtp_in_proto,
		  &v->submission, ASKS },
		{ "submissions", SETTING_listen_submissions, s->listen_submissions, &smtp_in_proto,
		  &v->submission, IMPLICIT_TLS | ASKS },
		{ "lmtp", SETTING_listen_lmtp, s->listen_lmtp, &smtp_in_proto, &v->lmtp, 0 },
		{ "imap", SETTING_listen_imap, s->listen_imap, &imap_proto, &v->imap, ASKS },
		{ "imaps", SETTING_listen_imaps, s->listen_imaps, &imap_proto, &v->imap,
		  IMPLICIT_TLS | ASKS },
		{ "pop3", SETTING_listen_pop3, s->listen_pop3, &pop3_proto, &v->pop3, ASKS },
		{ "pop3s", SETTING_listen_pop3s, s->listen_pop3s, &pop3_proto, &v->pop3,
		  IMPLICIT_TLS | ASKS },
		{ "managesieve", SETTING_listen_managesieve, s->listen_managesieve,
		  &managesieve_proto, &v->managesieve, ASKS },
		{ "http", SETTING_listen_http, s->listen_http, &http_proto, v->http, 0 },
		{ "https", SETTING_listen_https, s->listen_https, &http_proto, v->http,
		  IMPLICIT_TLS },
	};

	for (size_t i = 0; i < SERVICES; i++)
		out[i] = services[i];
}

static enum err about(struct why *why, enum err e, const struct service *s)
{
	struct why what = why != NULL ? *why : (struct why){ "" };

	return fail(why, e, "ROOST_%s: %s", setting_row(s->id)->name, what.text);
}

/* Parses the list. RFC 2033 5: LMTP must not use port 25, where clients expect SMTP. */
static enum err places_of(struct arena *a, const struct service *s, struct str list,
                          struct addr_list *at, struct why *why)
{
	enum err e = addr_list_parse(a, list, 0, at, why);

	for (size_t i = 0; e == OK && s->id == SETTING_listen_lmtp && i < at->count; i++)
		if (at->items[i].port == 25)
			return fail(why, ERR_SYNTAX, "LMTP is not for port 25");
	return e;
}

static enum err listen_at(struct server *v, const struct service *s, struct str list,
                          struct why *why)
{
	const struct conn_service service = { .name = s->name,
		                              .proto = s->proto,
		                              .context = s->context,
		                              .tls = v->tls,
		                              .implicit_tls = (s->flags & IMPLICIT_TLS) != 0,
		                              .plain_auth = v->settings->allow_plaintext_auth,
		                              .asks_clients = (s->flags & ASKS) != 0 };
	struct arena a = { 0 };
	struct addr_list at;
	enum err e = places_of(&a, s, list, &at, why);

	if (e == OK)
		e = runtime_listen_set(v->runtime, &service, &at, why);
	arena_deinit(&a);
	return e ? about(why, e, s) : OK;
}

/* A stored address cannot be bound: logs that, shows it in the console, and uses the default
 * instead. */
static void listen_instead(struct server *v, const struct service *s, const struct why *why)
{
	struct why ignored = { "" };

	event(listener_refused, STR(""), ev_z(setting_row(s->id)->name), ev_z(why->text));
	settings_trouble_set(&v->changes.troubles, s->id, why);
	if (listen_at(v, s, str_of(setting_row(s->id)->value), &ignored) != OK)
		event(listener_refused, STR(""), ev_z(setting_row(s->id)->name),
		      ev_z(ignored.text));
}

/* As for the other listeners, a stored value does not prevent a start. */
static enum err socket_listen_first(struct server *v, struct why *why)
{
	enum err e = lmtp_socket_listen(v, v->settings->lmtp_socket, why);

	if (e == OK || v->settings->origin[SETTING_lmtp_socket] != ORIGIN_STORE)
		return e;
	event(listener_refused, STR(""), ev_z("LMTP_SOCKET"), ev_z(why->text));
	settings_trouble_set(&v->changes.troubles, SETTING_lmtp_socket, why);
	return OK;
}

static void socket_change(struct server *v, const struct settings *before,
                          const struct settings *now)
{
	struct why why = { "" };
	enum err e;

	if (str_eq(before->lmtp_socket, now->lmtp_socket))
		return;
	e = lmtp_socket_listen(v, now->lmtp_socket, &why);
	if (e != OK)
		event(listener_refused, STR(""), ev_z("LMTP_SOCKET"), ev_z(why.text));
	settings_trouble_set(&v->changes.troubles, SETTING_lmtp_socket, e != OK ? &why : NULL);
}

enum err services_listen(struct server *v, struct why *why)
{
	struct service services[SERVICES];
	enum err e = http_server_trust(v->http, v->settings->trusted_proxies, why);

	if (e)
		return fail_about(why, e, "ROOST_TRUSTED_PROXIES");
	if ((e = runtime_proxies_set(v->runtime, v->settings->proxy_protocol, why)))
		return fail_about(why, e, "ROOST_PROXY_PROTOCOL");
	services_of(v, v->settings, services);
	for (size_t i = 0; e == OK && i < SERVICES; i++) {
		const struct service *s = &services[i];

		e = listen_at(v, s, s->list, why);
		/* A stored value does not prevent a start: without a server it could not be
		 * corrected. */
		if (e != OK && v->settings->origin[s->id] == ORIGIN_STORE) {
			listen_instead(v, s, why);
			e = OK;
		}
	}
	return e == OK ? socket_listen_first(v, why) : e;
}

/* --- while it runs ------------------------------------------------------------------------ */

static enum err try_one(struct server *v, const struct service *s, struct why *why)
{
	struct arena a = { 0 };
	struct addr_list at;
	enum err e = places_of(&a, s, s->list, &at, why);

	if (e == OK)
		e = runtime_listen_try(v->runtime, s->name, &at, why);
	arena_deinit(&a);
	if (e == ERR_DENIED)
		return fail(why, ERR_CONFLICT,
		            "ROOST_%s: ports this low can be opened at the start only, before the "
		            "right to do so is given up: set it in the environment and start again",
		            setting_row(s->id)->name);
	return e ? about(why, ERR_CONFLICT, s) : OK;
}

enum err services_try(struct server *v, const struct settings *present, const struct settings *new,
                      struct why *why)
{
	struct service before[SERVICES], after[SERVICES];
	enum err e = OK;

	services_of(v, present, before);
	services_of(v, new, after);
	for (size_t i = 0; e == OK && i < SERVICES; i++)
		if (!str_eq(before[i].list, after[i].list))
			e = try_one(v, &after[i], why);
	if (e == OK && !str_eq(present->lmtp_socket, new->lmtp_socket))
		e = lmtp_socket_try(new->lmtp_socket, why);
	return e;
}

void services_change(struct server *v, const struct settings *before, const struct settings *now)
{
	struct service old[SERVICES], new[SERVICES];

	services_of(v, before, old);
	services_of(v, now, new);
	for (size_t i = 0; i < SERVICES; i++) {
		struct why why = { "" };
		enum err e;

		if (str_eq(old[i].list, new[i].list))
			continue;
		e = listen_at(v, &new[i], new[i].list, &why);
		if (e != OK)
			event(listener_refused, STR(""), ev_z(setting_row(new[i].id)->name),
			      ev_z(why.text));
		settings_trouble_set(&v->changes.troubles, new[i].id, e != OK ? &why : NULL);
	}
	socket_change(v, before, now);
}
