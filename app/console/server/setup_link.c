/* console/server/setup_link.c: see server.h.
 *
 * The token is in the fragment of the link, which browsers do not send, and is written to standard
 * output, which log collectors of the events do not read. */
#include "console/server/server.h"

#include "console/api/setup/setup.h"
#include "foundation/observe/event.h"
#include "network/runtime/addr.h"
#include "network/runtime/runtime.h"
#include "operations/doctor/records/dns_facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LINK_HELP_MAX = 1024 };

struct link {
	bool plain;    /* http                                                         */
	bool confined; /* in a container's own network: its address is not reachable */
	struct addr at;
};

/* Docker and Podman each create a file. Podman hides its file when the root is read-only, and sets
 * the variable that systemd defined for containers. */
static bool in_container(void)
{
	return getenv("container") != NULL || access("/.dockerenv", F_OK) == 0 ||
	       access("/run/.containerenv", F_OK) == 0;
}

/* Plain HTTP if it is enabled, and by address, since no DNS name may point here yet. */
static struct link link_find(struct server *v, struct arena *a)
{
	const struct settings *s = v->settings;
	struct link l = { .plain = s->listen_http.n != 0,
		          .at = { .family = ADDR_V4, .ip = { 127, 0, 0, 1 } } };
	struct addr_list list;
	uint16_t port = 0;

	if (addr_list_parse(a, l.plain ? s->listen_http : s->listen_https, 0, &list, NULL) == OK &&
	    list.count != 0) {
		port = list.items[0].port;
		if (list.items[0].family != ADDR_ANY)
			l.at = list.items[0];
		else
			l.confined = own_address(&l.at) && addr_is_private(&l.at) && in_container();
	}
	if (l.confined)
		l.at = (struct addr){ .family = ADDR_V4, .ip = { 127, 0, 0, 1 } };
	l.at.port = port;
	return l;
}

static void link_help_put(struct buf *b, const struct server *v, const struct link *l)
{
	if (l->confined)
		buf_fmt(b,
		        "This link works in a browser on the host of the container. From another "
		        "machine, replace 127.0.0.1 by the address of the host; `hostname -I` on "
		        "the host prints it.\nIf port %u is published under another number, use "
		        "that number; `docker compose ps` shows it.\n",
		        l->at.port);
	else
		buf_put(b, STR("Any other address of this machine works as well.\n"));
	if (str_find(v->hostname, STR(".")) > 0)
		buf_fmt(b, "Once DNS has an address for %.*s, that name works too.\n",
		        STR_ARG(v->hostname));
}

static void link_say(struct server *v, struct arena *a, struct str token)
{
	struct link l = link_find(v, a);
	char text[ADDR_TEXT_MAX];
	struct buf help;

	buf_init(&help, LINK_HELP_MAX);
	link_help_put(&help, v, &l);
	printf("This server has no owner yet. Open this link to set it up:\n\n"
	       "  %s://%.*s/setup#token=%.*s\n\n%.*s\n",
	       l.plain ? "http" : "https", STR_ARG(addr_text(&l.at, text)), STR_ARG(token),
	       STR_ARG(buf_str(&help)));
	fflush(stdout);
	buf_deinit(&help);
}

enum err setup_link_print(struct server *v, struct why *why)
{
	struct arena a;
	struct str token;
	bool open = false;
	enum err e;

	arena_init(&a, true);
	e = setup_begin(v->store, v->settings->setup_token, &a, &open, &token, why);
	if (e == OK && open && v->settings->setup_token.n != 0) {
		event(setup_open, STR(""), ev_z("with the token of ROOST_SETUP_TOKEN"));
	} else if (e == OK && open) {
		event(setup_open, STR(""), ev_z("with the link on standard output"));
		link_say(v, &a, token);
	}
	arena_deinit(&a);
	return e;
}
