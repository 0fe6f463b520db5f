/* console/api/api_openapi.c: GET /api/openapi.json: the API's description (OpenAPI 3.1.0), made
 * of the tables that dispatch and check, so that it cannot differ from what is done. */
#include "console/api/admin.h"
#include "console/api/api_private.h"
#include "console/api/api_table.h"

#include <string.h>

/* --- shapes ------------------------------------------------------------------------------ */

static void put_ref(struct json_writer *w, const char *name, const char *where, struct str what)
{
	struct buf ref;

	buf_init(&ref, 200);
	buf_fmt(&ref, "#/components/%s/%.*s", where, STR_ARG(what));
	json_open(w, name, '{');
	json_put_str(w, "$ref", buf_str(&ref));
	json_close(w);
	buf_deinit(&ref);
}

static void put_either(struct json_writer *w, const char *type)
{
	json_open(w, "type", '[');
	json_put_str(w, NULL, str_of(type));
	json_put_str(w, NULL, STR("null"));
	json_close(w);
}

/* The schema of one value; where a body may leave it out, it may be null as well. */
static void put_type(struct json_writer *w, const char *name, struct str type, bool optional)
{
	static const struct {
		const char *type, *schema, *format;
	} plain[] = {
		{ "string", "string", NULL },
		{ "int", "integer", "int64" },
		{ "bool", "boolean", NULL },
		{ "time", "string", "date-time" },
	};

	if (api_shape_find(type) != NULL) {
		put_ref(w, name, "schemas", type);
		return;
	}
	json_open(w, name, '{');
	for (size_t i = 0; i < COUNT(plain); i++) {
		if (!str_eq(type, str_of(plain[i].type)))
			continue;
		if (optional || strcmp(plain[i].type, "time") == 0)
			put_either(w, plain[i].schema);
		else
			json_put_str(w, "type", str_of(plain[i].schema));
		if (plain[i].format != NULL)
			json_put_str(w, "format", str_of(plain[i].format));
	}
	json_close(w);
}

static void put_field(struct json_writer *w, const struct api_field *f, const char *name)
{
	if (!f->list && !f->map) {
		put_type(w, name, f->type, f->optional);
		return;
	}
	json_open(w, name, '{');
	json_put_str(w, "type", f->list ? STR("array") : STR("object"));
	put_type(w, f->list ? "items" : "additionalProperties", f->type, false);
	json_close(w);
}

static void put_shape(struct json_writer *w, const struct api_shape *s, struct arena *a)
{
	struct cur properties = cur_of(str_of(s->fields)), required = properties;
	struct api_field f;

	json_open(w, s->name, '{');
	json_put_str(w, "type", STR("object"));
	json_put_str(w, "description", str_of(s->what));
	json_open(w, "properties", '{');
	while (api_field_next(&properties, &f))
		put_field(w, &f, str_z(a, f.name));
	json_close(w);
	json_open(w, "required", '[');
	while (api_field_next(&required, &f)) {
		if (!f.optional)
			json_put_str(w, NULL, f.name);
	}
	json_close(w);
	json_close(w);
}

/* {"error": {"code", "message"}}: the code is of those that errors.def has. */
static void put_error_schema(struct json_writer *w)
{
	json_open(w, "error", '{');
	json_put_raw(w, "type", STR("\"object\""));
	json_put_raw(w, "required", STR("[\"error\"]"));
	json_open(w, "properties", '{');
	json_open(w, "error", '{');
	json_put_raw(w, "type", STR("\"object\""));
	json_put_raw(w, "required", STR("[\"code\",\"message\"]"));
	json_open(w, "properties", '{');
	json_open(w, "code", '{');
	json_put_str(w, "type", STR("string"));
	json_open(w, "enum", '[');
	for (size_t i = 0; i < api_error_count; i++) {
		/* Where two rows have a code, the one with an enum err counts here. */
		if (api_errors[i].e != OK || api_error_find(403, api_errors[i].code) == NULL ||
		    api_errors[i].status == 403)
			json_put_str(w, NULL, str_of(api_errors[i].code));
	}
	json_close(w);
	json_close(w);
	json_put_raw(w, "message", STR("{\"type\":\"string\"}"));
	json_close(w);
	json_close(w);
	json_close(w);
	json_close(w);
}

/* --- errors ------------------------------------------------------------------------------ */

static bool first_of_status(size_t i)
{
	return i == 0 || api_errors[i - 1].status != api_errors[i].status;
}

static struct str status_name(unsigned status, struct arena *a)
{
	return str_fmt(a, "%u", status);
}

/* "code: what it means; ..." of all that share a status. */
static struct str status_meaning(size_t i, struct arena *a)
{
	struct str s = STR_EMPTY;

	for (size_t j = i; j < api_error_count && api_errors[j].status == api_errors[i].status; j++)
		s = str_fmt(a, "%.*s%s%s: %s", STR_ARG(s), s.n != 0 ? "; " : "", api_errors[j].code,
		            api_errors[j].what);
	return s;
}

static void put_content(struct json_writer *w)
{
	json_open(w, "content", '{');
	json_open(w, "application/json", '{');
}

static void close_content(struct json_writer *w)
{
	json_close(w);
	json_close(w);
}

static void put_error_responses(struct json_writer *w, struct arena *a)
{
	json_open(w, "responses", '{');
	for (size_t i = 0; i < api_error_count; i++) {
		if (!first_of_status(i))
			continue;
		json_put_name(w, status_name(api_errors[i].status, a));
		json_open(w, NULL, '{');
		json_put_str(w, "description", status_meaning(i, a));
		put_content(w);
		put_ref(w, "schema", "schemas", STR("error"));
		close_content(w);
		json_close(w);
	}
	json_close(w);
}

/* --- routes ------------------------------------------------------------------------------ */

/* "[name]" is a list answer. */
static void put_answer_schema(struct json_writer *w, struct str answer)
{
	struct str item = str_sub(answer, 1, answer.n - 1);

	if (!str_starts(answer, STR("["))) {
		put_type(w, "schema", answer, false);
		return;
	}
	json_open(w, "schema", '{');
	json_put_raw(w, "type", STR("\"object\""));
	json_put_raw(w, "required", STR("[\"items\",\"next\"]"));
	json_open(w, "properties", '{');
	json_open(w, "items", '{');
	json_put_str(w, "type", STR("array"));
	put_type(w, "items", item, false);
	json_close(w);
	json_put_raw(w, "next", STR("{\"type\":[\"string\",\"null\"]}"));
	json_close(w);
	json_close(w);
}

static void put_responses(struct json_writer *w, const struct api_route *r, struct arena *a)
{
	bool empty = r->answer[0] == '\0';

	json_open(w, "responses", '{');
	/* 201 where something was made: told apart by nobody. */
	json_open(w, empty ? "204" : "2XX", '{');
	json_put_str(w, "description", str_of(r->what));
	if (!empty) {
		put_content(w);
		put_answer_schema(w, str_of(r->answer));
		close_content(w);
	}
	json_close(w);
	for (size_t i = 0; i < api_error_count; i++) {
		if (first_of_status(i)) {
			struct str status = status_name(api_errors[i].status, a);

			put_ref(w, str_z(a, status), "responses", status);
		}
	}
	json_close(w);
}

static void put_path_parameter(struct json_writer *w, struct str name)
{
	json_open(w, NULL, '{');
	json_put_str(w, "name", name);
	json_put_str(w, "in", STR("path"));
	json_put_bool(w, "required", true);
	json_put_raw(w, "schema", STR("{\"type\":\"string\"}"));
	json_close(w);
}

static void put_query(struct json_writer *w, const struct api_query *q)
{
	bool time = strcmp(q->type, "time") == 0;

	json_open(w, NULL, '{');
	json_put_str(w, "name", str_of(q->name));
	json_put_str(w, "in", STR("query"));
	json_put_str(w, "description", str_of(q->what));
	json_put_bool(w, "required", false);
	json_open(w, "schema", '{');
	json_put_str(w, "type", strcmp(q->type, "int") == 0 ? STR("integer") : STR("string"));
	if (time)
		json_put_str(w, "format", STR("date-time"));
	json_close(w);
	json_close(w);
}

static void put_parameters(struct json_writer *w, const struct api_route *r)
{
	struct cur c = cur_of(str_of(r->path));
	struct str name;

	json_open(w, "parameters", '[');
	while (cur_until(&c, '{', &name)) {
		cur_skip(&c, 1);
		if (cur_until(&c, '}', &name))
			put_path_parameter(w, name);
	}
	for (size_t i = 0; i < api_query_count; i++) {
		if (api_query_is_of(&api_queries[i], r))
			put_query(w, &api_queries[i]);
	}
	json_close(w);
}

static const char *const role_names[] = {
	[API_ANYBODY] = "anybody", [API_USER] = "user", [API_ADMIN] = "admin", [API_OWNER] = "owner"
};

static void put_operation(struct json_writer *w, const struct api_route *r, struct arena *a)
{
	json_put_name(w, str_lower(a, str_of(r->method)));
	json_open(w, NULL, '{');
	json_put_str(w, "operationId", str_of(r->name));
	json_put_str(w, "summary", str_of(r->what));
	json_put_str(w, "x-role", str_of(role_names[r->role]));
	if (r->scope == API_SCOPE_LOGIN)
		json_put_str(w, "x-scope", STR("login"));
	else if (r->scope != API_SCOPE_NONE)
		json_put_str(w, "x-scope", str_of(api_scope_name(r->scope)));
	if (r->role == API_ANYBODY)
		json_put_raw(w, "security", STR("[]"));
	put_parameters(w, r);
	if (r->body[0] != '\0') {
		json_open(w, "requestBody", '{');
		json_put_bool(w, "required", true);
		put_content(w);
		put_type(w, "schema", str_of(r->body), false);
		close_content(w);
		json_close(w);
	}
	put_responses(w, r, a);
	json_close(w);
}

static bool first_of_path(size_t i)
{
	for (size_t j = 0; j < i; j++) {
		if (strcmp(api_routes[j].path, api_routes[i].path) == 0)
			return false;
	}
	return true;
}

static void put_paths(struct json_writer *w, struct arena *a)
{
	json_open(w, "paths", '{');
	for (size_t i = 0; i < api_route_count; i++) {
		if (!first_of_path(i))
			continue;
		json_open(w, api_routes[i].path, '{');
		for (size_t j = i; j < api_route_count; j++) {
			if (strcmp(api_routes[j].path, api_routes[i].path) == 0)
				put_operation(w, &api_routes[j], a);
		}
		json_close(w);
	}
	json_close(w);
}

/* --- the document ------------------------------------------------------------------------ */

void api_openapi_put(struct json_writer *w, struct str version, struct arena *a)
{
	json_open(w, NULL, '{');
	json_put_str(w, "openapi", STR("3.1.0"));
	json_open(w, "info", '{');
	json_put_str(w, "title", STR("Roost"));
	json_put_str(w, "version", version);
	json_close(w);
	json_put_raw(w, "security", STR("[{\"session\":[]},{\"token\":[]}]"));
	put_paths(w, a);
	json_open(w, "components", '{');
	json_open(w, "schemas", '{');
	for (size_t i = 0; i < api_shape_count; i++)
		put_shape(w, &api_shapes[i], a);
	put_error_schema(w);
	json_close(w);
	put_error_responses(w, a);
	json_put_raw(
		w, "securitySchemes",
		STR("{\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"" API_COOKIE
	            "\"},\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"}}"));
	json_close(w);
	json_close(w);
}

enum err api_openapi(struct api_call *c)
{
	api_openapi_put(c->out, c->admin->version, c->arena);
	return OK;
}
