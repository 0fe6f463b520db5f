/* console/api/api.h: the JSON API below /api: what a handler sees, and how a route is described.
 *
 * routes.def has a row for each method and path; it dispatches, it checks roles, scopes,
 * CSRF, body shapes, and /api/openapi.json is made of it. shapes.def says what objects look
 * like, queries.def what the query string may have. To add a route: a shape if it needs a new one,
 * a row, a handler of that name in the admin/api_*.c of its subject, and a row in the tests. */
#ifndef API_H
#define API_H
#include "foundation/base/err.h"
#include "foundation/text/json.h"
#include "network/http_server/http.h"

struct admin;
struct api_error;
struct api_route;

/* The rights of a caller. Each includes the previous ones. */
enum api_role {
	API_ANYBODY, /* no login: setup with its token, login itself, openapi.json */
	API_USER,    /* about the own account: /api/me                            */
	API_ADMIN,   /* domain administrator: things of the domains that are his: the
	              * handler asks api_may_domain                                  */
	API_OWNER,
};

struct api_who {
	uint32_t account; /* 0: nobody */
	enum api_role role;
	struct str address;
	struct str domains; /* of a domain administrator: names, separated by blanks */
	struct str session; /* its key in the store: see sessions_end; empty: none   */
	struct str csrf;    /* what X-CSRF must say; empty: nothing must             */
	bool token;         /* by bearer token: no CSRF needed, scopes count         */
	bool local;         /* a command at the machine: an owner without an account, or as one */
};

enum { API_PARAMETERS_MAX = 3 };

struct api_call {
	const struct http_request *http;
	const struct api_route *route; /* the row that is run */
	const struct admin *admin;
	struct arena *arena; /* the request's */
	struct api_who who;
	struct str parameter[API_PARAMETERS_MAX]; /* what "{...}" of the path stand for, in order */
	struct json body;                         /* fits the row's shape; missing without one   */
	struct json_writer *out;                  /* the answer, for OK                          */
	struct http_response *response;           /* status 200 unless changed; header fields    */
	struct why why;                           /* the sentence of an error                    */
	const struct api_error *error;            /* of api_refuse                               */
};

/* OK, or an error, which errors.def turns into a status and a stable code, with why as the
 * sentence: {"error": {"code": "...", "message": "..."}}. What was written before an error is
 * dropped. OK with nothing written is 204. Runs on a pool thread; may block on the store or
 * DNS. An answer that is no JSON: set response->type, and append to response->body. */
typedef enum err api_handler(struct api_call *c);

#define ROUTE(method, path, role, scope, handler, body, answer, what) api_handler handler;
#include "console/api/routes.def"
#undef ROUTE

/* ERR_SYNTAX, "FIELD: "value" is not valid. Use ALLOWED." */
enum err api_invalid(struct api_call *c, const char *field, struct str value, const char *allowed);

/* An error with a status and code of its own, a row of errors.def: return what this returns. */
enum err api_refuse(struct api_call *c, unsigned status, const char *code, const char *fmt, ...)
	PRINTF(4, 5);

/* May the caller administer this domain? Owners every one. */
bool api_may_domain(const struct api_call *c, struct str domain);

/* An argument of the query, decoded; empty when absent. queries.def has it for this handler. */
struct str api_argument(const struct api_call *c, const char *name);
/* ?limit=50, at most max; def when absent. queries.def has it as a number: what is none was refused
 * before the handler ran. */
uint64_t api_argument_u64(const struct api_call *c, const char *name, uint64_t def, uint64_t max);

/* A list answer, {"items": [...], "next": ...}. Items come in the order of their keys (an
 * address, an id: what the last one is called in ?after=), all of them, and the list takes
 * those that belong on the page:
 *
 *	api_list_open(c, &list);
 *	for (...)
 *		if (api_list_wants(&list, item->address))
 *			put_item(c, item);
 *	api_list_close(&list);
 */
struct api_list {
	struct api_call *call;
	struct str after;
	uint64_t left;   /* of ?limit=                                 */
	struct str last; /* key of the last item taken, in the arena   */
	bool more;       /* one came that had no room: stop if you can */
};
void api_list_open(struct api_call *c, struct api_list *list);
/* Keys compare as bytes; a key at or before ?after= is not wanted. */
bool api_list_wants(struct api_list *list, struct str key);
void api_list_close(struct api_list *list);

/* Note a change in the audit trail (owner reads it at /api/audit): who and from where come of
 * the call. Inside the transaction that makes the change. what: "account.create"; target: the
 * address or name; before, after: one-line JSON or empty, never a secret. */
struct txn;
enum err api_audit(struct txn *t, const struct api_call *c, const char *what, struct str target,
                   struct str before, struct str after) MUST_USE;

/* Log the account in and answer with the session, for /api/login and the end of the setup. */
enum err api_session_start(struct api_call *c, uint32_t account) MUST_USE;

/* For http_config: below /api an error is one of ours, elsewhere a line of text. */
void api_refused(const struct http_request *q, struct http_response *r, unsigned status,
                 const char *text);

/* A long body of a call is read only after the caller was found to have the right to make it. Such
 * a call counts twice against the limit of calls. Routes for everybody take LIMIT_http_body_open.
 * Returns and arguments as of http_config's admit. */
size_t api_admit(const struct http_request *q, struct http_response *r, size_t max);

/* The handler of everything below /api; the request's context is a struct admin. */
void api_serve(const struct http_request *q, struct http_response *r);

#endif
