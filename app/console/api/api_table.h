/* console/api/api_table.h: routes.def, queries.def, shapes.def and errors.def as tables, and how
 * to read their rows. */
#ifndef API_API_TABLE_H
#define API_API_TABLE_H
#include "console/api/api.h"
#include "foundation/base/cur.h"

/* The scope that a token needs. NONE: the route needs no rights. */
enum api_scope {
	API_SCOPE_NONE,
	API_SCOPE_SELF_READ,
	API_SCOPE_SELF_WRITE, /* includes reading */
	API_SCOPE_ADMIN_READ,
	API_SCOPE_ADMIN_WRITE, /* includes reading */
	API_SCOPE_SEND,        /* to send mail as the account */
	API_SCOPE_METRICS,     /* /metrics, for owners */
	API_SCOPE_MAIL,        /* JMAP. Tokens are kept by number: append */
	API_SCOPES,
	/* No token is ever enough: what opens an account, or has all secrets of the server, is for
	 * a person who is logged in, so that a token cannot become more than it is. */
	API_SCOPE_LOGIN = API_SCOPES,
};

/* "admin:read"; NULL for NONE and LOGIN. */
const char *api_scope_name(enum api_scope scope);
/* The names of all scopes are found; false for any other. */
bool api_scope_parse(struct str name, enum api_scope *out);

struct api_route {
	const char *method, *path; /* path from its slash on, with {parameters} */
	enum api_role role;
	enum api_scope scope;
	api_handler *handle;
	const char *name;          /* of the handler */
	const char *body, *answer; /* as in routes.def */
	const char *what;
};
extern const struct api_route api_routes[];
extern const size_t api_route_count;

/* queries.def, and what every list answer takes where that has no row of its own for it. */
struct api_query {
	api_handler *handle; /* NULL: of any that answers with a list */
	const char *name, *type, *what;
};
extern const struct api_query api_queries[];
extern const size_t api_query_count;

bool api_query_is_of(const struct api_query *q, const struct api_route *r);
bool api_query_is_number(const struct api_query *q);
/* May the route be called with ?name=? */
bool api_query_find(const struct api_route *r, const char *name);

/* The route of a method (HEAD is GET) and path, with what its parameters stand for, in a. NULL:
 * there is none; *allow then lists, in a, the methods that the path has: empty when the path
 * does not exist. Where two rows fit, the first. */
const struct api_route *api_route_find(const char *method, struct str path, struct arena *a,
                                       struct str parameter[API_PARAMETERS_MAX], struct str *allow);

/* errors.def. */
struct api_error {
	unsigned status;
	const char *code;
	enum err e; /* OK: of api_refuse only */
	const char *what;
};
extern const struct api_error api_errors[];
extern const size_t api_error_count;

/* The response to an error of a handler; an error without a row is internal. */
const struct api_error *api_error_of(enum err e);
const struct api_error *api_error_of_status(unsigned status); /* its first, or internal */
/* NULL: there is no such row. */
const struct api_error *api_error_find(unsigned status, const char *code);

struct api_shape {
	const char *name, *fields, *what;
};
extern const struct api_shape api_shapes[];
extern const size_t api_shape_count;

const struct api_shape *api_shape_find(struct str name); /* NULL: there is none */

/* One "field:type?" of a shape. */
struct api_field {
	struct str name;
	struct str type; /* "int", a shape's name; of what is in a list or map */
	bool list, map, optional;
};
/* Take the next; false at the end. The table is right: its test has seen every row. */
bool api_field_next(struct cur *c, struct api_field *out);

/* Has the body this shape ("": no field at all)? why names the first field that is wrong:
 * missing, unknown, or of another type. */
bool api_shape_check(const char *shape, struct json body, struct arena *a, struct why *why);

/* The whole API as an OpenAPI 3.1 document. */
void api_openapi_put(struct json_writer *w, struct str version, struct arena *a);

#endif
