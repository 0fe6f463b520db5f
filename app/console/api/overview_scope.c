/* console/api/overview_scope.c: see api_private.h. */
#include "console/api/api_private.h"

#include "console/api/access/scope.h"
#include "console/api/admin.h"
#include "console/api/people/api_people.h"
#include "model/history/trace.h"
#include "model/mailbox/mail.h"
#include "model/queue/admin.h"
#include "model/queue/entry.h"
#include "model/store/store.h"

struct look {
	const struct api_call *call;
	struct scope scope;
	struct overview_scope *out;
};

/* Each of these counts, and keeps nothing: there is no list to show. */
static bool entry_count(const struct queue_item *item, void *arg)
{
	struct look *l = arg;

	if (scope_queue(&l->scope, item)) {
		l->out->queue++;
		l->out->queue_oldest_ms = MIN(l->out->queue_oldest_ms, item->created_ms);
	}
	return false;
}

static struct history_point *point_of(struct overview_scope *o, int64_t time_ms)
{
	int64_t i = (time_ms - o->points[0].time_ms) / (HISTORY_STEP_S * 1000);

	return i >= 0 && i < HISTORY_STEPS ? &o->points[i] : NULL;
}

static bool trace_count(struct trace *trace, void *arg)
{
	struct look *l = arg;
	struct history_point *p = point_of(l->out, trace_time_ms(trace->id));
	bool sent = scope_trace_sent(&l->scope, trace);
	bool came = scope_trace_came(&l->scope, trace);

	if (p == NULL || !scope_trace(&l->scope, trace))
		return false;
	if (trace_state(trace) == TRACE_STATE_REFUSED) {
		p->counts[HISTORY_REFUSED]++;
	} else {
		p->counts[HISTORY_IN] += came && !str_starts(trace->service, STR("submission"));
		p->counts[HISTORY_OUT] += sent;
	}
	return false;
}

static enum err use_count(struct look *l, struct txn *t)
{
	struct account_list all;
	enum err e = account_list(t, l->call->arena, &all);

	for (size_t i = 0; e == OK && i < all.count; i++) {
		struct mail_txn m = { .t = t, .account = all.items[i].id };
		struct mail_quota quota = { 0 };

		if (!api_may_domain(l->call, people_domain(all.items[i].address)))
			continue;
		e = mail_quota_get(&m, &quota);
		e = e == ERR_MISSING ? OK : e;
		l->out->used_bytes += quota.used_bytes;
	}
	return e;
}

static enum err look(struct txn *t, void *arg)
{
	struct look *l = arg;
	struct queue_query entries = { .max = 1, .keep = entry_count, .arg = l };
	struct trace_query traces = {
		.max = 1, .since_ms = l->out->points[0].time_ms, .keep = trace_count, .arg = l
	};
	struct queue_list no_entries;
	struct trace_list no_traces;
	enum err e = scope_of(t, l->call, &l->scope);

	if (e == OK)
		e = queue_find(t, &entries, l->call->arena, &no_entries);
	if (e == OK)
		e = trace_find(t, &traces, l->call->arena, &no_traces);
	return e != OK ? e : use_count(l, t);
}

enum err overview_scope_look(const struct api_call *c, int64_t now_ms, struct overview_scope *out)
{
	struct look l = { .call = c, .out = out };

	*out = (struct overview_scope){ .queue_oldest_ms = INT64_MAX };
	history_get(now_ms, out->points);
	for (size_t i = 0; i < HISTORY_STEPS; i++)
		for (size_t what = 0; what < HISTORY_WHATS; what++)
			out->points[i].counts[what] = 0;
	return store_read(c->admin->store, look, &l);
}
