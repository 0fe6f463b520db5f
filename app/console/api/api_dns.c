/* console/api/api_dns.c: the DNS page of a domain, and its zone file. */
#include "console/api/api_private.h"

#include "console/api/admin.h"
#include "foundation/base/clock.h"
#include "foundation/config/live.h"
#include "model/directory/directory.h"
#include "model/store/store.h"
#include "network/dns/dns.h"
#include "operations/doctor/records/dns_check.h"
#include "operations/doctor/records/dns_facts.h"
#include "operations/doctor/own/own_reports.h"

enum { CHECK_MS = 15000 };

static void put_record(struct json_writer *w, const struct dns_record *r, const struct dns_seen *s)
{
	json_open(w, NULL, '{');
	json_put_str(w, "name", r->name);
	json_put_str(w, "type", str_of(r->type));
	json_put_str(w, "purpose", str_of(r->purpose));
	json_put_str(w, "expected", s->wanted.n != 0 ? s->wanted : r->expected);
	json_open(w, "seen", '[');
	for (size_t i = 0; i < s->seen_count; i++)
		json_put_str(w, NULL, s->seen[i]);
	json_close(w);
	json_put_str(w, "state", str_of(dns_state_name(s->state)));
	json_put_str(w, "advice", s->advice);
	json_put_bool(w, "optional", r->optional);
	json_close(w);
}

struct loading {
	const struct settings *settings;
	struct api_call *c;
	struct str name;
	struct dns_domain domain;
};

static enum err load(struct txn *t, void *arg)
{
	struct loading *l = arg;

	enum err e = dns_domain_get(t, l->name, l->c->arena, &l->domain);

	return e == OK ? dns_account_get(t, l->settings, l->c->arena, &l->domain.acme_account) : e;
}

/* The domain's data in the store. Waits for keys that are still being made. */
static enum err load_domain(struct api_call *c, const struct settings *s, struct str name,
                            struct dns_domain *out)
{
	struct loading l = { .c = c, .settings = s, .name = name };
	enum err e = dkim_keys_ensure(c->admin->store, name, &c->why);

	if (e == OK)
		e = store_read(c->admin->store, load, &l);
	*out = l.domain;
	return e;
}

/* The records, and in seen, which has DNS_RECORDS places, what DNS says of them. ERR_RETRY: no
 * resolver can be had. */
static enum err look_up(struct api_call *c, struct str name, struct dns_records *records,
                        struct dns_seen *seen)
{
	int64_t deadline_ms = clock_mono_ms() + CHECK_MS;
	const struct settings *s = settings_ref(c->admin->live);
	struct dns *dns = dns_unremembering(s);
	struct dns_facts_from from = { s, c->admin->certs, dns, deadline_ms };
	const struct own_reports_of reports = { c->admin->store, s };
	struct dns_home home;
	struct dns_judging j = {
		.home = &home, .deadline_ms = deadline_ms, .reports = &reports, .a = c->arena
	};
	struct dns_domain domain;
	struct dns_facts facts;
	enum err e = load_domain(c, s, name, &domain);

	if (e == OK && dns == NULL)
		e = fail(&c->why, ERR_RETRY, "DNS cannot be queried now. Try again later");
	if (e == OK) {
		dns_facts_find(&facts, &from, &domain, c->arena);
		dns_records_make(records, &facts, c->arena);
		dns_home_see(&home, s, &dns, deadline_ms, c->arena);
		j.dns = dns;
		dns_check(&j, records, seen);
	}
	settings_unref(s);
	dns_free(&dns);
	return e;
}

enum err api_dns_put(struct api_call *c, struct str domain)
{
	struct dns_seen seen[DNS_RECORDS];
	struct dns_records records;
	enum err e = look_up(c, domain, &records, seen);

	if (e != OK)
		return e;
	json_open(c->out, NULL, '{');
	json_put_str(c->out, "domain", domain);
	json_put_time(c->out, "checked", clock_real_ms());
	json_open(c->out, "records", '[');
	for (size_t i = 0; i < records.count; i++)
		put_record(c->out, &records.items[i], &seen[i]);
	json_close(c->out);
	json_close(c->out);
	return OK;
}

/* --- routes ------------------------------------------------------------------------------- */

static enum err look(struct txn *t, void *arg)
{
	return domain_get(t, *(struct str *)arg, txn_arena(t), NULL);
}

/* The domain of the path, when it is ours and the caller's. */
static enum err dns_domain(struct api_call *c, struct str *out)
{
	enum err e;

	*out = str_lower(c->arena, c->parameter[0]);
	if (!api_may_domain(c, *out))
		return fail(&c->why, ERR_DENIED, "you do not administer this domain");
	e = store_read(c->admin->store, look, out);
	return e == ERR_MISSING ? fail(&c->why, e, "no such domain") : e;
}

enum err api_domain_dns(struct api_call *c)
{
	struct str domain;
	enum err e = dns_domain(c, &domain);

	return e == OK ? api_dns_put(c, domain) : e;
}

enum err api_domain_zone(struct api_call *c)
{
	struct dns_seen seen[DNS_RECORDS];
	struct dns_records records;
	struct str domain;
	enum err e = dns_domain(c, &domain);

	if (e == OK)
		e = look_up(c, domain, &records, seen);
	if (e != OK)
		return e;
	c->response->type = "text/plain; charset=utf-8";
	http_set(c->response, "Content-Disposition",
	         str_fmt(c->arena, "attachment; filename=\"%.*s.zone\"", STR_ARG(domain)));
	dns_zone_put(&c->response->body, &records, seen, domain);
	return OK;
}
