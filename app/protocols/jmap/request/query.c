/* protocols/jmap/request/query.c: Foo/query (RFC 8620 5.5). */
#include "protocols/jmap/request/query.h"

#include "foundation/config/limits.h"
#include "model/store/store.h"

enum err query_results(struct jmap_query *q, struct txn *t, uint64_t *state)
{
	enum err e;

	q->m = jmap_mail(q->call, t);
	q->ids = NULL;
	q->id_count = 0;
	q->paged = false;
	q->first = q->total = 0;
	*state = 0;
	if (q->type->state != NULL && (e = q->type->state(&q->m, state)))
		return e;
	e = q->type->query(q);
	return e == ERR_MISSING && q->call->error == NULL
	               ? jmap_refuse(q->call, "anchorNotFound", "the anchor is not in the results")
	               : e;
}

/* --- The page -------------------------------------------------------------------------- */

static enum err anchor_find(const struct jmap_query *q, int64_t *position)
{
	for (size_t i = 0; i < q->id_count; i++)
		if (str_eq(q->ids[i], q->anchor)) {
			/* "If the result is negative, it is clamped to 0" */
			*position = MAX((int64_t)i + q->anchor_offset, 0);
			return OK;
		}
	return jmap_refuse(q->call, "anchorNotFound", "the anchor is not in the results");
}

/* Cut the page out of all results. */
static enum err page_cut(struct jmap_query *q)
{
	int64_t position = q->position;
	enum err e;

	if (q->paged)
		return OK;
	q->total = q->id_count;
	if (q->anchor.n != 0 && (e = anchor_find(q, &position)))
		return e;
	/* "If a negative value is given, it is an offset from the end", and clamped to 0. */
	if (q->anchor.n == 0 && position < 0)
		position = MAX(position + (int64_t)q->id_count, 0);
	q->first = MIN((uint64_t)position, q->id_count);
	q->ids += q->first;
	q->id_count = MIN(q->limit, q->id_count - q->first);
	return OK;
}

struct query_run {
	struct jmap_query q;
	uint64_t state;
};

static enum err query_run_read(struct txn *t, void *arg)
{
	struct query_run *run = arg;

	return query_results(&run->q, t, &run->state);
}

static enum err page_read(struct jmap_query *q, uint64_t *wanted)
{
	struct jmap_call *c = q->call;

	(void)json_i64(jmap_arg(c, "position"), &q->position);
	(void)json_i64(jmap_arg(c, "anchorOffset"), &q->anchor_offset);
	q->anchor = jmap_arg_str(c, "anchor");
	*wanted = jmap_arg_u64(c, "limit", UINT64_MAX);
	q->limit = MIN(*wanted, LIMIT_jmap_query);
	q->want_total = jmap_arg_bool(c, "calculateTotal", false);
	return query_read(q);
}

enum err jmap_query_run(struct jmap_call *c)
{
	struct query_run run = { .q = { .call = c, .type = c->type, .arena = c->arena } };
	struct jmap_query *q = &run.q;
	uint64_t wanted;
	enum err e;

	if ((e = page_read(q, &wanted)) ||
	    (e = store_read(c->server->store, query_run_read, &run)) || (e = page_cut(q)))
		return e;
	if (!c->type->no_account)
		json_put_str(c->out, "accountId", jmap_arg_str(c, "accountId"));
	json_put_str(c->out, "queryState", jmap_state_text(c->arena, run.state));
	json_put_bool(c->out, "canCalculateChanges",
	              !q->cannot_change &&
	                      (c->type->changes != NULL || c->type->query_changed != NULL));
	json_put_u64(c->out, "position", q->first);
	json_open(c->out, "ids", '[');
	for (size_t i = 0; i < q->id_count; i++)
		json_put_str(c->out, NULL, q->ids[i]);
	json_close(c->out);
	if (q->want_total)
		json_put_u64(c->out, "total", q->total);
	/* "limit: This is only returned if the server set a limit or used a different limit" */
	if (wanted > LIMIT_jmap_query && (wanted != UINT64_MAX || q->id_count == LIMIT_jmap_query))
		json_put_u64(c->out, "limit", LIMIT_jmap_query);
	return OK;
}
