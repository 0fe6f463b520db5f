/* main/cli_doctor.c: `roost doctor`: what DNS and the world around say about this server and its
 * domains. The same checks as the console's. */
#include "main/command.h"

#include "doctor/dns_facts.h"
#include "doctor/look.h"
#include "admin/settings_store.h"
#include "base/clock.h"
#include "directory/directory.h"
#include "main/terminal.h"
#include "net/dns.h"

#include <stdlib.h>

enum { DNS_MS = 15000 };

struct doctor {
	struct arena a;
	struct settings_stored stored;
	struct dns_domain *domains;
	size_t domain_count;
	struct live *live;
	struct dns *dns;
	unsigned wrong; /* checks that failed */
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

static struct str joined(struct doctor *d, const struct dns_seen *seen)
{
	struct str all = seen->seen_count != 0 ? seen->seen[0] : STR("nothing");

	for (size_t i = 1; i < seen->seen_count; i++)
		all = str_fmt(&d->a, "%.*s | %.*s", STR_ARG(all), STR_ARG(seen->seen[i]));
	return all;
}

static void domain_look(struct doctor *d, const struct dns_domain *domain)
{
	int64_t deadline_ms = clock_mono_ms() + DNS_MS;
	struct dns_facts_from from = { .settings = settings_first(d->live),
		                       .dns = d->dns,
		                       .deadline_ms = deadline_ms };
	struct dns_seen seen[DNS_RECORDS];
	struct dns_records records;
	struct dns_facts facts;

	dns_facts_find(&facts, &from, domain, &d->a);
	dns_records_make(&records, &facts, &d->a);
	dns_check(d->dns, &records, deadline_ms, &d->a, seen);
	printf("\n%.*s\n", STR_ARG(domain->name));
	for (size_t i = 0; i < records.count; i++) {
		const struct dns_record *r = &records.items[i];

		say(d, seen[i].state, str_fmt(&d->a, "%.*s %s", STR_ARG(r->name), r->type),
		    joined(d, &seen[i]), r->expected, seen[i].advice);
	}
}

static void examine(struct doctor *d)
{
	struct look look = { .dns = d->dns, .settings = settings_first(d->live), .a = &d->a };
	struct checks checks;

	printf("%.*s\n", STR_ARG(look.settings->hostname));
	look_dnssec(&look, &checks); /* first, as what it finds is remembered */
	say_checks(d, &checks);
	look_names(&look, &checks);
	say_checks(d, &checks);
	look_around(&look, &checks);
	say_checks(d, &checks);
	for (size_t i = 0; i < d->domain_count; i++)
		domain_look(d, &d->domains[i]);
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
	int status;

	(void)argc, (void)argv;
	arena_init(&d.a, true);
	status = command_read(s, "doctor", collect, &d);
	if (status == EXIT_SUCCESS && prepare(&d, s, &why) != OK)
		status = command_failed("doctor", &why);
	if (status == EXIT_SUCCESS) {
		examine(&d);
		status = d.wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	dns_free(&d.dns);
	live_free(&d.live);
	arena_deinit(&d.a);
	return status;
}
