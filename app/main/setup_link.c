/* main/setup_link.c: see setup_link.h.
 *
 * The token is in the part of the link behind "#", which browsers send to nobody, and on standard
 * output, which no log collector of the events reads. */
#include "main/setup_link.h"

#include "doctor/dns_facts.h"
#include "admin/setup.h"
#include "main/server.h"
#include "net/addr.h"
#include "net/runtime.h"
#include "observe/event.h"

#include <stdio.h>

/* Where a browser finds us: plain HTTP if there is some, and by address, since no name may lead
 * here yet. A container's own address, though, leads nowhere from outside: then by name. */
static struct str where(struct server *v, struct arena *a)
{
	const struct settings *s = v->settings;
	bool plain = s->listen_http.n != 0;
	struct addr at = { .family = ADDR_V4, .ip = { 127, 0, 0, 1 } };
	struct addr_list list;
	char text[ADDR_TEXT_MAX];
	uint16_t port = 0;
	bool named = false;

	if (addr_list_parse(a, plain ? s->listen_http : s->listen_https, 0, &list, NULL) == OK &&
	    list.count != 0) {
		port = list.items[0].port;
		if (list.items[0].family != ADDR_ANY)
			at = list.items[0];
		else
			named = own_address(&at) && addr_is_private(&at) &&
			        str_find(v->hostname, STR(".")) > 0;
	}
	if (named)
		return str_fmt(a, "%s://%.*s:%u", plain ? "http" : "https", STR_ARG(v->hostname),
		               port);
	at.port = port;
	return str_fmt(a, "%s://%.*s", plain ? "http" : "https", STR_ARG(addr_text(&at, text)));
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
		printf("This server has no owner yet. Open this link to set it up:\n\n"
		       "  %.*s/setup#token=%.*s\n\n"
		       "Any other name or address that leads to this machine does as well.\n\n",
		       STR_ARG(where(v, &a)), STR_ARG(token));
		fflush(stdout);
	}
	arena_deinit(&a);
	return e;
}
