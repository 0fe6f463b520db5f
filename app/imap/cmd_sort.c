/* imap/cmd_sort.c: SORT and UID SORT (RFC 5256 3, RFC 5957), with RETURN (RFC 5267 3). */
#include "imap/commands.h"
#include "imap/gathering.h"
#include "imap/order.h"
#include "imap/saved.h"

struct sorting {
	struct gathering gather;
	const struct imap_sort *how;
	uint32_t *sorted; /* items in their order; NULL until they are */
	size_t from, to;  /* those to tell                             */
	bool telling;
	struct imap_seq_writer writer;
};

static const int column_of[SORT_KEYS] = {
	[SORT_ARRIVAL] = -1,
	[SORT_CC] = COLUMN_CC,
	[SORT_DATE] = COLUMN_SENT,
	[SORT_DISPLAYFROM] = COLUMN_DISPLAY_FROM,
	[SORT_DISPLAYTO] = COLUMN_DISPLAY_TO,
	[SORT_FROM] = COLUMN_FROM,
	[SORT_SIZE] = -1,
	[SORT_SUBJECT] = COLUMN_SUBJECT,
	[SORT_TO] = COLUMN_TO,
};

static void sorting_free(void *task)
{
	gathering_deinit(&((struct sorting *)task)->gather);
}

/* --- sorting ---------------------------------------------------------------------------- */

/* Of a string the column's value; whether a subject was a reply does not count. */
static struct str string_of(const struct gathering *g, enum imap_sort_by by, uint32_t item)
{
	struct str s = g->values[column_of[by]][item];

	return by == SORT_SUBJECT ? str_sub(s, 1, s.n) : s;
}

static int64_t number_of(const struct gathering *g, enum imap_sort_by by, uint32_t item)
{
	struct cur c;
	uint64_t n = 0;

	if (by == SORT_ARRIVAL)
		return g->items[item].arrived_ms;
	if (by == SORT_SIZE)
		return g->items[item].size_bytes;
	c = cur_of(g->values[COLUMN_SENT][item]);
	(void)cur_be(&c, 8, &n);
	return (int64_t)n;
}

static bool is_number(enum imap_sort_by by)
{
	return by == SORT_ARRIVAL || by == SORT_SIZE || by == SORT_DATE;
}

static int compare_by(const struct gathering *g, const struct imap_sort_key *k, uint32_t a,
                      uint32_t b)
{
	int order;

	if (is_number(k->by)) {
		int64_t x = number_of(g, k->by, a), y = number_of(g, k->by, b);

		order = x < y ? -1 : x > y;
	} else {
		order = str_cmp(string_of(g, k->by, a), string_of(g, k->by, b));
	}
	return k->reverse ? -order : order;
}

static int compare(uint32_t a, uint32_t b, void *arg)
{
	const struct sorting *g = arg;
	int order = 0;

	for (size_t i = 0; i < g->how->n && order == 0; i++)
		order = compare_by(&g->gather, &g->how->keys[i], a, b);
	return order;
}

/* What is equal stays in the order of the mailbox (RFC 5256 3: the implicit sort criterion). */
static void sort(struct sorting *g, struct arena *a)
{
	const struct imap_sort_key *first = &g->how->keys[0];
	size_t n = g->gather.n;
	struct order_item *items = arena_array(a, struct order_item, n);
	struct order_item *scratch = arena_array(a, struct order_item, n);
	struct str *strings = is_number(first->by) ? NULL : arena_array(a, struct str, n);

	for (uint32_t i = 0; i < n; i++) {
		items[i].index = i;
		if (strings)
			strings[i] = string_of(&g->gather, first->by, i);
		else
			items[i].key = order_number(number_of(&g->gather, first->by, i)) ^
			               (first->reverse ? UINT64_MAX : 0);
	}
	if (strings)
		order_sort_strings(items, scratch, n, strings, first->reverse,
		                   g->how->n > 1 ? compare : NULL, g);
	else
		order_sort(items, scratch, n, g->how->n > 1 ? compare : NULL, g);
	g->sorted = arena_array(a, uint32_t, n);
	for (size_t i = 0; i < n; i++)
		g->sorted[i] = items[i].index;
}

/* --- results ---------------------------------------------------------------------------- */

static uint32_t number(const struct imap *s, const struct sorting *g, size_t place)
{
	uint32_t uid = g->gather.items[g->sorted[place]].uid;

	return s->run.uid ? uid : view_seq(&s->selected.view, uid);
}

/* All of an ESEARCH response but the numbers of ALL and PARTIAL, which are in the order of the
 * sort (RFC 5267 3.1, 4.4). */
static void extended_put(struct imap *s, struct sorting *g)
{
	const struct imap_search *what = &g->how->search;
	struct buf *out = imap_out(s);
	uint32_t skip, n;

	buf_fmt(out, "* ESEARCH (TAG \"%.*s\")%s", STR_ARG(s->run.tag), s->run.uid ? " UID" : "");
	if (g->gather.n && what->returns & RETURN_MIN)
		buf_fmt(out, " MIN %" PRIu32, number(s, g, 0));
	if (g->gather.n && what->returns & RETURN_MAX)
		buf_fmt(out, " MAX %" PRIu32, number(s, g, g->gather.n - 1));
	if (what->returns & RETURN_COUNT)
		buf_fmt(out, " COUNT %zu", g->gather.n);
	if (what->modseq && g->gather.n) /* RFC 7162 3.1.10 */
		buf_fmt(out, " MODSEQ %" PRIu64, g->gather.look.modseq);
	if (what->returns & RETURN_PARTIAL) {
		imap_partial_place(&what->partial, (uint32_t)g->gather.n, &skip, &n);
		g->from = skip;
		g->to = skip + n;
		buf_put(out, STR(" PARTIAL ("));
		imap_partial_put(out, &what->partial);
		buf_put(out, n ? STR(" ") : STR(" NIL"));
	} else if (!(what->returns & RETURN_ALL)) {
		g->to = 0;
	} else if (g->gather.n) {
		buf_put(out, STR(" ALL "));
	}
}

static void number_put(struct sorting *g, struct buf *out, uint32_t n)
{
	if (g->how->search.extended) {
		imap_seq_write(&g->writer, out, n);
	} else {
		buf_byte(out, ' ');
		buf_u64(out, n);
	}
}

static void end_put(struct imap *s, struct sorting *g)
{
	const struct imap_search *what = &g->how->search;
	struct buf *out = imap_out(s);

	imap_seq_write_end(&g->writer, out);
	if (what->returns & RETURN_PARTIAL)
		buf_byte(out, ')');
	else if (!what->extended && what->modseq && g->gather.n)
		buf_fmt(out, " (MODSEQ %" PRIu64 ")", g->gather.look.modseq);
	buf_put(out, STR("\r\n"));
}

/* The first and the last one, if only these were asked for (RFC 5182 2.1). */
static void save(struct imap *s, const struct sorting *g)
{
	unsigned returns = g->how->search.returns;
	struct uids uids = { 0 };
	uint32_t first, last;

	if (g->gather.n == 0 || returns & (RETURN_ALL | RETURN_COUNT | RETURN_PARTIAL) ||
	    !(returns & (RETURN_MIN | RETURN_MAX))) {
		imap_saved_set(s, &g->gather.look.found);
		return;
	}
	first = g->gather.items[g->sorted[returns & RETURN_MIN ? 0 : g->gather.n - 1]].uid;
	last = g->gather.items[g->sorted[returns & RETURN_MAX ? g->gather.n - 1 : 0]].uid;
	uids_add(&uids, MIN(first, last), MIN(first, last));
	if (first != last)
		uids_add(&uids, MAX(first, last), MAX(first, last));
	imap_saved_set(s, &uids);
	uids_deinit(&uids);
}

static enum done sort_tell(struct imap *s, struct sorting *g)
{
	if (g->how->search.returns & RETURN_SAVE && !g->telling)
		save(s, g);
	if (g->how->search.returns == RETURN_SAVE) {
		imap_ok(s, NULL, NULL);
		return DONE;
	}
	if (!g->telling) {
		g->telling = true;
		g->to = g->gather.n;
		if (g->how->search.extended)
			extended_put(s, g);
		else
			buf_put(imap_out(s), STR("* SORT"));
	}
	for (; g->from < g->to; g->from++) {
		if (conn_out_full(s->conn))
			return DONE_LATER;
		number_put(g, imap_out(s), number(s, g, g->from));
	}
	end_put(s, g);
	imap_ok(s, NULL, NULL);
	return DONE;
}

static enum done sort_answer(struct imap *s)
{
	struct sorting *g = s->run.task;

	if (!g->gather.done) {
		enum err e = gathering_go(&g->gather);

		if (e) {
			if (g->how->search.returns & RETURN_SAVE)
				imap_saved_set(s, NULL);
			imap_failed(s, ABOUT_ANY, e, NULL);
			return DONE;
		}
		if (!g->gather.done)
			return DONE_LATER;
	}
	if (!g->sorted)
		sort(g, &s->run.arena);
	return sort_tell(s, g);
}

enum done imap_cmd_sort(struct imap *s, union imap_args *args)
{
	struct sorting *g = arena_new(&s->run.arena, struct sorting);
	unsigned mask = 0;

	g->how = &args->sort;
	for (size_t i = 0; i < args->sort.n; i++)
		if (column_of[args->sort.keys[i].by] >= 0)
			mask |= BIT(column_of[args->sort.keys[i].by]);
	if (!gathering_init(&g->gather, s, &args->sort.search, mask))
		return DONE;
	s->run.task = g;
	s->run.release = sorting_free;
	s->run.answer = sort_answer;
	s->mode = MODE_ANSWER;
	return sort_answer(s);
}
