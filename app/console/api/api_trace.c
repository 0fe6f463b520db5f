/* console/api/api_trace.c: what became of a message. */
#include "console/api/access/scope.h"
#include "console/api/admin.h"
#include "console/api/api.h"
#include "foundation/config/limits.h"
#include "foundation/text/date.h"
#include "model/history/trace.h"
#include "model/store/store.h"

struct run {
	struct api_call *call;
	struct scope scope;
	uint64_t id;
	struct trace_query query;
	struct trace_list list;
	struct trace trace;
};

/* Without its steps; leaves the object open. */
static void put_trace(struct api_call *c, const struct trace *trace)
{
	json_open(c->out, NULL, '{');
	json_put_str(c->out, "id", str_fmt(c->arena, "%" PRIu64, trace->id));
	json_put_time(c->out, "time", trace_time_ms(trace->id));
	json_put_str(c->out, "session", trace->session);
	json_put_str(c->out, "mail", trace->mail.n != 0 ? trace->mail : trace->session);
	json_put_str(c->out, "from", trace->from);
	json_open(c->out, "to", '[');
	for (size_t i = 0; i < trace->to_count; i++)
		json_put_str(c->out, NULL, trace->to[i]);
	json_close(c->out);
	json_put_u64(c->out, "to_more", trace->to_more);
	json_put_str(c->out, "message_id", trace->message_id);
	json_put_u64(c->out, "size", trace->size_bytes);
	json_put_str(c->out, "state", str_of(trace_state_name(trace_state(trace))));
}

/* --- the story --------------------------------------------------------------------------- */

static bool is_good(enum trace_what what)
{
	switch (what) {
	case TRACE_REFUSED:
	case TRACE_FULL:
	case TRACE_DELAYED:
	case TRACE_FAILED:
	case TRACE_DROPPED:
	case TRACE_DISCARDED:
		return false;
	default:
		return true;
	}
}

static void put_step(struct api_call *c, int64_t time_ms, const char *what, struct str detail,
                     bool ok)
{
	json_open(c->out, NULL, '{');
	json_put_time(c->out, "time", time_ms);
	json_put_str(c->out, "what", str_of(what));
	json_put_str(c->out, "detail", detail);
	json_put_bool(c->out, "ok", ok);
	json_close(c->out);
}

/* The first one is in the trace itself. */
static void put_came(struct api_call *c, const struct trace *trace)
{
	struct str detail = trace->service;

	if (trace->peer.n != 0)
		detail = str_fmt(c->arena, "%.*s from %.*s, session %.*s", STR_ARG(trace->service),
		                 STR_ARG(trace->peer), STR_ARG(trace->session));
	put_step(c, trace_time_ms(trace->id), "came", detail, true);
}

static struct str step_text(struct arena *a, const struct trace_step *s)
{
	if (s->what == TRACE_QUEUED)
		return str_fmt(a, "for %" PRIu32 " remote recipients, %.*s", MAX(s->count, 1u),
		               STR_ARG(s->detail));
	if (s->who.n == 0 || s->detail.n == 0)
		return s->who.n != 0 ? s->who : s->detail;
	return str_fmt(a, "%.*s: %.*s", STR_ARG(s->who), STR_ARG(s->detail));
}

static void put_steps(struct api_call *c, const struct trace *trace)
{
	json_open(c->out, "steps", '[');
	put_came(c, trace);
	for (size_t i = 0; i < trace->step_count; i++) {
		const struct trace_step *s = &trace->steps[i];

		put_step(c, s->time_ms, trace_what_name(s->what), step_text(c->arena, s),
		         is_good(s->what));
	}
	json_close(c->out);
}

static enum err get(struct txn *t, void *arg)
{
	struct run *r = arg;
	enum err e = trace_get(t, r->id, r->call->arena, &r->trace);

	if (e == OK)
		e = scope_of(t, r->call, &r->scope);
	return e == OK && !scope_trace(&r->scope, &r->trace) ? ERR_MISSING : e;
}

enum err api_trace(struct api_call *c)
{
	struct cur cur = cur_of(c->parameter[0]);
	struct run r = { .call = c };
	enum err e = ERR_MISSING;

	if (cur_u64(&cur, &r.id) && cur_done(&cur))
		e = store_read(c->admin->store, get, &r);
	if (e == ERR_MISSING)
		return fail(&c->why, e, "the trace does not exist. Old traces are deleted");
	if (e != OK)
		return e;
	put_trace(c, &r.trace);
	put_steps(c, &r.trace);
	json_close(c->out);
	return OK;
}

/* --- search ------------------------------------------------------------------------------ */

static bool trace_keep(struct trace *trace, void *arg)
{
	return scope_trace(arg, trace);
}

static enum err find(struct txn *t, void *arg)
{
	struct run *r = arg;
	enum err e = scope_of(t, r->call, &r->scope);

	return e != OK ? e : trace_find(t, &r->query, r->call->arena, &r->list);
}

static bool time_parse(struct api_call *c, const char *name, int64_t *out)
{
	struct cur cur = cur_of(api_argument(c, name));

	*out = 0;
	return cur_done(&cur) || (date_parse_iso(&cur, out) && cur_done(&cur));
}

enum err api_traces(struct api_call *c)
{
	struct run r = { .call = c };
	enum err e;

	r.query.text = api_argument(c, "q");
	r.query.keep = trace_keep;
	r.query.arg = &r.scope;
	r.query.before = api_argument_u64(c, "after", 0, UINT64_MAX);
	r.query.max = (size_t)MAX(api_argument_u64(c, "limit", 50, LIMIT_api_page), 1);
	if (!time_parse(c, "since", &r.query.since_ms) ||
	    !time_parse(c, "until", &r.query.until_ms))
		return fail(&c->why, ERR_SYNTAX,
		            "since and until: use a time like "
		            "2026-01-31T12:00:00Z");
	e = store_read(c->admin->store, find, &r);
	if (e != OK)
		return e;
	json_open(c->out, NULL, '{');
	json_open(c->out, "items", '[');
	for (size_t i = 0; i < r.list.count; i++) {
		put_trace(c, &r.list.items[i]);
		json_close(c->out);
	}
	json_close(c->out);
	if (r.list.more)
		json_put_str(c->out, "next",
		             str_fmt(c->arena, "%" PRIu64, r.list.items[r.list.count - 1].id));
	else
		json_put_null(c->out, "next");
	json_close(c->out);
	return OK;
}
