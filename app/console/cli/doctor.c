/* console/cli/doctor.c: `roost doctor`: what DNS and the world around say about this server and its
 * domains. The same checks as the console's, and the same shapes with --json. */
#include "console/cli/command.h"

#include "console/api/api_private.h"
#include "console/api/settings/settings_store.h"
#include "console/api/setup/api_setup.h"
#include "console/cli/cli_private.h"
#include "console/server/certificate.h"
#include "foundation/base/clock.h"
#include "model/directory/directory.h"
#include "model/store/store.h"
#include "network/dns/dns.h"
#include "network/tls/cert.h"
#include "operations/doctor/records/dns_facts.h"
#include "operations/doctor/examine/examine.h"
#include "operations/doctor/server/server_checks.h"

#include <stdlib.h>
#include <string.h>

enum { JSON_MAX = 64 << 20 };

struct doctor {
	struct arena a;
	struct settings_stored stored;
	struct dns_domain *domains;
	size_t domain_count;
	struct dns_host host;
	struct live *live;
	struct dns *dns;
	struct certs *certs; /* what a server here would show */
	struct store *store; /* NULL: it cannot be read */
	struct doctor_sum sum;
	bool json;
	struct buf out; /* what is printed then */
	struct json_writer w;
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
	d->host.domains = arena_array(&d->a, struct str, list.count);
	for (d->domain_count = 0; e == OK && d->domain_count < list.count; d->domain_count++) {
		e = dns_domain_get(t, list.items[d->domain_count].name, &d->a,
		                   &d->domains[d->domain_count]);
		d->host.domains[d->host.domain_count++] = d->domains[d->domain_count].name;
	}
	return e;
}

static void say_checks(struct doctor *d, const struct checks *checks)
{
	for (size_t i = 0; i < checks->count; i++) {
		const struct check *c = &checks->items[i];

		doctor_say(&d->sum, d->json,
		           &(struct doctor_words){ .state = str_of(dns_state_name(c->state)),
		                                   .what = str_of(c->title),
		                                   .seen = c->seen,
		                                   .expected = c->expected,
		                                   .advice = c->advice });
		if (d->json)
			api_check_put(&d->w, c);
	}
}

/* The view of the server that decided the verdict; the text names the others. */
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

static void findings_say(struct doctor *d, const struct findings *all)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct finding *f = &all->items[i];

		doctor_say(&d->sum, d->json,
		           &(struct doctor_words){
				   .state = str_of(dns_state_name(f->state)),
				   .what = str_fmt(&d->a, "%.*s %s", STR_ARG(f->name), f->type),
				   .seen = seen_of(d, f),
				   .expected = f->expected,
				   .purpose = str_of(f->purpose),
				   .advice = f->advice,
				   .paste = f->paste });
	}
}

/* domain NULL: the host. name: of the member, with --json. */
static void part_look(struct doctor *d, const struct dns_domain *domain, const char *name)
{
	const struct examination x = { .settings = settings_first(d->live),
		                       .certs = d->certs,
		                       .store = d->store,
		                       .domain = domain,
		                       .host = &d->host,
		                       .a = &d->a };
	struct findings *all = arena_new(&d->a, struct findings);

	examine(&x, all);
	findings_say(d, all);
	if (!d->json)
		return;
	json_open(&d->w, name, '{');
	json_put_str(&d->w, "name", domain != NULL ? domain->name : STR_EMPTY);
	json_put_time(&d->w, "looked", clock_real_ms());
	json_put_bool(&d->w, "looking", false);
	doctor_json_put(&d->w, all, true);
	json_close(&d->w);
}

static void title(const struct doctor *d, const char *before, struct str name)
{
	if (!d->json)
		printf("%s%.*s\n", before, STR_ARG(name));
}

static void host_look(struct doctor *d)
{
	struct look look = { .dns = d->dns, .settings = settings_first(d->live), .a = &d->a };
	struct checks security, around;

	title(d, "", look.settings->hostname);
	look_dnssec(&look, &security); /* first, as what it finds is remembered */
	if (d->json)
		json_open(&d->w, "checks", '[');
	say_checks(d, &security);
	if (!d->json)
		part_look(d, NULL, NULL);
	look_outside(&look, &around); /* the lists are among what is found of the host */
	say_checks(d, &around);
	if (!d->json)
		return;
	json_close(&d->w);
	part_look(d, NULL, "host");
}

/* only: a domain, in lower case; empty: all of it. False: that is none of ours. */
static bool look_at(struct doctor *d, struct str only)
{
	bool any = only.n == 0;

	json_open(&d->w, NULL, '{');
	if (any)
		host_look(d);
	json_open(&d->w, "domains", '[');
	for (size_t i = 0; i < d->domain_count; i++)
		if (only.n == 0 || str_eq(d->domains[i].name, only)) {
			any = true;
			title(d, "\n", d->domains[i].name);
			part_look(d, &d->domains[i], NULL);
		}
	json_close(&d->w);
	json_close(&d->w);
	if (d->json && any)
		printf("%.*s\n", STR_ARG(buf_str(&d->out)));
	return any;
}

static enum err host_get(struct txn *t, void *arg)
{
	struct doctor *d = arg;
	enum err e = dns_host_get(t, settings_first(d->live), &d->a, &d->host);

	for (size_t i = 0; e == OK && i < d->domain_count; i++)
		d->domains[i].acme_account = d->host.acme_account;
	return e;
}

/* The facts that depend on these settings: keys for TLSA records, and the account at the
 * authority. If they cannot be read, the other records are checked. */
static void secrets_find(struct doctor *d, const struct settings *s)
{
	d->certs = certs_new();
	d->store = command_store(s, false);
	if (d->store == NULL)
		return;
	(void)!certificates_read(d->certs, d->store, settings_first(d->live));
	(void)!store_read(d->store, host_get, d);
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

/* The words in any order; *what: that is none of them. False: there are two of those. */
static bool arguments(int argc, char **argv, struct doctor *d, struct str *what, bool *test)
{
	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			d->json = true;
		else if (strcmp(argv[i], "--self-test") == 0)
			*test = true;
		else if (what->n == 0)
			*what = str_of(argv[i]);
		else
			return false;
	}
	return true;
}

static int look(struct doctor *d, const struct settings *s, struct str only)
{
	struct why why = { "" };

	if (prepare(d, s, &why) != OK)
		return command_failed("doctor", &why);
	secrets_find(d, s);
	if (look_at(d, str_lower(&d->a, only)))
		return doctor_status(&d->sum);
	(void)!fail(&why, ERR_MISSING, "no such domain");
	return command_failed("doctor", &why);
}

int cli_doctor(const struct settings *s, int argc, char **argv)
{
	struct doctor d = { .json = false };
	struct str what = STR_EMPTY;
	bool test = false;
	int status;

	if (!arguments(argc, argv, &d, &what, &test))
		return EXIT_USAGE;
	arena_init(&d.a, true);
	buf_init(&d.out, JSON_MAX);
	json_writer_init(&d.w, &d.out);
	status = command_read(s, "doctor", collect, &d);
	if (status == EXIT_SUCCESS && test)
		status = cli_self_test(s, what, d.domain_count != 0 ? d.domains[0].name : STR_EMPTY,
		                       d.json);
	else if (status == EXIT_SUCCESS)
		status = look(&d, s, what);
	store_close(&d.store);
	certs_free(d.certs);
	dns_free(&d.dns);
	live_free(&d.live);
	buf_deinit(&d.out);
	arena_deinit(&d.a);
	return status;
}
