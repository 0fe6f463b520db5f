/* admin/admin.c: see admin.h. */
#include "admin/admin.h"

#include "acme/acme.h"
#include "admin/api.h"
#include "admin/client_setup.h"
#include "admin/form.h"
#include "admin/mta_sts.h"
#include "config/limits.h"
#include "http/assets.h"
#include "net/runtime.h"
#include "observe/metrics.h"
#include "queue/queue.h"

static void live(const struct http_request *q, struct http_response *r)
{
	(void)q;
	http_say(r, 200, "live");
}

static void ready(const struct http_request *q, struct http_response *r)
{
	const struct admin *admin = q->context;
	struct why why = { "" };

	if (admin->ready == NULL || admin->ready(admin->arg, &why))
		http_say(r, 200, "ready");
	else
		http_say(r, 503, why.text);
}

static const struct {
	const char *name, *kind, *help;
	size_t field;
} service_metrics[] = {
	{ "roost_service_connections", "gauge", "Open connections by service",
	  offsetof(struct service_stats, open) },
	{ "roost_service_connections_total", "counter", "Connections accepted by service",
	  offsetof(struct service_stats, total) },
	{ "roost_service_refused_total", "counter", "Connections refused by service",
	  offsetof(struct service_stats, refused) },
};

static void put_services(struct buf *out, struct runtime *runtime)
{
	struct service_stats s;

	for (size_t m = 0; m < COUNT(service_metrics); m++) {
		buf_fmt(out, "# HELP %s %s\n# TYPE %s %s\n", service_metrics[m].name,
		        service_metrics[m].help, service_metrics[m].name, service_metrics[m].kind);
		for (size_t i = 0; runtime_service_stats(runtime, i, &s); i++)
			buf_fmt(out, "%s{service=\"%s\"} %" PRIu64 "\n", service_metrics[m].name,
			        s.name,
			        *(const uint64_t *)((const char *)&s + service_metrics[m].field));
	}
}

static void metrics(const struct http_request *q, struct http_response *r)
{
	const struct admin *admin = q->context;

	runtime_metrics(admin->runtime);
	r->type = "text/plain; version=0.0.4; charset=utf-8";
	metrics_put(&r->body);
	put_services(&r->body, admin->runtime);
	if (admin->queue != NULL)
		queue_metrics_put(admin->queue, &r->body);
}

/* RFC 8555 8.3 */
static void acme_challenge(const struct http_request *q, struct http_response *r)
{
	const struct admin *admin = q->context;
	struct str text;

	if (admin->acme == NULL || !acme_http_answer(admin->acme, q->rest, q->arena, &text)) {
		http_say(r, 404, "not found");
		return;
	}
	r->type = "application/octet-stream";
	buf_put(&r->body, text);
}

/* Microsoft's programs and documents do not agree on capital letters. */
#define AUTODISCOVER(path)                                                            \
	{ "POST", path ".xml", client_autodiscover_xml, HTTP_POOL, LIMIT_http_body }, \
		{ "GET", path ".xml", client_autodiscover_xml, HTTP_POOL, 0 },        \
		{ "GET", path ".json", client_autodiscover_json, HTTP_POOL, 0 },      \
	{                                                                             \
		"GET", path ".json/*", client_autodiscover_json, HTTP_POOL, 0         \
	}

const struct http_route admin_routes[] = {
	{ "GET", "/healthz/live", live, HTTP_QUICK, 0 },
	{ "GET", "/healthz/ready", ready, HTTP_POOL, 0 },
	{ "GET", "/metrics", metrics, HTTP_POOL, 0 },

	{ "GET", "/.well-known/acme-challenge/*", acme_challenge, HTTP_QUICK, 0 },
	{ "GET", "/.well-known/mta-sts.txt", mta_sts_serve, HTTP_POOL, 0 },
	{ "GET", "/mail/config-v1.1.xml", client_autoconfig, HTTP_POOL, 0 },
	{ "GET", "/.well-known/autoconfig/mail/config-v1.1.xml", client_autoconfig, HTTP_POOL, 0 },
	{ "GET", "/apple.mobileconfig", client_mobileconfig, HTTP_POOL, 0 },
	AUTODISCOVER("/autodiscover/autodiscover"),
	AUTODISCOVER("/Autodiscover/Autodiscover"),
	AUTODISCOVER("/AutoDiscover/AutoDiscover"),

	{ "GET", "/api/*", api_serve, HTTP_POOL, 0 },
	{ "POST", "/form/*", form_serve, HTTP_POOL, LIMIT_form_body },
	{ "OPTIONS", "/form/*", form_preflight, HTTP_POOL, 0 },

	{ "POST", "/api/send", api_serve, HTTP_POOL, LIMIT_send_body },
	{ "POST", "/api/send/*", api_serve, HTTP_POOL, LIMIT_send_body },
	{ "POST", "/api/*", api_serve, HTTP_POOL, LIMIT_api_body },
	{ "PUT", "/api/*", api_serve, HTTP_POOL, LIMIT_api_body },
	{ "DELETE", "/api/*", api_serve, HTTP_POOL, LIMIT_api_body },

	{ "GET", "*", http_asset_page, HTTP_QUICK, 0 },
};
const size_t admin_route_count = COUNT(admin_routes);
