/* console/api/mail/jmap_routes.c: see jmap_routes.h. */
#include "console/api/mail/jmap_routes.h"

#include "console/api/admin.h"
#include "console/api/api_private.h"
#include "console/api/mail/jmap_login.h"
#include "foundation/config/live.h"
#include "network/http_server/assets.h"
#include "network/runtime/deflate_gzip.h"
#include "network/runtime/ratelimit.h"
#include "protocols/jmap/push/push.h"

#include <string.h>

/* --- Refusals ------------------------------------------------------------------------ */

static bool refuse_request(struct http_response *r, unsigned status, const char *sentence)
{
	struct json_writer w;

	r->status = status;
	r->type = "application/problem+json"; /* RFC 7807 */
	buf_reset(&r->body);
	json_writer_init(&w, &r->body);
	json_open(&w, NULL, '{');
	json_put_str(&w, "type", STR("about:blank"));
	json_put_u64(&w, "status", status);
	json_put_str(&w, "detail", str_of(sentence));
	json_close(&w);
	return false;
}

static bool refuse_rate(struct http_response *r)
{
	http_set(r, "Retry-After", STR("60"));
	return refuse_request(r, 429, "too many requests: wait a minute");
}

static bool refuse_login(struct http_response *r, enum err e, const struct why *why)
{
	if (e != ERR_DENIED) {
		http_set(r, "Retry-After", STR("60"));
		return refuse_request(r, 503, err_words(e, why));
	}
	/* RFC 9110 11.6.1, RFC 7617 2.1, RFC 6750 3 */
	http_set(r, "WWW-Authenticate", STR("Basic realm=\"Roost\", charset=\"UTF-8\", Bearer"));
	return refuse_request(r, 401, err_words(e, why));
}

/* By address before the login, by account after it. */
static bool rate_check(const struct http_request *q, struct http_response *r, bool logged_in)
{
	const struct admin *admin = q->context;
	struct ratelimit *limit = logged_in ? admin->calls : admin->calls_nobody;
	char key[ADDR_NETWORK_KEY_MAX];

	return limit == NULL || q->local ||
	       ratelimit_take(limit, addr_network_key(&q->peer, key)) || refuse_rate(r);
}

static bool account_rate_check(const struct http_request *q, struct http_response *r,
                               uint32_t account)
{
	const struct admin *admin = q->context;
	struct str key = str_fmt(q->arena, "jmap %" PRIu32, account);

	return admin->calls == NULL || q->local || ratelimit_take(admin->calls, key) ||
	       refuse_rate(r);
}

/* --- Pages of other origins (Fetch, "CORS protocol") --------------------------------------- */

static bool is_listed(struct str list, struct str origin)
{
	struct cur c = cur_of(list);
	struct str item;

	while (cur_listed(&c, &item))
		if (str_eq(item, STR("*")) || str_eqi(item, origin))
			return true;
	return false;
}

/* Credentials of the browser are not allowed: such a page sends Authorization itself. */
static bool origin_allow(const struct http_request *q, struct http_response *r)
{
	const struct admin *admin = q->context;
	const struct settings *s = settings_ref(admin->live);
	struct str origin = http_header(q, "Origin");
	bool allowed = origin.n != 0 && is_listed(s->cors_origins, origin);

	if (s->cors_origins.n != 0)
		http_set(r, "Vary", STR("Origin"));
	if (allowed)
		http_set(r, "Access-Control-Allow-Origin", str_dup(q->arena, origin));
	settings_unref(s);
	return allowed;
}

void jmap_route_preflight(const struct http_request *q, struct http_response *r)
{
	if (!origin_allow(q, r)) {
		http_say(r, 403, "not for this page");
		return;
	}
	http_set(r, "Access-Control-Allow-Methods", STR("GET, POST, OPTIONS"));
	http_set(r, "Access-Control-Allow-Headers",
	         STR("Authorization, Content-Type, Accept, Range, If-None-Match, Last-Event-ID"));
	http_set(r, "Access-Control-Max-Age", STR("600"));
	r->status = 204;
}

/* --- Compression ------------------------------------------------------------------------------ */

enum { COMPRESS_FROM = 1024 };

static void compress_body(const struct http_request *q, struct http_response *r)
{
	struct buf packed;

	if (r->body.n < COMPRESS_FROM || strcmp(r->type, "application/json") != 0)
		return;
	http_set(r, "Vary", STR("Accept-Encoding, Origin"));
	if (!http_coding_accepted(http_header(q, "Accept-Encoding"), STR("gzip")))
		return;
	buf_init(&packed, r->body.max);
	if (!gzip_put(&packed, buf_str(&r->body))) {
		buf_deinit(&packed);
		return;
	}
	buf_deinit(&r->body);
	r->body = packed;
	http_set(r, "Content-Encoding", STR("gzip"));
}

/* --- Routes ----------------------------------------------------------------------------------- */

typedef void jmap_serve_fn(const struct jmap_server *s, const struct jmap_caller *c,
                           const struct http_request *q, struct http_response *r);

static bool identify(const struct http_request *q, struct http_response *r,
                     struct jmap_caller *out)
{
	static const struct addr here = { .family = ADDR_V4, .ip = { 127, 0, 0, 1 } };
	struct why why = { "" };
	enum err e;

	if (!api_host_ok(q->host))
		return refuse_request(r, 400, "the header Host is missing or malformed");
	if ((e = jmap_login(q, r, out, &why)))
		return rate_check(q, r, false) && refuse_login(r, e, &why);
	http_logged_in(q);
	out->peer = q->local ? here : q->peer;
	out->tls = q->tls;
	out->request = q->id;
	return rate_check(q, r, true) && account_rate_check(q, r, out->account);
}

static void serve(const struct http_request *q, struct http_response *r, jmap_serve_fn *fn)
{
	const struct admin *admin = q->context;
	struct jmap_caller caller;

	(void)origin_allow(q, r);
	if (identify(q, r, &caller))
		fn(admin->jmap, &caller, q, r);
	compress_body(q, r);
}

void jmap_route_session(const struct http_request *q, struct http_response *r)
{
	serve(q, r, jmap_session_serve);
}

void jmap_route_api(const struct http_request *q, struct http_response *r)
{
	serve(q, r, jmap_api_serve);
}

void jmap_route_upload(const struct http_request *q, struct http_response *r)
{
	serve(q, r, jmap_upload_serve);
}

void jmap_route_download(const struct http_request *q, struct http_response *r)
{
	serve(q, r, jmap_download_serve);
}

void jmap_route_events(const struct http_request *q, struct http_response *r)
{
	serve(q, r, jmap_events_serve);
}

/* Only a login by cookie could be misused by a page of another origin (RFC 6455 10.2). */
void jmap_route_socket(const struct http_request *q, struct http_response *r)
{
	struct str origin = http_header(q, "Origin");
	const char *scheme = q->tls ? "https" : "http";

	if (origin.n != 0 && http_header(q, "Authorization").n == 0 &&
	    !str_eqi(origin, str_fmt(q->arena, "%s://%.*s", scheme, STR_ARG(q->host)))) {
		http_say(r, 403, "not for this page");
		return;
	}
	serve(q, r, jmap_socket_serve);
}

/* A password that was not verified yet is verified after the body was read, because that takes
 * long; such bodies are limited by address. */
bool jmap_route_admit(const struct http_request *q, struct http_response *r)
{
	struct jmap_caller caller;
	struct why why = { "" };
	enum err e = jmap_login_quick(q, r, &caller, &why);

	if (e == ERR_RETRY)
		return rate_check(q, r, false);
	if (e == OK)
		return true;
	(void)origin_allow(q, r);
	return refuse_login(r, e, &why);
}
