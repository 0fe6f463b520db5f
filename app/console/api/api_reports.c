/* console/api/api_reports.c: reports that others have sent about mail of our domains, one by
 * one; what they add up to is of api_reports_sums.c. */
#include "console/api/admin.h"
#include "console/api/api_private.h"
#include "flow/reports_in/store.h"
#include "foundation/base/clock.h"
#include "foundation/base/cur.h"
#include "foundation/config/limits.h"
#include "model/store/store.h"

enum { ROWS_DEFAULT = 200, ROWS_MAX = 1000 };

void reports_head_put(struct json_writer *w, struct arena *a, const struct report_in *r)
{
	json_put_str(w, "id", str_fmt(a, "%" PRIu64, r->id));
	json_put_str(w, "kind", str_of(report_kind_name(r->kind)));
	json_put_str(w, "domain", r->domain);
	json_put_str(w, "organization", r->organization);
	json_put_str(w, "contact", r->contact);
	json_put_str(w, "report_id", r->report_id);
	json_put_str(w, "from", r->from);
	json_put_time(w, "received", r->received_ms);
	json_put_time(w, "begin", r->begin_ms);
	json_put_time(w, "end", r->end_ms);
	json_put_u64(w, "rows", r->rows);
	json_put_u64(w, "messages", r->messages);
	json_put_u64(w, "passed", r->passed);
	json_put_u64(w, "failed", r->failed);
	json_put_bool(w, "proven", r->proven);
}

/* --- the list ------------------------------------------------------------------------------ */

struct listing {
	struct api_call *call;
	struct report_in_query query;
	struct report_in_list list;
};

static bool may_see(void *arg, struct str domain)
{
	return api_may_domain(arg, domain);
}

static enum err listing_read(struct txn *t, void *arg)
{
	struct listing *l = arg;

	return report_in_find(t, &l->query, l->call->arena, &l->list);
}

/* False: there is no such kind. */
static bool kind_parse(struct str name, int *out)
{
	*out = -1;
	for (int i = 0; i < REPORT_KINDS; i++)
		if (str_eq(name, str_of(report_kind_name((enum report_kind)i))))
			*out = i;
	return name.n == 0 || *out >= 0;
}

enum err api_reports(struct api_call *c)
{
	uint64_t days = api_argument_u64(c, "days", 0, 100000);
	struct listing l = { .call = c };
	enum err e;

	l.query = (struct report_in_query){
		.domain = api_argument(c, "domain"),
		.since_ms = days == 0 ? 0 : clock_real_ms() - (int64_t)days * REPORT_DAY_MS,
		.before = api_argument_u64(c, "after", 0, UINT64_MAX - 1),
		.max = (size_t)MAX(api_argument_u64(c, "limit", 100, LIMIT_api_page), 1),
		.keep = c->who.role == API_OWNER ? NULL : may_see,
		.arg = c,
	};
	if (!kind_parse(api_argument(c, "kind"), &l.query.kind))
		return api_invalid(c, "kind", api_argument(c, "kind"), "dmarc, tls or failure");
	if ((e = store_read(c->admin->store, listing_read, &l)))
		return e;
	json_open(c->out, NULL, '{');
	json_open(c->out, "items", '[');
	for (size_t i = 0; i < l.list.count; i++) {
		json_open(c->out, NULL, '{');
		reports_head_put(c->out, c->arena, &l.list.items[i]);
		json_close(c->out);
	}
	json_close(c->out);
	if (l.list.next != 0)
		json_put_str(c->out, "next", str_fmt(c->arena, "%" PRIu64, l.list.next));
	else
		json_put_null(c->out, "next");
	json_close(c->out);
	return OK;
}

/* --- one of them --------------------------------------------------------------------------- */

struct reading {
	struct api_call *call;
	struct report_in head;
	uint64_t id, at, first, end; /* of rows */
};

static bool id_parse(struct api_call *c, uint64_t *id)
{
	struct cur cur = cur_of(c->parameter[0]);

	return cur_u64(&cur, id) && cur_done(&cur) && *id != 0;
}

static enum err missing(struct api_call *c)
{
	return fail(&c->why, ERR_MISSING, "there is no such report");
}

static bool row_put(void *arg, struct str record)
{
	struct reading *r = arg;
	bool ok = true;

	if (r->at >= r->first && r->at < r->end)
		ok = reports_row_put(r->call, r->head.kind, record);
	return ok && ++r->at < r->end;
}

static void remarks_put(struct json_writer *w, struct str remarks)
{
	struct cur c = cur_of(remarks);
	struct str line;

	json_open(w, "remarks", '[');
	while (cur_line(&c, &line))
		json_put_str(w, NULL, line);
	json_close(w);
}

/* A list that is empty for another kind of report. */
static enum err rows_put(struct txn *t, struct reading *r, const char *name, enum report_kind kind)
{
	enum err e = OK;

	json_open(r->call->out, name, '[');
	if (r->head.kind == kind)
		e = report_in_rows_each(t, r->id, row_put, r);
	json_close(r->call->out);
	return e;
}

static enum err whole_put(struct txn *t, void *arg)
{
	struct reading *r = arg;
	struct api_call *c = r->call;
	enum err e = report_in_get(t, r->id, c->arena, &r->head);

	if (e != OK || !api_may_domain(c, r->head.domain))
		return e != OK ? e : ERR_MISSING;
	json_open(c->out, NULL, '{');
	reports_head_put(c->out, c->arena, &r->head);
	json_put_str(c->out, "policy", r->head.policy);
	remarks_put(c->out, r->head.remarks);
	e = rows_put(t, r, "dmarc", REPORT_DMARC);
	if (e == OK)
		e = rows_put(t, r, "tls", REPORT_TLS);
	if (e == OK && r->head.kind == REPORT_FAILURE)
		e = report_in_rows_each(t, r->id, row_put, r);
	json_put_u64(c->out, "rows_next", r->end < r->head.rows ? r->end : 0);
	json_close(c->out);
	return e;
}

enum err api_report(struct api_call *c)
{
	struct reading r = { .call = c, .first = api_argument_u64(c, "row", 0, UINT32_MAX) };
	enum err e = ERR_MISSING;

	r.end = r.first + MAX(api_argument_u64(c, "rows", ROWS_DEFAULT, ROWS_MAX), 1);
	if (id_parse(c, &r.id))
		e = store_read(c->admin->store, whole_put, &r);
	return e == ERR_MISSING ? missing(c) : e;
}

static enum err rm(struct txn *t, void *arg)
{
	struct reading *r = arg;
	struct api_call *c = r->call;
	enum err e = report_in_get(t, r->id, txn_arena(t), &r->head);

	if (e == OK && !api_may_domain(c, r->head.domain))
		e = ERR_MISSING;
	if (e == OK)
		e = report_in_rm(t, r->id);
	return e == OK ? api_audit(t, c, "report.remove", c->parameter[0], STR_EMPTY, STR_EMPTY)
	               : e;
}

enum err api_report_rm(struct api_call *c)
{
	struct reading r = { .call = c };
	enum err e = ERR_MISSING;

	if (id_parse(c, &r.id))
		e = store_write(c->admin->store, rm, &r, &c->why);
	return e == ERR_MISSING ? missing(c) : e;
}
