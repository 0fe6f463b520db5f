/* console/api/mail/jmap_routes.c: see jmap_routes.h. */
#include "console/api/mail/jmap_routes.h"

#include "console/api/access/token.h"
#include "console/api/admin.h"
#include "console/api/api_private.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "foundation/text/base64.h"
#include "model/directory/login/app_password.h"
#include "model/directory/login/login.h"
#include "network/runtime/ratelimit.h"
#include "protocols/jmap/jmap.h"

#include <string.h>

/* --- The caller ------------------------------------------------------------------- */

static unsigned scopes_of(unsigned scopes)
{
	return (scopes & SCOPE_IMAP ? JMAP_MAIL : 0) | (scopes & SCOPE_SMTP ? JMAP_SUBMISSION : 0) |
	       (scopes & SCOPE_SIEVE ? JMAP_SIEVE : 0);
}

/* "user-id:password" (RFC 7617 2). */
static bool basic_decode(struct str text, struct arena *a, struct str *name, struct str *password)
{
	struct buf b;
	ptrdiff_t colon;
	bool ok;

	buf_init(&b, LIMIT_login_bytes);
	ok = base64_parse(text, &b);
	colon = ok ? str_find_byte(buf_str(&b), ':') : -1;
	if (colon >= 0) {
		*name = str_dup(a, str_sub(buf_str(&b), 0, (size_t)colon));
		*password = str_dup(a, str_sub(buf_str(&b), (size_t)colon + 1, b.n));
	}
	buf_deinit(&b);
	return colon >= 0;
}

static enum err basic_login(const struct http_request *q, struct str text, struct jmap_caller *out,
                            struct why *why)
{
	const struct admin *admin = q->context;
	struct login_try try = { .id = q->id, .service = STR("jmap"), .peer = &q->peer };
	struct login login;
	enum err e;

	if (!basic_decode(text, q->arena, &try.name, &try.password))
		return fail(why, ERR_DENIED, "the credentials cannot be read");
	e = login_check(admin->logins, &try, q->arena, &login, why);
	mem_wipe((void *)(uintptr_t)try.password.p, try.password.n);
	if (e != OK)
		return e;
	*out = (struct jmap_caller){ .account = login.account,
		                     .address = login.address,
		                     .scopes = scopes_of(login.scopes),
		                     .login = login.app_password };
	return OK;
}

/* OAuth access tokens (RFC 9068) will be verified here, before tokens of our own. */
static enum err bearer_login(struct api_call *c, struct jmap_caller *out)
{
	struct token token = { 0 };
	enum err e = api_identify(c, &token.scopes);

	if (e != OK)
		return e;
	if (c->who.account == 0)
		return fail(&c->why, ERR_DENIED, "the token is invalid, or has expired");
	if (c->who.token && !token_allows(&token, API_SCOPE_MAIL))
		return fail(&c->why, ERR_DENIED, "the token lacks the scope mail");
	*out = (struct jmap_caller){ .account = c->who.account,
		                     .address = c->who.address,
		                     .scopes = JMAP_ALL };
	return OK;
}

/* A session of the console: as api.c has it, a page of another site cannot send X-CSRF. */
static enum err cookie_check(struct api_call *c)
{
	if (c->who.token || strcmp(c->http->method, "GET") == 0 ||
	    strcmp(c->http->method, "HEAD") == 0)
		return OK;
	if (!api_same_origin(c->http, &c->why))
		return ERR_DENIED;
	return str_eq_secret(http_header(c->http, "X-CSRF"), c->who.csrf)
	               ? OK
	               : fail(&c->why, ERR_DENIED, "the header X-CSRF is not what /api/session says");
}

static enum err caller_find(const struct http_request *q, struct http_response *r,
                            struct jmap_caller *out, struct why *why)
{
	struct api_call c = { .http = q, .admin = q->context, .arena = q->arena, .response = r };
	struct cur field = cur_of(str_trim(http_header(q, "Authorization")));
	enum err e;

	if (cur_stri(&field, STR("Basic")) && cur_blank(&field))
		return basic_login(q, cur_rest(&field), out, why);
	e = bearer_login(&c, out);
	if (e == OK)
		e = cookie_check(&c);
	*why = c.why;
	return e;
}

/* --- Refusals ------------------------------------------------------------------------ */

static void refuse(struct http_response *r, unsigned status, const char *sentence)
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
}

static bool identified(const struct http_request *q, struct http_response *r,
                       struct jmap_caller *out)
{
	struct why why = { "" };
	enum err e = caller_find(q, r, out, &why);

	if (e == OK) {
		http_logged_in(q);
		return true;
	}
	if (e == ERR_DENIED) {
		/* RFC 9110 11.6.1; RFC 6750 3 */
		http_set(r, "WWW-Authenticate",
		         STR("Basic realm=\"Roost\", charset=\"UTF-8\", Bearer"));
		refuse(r, 401, why.text[0] != '\0' ? why.text : "log in first");
	} else {
		http_set(r, "Retry-After", STR("60"));
		refuse(r, 503, why.text[0] != '\0' ? why.text : "try later");
	}
	return false;
}

/* --- Routes -------------------------------------------------------------------------- */

typedef void jmap_serve_fn(const struct jmap_server *s, const struct jmap_caller *c,
                           const struct http_request *q, struct http_response *r);

static void serve(const struct http_request *q, struct http_response *r, jmap_serve_fn *fn)
{
	static const struct addr here = { .family = ADDR_V4, .ip = { 127, 0, 0, 1 } };
	const struct admin *admin = q->context;
	struct jmap_caller caller;

	if (!identified(q, r, &caller))
		return;
	caller.peer = q->local ? here : q->peer;
	caller.tls = q->tls;
	caller.request = q->id;
	fn(admin->jmap, &caller, q, r);
}

void jmap_route_session(const struct http_request *q, struct http_response *r)
{
	serve(q, r, jmap_session_serve);
}

void jmap_route_api(const struct http_request *q, struct http_response *r)
{
	serve(q, r, jmap_api_serve);
}

void jmap_route_preflight(const struct http_request *q, struct http_response *r)
{
	(void)q;
	r->status = 204;
}

bool jmap_route_admit(const struct http_request *q, struct http_response *r)
{
	(void)q, (void)r;
	return true;
}
