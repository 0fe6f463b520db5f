/* main/outgoing.c: the queue, and what empties it; see server.h. */
#include "main/server.h"

#include "net/addr.h"
#include "net/dns.h"
#include "queue/queue.h"
#include "smtp/out.h"

static enum err open_dns(struct server *v, struct why *why)
{
	struct addr_list servers;
	enum err e = addr_list_parse(&v->arena, v->settings->dns_servers, 53, &servers, why);

	return e ? fail_about(why, e, "ROOST_DNS_SERVERS") : dns_new(&servers, 0, &v->dns, why);
}

static void wake_smtp_out(void *arg)
{
	struct server *v = container_of(arg, struct server, delivery);

	smtp_out_wake(v->smtp_out);
}

/* The queue's reports go to delivery/, its wake-ups to the runner: one host for both, whose
 * arg is the delivery. */
static void queue_host_make(struct server *v, struct queue_host *host)
{
	delivery_host_init(host, &v->delivery);
	host->wake = wake_smtp_out;
}

enum err outgoing_open(struct server *v, struct why *why)
{
	const struct settings *s = v->settings;
	struct queue_config config = { .store = v->store, .live = v->live };
	enum err e;

	if ((e = smtp_out_check(s->smarthost, s->smarthost_ca, why)) || (e = open_dns(v, why)))
		return e;
	queue_host_make(v, &config.host);
	return queue_open(&v->queue, &config, why);
}

enum err outgoing_start(struct server *v, struct why *why)
{
	struct smtp_out_config out = {
		.store = v->store, .queue = v->queue, .dns = v->dns, .live = v->live
	};

	return smtp_out_start(&out, &v->smtp_out, why);
}
