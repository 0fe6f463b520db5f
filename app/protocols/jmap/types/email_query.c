/* protocols/jmap/types/email_query.c: see email_query.h. */
#include "protocols/jmap/types/email_query.h"

#include "foundation/base/map.h"
#include "foundation/config/limits.h"
#include "formats/message/mime.h"
#include "model/mailbox/thread.h"
#include "protocols/jmap/types/keyword.h"
#include "protocols/jmap/types/mail_changes.h"

const struct jmap_argument email_query_arguments[EMAIL_QUERY_ARGUMENTS] = {
	{ "collapseThreads", FORM_BOOL, 0, 0 },
};

static const struct {
	const char *name;
	enum email_sort_by by;
	bool keyword;
} sorts[] = {
	{ "receivedAt", EMAIL_BY_RECEIVED, false },
	{ "sentAt", EMAIL_BY_SENT, false },
	{ "size", EMAIL_BY_SIZE, false },
	{ "from", EMAIL_BY_FROM, false },
	{ "to", EMAIL_BY_TO, false },
	{ "subject", EMAIL_BY_SUBJECT, false },
	{ "hasKeyword", EMAIL_BY_FLAG, true },
	{ "allInThreadHaveKeyword", EMAIL_BY_ALL_IN_THREAD, true },
	{ "someInThreadHaveKeyword", EMAIL_BY_SOME_IN_THREAD, true },
};
const char *const email_sorts[] = { "receivedAt", "sentAt",     "size",
	                            "from",       "to",         "subject",
	                            "hasKeyword", "allInThreadHaveKeyword",
	                            "someInThreadHaveKeyword", NULL };

static const struct message_limits limits = MESSAGE_LIMITS_DEFAULT;

/* --- Email/query -------------------------------------------------------------------------- */

static enum err sort_make(struct jmap_query *q, const struct jmap_sort *s,
                          const struct keywords *keywords, struct email_sort_key *out)
{
	struct str keyword = STR_EMPTY;
	size_t i = 0;

	while (!str_eq(str_of(s->property), str_of(sorts[i].name)))
		i++;
	*out = (struct email_sort_key){ .by = sorts[i].by, .descending = !s->ascending };
	if (!sorts[i].keyword)
		return OK;
	if (!json_str(json_get(s->comparator, "keyword"), &keyword))
		return jmap_refuse(q->call, "invalidArguments",
		                   "a comparator by %s must have a keyword", s->property);
	out->flag = jmap_keyword_find(keywords, keyword);
	return OK;
}

static enum err sorts_make(struct jmap_query *q, struct email_query *out)
{
	struct keywords *keywords = arena_new(q->arena, struct keywords);
	struct email_sort_key *keys = arena_array(q->arena, struct email_sort_key, q->sort_count);
	enum err e = keywords_load(&q->m, q->arena, keywords);

	for (size_t i = 0; i < q->sort_count && !e; i++)
		e = sort_make(q, &q->sorts[i], keywords, &keys[i]);
	out->sort = keys;
	out->sort_count = q->sort_count;
	return e;
}

static void ids_put(struct jmap_query *q, const struct email_query_result *r)
{
	q->ids = arena_array(q->arena, struct str, r->n);
	for (size_t i = 0; i < r->n; i++)
		q->ids[i] = jmap_id_text(q->arena, ID_EMAIL, q->m.account, r->emails[i]);
	q->id_count = r->n;
	q->paged = true;
	q->first = r->position;
	q->total = r->total;
}

enum err email_query_run(struct jmap_query *q)
{
	struct email_query what = {
		.limits = &limits,
		.collapse = jmap_arg_bool(q->call, "collapseThreads", false),
		.position = q->position,
		.anchor_offset = q->anchor_offset,
		.limit = q->limit,
		.want_total = q->want_total,
	};
	struct email_query_result result;
	bool threads;
	enum err e;

	if (q->anchor.n != 0 && !jmap_id_parse(q->anchor, ID_EMAIL, q->m.account, &what.anchor))
		return ERR_MISSING; /* anchorNotFound */
	if ((e = email_filter_make(q, &what, &threads)) || (e = sorts_make(q, &what)))
		return e;
	e = email_query(&q->m, &what, q->arena, &result);
	if (e == ERR_LIMIT)
		return jmap_refuse(q->call, "unsupportedFilter",
		                   "more than %d emails would have to be compared",
		                   LIMIT_query_emails);
	if (!e)
		ids_put(q, &result);
	return e;
}

/* --- Email/queryChanges ------------------------------------------------------------------- */

struct widening {
	struct jmap_changes *c;
	struct email_viewer *viewer;
	struct map known; /* ids that are in a list already */
	size_t cap;
};

static void updated_add(struct widening *w, struct str id)
{
	struct jmap_changes *c = w->c;

	if (map_put(&w->known, id, w) != NULL)
		return;
	if (c->updated_count == w->cap) {
		struct str *more = arena_array(c->call->arena, struct str, 2 * w->cap + 16);

		for (size_t i = 0; i < c->updated_count; i++)
			more[i] = c->updated[i];
		c->updated = more;
		w->cap = 2 * w->cap + 16;
	}
	c->updated[c->updated_count++] = id;
}

static enum err thread_add(struct widening *w, uint64_t thread)
{
	struct arena *a = w->c->call->arena;
	struct thread_list list;
	enum err e = thread_get(&w->c->m, thread, a, &list);

	for (size_t i = 0; !e && i < list.n; i++) {
		struct email_view view;

		e = email_view_get(w->viewer, list.emails[i], a, &view);
		if (e == OK) /* ids of others are not for m->who */
			updated_add(w, jmap_id_text(a, ID_EMAIL, w->c->m.account, list.emails[i]));
		if (e == ERR_MISSING)
			e = OK;
	}
	return e == ERR_MISSING ? OK : e;
}

static void known_add(struct widening *w, const struct str *ids, size_t n)
{
	for (size_t i = 0; i < n; i++)
		map_put(&w->known, ids[i], w);
}

/* The place of an email depends on its thread: another email of it was changed. */
static enum err threads_widen(struct jmap_changes *c)
{
	struct widening w = { .c = c, .cap = c->updated_count };
	struct changed threads;
	enum err e = email_viewer_new(&c->m, c->call->arena, &w.viewer);

	if (!e)
		e = changed_since(&c->m, CHANGED_THREAD, c->since, 0, c->call->arena, &threads);
	known_add(&w, c->created, c->created_count);
	known_add(&w, c->updated, c->updated_count);
	known_add(&w, c->destroyed, c->destroyed_count);
	for (size_t i = 0; !e && i < threads.updated_count; i++)
		e = thread_add(&w, threads.updated[i]);
	for (size_t i = 0; !e && i < threads.created_count; i++)
		e = thread_add(&w, threads.created[i]);
	map_deinit(&w.known);
	return e;
}

static bool sorts_by_thread(const struct jmap_query *q)
{
	for (size_t i = 0; i < q->sort_count; i++)
		if (str_find(str_of(q->sorts[i].property), STR("InThread")) >= 0)
			return true;
	return false;
}

enum err email_query_changed(struct jmap_query *q, struct jmap_changes *c)
{
	bool threads = jmap_arg_bool(q->call, "collapseThreads", false) || sorts_by_thread(q);
	struct email_query what = { 0 };
	bool of_filter = false;
	enum err e;

	q->m = c->m;
	e = jmap_changes_by_log(c, CHANGED_EMAIL, ID_EMAIL);
	if (!e)
		e = email_filter_make(q, &what, &of_filter);
	return e || !(threads || of_filter) ? e : threads_widen(c);
}
