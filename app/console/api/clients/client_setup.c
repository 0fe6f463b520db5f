/* console/api/clients/client_setup.c: see client_setup.h. */
#include "console/api/clients/client_setup.h"

#include "console/api/admin.h"
#include "foundation/config/live.h"
#include "model/directory/directory.h"
#include "model/store/store.h"
#include "network/runtime/addr.h"

#include <string.h>

/* The port of the first listener; 0 when there is none. */
static uint16_t port_of(struct str listeners, struct arena *arena)
{
	struct addr_list list;

	if (addr_list_parse(arena, listeners, 0, &list, NULL) != OK || list.count == 0)
		return 0;
	return list.items[0].port;
}

static void server_add(struct client_setup *s, const char *protocol, uint16_t port, bool tls)
{
	if (port != 0)
		s->servers[s->count++] = (struct client_server){ protocol, port, tls };
}

void client_setup_make(struct client_setup *out, const struct admin *admin, struct arena *arena)
{
	const struct settings *s = settings_ref(admin->live);

	*out = (struct client_setup){ .hostname = str_dup(arena, s->hostname),
		                      .https = port_of(s->listen_https, arena) };
	/* RFC 8314 3: TLS from the start is better than STARTTLS. */
	server_add(out, "imap", port_of(s->listen_imaps, arena), true);
	server_add(out, "imap", port_of(s->listen_imap, arena), false);
	/* Behind IMAP, which clients prefer by this order. */
	server_add(out, "pop3", port_of(s->listen_pop3s, arena), true);
	server_add(out, "pop3", port_of(s->listen_pop3, arena), false);
	server_add(out, "smtp", port_of(s->listen_submissions, arena), true);
	server_add(out, "smtp", port_of(s->listen_submission, arena), false);
	settings_unref(s);
}

const struct client_server *client_setup_best(const struct client_setup *s, const char *protocol)
{
	for (size_t i = 0; i < s->count; i++) {
		if (strcmp(s->servers[i].protocol, protocol) == 0)
			return &s->servers[i];
	}
	return NULL;
}

struct str client_url(const struct client_setup *s, const char *path, struct arena *a)
{
	if (s->https == 0 || s->https == 443)
		return str_fmt(a, "https://%.*s%s", STR_ARG(s->hostname), path);
	return str_fmt(a, "https://%.*s:%u%s", STR_ARG(s->hostname), s->https, path);
}

/* --- Domains ---------------------------------------------------------------------------- */

static enum err domain_look(struct txn *t, void *arg)
{
	return domain_get(t, *(struct str *)arg, txn_arena(t), NULL);
}

static bool is_ours(const struct admin *admin, struct str domain)
{
	return domain.n != 0 && store_read(admin->store, domain_look, &domain) == OK;
}

/* "autoconfig.example.org:8443" -> "example.org" */
static struct str host_domain(struct str host)
{
	static const struct str names[] = { STR("autoconfig."), STR("autodiscover.") };
	ptrdiff_t colon = str_find_byte(host, ':');

	if (colon >= 0)
		host = str_sub(host, 0, (size_t)colon);
	for (size_t i = 0; i < COUNT(names); i++) {
		if (str_startsi(host, names[i]))
			return str_sub(host, names[i].n, host.n);
	}
	return host;
}

bool client_domain(const struct http_request *q, struct str address, struct str *domain)
{
	const struct admin *admin = q->context;
	ptrdiff_t at = str_rfind_byte(address, '@');

	if (address.n != 0) {
		*domain = str_sub(address, (size_t)(at + 1), address.n);
		return at > 0 && is_ours(admin, *domain);
	}
	*domain = host_domain(http_header(q, "Host"));
	return is_ours(admin, *domain);
}
