/* console/api/api.c: a call from its request to its answer; see api.h.
 *
 *	rate -> route -> who -> role, scope -> CSRF -> query, body -> handler -> answer */
#include "console/api/api.h"

#include "console/api/access/audit.h"
#include "console/api/access/token.h"
#include "console/api/admin.h"
#include "console/api/api_private.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "model/directory/directory.h"
#include "network/runtime/ratelimit.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* --- errors ------------------------------------------------------------------------------ */

enum err api_refuse(struct api_call *c, unsigned status, const char *code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(c->why.text, sizeof c->why.text, fmt, args);
	va_end(args);
	c->error = api_error_find(status, code);
	assert(c->error != NULL);
	return ERR_DENIED;
}

static void put_error(struct http_response *r, const struct api_error *error, const char *sentence)
{
	struct json_writer w;

	r->status = error->status;
	r->type = "application/json";
	r->fixed = STR_EMPTY;
	buf_reset(&r->body);
	json_writer_init(&w, &r->body);
	json_open(&w, NULL, '{');
	json_open(&w, "error", '{');
	json_put_str(&w, "code", str_of(error->code));
	json_put_str(&w, "message", str_of(sentence));
	json_close(&w);
	json_close(&w);
}

void api_refused(const struct http_request *q, struct http_response *r, unsigned status,
                 const char *text)
{
	if (str_starts(q->path, STR("/api/")))
		put_error(r, api_error_of_status(status), text);
	else
		http_say(r, status, text);
}

/* --- before the handler ------------------------------------------------------------------ */

static enum err check_rate(struct api_call *c)
{
	struct ratelimit *r = c->who.account != 0 ? c->admin->calls : c->admin->calls_nobody;
	char key[ADDR_NETWORK_KEY_MAX];

	if (r == NULL || c->who.local || ratelimit_take(r, addr_network_key(&c->http->peer, key)))
		return OK;
	http_set(c->response, "Retry-After", STR("60"));
	return api_refuse(c, 429, "rate", "too many calls from your address: wait a minute");
}

static enum err check_role(struct api_call *c, const struct api_route *r, unsigned scopes)
{
	const struct token token = { .scopes = scopes };

	if (r->role == API_ANYBODY)
		return OK;
	if (c->who.account == 0 && !c->who.local) {
		http_set(c->response, "WWW-Authenticate", STR("Bearer")); /* RFC 9110 15.5.2 */
		return api_refuse(c, 401, "login_needed", "log in first");
	}
	if (c->who.role < r->role)
		return fail(&c->why, ERR_DENIED, "your account has no permission for this");
	if (c->who.local && c->who.account == 0 && r->role == API_USER)
		return fail(&c->why, ERR_DENIED, "use this with your own account only");
	if (c->who.token && r->scope == API_SCOPE_LOGIN)
		return fail(&c->why, ERR_DENIED, "an API token cannot be used for this. Log in.");
	if (c->who.token && !token_allows(&token, r->scope))
		return fail(&c->why, ERR_DENIED, "the token lacks the scope %s",
		            api_scope_name(r->scope));
	return OK;
}

/* A browser may send the cookie for a page that is not ours; it cannot send the rest. */
static enum err check_forged(struct api_call *c, const struct api_route *r)
{
	if (strcmp(r->method, "GET") == 0 || c->who.local)
		return OK;
	if (!api_same_origin(c->http, &c->why))
		return ERR_DENIED;
	if (r->role == API_ANYBODY || c->who.token)
		return OK;
	if (!str_eq_secret(http_header(c->http, "X-CSRF"), c->who.csrf))
		return api_refuse(c, 403, "csrf",
		                  "the header X-CSRF is not what /api/session says");
	return OK;
}

/* Routes whose body may be longer, or no JSON: a message as it is. */
static const struct {
	api_handler *handle;
	size_t json_max;
	struct str type;
} bodies[] = {
	{ api_send, LIMIT_send_json, STR("message/rfc822") },
	{ api_send_as, LIMIT_send_json, STR("message/rfc822") },
};

static enum err read_body(struct api_call *c, const struct api_route *r)
{
	struct str type = http_header(c->http, "Content-Type");
	size_t json_max = JSON_BYTES_MAX;

	for (size_t i = 0; i < COUNT(bodies); i++) {
		if (bodies[i].handle != r->handle)
			continue;
		if (str_startsi(type, bodies[i].type))
			return OK;
		json_max = bodies[i].json_max;
	}
	/* Not what a form of another site can send. */
	if (c->http->body.n != 0 && !str_startsi(type, STR("application/json")))
		return api_refuse(c, 415, "type", "the body must be application/json");
	if (c->http->body.n > json_max)
		return api_refuse(c, 413, "too_large", "the JSON has more than %zu bytes",
		                  json_max);
	if (c->http->body.n != 0 && !json_parse_long(c->arena, c->http->body, json_max, &c->body))
		return fail(&c->why, ERR_SYNTAX, "the body is not valid JSON");
	return api_shape_check(r->body, c->body, c->arena, &c->why) ? OK : ERR_SYNTAX;
}

enum err api_invalid(struct api_call *c, const char *field, struct str value, const char *allowed)
{
	return fail(&c->why, ERR_SYNTAX, "%s: \"%.*s\" is not valid. Use %s.", field,
	            STR_ARG(value), allowed);
}

/* RFC 9110 15.5.1: what is no number is not taken for a default. */
static enum err check_query(struct api_call *c, const struct api_route *r)
{
	for (size_t i = 0; i < api_query_count; i++) {
		const struct api_query *q = &api_queries[i];
		struct cur cur;
		uint64_t n;

		if (!api_query_is_of(q, r) || !api_query_is_number(q))
			continue;
		cur = cur_of(http_argument(c->http, q->name));
		if (!cur_done(&cur) && !(cur_u64(&cur, &n) && cur_done(&cur)))
			return api_invalid(c, q->name, http_argument(c->http, q->name),
			                   "a whole number of 0 or more");
	}
	return OK;
}

static enum err find_route(struct api_call *c, const struct api_route **out)
{
	struct str allow;

	if (!api_host_ok(c->http->host))
		return api_refuse(c, 400, "invalid", "the header Host is missing or malformed");
	*out = api_route_find(c->http->method, c->http->path, c->arena, c->parameter, &allow);
	if (*out != NULL)
		return OK;
	if (allow.n == 0)
		return fail(&c->why, ERR_MISSING, "no such path; /api/openapi.json lists all");
	http_set(c->response, "Allow", allow);
	return api_refuse(c, 405, "method", "this path takes %.*s", STR_ARG(allow));
}

static enum err run(struct api_call *c)
{
	const struct api_route *r;
	unsigned scopes;
	enum err e;

	if ((e = api_identify(c, &scopes)) || (e = check_rate(c)) || (e = find_route(c, &r)))
		return e;
	c->route = r;
	if (c->who.account != 0)
		http_logged_in(c->http);
	if ((e = check_role(c, r, scopes)) || (e = check_forged(c, r)) || (e = check_query(c, r)) ||
	    (e = read_body(c, r)))
		return e;
	return r->handle(c);
}

void api_serve(const struct http_request *q, struct http_response *r)
{
	struct json_writer w;
	struct api_call c = {
		.http = q, .admin = q->context, .arena = q->arena, .out = &w, .response = r
	};
	enum err e;

	json_writer_init(&w, &r->body);
	r->type = "application/json";
	e = run(&c);
	assert(e != OK || w.depth == 0);
	if (e != OK) {
		if (c.error == NULL)
			c.error = api_error_of(e);
		put_error(r, c.error, c.why.text[0] != '\0' ? c.why.text : c.error->what);
	} else if (r->body.n == 0 && r->fixed.n == 0 && r->status == 200 && r->file < 0)
		r->status = 204;
}

size_t api_admit(const struct http_request *q, struct http_response *r, size_t max)
{
	struct api_call c = { .http = q, .admin = q->context, .arena = q->arena, .response = r };
	const struct api_route *route;
	unsigned scopes;
	enum err e;

	if ((e = api_look(&c, &scopes)) == OK && (e = check_rate(&c)) == OK &&
	    (e = find_route(&c, &route)) == OK && (e = check_role(&c, route, scopes)) == OK &&
	    (e = check_forged(&c, route)) == OK)
		return route->role == API_ANYBODY ? LIMIT_http_body_open : max;
	put_error(r, c.error != NULL ? c.error : api_error_of(e),
	          c.why.text[0] != '\0' ? c.why.text : api_error_of(e)->what);
	return 0;
}

/* --- what handlers share ----------------------------------------------------------------- */

bool api_may_domain(const struct api_call *c, struct str domain)
{
	return c->who.role == API_OWNER ||
	       (c->who.role == API_ADMIN && role_domains_have(c->who.domains, domain));
}

struct str api_argument(const struct api_call *c, const char *name)
{
	assert(api_query_find(c->route, name));
	return http_argument(c->http, name);
}

uint64_t api_argument_u64(const struct api_call *c, const char *name, uint64_t def, uint64_t max)
{
	struct cur cur = cur_of(api_argument(c, name));
	uint64_t n;

	return cur_u64(&cur, &n) ? MIN(n, max) : def; /* check_query has seen it */
}

void api_list_open(struct api_call *c, struct api_list *list)
{
	*list = (struct api_list){
		.call = c,
		.after = api_argument(c, "after"),
		.left = MAX(api_argument_u64(c, "limit", 100, LIMIT_api_page), 1),
	};
	json_open(c->out, NULL, '{');
	json_open(c->out, "items", '[');
}

bool api_list_wants(struct api_list *list, struct str key)
{
	if (list->after.n != 0 && str_cmp(key, list->after) <= 0)
		return false;
	if (list->left == 0) {
		list->more = true;
		return false;
	}
	list->left--;
	list->last = key;
	return true;
}

void api_list_close(struct api_list *list)
{
	struct json_writer *out = list->call->out;

	json_close(out);
	if (list->more)
		json_put_str(out, "next", list->last);
	else
		json_put_null(out, "next");
	json_close(out);
}

enum err api_audit(struct txn *t, const struct api_call *c, const char *what, struct str target,
                   struct str before, struct str after)
{
	char from[ADDR_TEXT_MAX];
	const struct audit entry = {
		.time_ms = clock_real_ms(),
		.who = c->who.local            ? STR(AUDIT_COMMAND_LINE)
		       : c->who.address.n != 0 ? c->who.address
		                               : STR("setup"),
		.from = c->who.local ? STR_EMPTY : addr_ip_text(&c->http->peer, from),
		.what = str_of(what),
		.target = target,
		.before = before,
		.after = after,
	};

	return audit_add(t, &entry);
}
