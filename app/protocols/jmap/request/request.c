/* protocols/jmap/request/request.c: see request.h. */
#include "protocols/jmap/request/request.h"

#include "foundation/config/limits.h"
#include "protocols/jmap/request/form.h"
#include "protocols/jmap/session/capability.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* --- Request-level errors -------------------------------------------------------- */

#define PROBLEM(name) "urn:ietf:params:jmap:error:" name

static bool problem(struct jmap_problem *p, unsigned status, const char *type, const char *limit,
                    const char *sentence)
{
	*p = (struct jmap_problem){ .status = status, .type = type, .limit = limit };
	snprintf(p->why.text, sizeof p->why.text, "%s", sentence);
	return false;
}

void jmap_problem_put(struct json_writer *w, const struct jmap_problem *p)
{
	json_put_str(w, "type", str_of(p->type));
	json_put_u64(w, "status", p->status);
	if (p->limit != NULL)
		json_put_str(w, "limit", str_of(p->limit));
	json_put_str(w, "detail", str_of(p->why.text));
}

/* --- Parsing --------------------------------------------------------------------- */

static bool using_parse(struct jmap_request *r, struct json using, struct jmap_problem *p)
{
	struct json_iter it = json_iter(using);
	enum jmap_capability cap;
	struct str urn;

	if (json_kind(using) != JSON_ARRAY)
		return problem(p, 400, PROBLEM("notRequest"), NULL, "using must be an array");
	while (json_next(&it)) {
		if (!json_str(it.value, &urn))
			return problem(p, 400, PROBLEM("notRequest"), NULL,
			               "using must be an array of strings");
		if (!jmap_capability_find(urn, &cap)) {
			problem(p, 400, PROBLEM("unknownCapability"), NULL, "");
			fail(&p->why, ERR_SYNTAX, "the server has no capability %.*s",
			     STR_ARG(str_sub(urn, 0, 100)));
			return false;
		}
		r->using |= BIT(cap);
	}
	return true;
}

/* RFC 8620 3.2 */
static bool is_invocation(struct json v)
{
	struct json_iter it = json_iter(v);

	return json_kind(v) == JSON_ARRAY && json_count(v) == 3 && json_next(&it) &&
	       json_kind(it.value) == JSON_STRING && json_next(&it) &&
	       json_kind(it.value) == JSON_OBJECT && json_next(&it) &&
	       json_kind(it.value) == JSON_STRING;
}

static bool calls_parse(struct jmap_request *r, struct json calls, struct jmap_problem *p)
{
	struct json_iter it = json_iter(calls);

	if (json_kind(calls) != JSON_ARRAY)
		return problem(p, 400, PROBLEM("notRequest"), NULL, "methodCalls must be an array");
	if (json_count(calls) > LIMIT_jmap_calls)
		return problem(p, 400, PROBLEM("limit"), "maxCallsInRequest",
		               "the request has too many method calls");
	while (json_next(&it))
		if (!is_invocation(it.value))
			return problem(p, 400, PROBLEM("notRequest"), NULL,
			               "a method call is an array of a name, an object of "
			               "arguments and an id");
	r->calls = calls;
	return true;
}

static void creation_put(struct jmap_request *r, struct str creation, struct str id)
{
	struct str *kept = arena_new(r->arena, struct str);

	*kept = str_dup(r->arena, id);
	map_put(&r->creations, creation, kept);
}

static bool created_parse(struct jmap_request *r, struct json created, struct jmap_problem *p)
{
	struct json_iter it = json_iter(created);
	struct str id;

	if (json_kind(created) == JSON_MISSING)
		return true;
	r->tells_created = true;
	if (!jmap_form_ok(created, FORM_ID, MAP | ID_KEYS, 0))
		return problem(p, 400, PROBLEM("notRequest"), NULL,
		               "createdIds must be an object of ids");
	while (json_next(&it)) {
		(void)json_str(it.value, &id);
		creation_put(r, it.name, id);
	}
	return true;
}

bool jmap_request_parse(const struct jmap_server *server, const struct jmap_caller *caller,
                        struct arena *arena, struct str text, struct jmap_request *out,
                        struct jmap_problem *p)
{
	struct json v;

	*out = (struct jmap_request){ .server = server,
		                      .registry = server->registry != NULL ? server->registry
		                                                           : &jmap_registry,
		                      .caller = caller,
		                      .arena = arena };
	if (text.n > LIMIT_jmap_request)
		return problem(p, 400, PROBLEM("limit"), "maxSizeRequest",
		               "the request is too large");
	if (!json_parse_long(arena, text, LIMIT_jmap_request, &v))
		return problem(p, 400, PROBLEM("notJSON"), NULL,
		               "the body is not I-JSON: JSON in UTF-8, of unique names, not nested "
		               "too deep");
	if (json_kind(v) != JSON_OBJECT)
		return problem(p, 400, PROBLEM("notRequest"), NULL, "a request is an object");
	if (!using_parse(out, json_get(v, "using"), p) ||
	    !calls_parse(out, json_get(v, "methodCalls"), p) ||
	    !created_parse(out, json_get(v, "createdIds"), p))
		return false;
	if (jmap_accounts_load(server, caller, arena, &out->accounts) != OK)
		return problem(p, 503, "about:blank", NULL, "the store is not available");
	return true;
}

void jmap_request_deinit(struct jmap_request *r)
{
	map_deinit(&r->creations);
}

/* --- For methods ------------------------------------------------------------- */

enum err jmap_refuse(struct jmap_call *c, const char *type, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(c->why.text, sizeof c->why.text, fmt, args);
	va_end(args);
	c->error = type;
	return ERR_DENIED;
}

struct mail_txn jmap_mail(const struct jmap_call *c, struct txn *t)
{
	return (struct mail_txn){ c->server->mailboxes, t, c->account, c->caller->account };
}

struct json jmap_arg(const struct jmap_call *c, const char *name)
{
	return json_get(c->args, name);
}

struct str jmap_arg_str(const struct jmap_call *c, const char *name)
{
	struct str s;

	return json_str(jmap_arg(c, name), &s) ? s : STR_EMPTY;
}

bool jmap_arg_bool(const struct jmap_call *c, const char *name, bool def)
{
	bool b;

	return json_bool(jmap_arg(c, name), &b) ? b : def;
}

uint64_t jmap_arg_u64(const struct jmap_call *c, const char *name, uint64_t def)
{
	uint64_t n;

	return json_u64(jmap_arg(c, name), &n) ? n : def;
}

bool jmap_uses(const struct jmap_call *c, enum jmap_capability cap)
{
	return c->request->using >> cap & 1;
}

struct str jmap_creation_find(const struct jmap_call *c, struct str creation)
{
	const struct str *id = c->created != NULL ? map_get(c->created, creation) : NULL;

	if (id == NULL)
		id = map_get(&c->request->creations, creation);
	return id != NULL ? *id : STR_EMPTY;
}

void jmap_creation_note(struct jmap_call *c, struct str creation, struct str id)
{
	creation_put(c->request, creation, id);
}

struct str jmap_id_resolve(const struct jmap_call *c, struct str id)
{
	return str_starts(id, STR("#")) ? jmap_creation_find(c, str_sub(id, 1, id.n)) : id;
}

bool jmap_account_find(const struct jmap_call *c, struct str id, uint32_t *account, bool *own)
{
	const struct jmap_account *a = jmap_accounts_find(&c->request->accounts, id);

	if (a == NULL || !jmap_capability_of(c->method->capability, c->caller, a))
		return false;
	*account = a->id;
	*own = a->kind != ACCOUNT_SHARING;
	return true;
}

struct jmap_mark jmap_mark(const struct json_writer *w)
{
	return (struct jmap_mark){ *w, w->out->n };
}

void jmap_rewind(struct json_writer *w, const struct jmap_mark *mark)
{
	*w = mark->writer;
	w->out->over = false;
	buf_cut(w->out, mark->n);
}

void *jmap_grown(struct arena *a, void *items, size_t n, size_t *room, size_t size)
{
	void *more;

	if (n < *room)
		return items;
	more = arena_alloc_array(a, MAX(2 * n, (size_t)16), size);
	if (n != 0)
		memcpy(more, items, n * size);
	*room = MAX(2 * n, (size_t)16);
	return more;
}

void jmap_call_also(struct jmap_call *c, const char *method, struct str args)
{
	struct jmap_request *r = c->request;

	r->also = jmap_grown(r->arena, r->also, r->also_count, &r->also_room, sizeof *r->also);
	r->also[r->also_count++] = (struct jmap_also){ str_dup(r->arena, str_of(method)),
		                                       str_dup(r->arena, args), c->id };
}

/* --- A call ------------------------------------------------------------------------ */

static enum err call_account_find(struct jmap_call *c)
{
	struct str id = jmap_arg_str(c, "accountId");
	const struct jmap_account *a = jmap_accounts_find(&c->request->accounts, id);
	const struct jmap_method *m = c->method;

	if (a == NULL)
		return jmap_refuse(c, "accountNotFound", "there is no account %.*s",
		                   STR_ARG(str_sub(id, 0, 40)));
	if ((m->capability != CAP_CORE && !jmap_capability_of(m->capability, c->caller, a)) ||
	    (m->own_only && a->kind == ACCOUNT_SHARING))
		return jmap_refuse(c, "accountNotSupportedByMethod",
		                   "this method cannot be used with that account");
	c->account = a->id;
	c->own = a->kind != ACCOUNT_SHARING;
	return OK;
}

static struct str creation_of(void *arg, struct str creation)
{
	return jmap_creation_find(arg, creation);
}

static enum err arguments_check(struct jmap_call *c, const struct jmap_found *f)
{
	static const struct jmap_argument account = { "accountId", FORM_ID, NEEDED, 0 };
	const struct jmap_rows rows = {
		.arguments = { f->method.arguments, f->more, &account },
		.argument_count = { f->method.argument_count, f->more_count,
		                    f->method.no_account ? 0 : 1 },
	};
	const struct jmap_resolver with = { creation_of, c, false };
	struct str missing;

	if (!jmap_references_resolve(c, &c->args))
		return ERR_DENIED;
	if (f->method.any_arguments)
		return OK;
	if (!jmap_arguments_check(&rows, c->args, c->arena, &c->why)) {
		c->error = "invalidArguments";
		return ERR_DENIED;
	}
	if (!jmap_rows_resolve(&rows, &with, c->arena, &c->args, &missing))
		return jmap_refuse(c, "invalidArguments", "an id is there twice");
	return OK;
}

enum { ROOM_FOR_ERRORS = 64 << 10, ROOM_FOR_WRITES = 1 << 20 };

/* A method that writes runs only if its response surely fits, since the client must learn of what
 * was written. */
static bool has_room(const struct jmap_call *c, struct str name)
{
	static const char *const writers[] = { "/set", "/copy", "/import", "/upload", "/send" };

	if (c->out->out->max - c->out->out->n >= ROOM_FOR_WRITES)
		return true;
	for (size_t i = 0; i < COUNT(writers); i++)
		if (str_ends(name, str_of(writers[i])))
			return false;
	return true;
}

static enum err call_run(struct jmap_call *c, struct str name)
{
	struct jmap_found *f = arena_new(c->arena, struct jmap_found);
	enum err e;

	if (!jmap_method_find(c->request, name, f))
		return jmap_refuse(c, "unknownMethod",
		                   "the capabilities in using have no method %.*s",
		                   STR_ARG(str_sub(name, 0, 60)));
	c->method = &f->method;
	c->type = f->type;
	if ((c->caller->scopes & f->method.scope) != f->method.scope)
		return jmap_refuse(c, "forbidden", "this login may not use the method");
	if (!has_room(c, name))
		return jmap_refuse(c, "requestTooLarge", "earlier responses leave no room");
	if ((e = arguments_check(c, f)))
		return e;
	if (!f->method.no_account && (e = call_account_find(c)))
		return e;
	json_open(c->out, NULL, '{');
	e = f->method.run(c);
	json_close(c->out);
	return e;
}

static const char *error_of(enum err e)
{
	switch (e) {
	case ERR_LIMIT:
		return "requestTooLarge";
	case ERR_DENIED:
		return "forbidden";
	case ERR_RETRY:
	case ERR_FULL:
		return "serverUnavailable";
	default:
		return "serverFail";
	}
}

/* RFC 8620 3.6.2 */
static void error_put(struct json_writer *w, const struct jmap_call *c, enum err e)
{
	const char *type = c->error != NULL ? c->error : error_of(e);

	json_put_str(w, NULL, STR("error"));
	json_open(w, NULL, '{');
	json_put_str(w, "type", str_of(type));
	json_put_str(w, "description", str_of(err_words(e, &c->why)));
	json_close(w);
}

static void answer_note(struct jmap_request *r, struct str id, struct str name, size_t from,
                        size_t to)
{
	r->answers = jmap_grown(r->arena, r->answers, r->answer_count, &r->answer_room,
	                   sizeof *r->answers);
	r->answers[r->answer_count++] = (struct jmap_answer){ id, name, from, to, { NULL } };
}

static void invocation_run(struct jmap_request *r, struct str name, struct json args,
                           struct str id, struct json_writer *w)
{
	struct arena arena = { 0 };
	struct jmap_call c = { .request = r,
		               .server = r->server,
		               .caller = r->caller,
		               .arena = &arena,
		               .id = id,
		               .args = args,
		               .out = w };
	struct jmap_mark mark;
	size_t from, also = r->also_count;
	enum err e;

	json_open(w, NULL, '[');
	mark = jmap_mark(w);
	json_put_str(w, NULL, name);
	from = w->out->n + 1;
	w->out->max -= ROOM_FOR_ERRORS;
	e = call_run(&c, name);
	w->out->max += ROOM_FOR_ERRORS;
	if (e == OK && !buf_ok(w->out))
		e = jmap_refuse(&c, "requestTooLarge", "the response would be too large");
	if (e == OK) {
		answer_note(r, id, name, from, w->out->n);
	} else {
		jmap_rewind(w, &mark);
		error_put(w, &c, e);
		answer_note(r, id, STR("error"), 0, 0);
		r->also_count = also;
	}
	json_put_str(w, NULL, id);
	json_close(w);
	arena_deinit(&arena);
}

static void also_refuse(struct jmap_request *r, struct str id, struct json_writer *w)
{
	struct jmap_call c = { .request = r, .id = id };

	(void)jmap_refuse(&c, "requestTooLarge", "the implicit call would be too large");
	json_open(w, NULL, '[');
	error_put(w, &c, ERR_DENIED);
	answer_note(r, id, STR("error"), 0, 0);
	json_put_str(w, NULL, id);
	json_close(w);
}

/* Calls that methods made run at once, so that their responses follow that method's. */
static void also_run(struct jmap_request *r, struct json_writer *w)
{
	while (r->also_done < r->also_count) {
		struct jmap_also also = r->also[r->also_done++];
		struct arena arena = { 0 };
		struct json args;

		if (json_parse_long(&arena, also.args, LIMIT_jmap_response, &args))
			invocation_run(r, also.method, args, also.id, w);
		else
			also_refuse(r, also.id, w);
		arena_deinit(&arena);
	}
}

static bool created_put(struct str creation, void *id, void *w)
{
	json_put_name(w, creation);
	json_put_str(w, NULL, *(const struct str *)id);
	return true;
}

void jmap_request_run(struct jmap_request *r, struct json_writer *w)
{
	struct json_iter calls = json_iter(r->calls);

	json_open(w, "methodResponses", '[');
	while (json_next(&calls)) {
		struct json_iter it = json_iter(calls.value);
		struct str name = STR_EMPTY, id = STR_EMPTY;
		struct json args;

		(void)(json_next(&it) && json_str(it.value, &name) && json_next(&it));
		args = it.value;
		(void)(json_next(&it) && json_str(it.value, &id));
		invocation_run(r, name, args, id, w);
		also_run(r, w);
	}
	json_close(w);
	if (r->tells_created) { /* RFC 8620 3.4 */
		json_open(w, "createdIds", '{');
		map_filter(&r->creations, created_put, w);
		json_close(w);
	}
	json_put_str(w, "sessionState", r->accounts.state);
}
