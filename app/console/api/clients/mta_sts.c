/* console/api/clients/mta_sts.c: see client_setup.h. */
#include "console/api/clients/client_setup.h"

#include "console/api/admin.h"
#include "foundation/config/live.h"
#include "model/store/store.h"
#include "operations/dns_publish/published.h"
#include "operations/doctor/own/own_sts.h"

/* "mta-sts.example.org:443" -> "example.org"; empty for any other name. */
static struct str host_domain(struct str host)
{
	const struct str label = STR("mta-sts.");
	ptrdiff_t colon = str_find_byte(host, ':');

	if (colon >= 0)
		host = str_sub(host, 0, (size_t)colon);
	return str_startsi(host, label) ? str_sub(host, label.n, host.n) : STR_EMPTY;
}

struct finding {
	struct arena *a;
	struct str name;
	struct domain domain;
};

static enum err find(struct txn *t, void *arg)
{
	struct finding *f = arg;

	enum err e = domain_get(t, f->name, f->a, &f->domain);
	bool parting;

	if (e != ERR_MISSING)
		return e;
	/* Senders that cached the policy of a removed domain learn that it has none (RFC 8461
	 * 8.3). */
	f->domain.mta_sts = MTA_STS_NONE;
	e = published_has(t, f->name, PUBLISH_MTA_STS, &parting);
	return e == OK && !parting ? ERR_MISSING : e;
}

void mta_sts_serve(const struct http_request *q, struct http_response *r)
{
	const struct admin *admin = q->context;
	struct finding f = { .a = q->arena, .name = host_domain(q->host) };
	const struct settings *s;

	/* RFC 8461 3.3: by HTTPS only. */
	if (!q->tls || f.name.n == 0 || store_read(admin->store, find, &f) != OK) {
		http_say(r, 404, "no mail domain of this server has a policy here");
		return;
	}
	s = settings_ref(admin->live);
	mta_sts_policy_put(&r->body, f.domain.mta_sts, s->hostname);
	settings_unref(s);
}
