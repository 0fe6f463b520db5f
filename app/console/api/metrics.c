/* console/api/metrics.c: see api_private.h. */
#include "console/api/api_private.h"

#include "console/api/access/token.h"
#include "console/api/admin.h"
#include "foundation/config/live.h"
#include "foundation/observe/metrics.h"
#include "model/queue/admin.h"
#include "network/runtime/network.h"
#include "network/runtime/runtime.h"

#include <string.h>

/* --- which client may read them ------------------------------------------------------------ */

/* A proxy that is not in ROOST_TRUSTED_PROXIES says that it speaks for a client elsewhere. */
static bool says_forwarded(const struct http_request *q)
{
	static const char *const names[] = { "X-Forwarded-For", "Forwarded", "X-Real-IP", "Via" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (http_header(q, names[i]).n != 0)
			return true;
	return false;
}

static bool networks_have(const struct http_request *q)
{
	const struct admin *admin = q->context;
	const struct settings *s = settings_ref(admin->live);
	struct network_list list;
	bool has = network_list_parse(q->arena, s->metrics_networks, &list, NULL) == OK &&
	           network_list_has(&list, &q->peer);

	settings_unref(s);
	return has;
}

/* The address counts only where it is the client's own. A trusted proxy must name the client, and
 * loopback never counts behind one: it proves nothing about the client. */
static bool near_enough(const struct http_request *q)
{
	if (q->local)
		return true;
	if (q->proxied)
		return http_header(q, "X-Forwarded-For").n != 0 && !addr_is_loopback(&q->peer) &&
		       networks_have(q);
	return !says_forwarded(q) && (addr_is_loopback(&q->peer) || networks_have(q));
}

/* An owner, by a session or by a token that has the scope. */
static bool owner_asks(const struct http_request *q, struct http_response *r)
{
	struct api_call c = { .http = q, .admin = q->context, .arena = q->arena, .response = r };
	struct token token = { 0 };

	return api_identify(&c, &token.scopes) == OK && c.who.role == API_OWNER &&
	       c.who.account != 0 && (!c.who.token || token_allows(&token, API_SCOPE_METRICS));
}

/* --- what they are --------------------------------------------------------------------------- */

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

static void put_one(struct buf *out, const char *name, const char *kind, const char *help,
                    int64_t n)
{
	buf_fmt(out, "# HELP %s %s\n# TYPE %s %s\n%s %" PRId64 "\n", name, help, name, kind, name,
	        n);
}

static int64_t imap_open(struct runtime *runtime)
{
	struct service_stats s;
	int64_t open = 0;

	for (size_t i = 0; runtime_service_stats(runtime, i, &s); i++)
		if (strcmp(s.name, "imap") == 0 || strcmp(s.name, "imaps") == 0)
			open += (int64_t)s.open;
	return open;
}

/* The names that the usual guide to monitoring a mail server has, for dashboards made from it. */
static void put_usual(struct buf *out, const struct admin *admin)
{
	uint64_t queued;

	put_one(out, "smtp_messages_received_total", "counter",
	        "Messages accepted by SMTP, from other servers and from users",
	        metric_get(METRIC_smtp_in_messages) + metric_get(METRIC_submission_messages));
	put_one(out, "smtp_messages_rejected_total", "counter",
	        "Messages and recipients refused by SMTP", metric_get(METRIC_smtp_in_refused));
	if (admin->queue != NULL && queue_entries_count(admin->queue, &queued))
		put_one(out, "queue_messages_total", "gauge",
		        "Messages in the queue, each once for every destination", (int64_t)queued);
	put_one(out, "imap_connections_active", "gauge", "Open IMAP connections",
	        imap_open(admin->runtime));
	put_one(out, "auth_failures_total", "counter", "Logins that were refused",
	        metric_get(METRIC_login_failed) + metric_get(METRIC_login_locked));
}

void metrics_serve(const struct http_request *q, struct http_response *r)
{
	const struct admin *admin = q->context;

	if (!near_enough(q) && !owner_asks(q, r)) {
		http_say(r, 403, "only for this machine, ROOST_METRICS_NETWORKS and tokens");
		return;
	}
	runtime_metrics(admin->runtime);
	r->type = "text/plain; version=0.0.4; charset=utf-8";
	metrics_put(&r->body);
	put_services(&r->body, admin->runtime);
	if (admin->queue != NULL)
		queue_metrics_put(admin->queue, &r->body);
	put_usual(&r->body, admin);
}
