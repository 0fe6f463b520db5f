/* The tables of the API: every row can be read and means something; routes are found; bodies are
 * held against shapes; the description is JSON. */
#include "harness/check.h"

#include "console/api/api_private.h"
#include "console/api/api_table.h"

#include <string.h>

/* --- the tables -------------------------------------------------------------------------- */

static bool is_type(struct str type)
{
	static const char *const plain[] = { "string", "int", "bool", "time", "json" };

	for (size_t i = 0; i < COUNT(plain); i++) {
		if (str_eq(type, str_of(plain[i])))
			return true;
	}
	return api_shape_find(type) != NULL;
}

static void shapes(void **state)
{
	(void)state;
	for (size_t i = 0; i < api_shape_count; i++) {
		struct cur c = cur_of(str_of(api_shapes[i].fields));
		struct api_field f;

		while (api_field_next(&c, &f)) {
			if (!is_type(f.type))
				fail_msg("%s: %.*s is of no type %.*s", api_shapes[i].name,
				         STR_ARG(f.name), STR_ARG(f.type));
		}
		if (!cur_done(&c))
			fail_msg("%s: cannot be read from \"%.*s\" on", api_shapes[i].name,
			         STR_ARG(cur_rest(&c)));
		check_at(i, api_shapes[i].what[0] != '\0');
		check_at(i, api_shape_find(str_of(api_shapes[i].name)) == &api_shapes[i]);
	}
}

static bool is_shape(const char *name)
{
	struct str s = str_of(name);

	if (str_starts(s, STR("[")) && str_ends(s, STR("]")))
		s = str_sub(s, 1, s.n - 1);
	return name[0] == '\0' || is_type(s);
}

/* Who reads needs to be allowed reading at least, who changes changing. */
static bool scope_fits(const struct api_route *r)
{
	bool get = strcmp(r->method, "GET") == 0;

	if (r->role == API_ANYBODY)
		return r->scope == API_SCOPE_NONE;
	if (r->scope == API_SCOPE_LOGIN)
		return true;
	if (r->role > API_USER)
		return r->scope == API_SCOPE_ADMIN_WRITE ||
		       (get && r->scope == API_SCOPE_ADMIN_READ);
	return r->scope != API_SCOPE_NONE &&
	       (get || r->scope == API_SCOPE_SELF_WRITE || r->scope == API_SCOPE_ADMIN_WRITE ||
	        r->scope == API_SCOPE_SEND);
}

static void routes(void **state)
{
	(void)state;
	for (size_t i = 0; i < api_route_count; i++) {
		const struct api_route *r = &api_routes[i];

		if (!is_shape(r->body) || r->body[0] == '[' || !is_shape(r->answer))
			fail_msg("%s %s: \"%s\" or \"%s\" is no shape", r->method, r->path, r->body,
			         r->answer);
		if (!str_starts(str_of(r->path), STR("/api/")) || r->what[0] == '\0')
			fail_msg("%s %s: not below /api/, or no word about it", r->method, r->path);
		if (!scope_fits(r))
			fail_msg("%s %s: role and scope do not fit (%d %s)", r->method, r->path,
			         (int)r->role, api_scope_name(r->scope));
		for (size_t j = 0; j < i; j++) {
			if (strcmp(r->path, api_routes[j].path) == 0 &&
			    strcmp(r->method, api_routes[j].method) == 0)
				fail_msg("%s %s: there twice", r->method, r->path);
		}
	}
}

/* Each row of queries.def is of a route, and there once. */
static void queries(void **state)
{
	const struct api_route *list = NULL, *traces = NULL, *events = NULL, *login = NULL;

	(void)state;
	for (size_t i = 0; i < api_query_count; i++) {
		const struct api_query *q = &api_queries[i];
		bool used = false;

		for (size_t j = 0; j < api_route_count; j++)
			used |= api_query_is_of(q, &api_routes[j]);
		if (!used || q->what[0] == '\0' ||
		    (strcmp(q->type, "string") != 0 && strcmp(q->type, "time") != 0 &&
		     !api_query_is_number(q)))
			fail_msg("?%s=: of no route, without a word, or \"%s\" is no type", q->name,
			         q->type);
		for (size_t j = 0; j < i; j++)
			check_at(i, q->handle != api_queries[j].handle ||
			                    strcmp(q->name, api_queries[j].name) != 0);
	}
	for (size_t i = 0; i < api_route_count; i++) {
		if (api_routes[i].handle == api_tokens)
			list = &api_routes[i];
		if (api_routes[i].handle == api_traces)
			traces = &api_routes[i];
		if (api_routes[i].handle == api_events)
			events = &api_routes[i];
		if (api_routes[i].handle == api_login)
			login = &api_routes[i];
	}
	/* Its own row is instead of what all lists have. */
	for (size_t i = 0; i < api_query_count; i++)
		if (strcmp(api_queries[i].name, "after") == 0 &&
		    api_query_is_of(&api_queries[i], traces))
			assert_true(api_query_is_number(&api_queries[i]));
	assert_true(api_query_find(list, "limit") && api_query_find(list, "after"));
	assert_false(api_query_find(list, "q"));
	assert_true(api_query_find(events, "wait") && !api_query_find(events, "limit"));
	assert_false(api_query_find(login, "after"));
}

/* Each row leads to itself: none is hidden by one before. */
static void routes_are_reached(void **state)
{
	struct arena a = { 0 };
	struct str parameter[API_PARAMETERS_MAX], allow;

	(void)state;
	for (size_t i = 0; i < api_route_count; i++) {
		const struct api_route *r = &api_routes[i];

		if (api_route_find(r->method, str_of(r->path), &a, parameter, &allow) != r)
			fail_msg("%s %s: another row comes first", r->method, r->path);
	}
	arena_deinit(&a);
}

static void finds_routes(void **state)
{
	struct arena a = { 0 };
	struct str parameter[API_PARAMETERS_MAX], allow;
	const struct api_route *r;

	(void)state;
	r = api_route_find("DELETE", STR("/api/tokens/a@b"), &a, parameter, &allow);
	assert_non_null(r);
	check_str(parameter[0], STR("a@b"));
	r = api_route_find("GET", STR("/api/accounts/a%2Fb%25@c/logins"), &a, parameter, &allow);
	assert_non_null(r);
	check_str(parameter[0], STR("a/b%@c"));
	assert_ptr_equal(api_route_find("HEAD", STR("/api/session"), &a, parameter, &allow),
	                 api_route_find("GET", STR("/api/session"), &a, parameter, &allow));
	assert_null(api_route_find("PATCH", STR("/api/tokens"), &a, parameter, &allow));
	check_str(allow, STR("GET, HEAD, POST"));
	assert_null(api_route_find("GET", STR("/api/tokens/"), &a, parameter, &allow));
	check_str(allow, STR_EMPTY);
	assert_null(api_route_find("GET", STR("/api/tokens/x/y"), &a, parameter, &allow));
	assert_null(api_route_find("GET", STR("/api"), &a, parameter, &allow));
	assert_null(api_route_find("GET", STR(""), &a, parameter, &allow));
	arena_deinit(&a);
}

/* --- bodies ------------------------------------------------------------------------------ */

static const struct {
	const char *shape, *body, *why; /* why NULL: it fits */
} bodies[] = {
	{ "", "", NULL },
	{ "", "{}", NULL },
	{ "", "{\"a\":1}", "a is not known" },
	{ "login", "", "the body is missing" },
	{ "login", "[]", "the body must be an object" },
	{ "login", "null", "the body must be an object" },
	{ "login", "{\"login\":\"x\",\"password\":\"y\"}", NULL },
	{ "login", "{\"login\":\"x\",\"password\":\"y\",\"code\":null}", NULL },
	{ "login", "{\"login\":\"x\",\"password\":\"y\",\"code\":\"1\"}", NULL },
	{ "login", "{\"login\":\"x\"}", "password is missing" },
	{ "login", "{\"login\":null,\"password\":\"y\"}", "login must be a string" },
	{ "login", "{\"login\":\"x\",\"password\":\"y\",\"Login\":1}", "Login is not known" },
	{ "token_new", "{\"label\":\"x\",\"scopes\":[]}", NULL },
	{ "token_new", "{\"label\":\"x\",\"scopes\":{}}", "scopes must be a list" },
	{ "token_new", "{\"label\":\"x\",\"scopes\":[\"a\",1]}", "scopes must be a string" },
	{ "token_new", "{\"label\":\"x\",\"scopes\":[],\"expires\":\"soon\"}",
	  "expires must be a time like 2027-01-31T12:00:00Z, or null" },
	{ "session",
	  "{\"account\":1.5,\"address\":\"\",\"name\":\"\",\"role\":\"\",\"csrf\":\"\","
	  "\"totp\":false}",
	  "account must be a whole number of 0 or more" },
	{ "session",
	  "{\"account\":1,\"address\":\"\",\"name\":\"\",\"role\":\"\",\"csrf\":\"\",\"totp\":0}",
	  "totp must be true or false" },
	{ "client_settings",
	  "{\"profile\":\"\",\"qr\":\"\",\"imap\":{\"host\":\"\",\"port\":\"1\",\"security\":\"\","
	  "\"user\":\"\"}}",
	  "imap.port must be a whole number of 0 or more" },
	{ "client_settings", "{\"profile\":\"\",\"qr\":\"\",\"imap\":{\"host\":\"\"}}",
	  "imap.port is missing" },
};

static void checks_bodies(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bodies); i++) {
		struct arena a = { 0 };
		struct json body = { NULL };
		struct why why = { "" };
		struct str text = str_of(bodies[i].body);

		check_at(i, text.n == 0 || json_parse(&a, text, &body));
		check_at(i, api_shape_check(bodies[i].shape, body, &a, &why) ==
		                    (bodies[i].why == NULL));
		check_str_at(i, str_of(why.text),
		             str_of(bodies[i].why != NULL ? bodies[i].why : ""));
		arena_deinit(&a);
	}
}

/* --- the rest ---------------------------------------------------------------------------- */

static void errors(void **state)
{
	(void)state;
	assert_int_equal(api_error_of(ERR_SYNTAX)->status, 400);
	assert_int_equal(api_error_of(ERR_CORRUPT)->status, 500);
	assert_int_equal(api_error_of_status(413)->status, 413);
	assert_int_equal(api_error_of_status(418)->status, 500);
	assert_non_null(api_error_find(401, "denied"));
	assert_null(api_error_find(404, "denied"));
}

static void hosts(void **state)
{
	static const struct {
		const char *host;
		bool ok;
	} rows[] = {
		{ "mail.example.org", true },
		{ "localhost:8080", true },
		{ "[2001:db8::1]:443", true },
		{ "", false },
		{ "a b", false },
		{ "a/b", false },
		{ "user@host", false },
		{ "a\tb", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, api_host_ok(str_of(rows[i].host)) == rows[i].ok);
}

static void description(void **state)
{
	struct arena a = { 0 };
	struct json_writer w;
	struct json doc = { NULL };
	struct buf out;

	(void)state;
	buf_init(&out, JSON_BYTES_MAX);
	json_writer_init(&w, &out);
	api_openapi_put(&w, STR("v\"1"), &a);
	assert_true(buf_ok(&out) && json_parse(&a, buf_str(&out), &doc));
	assert_int_equal(json_count(json_get(json_get(doc, "components"), "schemas")),
	                 api_shape_count + 1);
	buf_deinit(&out);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shapes),       cmocka_unit_test(routes),
		cmocka_unit_test(queries),      cmocka_unit_test(routes_are_reached),
		cmocka_unit_test(finds_routes), cmocka_unit_test(checks_bodies),
		cmocka_unit_test(errors),       cmocka_unit_test(hosts),
		cmocka_unit_test(description),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
