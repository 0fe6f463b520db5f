/* main/services.c: which protocol listens where; see server.h. */
#include "main/server.h"

#include "http/server.h"
#include "net/runtime.h"

/* One setting of listeners, and what answers there. */
struct service {
	const char *name, *variable;
	struct str list; /* comma list of address:port */
	const struct proto *proto;
	void *context;
	bool implicit_tls;
};

static enum err listen_at(struct server *v, const struct service *s, struct why *why)
{
	const struct conn_service service = { .name = s->name,
		                              .proto = s->proto,
		                              .context = s->context,
		                              .tls = v->tls,
		                              .implicit_tls = s->implicit_tls,
		                              .plain_auth = v->settings->allow_plaintext_auth };
	struct addr_list at;
	enum err e = addr_list_parse(&v->arena, s->list, 0, &at, why);

	for (size_t i = 0; e == OK && i < at.count; i++)
		e = runtime_listen(v->runtime, &service, &at.items[i], NULL, why);
	return e ? fail_about(why, e, s->variable) : OK;
}

enum err services_listen(struct server *v, struct why *why)
{
	const struct settings *s = v->settings;
	const struct service services[] = {
		{ "smtp", "ROOST_LISTEN_SMTP", s->listen_smtp, &smtp_in_proto, &v->mx, false },
		{ "submission", "ROOST_LISTEN_SUBMISSION", s->listen_submission, &smtp_in_proto,
		  &v->submission, false },
		{ "submissions", "ROOST_LISTEN_SUBMISSIONS", s->listen_submissions, &smtp_in_proto,
		  &v->submission, true },
		{ "imap", "ROOST_LISTEN_IMAP", s->listen_imap, &imap_proto, &v->imap, false },
		{ "imaps", "ROOST_LISTEN_IMAPS", s->listen_imaps, &imap_proto, &v->imap, true },
		{ "http", "ROOST_LISTEN_HTTP", s->listen_http, &http_proto, v->http, false },
		{ "https", "ROOST_LISTEN_HTTPS", s->listen_https, &http_proto, v->http, true },
	};

	enum err e = http_server_trust(v->http, s->trusted_proxies, why);

	if (e)
		return fail_about(why, e, "ROOST_TRUSTED_PROXIES");
	for (size_t i = 0; e == OK && i < COUNT(services); i++)
		e = listen_at(v, &services[i], why);
	return e;
}
