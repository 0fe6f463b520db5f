/* console/api/admin.c: see admin.h. */
#include "console/api/admin.h"

#include "console/api/api.h"
#include "console/api/clients/client_setup.h"
#include "console/api/api_private.h"
#include "console/api/mail/jmap_routes.h"
#include "foundation/config/limits.h"
#include "network/http_server/assets.h"
#include "operations/acme/acme.h"

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
#define AUTODISCOVER(path)                                                                 \
	{ "POST", path ".xml", client_autodiscover_xml, HTTP_POOL, LIMIT_http_body_open }, \
		{ "GET", path ".xml", client_autodiscover_xml, HTTP_POOL, 0 },             \
		{ "GET", path ".json", client_autodiscover_json, HTTP_POOL, 0 },           \
	{                                                                                  \
		"GET", path ".json/*", client_autodiscover_json, HTTP_POOL, 0              \
	}

_Static_assert(LIMIT_form_body <= LIMIT_http_body_open, "anybody may post a form");

size_t admin_admit(const struct http_request *q, struct http_response *r, size_t max)
{
	if (str_starts(q->path, STR("/form/")))
		return form_admit(q, r) ? max : 0;
	if (max <= LIMIT_http_body_open)
		return max;
	if (str_starts(q->path, STR("/jmap/")))
		return jmap_route_admit(q, r) ? max : 0;
	return api_admit(q, r, max);
}

const struct http_route admin_routes[] = {
	{ "GET", "/healthz/live", live, HTTP_QUICK, 0 },
	{ "GET", "/healthz/ready", ready, HTTP_POOL, 0 },
	{ "GET", "/metrics", metrics_serve, HTTP_POOL, 0 },

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
	{ "POST", "/api/me/scripts/*", api_serve, HTTP_POOL, LIMIT_api_script },
	{ "PUT", "/api/me/scripts/*", api_serve, HTTP_POOL, LIMIT_api_script },
	{ "PUT", "/api/domains/*", api_serve, HTTP_POOL, LIMIT_api_script },
	{ "PUT", "/api/scripts/*", api_serve, HTTP_POOL, LIMIT_api_script },
	{ "POST", "/api/*", api_serve, HTTP_POOL, LIMIT_api_body },
	{ "PUT", "/api/*", api_serve, HTTP_POOL, LIMIT_api_body },
	{ "DELETE", "/api/*", api_serve, HTTP_POOL, LIMIT_api_body },

	{ "GET", "/.well-known/jmap", jmap_route_session, HTTP_POOL, 0 },
	{ "GET", "/jmap/session", jmap_route_session, HTTP_POOL, 0 },
	{ "POST", "/jmap/api", jmap_route_api, HTTP_POOL, LIMIT_jmap_request },
	{ "POST", "/jmap/upload/*", jmap_route_upload, HTTP_POOL, LIMIT_jmap_upload },
	{ "GET", "/jmap/download/*", jmap_route_download, HTTP_POOL, 0 },
	{ "GET", "/jmap/events", jmap_route_events, HTTP_POOL, 0 },
	{ "GET", "/jmap/socket", jmap_route_socket, HTTP_POOL, 0 },
	{ "OPTIONS", "/.well-known/jmap", jmap_route_preflight, HTTP_QUICK, 0 },
	{ "OPTIONS", "/jmap/*", jmap_route_preflight, HTTP_QUICK, 0 },

	{ "GET", "*", http_asset_page, HTTP_QUICK, 0 },
};
const size_t admin_route_count = COUNT(admin_routes);
