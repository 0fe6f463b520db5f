/* main/cli_doctor.c: `roost doctor`: what DNS and the world around say about this server and its
 * domains. The same checks as the console's. */
#include "main/command.h"

#include "doctor/dns_facts.h"
#include "doctor/examine.h"
#include "doctor/look.h"
#include "admin/settings_store.h"
#include "directory/directory.h"
#include "main/terminal.h"
#include "net/dns.h"

#include <stdlib.h>

enum { EXIT_UNKNOWN = 3 };

struct doctor {
	struct arena a;
	struct settings_stored stored;
	struct dns_domain *domains;
	size_t domain_count;
	struct live *live;
	struct dns *dns;
	unsigned wrong, unknown; /* checks that failed; of which nothing is known */
};

static enum err collect(struct txn *t, void *arg)
{
	struct doctor *d = arg;
	struct domain_list list;
	enum err e = settings_load(t, &d->a, &d->stored);

	if (e == OK)
		e = domain_list(t, &d->a, &list);
	if (e != OK)
		return e;
	d->domains = arena_array(&d->a, struct dns_domain, list.count);
	for (d->domain_count = 0; e == OK && d->domain_count < list.count; d->domain_count++)
		e = dns_domain_get(t, list.items[d->domain_count].name, &d->a,
		                   &d->domains[d->domain_count]);
	return e;
}

static void say(struct doctor *d, enum dns_state state, struct str what, struct str seen,
                struct str expected, struct str advice)
{
	d->wrong += state == DNS_STATE_FAIL;
	d->unknown += state == DNS_STATE_UNKNOWN;
	printf("%-7s %.*s: ", dns_state_name(state), STR_ARG(what));
	terminal_put(stdout, seen);
	printf("\n");
	if (state == DNS_STATE_OK)
		return;
	printf("        should be: ");
	terminal_put(stdout, expected);
	if (advice.n != 0) {
		printf("\n        ");
		terminal_put(stdout, advice);
	}
	printf("\n");
}

static void say_checks(struct doctor *d, const struct checks *checks)
{
	for (size_t i = 0; i < checks->count; i++) {
		const struct check *c = &checks->items[i];

		say(d, c->state, str_of(c->title), c->seen, c->expected, c->advice);
	}
}

/* What those see whose verdict it is; who differs is in the words. */
static struct str seen_of(struct doctor *d, const struct finding *f)
{
	const struct view *v = NULL;
	struct str all;

	for (size_t i = 0; i < f->view_count && v == NULL; i++)
		if (f->views[i].state == f->state)
			v = &f->views[i];
	if (v == NULL || v->count == 0)
		return f->words;
	all = v->data[0];
	for (size_t i = 1; i < v->count; i++)
		all = str_fmt(&d->a, "%.*s | %.*s", STR_ARG(all), STR_ARG(v->data[i]));
	return f->state == DNS_STATE_OK
	               ? all
	               : str_fmt(&d->a, "%.*s (%.*s)", STR_ARG(all), STR_ARG(f->words));
}

/* domain NULL: the host. */
static void part_look(struct doctor *d, const struct dns_domain *domain)
{
	const struct examination x = { .settings = settings_first(d->live),
		                       .domain = domain,
		                       .a = &d->a };
	struct findings *all = arena_new(&d->a, struct findings);

	examine(&x, all);
	for (size_t i = 0; i < all->count; i++) {
		const struct finding *f = &all->items[i];

		say(d, f->state, str_fmt(&d->a, "%.*s %s", STR_ARG(f->name), f->type),
		    seen_of(d, f), f->expected, f->advice);
	}
}

static void host_look(struct doctor *d)
{
	struct look look = { .dns = d->dns, .settings = settings_first(d->live), .a = &d->a };
	struct checks checks;

	printf("%.*s\n", STR_ARG(look.settings->hostname));
	look_dnssec(&look, &checks); /* first, as what it finds is remembered */
	say_checks(d, &checks);
	part_look(d, NULL);
	look_around(&look, &checks);
	say_checks(d, &checks);
}

/* only: a domain, in lower case; empty: all of it. False: that is none of ours. */
static bool look_at(struct doctor *d, struct str only)
{
	bool any = only.n == 0;

	if (any)
		host_look(d);
	for (size_t i = 0; i < d->domain_count; i++)
		if (only.n == 0 || str_eq(d->domains[i].name, only)) {
			any = true;
			printf("\n%.*s\n", STR_ARG(d->domains[i].name));
			part_look(d, &d->domains[i]);
		}
	return any;
}

static enum err prepare(struct doctor *d, const struct settings *s, struct why *why)
{
	struct addr_list servers;
	enum err e = live_new(s->environment, &d->stored, &d->live, why);
	const struct settings *now;

	if (e == OK)
		e = addr_list_parse(&d->a, settings_first(d->live)->dns_servers, 53, &servers, why);
	if (e == OK)
		e = dns_new(&servers, 0, &d->dns, why);
	if (e)
		return e;
	now = settings_first(d->live);
	return dns_security_set(d->dns, now->dnssec, now->dnssec_anchors, why);
}

int cli_doctor(const struct settings *s, int argc, char **argv)
{
	struct doctor d = { .wrong = 0 };
	struct why why = { "" };
	struct str only = argc > 0 ? str_of(argv[0]) : STR_EMPTY;
	int status;

	arena_init(&d.a, true);
	status = command_read(s, "doctor", collect, &d);
	if (status == EXIT_SUCCESS && prepare(&d, s, &why) != OK)
		status = command_failed("doctor", &why);
	if (status == EXIT_SUCCESS && !look_at(&d, str_lower(&d.a, only))) {
		(void)!fail(&why, ERR_MISSING, "no such domain");
		status = command_failed("doctor", &why);
	}
	if (status == EXIT_SUCCESS)
		status = d.wrong != 0 ? EXIT_FAILURE : d.unknown != 0 ? EXIT_UNKNOWN : EXIT_SUCCESS;
	dns_free(&d.dns);
	live_free(&d.live);
	arena_deinit(&d.a);
	return status;
}
