/* protocols/jmap/request/query_changes.c: Foo/queryChanges (RFC 8620 5.6).
 *
 * removed has the ids of all objects that changed, and added those of them that are in the results
 * now, with their index: applied to the old results this gives the new ones, whatever the filter
 * and the sort. */
#include "foundation/base/map.h"
#include "foundation/config/limits.h"
#include "model/store/store.h"
#include "protocols/jmap/request/query.h"

struct query_changes_run {
	struct jmap_query q;
	struct jmap_changes changes;
	uint64_t state;
	bool past; /* since is not to be calculated from */
};

static enum err both_read(struct txn *t, void *arg)
{
	struct query_changes_run *run = arg;
	struct jmap_query *q = &run->q;
	enum err e;

	run->changes.m = jmap_mail(q->call, t);
	q->m = run->changes.m;
	run->past = false;
	e = q->type->query_changed != NULL ? q->type->query_changed(q, &run->changes)
	                                   : q->type->changes(&run->changes);
	run->past = e == ERR_MISSING;
	return e ? e : query_results(q, t, &run->state);
}

/* --- The difference ---------------------------------------------------------------------- */

struct difference {
	struct map changed; /* ids that exist and changed */
	struct str *removed;
	size_t removed_count;
	size_t *added; /* indices in the results */
	size_t added_count;
};

static void changed_add(struct difference *d, const struct str *ids, size_t n, bool removed)
{
	for (size_t i = 0; i < n; i++) {
		map_put(&d->changed, ids[i], d);
		if (removed)
			d->removed[d->removed_count++] = ids[i];
	}
}

/* "If upToId is supplied and the sort and filter are both only on immutable properties, changes
 * after it can be omitted": here they never are, which is allowed. */
static void difference_of(const struct query_changes_run *run, struct arena *a,
                          struct difference *d)
{
	const struct jmap_changes *c = &run->changes;

	*d = (struct difference){
		.removed = arena_array(a, struct str, c->updated_count + c->destroyed_count),
		.added = arena_array(a, size_t, run->q.id_count),
	};
	changed_add(d, c->created, c->created_count, false);
	changed_add(d, c->updated, c->updated_count, true);
	changed_add(d, c->destroyed, c->destroyed_count, true);
	for (size_t i = 0; i < run->q.id_count; i++)
		if (map_get(&d->changed, run->q.ids[i]) != NULL)
			d->added[d->added_count++] = i;
}

static void difference_put(const struct query_changes_run *run, const struct difference *d,
                           struct json_writer *w)
{
	json_open(w, "removed", '[');
	for (size_t i = 0; i < d->removed_count; i++)
		json_put_str(w, NULL, d->removed[i]);
	json_close(w);
	json_open(w, "added", '[');
	for (size_t i = 0; i < d->added_count; i++) {
		json_open(w, NULL, '{');
		json_put_str(w, "id", run->q.ids[d->added[i]]);
		json_put_u64(w, "index", d->added[i]);
		json_close(w);
	}
	json_close(w);
}

static enum err response_put(const struct query_changes_run *run, uint64_t max)
{
	struct jmap_call *c = run->q.call;
	struct difference d;
	size_t n;

	difference_of(run, c->arena, &d);
	n = d.removed_count + d.added_count;
	if (n <= max) {
		if (!c->type->no_account)
			json_put_str(c->out, "accountId", jmap_arg_str(c, "accountId"));
		json_put_str(c->out, "oldQueryState", jmap_arg_str(c, "sinceQueryState"));
		json_put_str(c->out, "newQueryState", jmap_state_text(c->arena, run->state));
		if (run->q.want_total)
			json_put_u64(c->out, "total", run->q.total != 0 ? run->q.total
			                                                : run->q.id_count);
		difference_put(run, &d, c->out);
	}
	map_deinit(&d.changed);
	return n <= max ? OK
	                : jmap_refuse(c, "tooManyChanges",
	                              "there are more than %" PRIu64 " changes", max);
}

enum err jmap_query_changes_run(struct jmap_call *c)
{
	struct query_changes_run run = {
		.q = { .call = c,
		       .type = c->type,
		       .arena = c->arena,
		       .limit = SIZE_MAX,
		       .whole = true },
		.changes = { .call = c },
	};
	uint64_t max = jmap_arg_u64(c, "maxChanges", UINT64_MAX);
	enum err e;

	if (max == 0)
		return jmap_refuse(c, "invalidArguments", "maxChanges must be more than 0");
	run.q.want_total = jmap_arg_bool(c, "calculateTotal", false);
	if ((e = query_read(&run.q)))
		return e;
	run.past = !jmap_state_parse(jmap_arg_str(c, "sinceQueryState"), &run.changes.since);
	e = run.past ? ERR_MISSING : store_read(c->server->store, both_read, &run);
	if (run.past || (e == OK && run.q.cannot_change))
		return jmap_refuse(c, "cannotCalculateChanges",
		                   "the changes cannot be calculated: run the query again");
	return e ? e : response_put(&run, max);
}
