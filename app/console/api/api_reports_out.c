/* console/api/api_reports_out.c: reports to other domains: what became of them, and that they
 * are sent now. */
#include "console/api/admin.h"
#include "console/api/api.h"
#include "flow/reports_out/reports_out.h"
#include "flow/reports_out/suppress.h"
#include "foundation/config/limits.h"
#include "model/store/store.h"

struct page {
	struct api_call *call;
	struct str after;
	uint64_t left;
	struct str last; /* key of the last one taken */
	bool more;
};

static void put_to(struct json_writer *w, const struct out_due *d)
{
	json_open(w, "to", '[');
	for (size_t i = 0; i < d->to_count; i++) {
		json_open(w, NULL, '{');
		json_put_str(w, "to", d->to[i].to);
		json_put_bool(w, "sent", d->to[i].sent);
		json_put_str(w, "why", d->to[i].why);
		json_close(w);
	}
	json_close(w);
}

static void put_one(struct page *p, const struct out_due *d, const char *state)
{
	struct json_writer *w = p->call->out;

	json_open(w, NULL, '{');
	json_put_str(w, "key", out_due_key_text(p->call->arena, d));
	json_put_str(w, "kind", str_of(report_kind_name(d->kind)));
	json_put_str(w, "domain", d->domain);
	json_put_str(w, "id", d->id);
	json_put_time(w, "begin", d->begin_s * 1000);
	json_put_time(w, "end", d->end_s * 1000);
	json_put_str(w, "state", str_of(state));
	json_put_time(w, "when", d->when_ms);
	json_put_u64(w, "attempts", d->attempts);
	json_put_u64(w, "messages", d->messages);
	json_put_u64(w, "bytes", d->bytes);
	json_put_str(w, "why", d->why);
	put_to(w, d);
	json_close(w);
}

static bool pending(const struct report_out_pending *counted, void *arg)
{
	const struct out_due d = { .begin_s = counted->begin_s,
		                   .kind = REPORT_DMARC,
		                   .domain = counted->domain,
		                   .messages = counted->messages };

	put_one(arg, &d, "counting");
	return true;
}

static bool done(const struct out_due *d, void *arg)
{
	struct page *p = arg;

	p->more = p->left == 0;
	if (p->more)
		return false;
	p->left--;
	p->last = out_due_key_text(p->call->arena, d);
	put_one(p, d, out_state_name(d->state));
	return true;
}

static enum err list(struct txn *t, void *arg)
{
	struct page *p = arg;
	enum err e = OK;

	if (p->after.n == 0)
		e = report_out_pending_each(t, pending, p);
	return e == OK ? out_due_each(t, p->after, done, p) : e;
}

enum err api_reports_out(struct api_call *c)
{
	struct page p = { .call = c, .after = api_argument(c, "after") };
	enum err e;

	p.left = MAX(api_argument_u64(c, "limit", 100, LIMIT_api_page), 1);
	json_open(c->out, NULL, '{');
	json_open(c->out, "items", '[');
	e = store_read(c->admin->store, list, &p);
	json_close(c->out);
	if (p.more)
		json_put_str(c->out, "next", p.last);
	else
		json_put_null(c->out, "next");
	json_close(c->out);
	return e;
}

static enum err note(struct txn *t, void *arg)
{
	return api_audit(t, arg, "report.send", STR_EMPTY, STR_EMPTY, STR_EMPTY);
}

enum err api_reports_out_send(struct api_call *c)
{
	enum err e = store_write(c->admin->store, note, c, &c->why);

	if (e == OK)
		report_out_send(c->admin->reports);
	return e;
}

/* --- who gets none for a while --------------------------------------------------------------- */

static bool suppressed_one(const struct out_suppressed *s, void *arg)
{
	struct api_list *list = arg;
	struct json_writer *w = list->call->out;

	if (!api_list_wants(list, s->address))
		return !list->more;
	json_open(w, NULL, '{');
	json_put_str(w, "address", s->address);
	json_put_time(w, "since", s->since_ms);
	json_put_time(w, "until", s->until_ms);
	json_put_u64(w, "refusals", s->refusals);
	json_put_str(w, "reply", s->reply);
	json_close(w);
	return true;
}

static enum err suppressed_list(struct txn *t, void *arg)
{
	return out_suppressed_each(t, suppressed_one, arg);
}

enum err api_reports_suppressed(struct api_call *c)
{
	struct api_list list;
	enum err e;

	api_list_open(c, &list);
	e = store_read(c->admin->store, suppressed_list, &list);
	api_list_close(&list);
	return e;
}

static enum err unsuppress(struct txn *t, void *arg)
{
	struct api_call *c = arg;
	enum err e = out_unsuppress(t, c->parameter[0]);

	if (e == ERR_MISSING)
		return fail(txn_why(t), e, "this address is not suppressed (any more)");
	return e == OK ? api_audit(t, c, "report.unsuppress", c->parameter[0], STR_EMPTY, STR_EMPTY)
	               : e;
}

enum err api_report_unsuppress(struct api_call *c)
{
	return store_write(c->admin->store, unsuppress, c, &c->why);
}
