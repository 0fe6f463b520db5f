/* model/query/email_query.c: see email_query.h. */
#include "model/query/email_query.h"

#include "foundation/base/mem.h"
#include "foundation/base/pack.h"
#include "foundation/config/limits.h"
#include "model/mailbox/by_date.h"
#include "model/mailbox/mailbox.h"
#include "model/query/email_match.h"
#include "model/query/order.h"
#include "model/query/search_sets.h"
#include "model/search/columns.h"

enum { FEW = 10000 /* words in more emails: a page by date finds them sooner */ };

static bool is_dated(const struct email_query *what)
{
	return what->sort_count == 0 ||
	       (what->sort_count == 1 && what->sort[0].by == EMAIL_BY_RECEIVED);
}

/* --- A set of ids ----------------------------------------------------------------------- */

struct id_set {
	uint64_t *slots; /* 0: empty */
	size_t size, n;
};

static size_t id_slot(const struct id_set *s, uint64_t id)
{
	size_t at = (size_t)((id * 0x9fb21c651e98df25) >> 20) & (s->size - 1);

	while (s->slots[at] && s->slots[at] != id)
		at = (at + 1) & (s->size - 1);
	return at;
}

/* False: it was a member. */
static bool id_set_add(struct id_set *s, uint64_t id)
{
	struct id_set old = *s;
	size_t at;

	if (2 * s->n >= s->size) {
		s->size = MAX(64, 2 * s->size);
		s->slots = mem_new(s->size * sizeof(*s->slots));
		for (size_t i = 0; i < old.size; i++)
			if (old.slots[i])
				s->slots[id_slot(s, old.slots[i])] = old.slots[i];
		mem_free(old.slots);
	}
	at = id_slot(s, id);
	if (s->slots[at] == id)
		return false;
	s->slots[at] = id;
	s->n++;
	return true;
}

/* --- The list under way ----------------------------------------------------------------- */

struct found {
	uint64_t email, thread;
	int64_t received_ms;
};

struct querying {
	const struct mail_txn *m;
	const struct email_query *what;
	struct email_matcher match;
	bool descending; /* direction of the first key */
	struct found *items;
	size_t n, cap;
	size_t visited;
	bool ordered; /* the list is made in its order */
	bool plain;   /* every row is a result: no views are needed */
	struct id_set emails, threads; /* in the list or considered for it */
	size_t end;   /* ordered: results beyond it are not needed */
	bool cut;     /* there are more */
	uint64_t exact_total; /* plain: by the counters */
	struct arena *a;
};

static void found_add(struct querying *q, struct found f)
{
	if (q->n == q->cap) {
		q->cap = MAX(256, 2 * q->cap);
		q->items = mem_resize(q->items, q->cap * sizeof(*q->items));
	}
	q->items[q->n++] = f;
}

/* Add the email if it matches. Each is considered once. */
static enum err consider(struct querying *q, struct found f)
{
	bool match = q->plain;
	enum err e = OK;

	if (f.email == 0 || !id_set_add(&q->emails, f.email))
		return OK;
	if (++q->visited > LIMIT_query_emails)
		return ERR_LIMIT;
	if (!q->plain) {
		e = email_matcher_test(&q->match, f.email, &match);
		f.thread = q->match.view.thread;
		f.received_ms = q->match.view.internal_ms;
	}
	if (e || !match ||
	    (q->ordered && q->what->collapse && !id_set_add(&q->threads, f.thread)))
		return e;
	found_add(q, f);
	if (q->what->anchor == f.email && q->ordered && !q->what->want_total) {
		int64_t begin = (int64_t)q->n - 1 + q->what->anchor_offset;

		q->end = (size_t)MAX(begin, 0) + MIN(q->what->limit, INT32_MAX);
	}
	return OK;
}

/* --- By date: the rows of one or more mailboxes, merged ----------------------------------- */

struct source {
	struct by_date walk;
	struct dated_row row;
	bool more;
};

struct merge {
	struct source *sources;
	size_t n;
	bool descending;
};

static void source_step(const struct merge *g, struct source *s)
{
	s->more = g->descending ? by_date_prev(&s->walk, &s->row) : by_date_next(&s->walk, &s->row);
}

/* The next row; NULL at the end. */
static struct source *merge_first(const struct merge *g)
{
	struct source *first = NULL;

	for (size_t i = 0; i < g->n; i++) {
		struct source *s = &g->sources[i];

		if (s->more &&
		    (!first || (g->descending ? s->row.internal_ms > first->row.internal_ms
		                              : s->row.internal_ms < first->row.internal_ms)))
			first = s;
	}
	return first;
}

/* Emails of one date, in the order of ids. */
static enum err group_consider(struct querying *q, const struct found *group, size_t n)
{
	struct order_item *items = mem_new(2 * n * sizeof(*items));
	enum err e = OK;

	for (size_t i = 0; i < n; i++)
		items[i] = (struct order_item){ group[i].email, (uint32_t)i };
	order_by_key(items, items + n, n);
	for (size_t i = 0; i < n && !e; i++)
		e = consider(q, group[items[q->descending ? n - 1 - i : i].index]);
	mem_free(items);
	return e;
}

static enum err merge_run(struct querying *q, const struct merge *g)
{
	struct found *group = NULL;
	size_t n = 0, cap = 0;
	struct source *s;
	enum err e = OK;

	while (!e && (s = merge_first(g)) != NULL && !q->cut) {
		int64_t date = s->row.internal_ms;

		for (n = 0; s && s->row.internal_ms == date; s = merge_first(g)) {
			if (n == cap) {
				cap = MAX(16, 2 * cap);
				group = mem_resize(group, cap * sizeof(*group));
			}
			group[n++] = (struct found){ s->row.email, s->row.thread, date };
			source_step(g, s);
		}
		e = n == 1 ? consider(q, group[0]) : group_consider(q, group, n);
		q->cut = q->n >= q->end;
	}
	mem_free(group);
	return e;
}

/* The first step of the operands of the operator at i. */
static size_t operands_begin(const struct email_query *what, size_t i)
{
	size_t wanted = what->filter.steps[i].op == QUERY_NOT ? 1 : 2;

	while (wanted != 0) {
		enum query_op op = what->filter.steps[--i].op;

		if (op == QUERY_AND || op == QUERY_OR)
			wanted++;
		else if (op != QUERY_NOT)
			wanted--;
	}
	return i;
}

/* The mailbox that every result is in, if the filter has one; 0: none. */
static uint32_t mailbox_of(const struct email_query *what)
{
	size_t i = what->filter.n;

	for (size_t wanted = i != 0; wanted != 0;) {
		enum query_op op = what->filter.steps[--i].op;

		if (op == QUERY_CALLER && what->conditions[i].what == EMAIL_IN_MAILBOX)
			return what->conditions[i].mailboxes[0];
		if (op == QUERY_OR || op == QUERY_NOT)
			i = operands_begin(what, i);
		wanted += op == QUERY_AND ? 1 : -1;
	}
	return 0;
}

/* How many results the list needs; counted: its total is known without it. */
static size_t end_of(const struct email_query *what, bool ordered, bool counted)
{
	if (!ordered || (what->want_total && !counted) || what->anchor || what->position < 0 ||
	    what->limit > SIZE_MAX / 2 || (uint64_t)what->position > SIZE_MAX / 2)
		return SIZE_MAX;
	return (size_t)what->position + what->limit;
}

static enum err sources_open(struct querying *q, struct merge *g)
{
	uint32_t only = mailbox_of(q->what);
	struct mailbox_list list;
	enum err e = mailbox_list(q->m, q->a, &list);

	if (e)
		return e;
	q->plain = q->what->filter.n == 0 || (q->what->filter.n == 1 && only);
	g->sources = arena_array(q->a, struct source, list.n);
	for (size_t i = 0; i < list.n; i++) {
		uint32_t id = list.entries[i].box.id;

		if ((only && id != only) || !email_viewer_may_read(q->match.viewer, id))
			continue;
		q->plain = q->plain && list.entries[i].box.deleted == 0;
		q->exact_total += q->what->collapse ? list.entries[i].box.threads
		                                    : list.entries[i].box.exists;
		by_date_init(&g->sources[g->n].walk, q->m, id);
		source_step(g, &g->sources[g->n++]);
	}
	return OK;
}

static enum err by_date(struct querying *q)
{
	struct merge g = { .descending = q->descending };
	enum err e = sources_open(q, &g), walk;

	/* Counters are exact for one mailbox only: an email may be in several. */
	q->end = end_of(q->what, q->ordered, q->plain && g.n == 1);
	if (!e)
		e = merge_run(q, &g);
	for (size_t i = 0; i < g.n; i++) {
		walk = by_date_end(&g.sources[i].walk);
		e = e ? e : walk;
	}
	return e;
}

/* --- From the index ----------------------------------------------------------------------- */

static enum err all_consider(struct querying *q, uint64_t after)
{
	struct placements placements;
	struct placement at;
	uint64_t email;
	enum err e = OK, walk;

	placements_init(&placements, q->m, after);
	while (!e && placements_next(&placements, &email, &at))
		e = consider(q, (struct found){ .email = email });
	walk = placements_end(&placements);
	return e ? e : walk;
}

/* *few: the index names the emails that may match, and they were considered. */
static enum err by_words(struct querying *q, bool *few)
{
	uint64_t known_to, id = 0;
	struct ids ids = { 0 };
	enum err e = OK;

	*few = q->what->filter.n && search_plan_ids(&q->match.plan, &ids, &known_to) &&
	       (!is_dated(q->what) || ids_count(&ids) <= FEW);
	while (*few && !e && ids_next(&ids, id + 1, &id) && id <= known_to)
		e = consider(q, (struct found){ .email = id });
	ids_deinit(&ids);
	return e || !*few ? e : all_consider(q, known_to);
}

/* --- Sorting ------------------------------------------------------------------------------ */

struct key_values {
	const struct email_sort_key *key;
	int64_t *numbers; /* or texts; by item */
	struct str *texts;
};

struct sorting {
	struct querying *q;
	struct key_values keys[LIMIT_jmap_sorts + 1];
	size_t n;
};

static int column_of(enum email_sort_by by)
{
	switch (by) {
	case EMAIL_BY_SENT:
		return COLUMN_SENT;
	case EMAIL_BY_FROM:
		return COLUMN_DISPLAY_FROM;
	case EMAIL_BY_TO:
		return COLUMN_DISPLAY_TO;
	case EMAIL_BY_SUBJECT:
		return COLUMN_SUBJECT;
	default:
		return -1;
	}
}

static int values_compare(uint32_t a, uint32_t b, void *arg)
{
	const struct sorting *s = arg;
	const struct found *items = s->q->items;
	uint64_t x = items[a].email, y = items[b].email;
	int order = 0;

	for (size_t i = 0; i < s->n && order == 0; i++) {
		const struct key_values *k = &s->keys[i];

		order = k->texts ? str_cmp(k->texts[a], k->texts[b])
		                 : (k->numbers[a] > k->numbers[b]) -
		                           (k->numbers[a] < k->numbers[b]);
		if (k->key->descending)
			order = -order;
	}
	if (order)
		return order;
	return ((x > y) - (x < y)) * (s->q->descending ? -1 : 1);
}

static enum err view_value(struct querying *q, const struct email_sort_key *key, int64_t *out)
{
	const struct email_view *view = &q->match.view;
	bool yes = false;
	enum err e = OK;

	switch (key->by) {
	case EMAIL_BY_SIZE:
		*out = view->size_bytes;
		return OK;
	case EMAIL_BY_FLAG:
		yes = key->flag >= 0 && flags_has(view->flags, (unsigned)key->flag);
		break;
	case EMAIL_BY_ALL_IN_THREAD:
	case EMAIL_BY_SOME_IN_THREAD:
		e = email_matcher_thread(&q->match, key->flag, key->by == EMAIL_BY_ALL_IN_THREAD,
		                         &yes);
		break;
	default:
		*out = view->internal_ms;
		return OK;
	}
	*out = yes;
	return e;
}

static void column_value(struct key_values *k, uint32_t item, struct str value, struct arena *a)
{
	struct unpack u = unpack_of(value);

	if (k->numbers)
		k->numbers[item] = value.n == 8 ? (int64_t)unpack_be64(&u) : 0;
	else if (k->key->by == EMAIL_BY_SUBJECT)
		k->texts[item] = str_dup(a, str_sub(value, 1, value.n));
	else
		k->texts[item] = str_dup(a, value);
}

/* Read the values of one email. */
static enum err values_read(struct sorting *s, struct search_columns *columns, bool views,
                            uint32_t item)
{
	struct querying *q = s->q;
	struct search_keys row = { 0 };
	struct arena *a = q->a;
	enum err e = OK;

	if (views) {
		arena_reset(&q->match.arena);
		e = email_view_get(q->match.viewer, q->items[item].email, &q->match.arena,
		                   &q->match.view);
	}
	if (!e && columns)
		e = search_columns_get(columns, a, q->items[item].email, &row);
	for (size_t i = 0; i < s->n && !e; i++) {
		struct key_values *k = &s->keys[i];
		int column = column_of(k->key->by);

		if (column >= 0)
			column_value(k, item, row.values[column], a);
		else if (k->key->by == EMAIL_BY_RECEIVED)
			k->numbers[item] = q->items[item].received_ms;
		else
			e = view_value(q, k->key, &k->numbers[item]);
	}
	return e == ERR_MISSING || e == ERR_CORRUPT ? OK : e;
}

static enum err sort_values_read(struct sorting *s, const struct order_item *by_id)
{
	struct querying *q = s->q;
	struct search_columns columns;
	unsigned mask = 0;
	bool views = false;
	enum err e = OK;

	for (size_t i = 0; i < s->n; i++) {
		struct key_values *k = &s->keys[i];
		int column = column_of(k->key->by);

		if (column >= 0)
			mask |= BIT(column);
		else
			views |= k->key->by != EMAIL_BY_RECEIVED;
		if (column > COLUMN_SENT)
			k->texts = arena_array(q->a, struct str, q->n);
		else
			k->numbers = arena_array(q->a, int64_t, q->n);
	}
	if (mask)
		e = search_columns_init(&columns, q->m, mask, q->n);
	for (size_t i = 0; i < q->n && !e; i++)
		e = values_read(s, mask ? &columns : NULL, views, by_id[i].index);
	return e;
}

/* Sort the list and collapse its threads. */
static enum err list_sort(struct querying *q)
{
	struct order_item *items = arena_array(q->a, struct order_item, q->n);
	struct order_item *scratch = arena_array(q->a, struct order_item, q->n);
	struct found *sorted = arena_array(q->a, struct found, q->n);
	static const struct email_sort_key received = { .by = EMAIL_BY_RECEIVED,
		                                        .descending = true };
	struct sorting s = { .q = q };
	size_t n = 0;
	enum err e;

	for (size_t i = 0; i < q->what->sort_count && s.n < COUNT(s.keys); i++)
		s.keys[s.n++].key = &q->what->sort[i];
	if (s.n == 0)
		s.keys[s.n++].key = &received;
	for (size_t i = 0; i < q->n; i++)
		items[i] = (struct order_item){ q->items[i].email, (uint32_t)i };
	order_sort(items, scratch, q->n, NULL, NULL);
	e = sort_values_read(&s, items);
	if (e)
		return e;
	order_by_compare(items, scratch, q->n, values_compare, &s);
	for (size_t i = 0; i < q->n; i++) {
		const struct found *f = &q->items[items[i].index];

		if (!q->what->collapse || id_set_add(&q->threads, f->thread))
			sorted[n++] = *f;
	}
	for (size_t i = 0; i < n; i++)
		q->items[i] = sorted[i];
	q->n = n;
	return OK;
}

/* --- The page ----------------------------------------------------------------------------- */

static enum err page_begin(const struct querying *q, size_t *begin)
{
	int64_t at = q->what->position;

	if (q->what->anchor) {
		size_t i = 0;

		while (i < q->n && q->items[i].email != q->what->anchor)
			i++;
		if (i == q->n)
			return ERR_MISSING;
		at = MAX((int64_t)i + q->what->anchor_offset, 0);
	} else if (at < 0) { /* RFC 8620 5.5: from the end, clamped to 0 */
		at = MAX(at + (int64_t)q->n, 0);
	}
	*begin = (size_t)MIN((uint64_t)at, q->n);
	return OK;
}

static enum err page_cut(const struct querying *q, struct email_query_result *out)
{
	size_t begin;
	enum err e = page_begin(q, &begin);

	if (e)
		return e;
	out->position = begin;
	out->total = q->cut ? q->exact_total : q->n;
	out->n = MIN(q->what->limit, q->n - begin);
	out->emails = arena_array(q->a, uint64_t, out->n);
	for (size_t i = 0; i < out->n; i++)
		out->emails[i] = q->items[begin + i].email;
	return OK;
}

static enum err list_make(struct querying *q)
{
	bool few;
	enum err e = by_words(q, &few);

	if (e)
		return e;
	q->ordered = !few && is_dated(q->what);
	if (q->ordered)
		return by_date(q);
	if (!few)
		e = mailbox_of(q->what) ? by_date(q) : all_consider(q, 0);
	return e ? e : list_sort(q);
}

enum err email_query(const struct mail_txn *m, const struct email_query *what, struct arena *a,
                     struct email_query_result *out)
{
	struct querying q = { .m = m,
		              .what = what,
		              .descending = what->sort_count == 0 || what->sort[0].descending,
		              .end = SIZE_MAX,
		              .a = a };
	enum err e = email_matcher_init(&q.match, m, what, a);

	*out = (struct email_query_result){ 0 };
	if (!e)
		e = list_make(&q);
	if (!e)
		e = page_cut(&q, out);
	email_matcher_deinit(&q.match);
	mem_free(q.items);
	mem_free(q.emails.slots);
	mem_free(q.threads.slots);
	return e;
}
