/* flow/reports_in/view.c: see view.h. */
#include "flow/reports_in/view.h"

#include "foundation/base/map.h"

#include <stdlib.h>

enum { ITEMS_MAX = 20000 };

struct viewing {
	struct report_view *view;
	struct arena *a;
	struct map by_name;
	struct report_view_item **items;
	size_t count, room;
	size_t spare; /* after count: dropped items for reuse */
	size_t lost;
	char kind; /* makers: only of this kind */
};

static bool day_add(void *arg, const struct report_tally_key *key, const struct report_tally *tally)
{
	struct report_view *v = ((struct viewing *)arg)->view;
	struct report_tally *to = &v->days[key->day - v->from_day];

	for (unsigned i = 0; i < REPORT_NS; i++)
		to->n[i] += tally->n[i];
	if (key->what == REPORT_TALLY_ARF && str_eq(key->name, STR("abuse")))
		to->n[REPORT_N_PASSED] += tally->n[REPORT_N_COUNT];
	else if (key->what == REPORT_TALLY_ARF && str_eq(key->name, STR("auth-failure")))
		to->n[REPORT_N_NONE] += tally->n[REPORT_N_COUNT];
	return true;
}

/* Pointers, because the map refers to items, which must not move. */
static struct report_view_item *item_new(struct viewing *v, const struct report_tally_key *key,
                                         struct str name)
{
	struct report_view_item *item;

	if (v->count == v->room) {
		struct report_view_item **more;

		v->room = v->room == 0 ? 64 : 2 * v->room;
		more = arena_array(v->a, struct report_view_item *, v->room);
		for (size_t i = 0; i < v->count; i++)
			more[i] = v->items[i];
		v->items = more;
	}
	item = v->spare != 0 ? v->items[v->count] : arena_new(v->a, struct report_view_item);
	v->spare -= v->spare != 0;
	*item = (struct report_view_item){ .name = str_dup(v->a, name) };
	item->first_day = key->day;
	v->items[v->count++] = item;
	(void)map_put(&v->by_name, name, item);
	return item;
}

static void item_names(struct viewing *v, struct report_tally *to, const struct report_tally *more)
{
	for (unsigned list = 0; list < REPORT_NAMES; list++)
		for (size_t i = 0; i < more->name_count[list]; i++) {
			size_t before = to->name_count[list];

			report_tally_name(to, list, more->names[list][i], 1);
			if (to->name_count[list] != before)
				to->names[list][before] = str_dup(v->a, to->names[list][before]);
		}
}

static int most_first(const void *a, const void *b)
{
	const struct report_view_item *x = a, *y = b;

	if (x->tally.n[REPORT_N_COUNT] != y->tally.n[REPORT_N_COUNT])
		return x->tally.n[REPORT_N_COUNT] < y->tally.n[REPORT_N_COUNT] ? 1 : -1;
	return str_cmp(x->name, y->name);
}

static int most_first_of(const void *a, const void *b)
{
	return most_first(*(struct report_view_item *const *)a,
	                  *(struct report_view_item *const *)b);
}

/* Drop the smallest items to limit memory: a flood of reports hides only small ones. */
static void least_drop(struct viewing *v)
{
	size_t kept = v->count / 2;

	qsort(v->items, v->count, sizeof *v->items, most_first_of);
	map_deinit(&v->by_name);
	v->by_name = (struct map){ 0 };
	for (size_t i = 0; i < kept; i++)
		(void)map_put(&v->by_name, v->items[i]->name, v->items[i]);
	v->spare = v->count - kept;
	v->lost += v->spare;
	v->count = kept;
}

static bool item_add(void *arg, const struct report_tally_key *key,
                     const struct report_tally *tally)
{
	struct viewing *v = arg;
	struct str name = key->name;
	struct report_view_item *item;

	if (v->kind != '\0') {
		if (name.n == 0 || name.p[0] != v->kind)
			return true;
		name = str_sub(name, 1, name.n);
	}
	item = map_get(&v->by_name, name);
	if (item == NULL && v->count == ITEMS_MAX)
		least_drop(v);
	if (item == NULL)
		item = item_new(v, key, name);
	for (unsigned i = 0; i < REPORT_NS; i++)
		item->tally.n[i] += tally->n[i];
	item_names(v, &item->tally, tally);
	item->last_day = key->day;
	return true;
}

/* All rows of one subject, merged by name. */
static enum err items_read(struct txn *t, const struct report_view_query *q,
                           enum report_tally_what what, struct viewing *v,
                           struct report_view_item **out, size_t *count)
{
	enum err e = report_tally_each(t, q->domain, what, v->view->from_day, q->to_day, item_add,
	                               v);

	*out = arena_array(v->a, struct report_view_item, v->count);
	*count = v->count;
	for (size_t i = 0; i < v->count; i++)
		(*out)[i] = *v->items[i];
	qsort(*out, *count, sizeof **out, most_first);
	map_deinit(&v->by_name);
	return e;
}

enum err report_view_read(struct txn *t, const struct report_view_query *q, struct arena *a,
                          struct report_view *out)
{
	static const enum report_tally_what sums[REPORT_KINDS] = { REPORT_TALLY_DMARC,
		                                                   REPORT_TALLY_TLS,
		                                                   REPORT_TALLY_ARF };
	static const enum report_tally_what names[REPORT_KINDS] = { REPORT_TALLY_SOURCE,
		                                                    REPORT_TALLY_TLS_FAIL,
		                                                    REPORT_TALLY_ARF };
	struct viewing v = { .view = out, .a = a }, makers = v;
	enum err e;

	makers.kind = (char)('0' + q->kind);
	*out = (struct report_view){ .day_count = MIN(q->days, q->to_day) };
	out->from_day = q->to_day + 1 - (uint32_t)out->day_count;
	out->days = arena_array(a, struct report_tally, out->day_count);
	e = report_tally_each(t, q->domain, sums[q->kind], out->from_day, q->to_day, day_add, &v);
	if (e == OK)
		e = items_read(t, q, names[q->kind], &v, &out->items, &out->item_count);
	out->item_lost = v.lost;
	return e == OK ? items_read(t, q, REPORT_TALLY_MAKER, &makers, &out->makers,
	                            &out->maker_count)
	               : e;
}
