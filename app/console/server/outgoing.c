/* console/server/outgoing.c: setup of the queue and of sending; see server.h. */
#include "console/server/server.h"

#include "model/directory/srs.h"
#include "model/queue/queue.h"
#include "model/remote/remote.h"
#include "model/store/store.h"
#include "model/webhook/webhook.h"
#include "network/dns/dns.h"
#include "network/runtime/addr.h"
#include "protocols/smtp_out/smtp_out.h"

static enum err open_dns(struct server *v, struct why *why)
{
	struct addr_list servers;
	enum err e = addr_list_parse(&v->arena, v->settings->dns_servers, 53, &servers, why);

	if (e)
		return fail_about(why, e, "ROOST_DNS_SERVERS");
	e = dns_new(&servers, 0, &v->dns, why);
	return e ? e
	         : dns_security_set(v->dns, v->settings->dnssec, v->settings->dnssec_anchors,
	                            why);
}

static void wake_smtp_out(void *arg)
{
	struct server *v = container_of(arg, struct server, delivery);

	smtp_out_wake(v->smtp_out);
}

/* The queue's reports go to delivery/, its wake-ups to the runner. Both have one host, whose arg is
 * the delivery. */
static void queue_host_make(struct server *v, struct queue_host *host)
{
	delivery_host_init(host, &v->delivery);
	host->wake = wake_smtp_out;
}

/* Makes the SRS key before the first mail is forwarded. */
static enum err srs_begin(struct txn *t, void *arg)
{
	uint8_t key[SRS_KEY];

	(void)arg;
	return srs_key_ensure(t, key);
}

enum err outgoing_open(struct server *v, struct why *why)
{
	const struct settings *s = v->settings;
	const struct webhooks_config hear = { .store = v->store, .live = v->live };
	struct queue_config config = { .store = v->store, .live = v->live };
	enum err e;

	if ((e = smtp_out_check(s->smarthost, s->smarthost_ca, why)) ||
	    (e = remote_trust_check(s->smtp_out_ca, why)) || (e = open_dns(v, why)))
		return e;
	if ((e = store_write(v->store, srs_begin, NULL, why)))
		return e;
	config.webhooks = v->webhooks = webhooks_new(&hear);
	queue_host_make(v, &config.host);
	return queue_open(&v->queue, &config, why);
}

enum err outgoing_start(struct server *v, struct why *why)
{
	struct remotes_config remote = { .store = v->store, .dns = v->dns, .live = v->live };
	struct smtp_out_config out = {
		.store = v->store,
		.queue = v->queue,
		.delivery = &v->delivery,
		.dns = v->dns,
		.live = v->live,
	};
	enum err e = remotes_open(&remote, &v->remote, why);

	if (e == OK)
		e = webhooks_start(v->webhooks, why);
	if (e)
		return e;
	out.remote = v->remote;
	return smtp_out_start(&out, &v->smtp_out, why);
}
