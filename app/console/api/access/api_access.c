/* console/api/access/api_access.c: the inbound checks with their counters, and the access rules
 * that are rows (flow/policy/access/access_rows.h). */
#include "console/api/admin.h"
#include "console/api/api.h"
#include "flow/policy/access/access_rows.h"
#include "flow/policy/policy.h"
#include "foundation/base/cur.h"
#include "foundation/config/live.h"
#include "model/store/store.h"

/* --- checks --------------------------------------------------------------------------------- */

static void check_put(struct json_writer *w, const struct policy_done *d)
{
	json_open(w, NULL, '{');
	json_put_str(w, "name", str_of(d->name));
	json_put_str(w, "setting", str_of(d->setting));
	json_put_bool(w, "on", d->on);
	json_open(w, "done", '{');
	for (enum policy_kind k = POLICY_PASS; k < POLICY_KINDS; k++)
		json_put_u64(w, policy_kind_name(k), d->counts[k]);
	json_put_u64(w, "failed", d->counts[POLICY_KINDS]);
	json_close(w);
	json_close(w);
}

enum err api_checks(struct api_call *c)
{
	const struct settings *settings = settings_ref(c->admin->live);
	struct policy_done *done;
	size_t count = policy_done_all(c->admin->policy, settings, c->arena, &done);

	json_open(c->out, NULL, '{');
	json_open(c->out, "items", '[');
	for (size_t i = 0; i < count; i++)
		check_put(c->out, &done[i]);
	json_close(c->out);
	json_put_null(c->out, "next");
	json_close(c->out);
	settings_unref(settings);
	return OK;
}

/* --- rows ----------------------------------------------------------------------------------- */

static void row_put(struct json_writer *w, const struct access_row *row)
{
	char id[24];
	struct buf b;

	buf_init_in(&b, id, sizeof id);
	buf_fmt(&b, "%" PRIu64, row->id);
	json_open(w, NULL, '{');
	json_put_str(w, "id", buf_str(&b));
	json_put_str(w, "verdict", row->verdict);
	json_put_str(w, "of", row->of);
	json_put_str(w, "match", row->match);
	json_put_str(w, "on", row->on);
	json_put_str(w, "note", row->note);
	json_put_u64(w, "code", row->code);
	json_put_str(w, "status", row->status);
	json_put_time(w, "since", row->since_ms);
	if (row->until_ms == INT64_MAX)
		json_put_null(w, "until");
	else
		json_put_time(w, "until", row->until_ms);
	json_close(w);
}

struct listing {
	struct api_call *c;
	struct access_rows rows;
};

static enum err list(struct txn *t, void *arg)
{
	struct listing *l = arg;

	return access_rows_list(t, l->c->arena, &l->rows);
}

enum err api_access(struct api_call *c)
{
	struct listing l = { .c = c };
	enum err e = store_read(c->admin->store, list, &l);

	if (e)
		return fail(&c->why, e, "the rules could not be read");
	json_open(c->out, NULL, '{');
	json_open(c->out, "items", '[');
	for (size_t i = 0; i < l.rows.count; i++)
		row_put(c->out, &l.rows.items[i]);
	json_close(c->out);
	json_put_null(c->out, "next");
	json_close(c->out);
	return OK;
}

/* "reject from *@spam.example on mx" */
static struct str words(struct api_call *c, const struct access_row *row)
{
	return str_fmt(c->arena, "%.*s %.*s %.*s on %.*s", STR_ARG(row->verdict), STR_ARG(row->of),
	               STR_ARG(row->match), STR_ARG(row->on));
}

struct adding {
	struct api_call *c;
	struct access_row row;
};

static enum err add(struct txn *t, void *arg)
{
	struct adding *x = arg;
	enum err e = access_row_add(t, &x->row, &x->c->why);

	if (e)
		return e;
	return api_audit(t, x->c, "access.add", words(x->c, &x->row), STR_EMPTY, STR_EMPTY);
}

/* Sessions use the rules in memory. */
static enum err access_reload(struct api_call *c)
{
	enum err e = policy_access_changed(c->admin->policy);

	return e ? fail(&c->why, e,
	                "the rule is stored, but takes effect only after the next change")
	         : OK;
}

enum err api_access_add(struct api_call *c)
{
	struct adding x = { .c = c, .row = { .on = STR("mx"), .until_ms = INT64_MAX } };
	uint64_t code = 0;
	enum err e;

	(void)json_str(json_get(c->body, "verdict"), &x.row.verdict);
	(void)json_str(json_get(c->body, "of"), &x.row.of);
	(void)json_str(json_get(c->body, "match"), &x.row.match);
	if (str_eq(x.row.of, STR("login")))
		x.row.on = STR("submission");
	(void)json_str(json_get(c->body, "on"), &x.row.on);
	(void)json_str(json_get(c->body, "note"), &x.row.note);
	(void)json_u64(json_get(c->body, "code"), &code);
	(void)json_str(json_get(c->body, "status"), &x.row.status);
	x.row.code = (unsigned)MIN(code, (uint64_t)1000); /* no code: the rule is refused */
	(void)json_time(json_get(c->body, "until"), &x.row.until_ms);
	e = store_write(c->admin->store, add, &x, &c->why);
	if (e == OK)
		e = access_reload(c);
	if (e == OK)
		row_put(c->out, &x.row);
	return e;
}

struct removing {
	struct api_call *c;
	uint64_t id;
};

static enum err remove_row(struct txn *t, void *arg)
{
	struct removing *x = arg;
	struct access_row was;
	enum err e = access_row_remove(t, x->id, x->c->arena, &was);

	if (e == ERR_MISSING)
		return fail(&x->c->why, e, "the rule does not exist any more");
	if (e)
		return e;
	return api_audit(t, x->c, "access.remove", words(x->c, &was), STR_EMPTY, STR_EMPTY);
}

enum err api_access_rm(struct api_call *c)
{
	struct removing x = { .c = c };
	struct cur cur = cur_of(c->parameter[0]);
	enum err e;

	if (!cur_u64(&cur, &x.id) || !cur_done(&cur))
		return fail(&c->why, ERR_MISSING, "the rule does not exist any more");
	e = store_write(c->admin->store, remove_row, &x, &c->why);
	return e ? e : access_reload(c);
}
