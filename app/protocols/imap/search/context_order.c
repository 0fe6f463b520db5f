/* protocols/imap/search/context_order.c: see context_order.h. */
#include "protocols/imap/search/context_order.h"

#include "foundation/base/mem.h"
#include "model/mailbox/email.h"
#include "model/search/keys.h"
#include "protocols/imap/search/searching.h"
#include "protocols/imap/search/sort_value.h"

#include <string.h>

void context_places_deinit(struct context_places *p)
{
	mem_free(p->items);
	*p = (struct context_places){ 0 };
}

static void order_place(struct context_places *p, uint32_t uid, size_t index, bool follows)
{
	if (p->n == p->cap) {
		p->cap = p->cap ? 2 * p->cap : 8;
		p->items = mem_resize(p->items, p->cap * sizeof(*p->items));
	}
	p->items[p->n++] = (struct context_place){ uid, (uint32_t)index + 1, follows };
}

void context_resolve(struct imap_context *x, uint32_t last)
{
	struct imap_search *what = &x->how.search;

	for (size_t i = 0; x->star && i < what->n; i++) {
		struct imap_search_step *step = &what->steps[i];

		if (step->op != SEARCH_UID || step->asked.n == 0)
			continue;
		memcpy(step->set.ranges, step->asked.ranges,
		       step->asked.n * sizeof(*step->asked.ranges));
		step->set.n = step->asked.n;
		imap_seq_resolve(&step->set, last);
	}
}

/* --- removing --------------------------------------------------------------------------- */

void context_order_remove(struct imap_context *x, struct context_places *out)
{
	size_t end = x->found.count, kept = end, from;

	if (x->removed.n == 0)
		return;
	for (size_t i = end; i > 0; i = from) {
		bool gone = uids_has(&x->removed, x->order[i - 1]);

		for (from = i; from > 0 && uids_has(&x->removed, x->order[from - 1]) == gone;)
			from--;
		for (size_t k = from; gone && k < i; k++)
			order_place(out, x->order[k], from, k > from);
		if (!gone) { /* kept entries gather at the end */
			kept -= i - from;
			memmove(&x->order[kept], &x->order[from], (i - from) * sizeof(*x->order));
		}
	}
	memmove(x->order, &x->order[kept], (end - kept) * sizeof(*x->order));
}

/* --- adding ----------------------------------------------------------------------------- */

/* The sort values of one message. */
struct item {
	uint32_t uid;
	struct imap_sort_value values[IMAP_SORT_KEYS];
};

struct adding {
	const struct mail_txn *m;
	uint32_t mailbox;
	const struct imap_sort *how;
	struct arena new, probe; /* of the added message, and of the compared one */
};

/* ERR_MISSING: expunged. A damaged one has empty values. */
static enum err item_read(const struct adding *g, struct arena *a, uint32_t uid, struct item *out)
{
	struct search_keys keys = { 0 };
	struct email_row row;
	struct email email;
	enum err e = searching_row(g->m, g->mailbox, uid, &row);

	if (e)
		return e;
	if (imap_sort_columns(g->how)) {
		e = email_get(g->m, row.email, &email);
		if (!e)
			e = email_describe(g->m, a, &email);
		if (e && e != ERR_MISSING && e != ERR_CORRUPT)
			return e;
		if (!e)
			/* on an error all are empty */
			(void)search_keys_of(a, &email, STR_EMPTY, &keys);
	}
	out->uid = uid;
	for (size_t i = 0; i < g->how->n; i++) {
		enum imap_sort_by by = g->how->keys[i].by;
		int column = imap_sort_column(by);

		out->values[i] = imap_sort_value(by, row.internal_ms, row.size_bytes,
		                                 column < 0 ? STR_EMPTY : keys.values[column]);
	}
	return OK;
}

/* Equal ones stay in mailbox order (RFC 5256 3). */
static bool is_before(const struct imap_sort *how, const struct item *a, const struct item *b)
{
	int order = 0;

	for (size_t i = 0; i < how->n && order == 0; i++)
		order = imap_sort_compare(&how->keys[i], &a->values[i], &b->values[i]);
	return order ? order < 0 : a->uid < b->uid;
}

/* Find its place in order[0..n]. */
static enum err find_place(struct adding *g, const struct imap_context *x, size_t n,
                           const struct item *new, size_t *place)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2, at = mid;
		struct item other;
		enum err e;

		do { /* skip expunged ones: compare with the next existing one */
			arena_reset(&g->probe);
			e = item_read(g, &g->probe, x->order[at], &other);
		} while (e == ERR_MISSING && ++at < hi);
		if (e && e != ERR_MISSING)
			return e;
		if (e || is_before(g->how, new, &other))
			hi = mid;
		else
			lo = at + 1;
	}
	*place = lo;
	return OK;
}

/* n entries are in the order already. */
static enum err add_one(struct adding *g, struct imap_context *x, size_t n, uint32_t uid,
                        size_t *at)
{
	struct item new;
	enum err e;

	arena_reset(&g->new);
	*at = n;
	e = item_read(g, &g->new, uid, &new);
	if (e != ERR_MISSING)
		e = e ? e : find_place(g, x, n, &new, at);
	else
		e = OK;
	if (e)
		return e;
	memmove(&x->order[*at + 1], &x->order[*at], (n - *at) * sizeof(*x->order));
	x->order[*at] = uid;
	return OK;
}

/* Remove UIDs from uid on: they are not added now. */
static void order_leave(struct uids *u, uint32_t uid)
{
	struct uid_range rest = { uid, UINT32_MAX };

	uids_subtract(u, &(struct uids){ .ranges = &rest, .n = 1 });
}

enum err context_order_add(const struct mail_txn *m, uint32_t mailbox, struct imap_context *x,
                           struct context_places *out)
{
	struct adding g = { .m = m, .mailbox = mailbox, .how = &x->how };
	size_t n = x->found.count - x->removed.count, at, last = SIZE_MAX;
	enum err e = OK;

	if (n + x->added.count > x->cap) {
		x->cap = MAX(n + x->added.count, 2 * x->cap);
		x->order = mem_resize(x->order, x->cap * sizeof(*x->order));
	}
	for (size_t i = 0; i < x->added.n && !e; i++)
		for (uint32_t uid = x->added.ranges[i].lo; uid <= x->added.ranges[i].hi; uid++) {
			if ((e = add_one(&g, x, n, uid, &at))) {
				order_leave(&x->added, uid);
				break;
			}
			n++;
			order_place(out, uid, at, last != SIZE_MAX && at == last + 1);
			last = at;
		}
	arena_deinit(&g.new);
	arena_deinit(&g.probe);
	return e;
}
