/* console/api/api_table.c: see api_table.h. */
#include "console/api/api_table.h"

#include "network/http_server/path.h"

#include <string.h>

const struct api_route api_routes[] = {
#define ROUTE(method, path, role, scope, handler, body, answer, what) \
	{ #method, path, API_##role, API_SCOPE_##scope, handler, #handler, body, answer, what },
#include "console/api/routes.def"
#undef ROUTE
};
const size_t api_route_count = COUNT(api_routes);

const struct api_query api_queries[] = {
	{ NULL, "limit", "int", "At most so many items" },
	{ NULL, "after", "string", "Those after this one: next of the page before" },
#define QUERY(handler, name, type, what) { handler, #name, type, what },
#include "console/api/queries.def"
#undef QUERY
};
const size_t api_query_count = COUNT(api_queries);

const struct api_shape api_shapes[] = {
#define SHAPE(name, fields, what) { #name, fields, what },
#include "console/api/shapes.def"
#undef SHAPE
};
const size_t api_shape_count = COUNT(api_shapes);

const struct api_error api_errors[] = {
#define ERROR(status, code, e, what) { status, code, e, what },
#include "console/api/errors.def"
#undef ERROR
};
const size_t api_error_count = COUNT(api_errors);

/* --- errors ------------------------------------------------------------------------------ */

const struct api_error *api_error_of(enum err e)
{
	assert(e != OK);
	for (size_t i = 0; i < api_error_count; i++) {
		if (api_errors[i].e == e)
			return &api_errors[i];
	}
	return api_error_of(ERR_IO);
}

const struct api_error *api_error_of_status(unsigned status)
{
	for (size_t i = 0; i < api_error_count; i++) {
		if (api_errors[i].status == status)
			return &api_errors[i];
	}
	return api_error_of(ERR_IO);
}

const struct api_error *api_error_find(unsigned status, const char *code)
{
	for (size_t i = 0; i < api_error_count; i++) {
		if (api_errors[i].status == status && strcmp(api_errors[i].code, code) == 0)
			return &api_errors[i];
	}
	return NULL;
}

/* --- scopes ------------------------------------------------------------------------------ */

static const char *const scope_names[API_SCOPES] = {
	[API_SCOPE_SELF_READ] = "self:read",
	[API_SCOPE_SELF_WRITE] = "self:write",
	[API_SCOPE_ADMIN_READ] = "admin:read",
	[API_SCOPE_ADMIN_WRITE] = "admin:write",
	[API_SCOPE_SEND] = "send",
	[API_SCOPE_METRICS] = "metrics:read",
	[API_SCOPE_MAIL] = "mail",
};

const char *api_scope_name(enum api_scope scope)
{
	return scope == API_SCOPE_LOGIN ? NULL : scope_names[scope];
}

bool api_scope_parse(struct str name, enum api_scope *out)
{
	for (unsigned i = API_SCOPE_NONE + 1; i < API_SCOPES; i++) {
		if (!str_eq(name, str_of(scope_names[i])))
			continue;
		*out = (enum api_scope)i;
		return true;
	}
	return false;
}

/* --- routes ------------------------------------------------------------------------------ */

/* Take "/segment"; what is between two slashes is never empty. */
static bool segment(struct cur *c, struct str *out)
{
	struct cur at = *c;

	if (!cur_byte(&at, '/'))
		return false;
	if (!cur_until(&at, '/', out))
		cur_take(&at, cur_left(&at), out);
	if (out->n == 0)
		return false;
	*c = at;
	return true;
}

static bool path_fits(const char *pattern, struct str path, struct arena *a, struct str *parameter)
{
	struct cur want = cur_of(str_of(pattern)), have = cur_of(path);
	struct str w, h;
	unsigned n = 0;

	while (segment(&want, &w)) {
		if (!segment(&have, &h))
			return false;
		if (w.p[0] != '{' && !str_eq(w, h))
			return false;
		if (w.p[0] == '{') {
			assert(n < API_PARAMETERS_MAX);
			parameter[n++] = http_part(a, h);
		}
	}
	return cur_done(&have);
}

const struct api_route *api_route_find(const char *method, struct str path, struct arena *a,
                                       struct str parameter[API_PARAMETERS_MAX], struct str *allow)
{
	bool head = strcmp(method, "HEAD") == 0; /* RFC 9110 9.3.2 */

	*allow = STR_EMPTY;
	for (size_t i = 0; i < api_route_count; i++) {
		const struct api_route *r = &api_routes[i];

		if (!path_fits(r->path, path, a, parameter))
			continue;
		if (strcmp(r->method, head ? "GET" : method) == 0)
			return r;
		*allow = str_fmt(a, "%.*s%s%s%s", STR_ARG(*allow), allow->n != 0 ? ", " : "",
		                 r->method, strcmp(r->method, "GET") == 0 ? ", HEAD" : "");
	}
	return NULL;
}

static bool has_own_row(const struct api_route *r, const char *name)
{
	for (size_t i = 0; i < api_query_count; i++) {
		if (api_queries[i].handle == r->handle && strcmp(api_queries[i].name, name) == 0)
			return true;
	}
	return false;
}

bool api_query_is_of(const struct api_query *q, const struct api_route *r)
{
	return q->handle == r->handle ||
	       (q->handle == NULL && r->answer[0] == '[' && !has_own_row(r, q->name));
}

bool api_query_is_number(const struct api_query *q)
{
	return strcmp(q->type, "int") == 0 || strcmp(q->type, "id") == 0;
}

bool api_query_find(const struct api_route *r, const char *name)
{
	for (size_t i = 0; i < api_query_count; i++) {
		if (api_query_is_of(&api_queries[i], r) && strcmp(api_queries[i].name, name) == 0)
			return true;
	}
	return false;
}

/* --- shapes ------------------------------------------------------------------------------ */

const struct api_shape *api_shape_find(struct str name)
{
	for (size_t i = 0; i < api_shape_count; i++) {
		if (str_eq(name, str_of(api_shapes[i].name)))
			return &api_shapes[i];
	}
	return NULL;
}

static bool is_name(unsigned char c)
{
	return ascii_alnum((char)c) || c == '_';
}

bool api_field_next(struct cur *c, struct api_field *out)
{
	*out = (struct api_field){ 0 };
	cur_blank(c);
	if (cur_done(c))
		return false;
	out->name = cur_while(c, is_name);
	if (!cur_byte(c, ':'))
		return false;
	out->list = cur_byte(c, '[');
	out->map = !out->list && cur_byte(c, '{');
	out->type = cur_while(c, is_name);
	if ((out->list && !cur_byte(c, ']')) || (out->map && !cur_byte(c, '}')))
		return false;
	out->optional = cur_byte(c, '?');
	return out->name.n != 0 && out->type.n != 0;
}
