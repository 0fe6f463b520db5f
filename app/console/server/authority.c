/* console/server/authority.c: the hosts and settings of acme/, doctor/ and dns_publish/; see
 * server.h. */
#include "console/server/server.h"

#include "model/directory/directory.h"
#include "model/store/store.h"
#include "operations/acme/acme.h"
#include "operations/acme/records.h"
#include "operations/dns_publish/host.h"
#include "operations/dns_publish/publish.h"
#include "operations/dns_publish/published.h"
#include "operations/dns_publish/wanted.h"
#include "operations/doctor/doctor.h"

struct listing {
	struct arena *arena;
	struct names *out;
};

/* Includes a removed domain while it still publishes the MTA-STS mode "none": that policy is
 * fetched over HTTPS, which needs a certificate. */
static enum err authority_list(struct txn *t, void *arg)
{
	struct listing *l = arg;
	struct domain_list domains;
	struct str *parts;
	size_t count;
	enum err e = domain_list(t, l->arena, &domains);

	if (e != OK || (e = published_parts(t, l->arena, &parts, &count)))
		return e;
	l->out->items = arena_array(l->arena, struct str, domains.count + count);
	for (l->out->count = 0; l->out->count < domains.count; l->out->count++)
		l->out->items[l->out->count] = domains.items[l->out->count].name;
	for (size_t i = 0; e == OK && i < count; i++) {
		bool has = false;

		if (parts[i].n != 0 && !names_has(l->out, parts[i]))
			e = published_has(t, parts[i], PUBLISH_MTA_STS, &has);
		if (has)
			l->out->items[l->out->count++] = parts[i];
	}
	return e;
}

static enum err domains(void *arg, struct arena *a, struct names *out)
{
	struct server *v = arg;
	struct listing l = { a, out };

	return store_read(v->store, authority_list, &l);
}

static bool authority_reported(void *arg, struct str spki, bool *known)
{
	struct server *v = arg;
	const struct settings *s = settings_ref(v->live);
	bool tells = publish_tells_keys(s);

	const struct sight_config dns = { .settings = s, .dns = dns_fresh(v->dns) };

	*known = tells && host_key_is_known(v->store, &dns, spki);
	settings_unref(s);
	return tells;
}

enum err authority_start(struct server *v, struct why *why)
{
	const struct acme_config config = { .store = v->store,
		                            .live = v->live,
		                            .certs = v->certs,
		                            .dns = v->dns,
		                            .domains = domains,
		                            .published = authority_reported,
		                            .arg = v };
	enum err e = acme_start(&config, &v->acme, why);

	v->admin.acme = v->acme;
	v->admin.certs = v->certs;
	return e;
}

enum err doctoring_start(struct server *v, struct why *why)
{
	const struct doctor_config config = { .store = v->store,
		                              .live = v->live,
		                              .certs = v->certs,
		                              .delivery = &v->delivery,
		                              .runtime = v->runtime };
	enum err e = doctor_start(&config, &v->doctor, why);

	v->admin.doctor = v->doctor;
	return e;
}

enum err publishing_start(struct server *v, struct why *why)
{
	const struct publisher_config config = { .store = v->store,
		                                 .live = v->live,
		                                 .certs = v->certs,
		                                 .dns = v->dns };
	enum err e = publisher_start(&config, &v->publisher, why);

	v->admin.publisher = v->publisher;
	return e;
}
