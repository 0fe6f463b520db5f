/* protocols/imap/search/cmd_sort.c: SORT and UID SORT (RFC 5256 3, RFC 5957), with RETURN (RFC
 * 5267 3). */
#include "protocols/imap/commands.h"
#include "protocols/imap/search/context.h"
#include "protocols/imap/search/gathering.h"
#include "protocols/imap/search/named_search.h"
#include "model/query/order.h"
#include "protocols/imap/search/saved.h"
#include "protocols/imap/search/scores.h"
#include "protocols/imap/search/sort_value.h"
#include "protocols/imap/sync.h"

struct sorting {
	struct gathering gather;
	const struct imap_sort *how;
	uint32_t *sorted; /* items in sort order; NULL until sorted */
	size_t from, to;  /* the range to write                     */
	uint64_t modseq;  /* written at the end; 0: none            */
	struct imap_scores scores;
	enum { TELL_NOTHING, TELL_NUMBERS, TELL_SCORES } telling;
	struct imap_seq_writer writer;
};

static void sorting_free(void *task)
{
	gathering_deinit(&((struct sorting *)task)->gather);
}

/* --- sorting ---------------------------------------------------------------------------- */

static struct imap_sort_value sort_value_of(const struct gathering *g, enum imap_sort_by by,
                                            uint32_t item)
{
	int column = imap_sort_column(by);

	if (by == SORT_RELEVANCY) /* RFC 6203 6: the highest score is first */
		return (struct imap_sort_value){ .number = -g->items[item].score };
	if (by == SORT_DATE)
		return (struct imap_sort_value){ .number = g->sent_ms[item] };
	return imap_sort_value(by, g->items[item].arrived_ms, g->items[item].size_bytes,
	                       column < 0 ? STR_EMPTY : g->values[column][item]);
}

static int compare_by(const struct gathering *g, const struct imap_sort_key *k, uint32_t a,
                      uint32_t b)
{
	struct imap_sort_value x = sort_value_of(g, k->by, a), y = sort_value_of(g, k->by, b);

	return imap_sort_compare(k, &x, &y);
}

static int sort_compare(uint32_t a, uint32_t b, void *arg)
{
	const struct sorting *g = arg;
	int order = 0;

	for (size_t i = 0; i < g->how->n && order == 0; i++)
		order = compare_by(&g->gather, &g->how->keys[i], a, b);
	return order;
}

/* Equal ones stay in mailbox order (RFC 5256 3: the implicit sort criterion). */
static void sort(struct sorting *g, struct arena *a)
{
	const struct imap_sort_key *first = &g->how->keys[0];
	size_t n = g->gather.n;
	struct order_item *items = arena_array(a, struct order_item, n);
	struct order_item *scratch = arena_array(a, struct order_item, n);
	struct str *strings = imap_sort_is_number(first->by) ? NULL : arena_array(a, struct str, n);

	for (uint32_t i = 0; i < n; i++) {
		struct imap_sort_value v = sort_value_of(&g->gather, first->by, i);

		if (strings)
			strings[i] = v.text;
		items[i].index = i;
		items[i].key = order_number(v.number) ^ (first->reverse ? UINT64_MAX : 0);
	}
	if (strings)
		order_sort_strings(items, scratch, n, strings, first->reverse,
		                   g->how->n > 1 ? sort_compare : NULL, g);
	else
		order_sort(items, scratch, n, g->how->n > 1 ? sort_compare : NULL, g);
	g->sorted = arena_array(a, uint32_t, n);
	for (size_t i = 0; i < n; i++)
		g->sorted[i] = items[i].index;
}

/* --- results ---------------------------------------------------------------------------- */

static uint32_t uid_of(const struct sorting *g, size_t place)
{
	return g->gather.items[g->sorted[place]].uid;
}

/* All of them, in their order. */
static const uint32_t *uids_of(struct imap *s, const struct sorting *g)
{
	uint32_t *uids = arena_array(&s->run.arena, uint32_t, g->gather.n);

	for (size_t i = 0; i < g->gather.n; i++)
		uids[i] = uid_of(g, i);
	return uids;
}

/* RFC 6203 6: in the order of the sort. */
static struct imap_scores scores_of(struct imap *s, const struct sorting *g)
{
	uint8_t *scores = arena_array(&s->run.arena, uint8_t, g->gather.n + 1);

	for (size_t i = 0; i < g->gather.n; i++)
		scores[i] = g->gather.items[g->sorted[i]].score;
	return (struct imap_scores){ .scores = scores, .end = g->gather.n };
}

/* Write an ESEARCH response without the numbers of ALL and PARTIAL, which are in sort
 * order (RFC 5267 3.1, 4.4). */
static void extended_put(struct imap *s, struct sorting *g)
{
	const struct imap_search *what = &g->how->search;
	struct buf *out = imap_out(s);
	uint32_t skip, n;

	buf_fmt(out, "* ESEARCH (TAG \"%.*s\")%s", STR_ARG(s->run.tag), s->run.uid ? " UID" : "");
	if (g->gather.n && what->returns & RETURN_MIN)
		buf_fmt(out, " MIN %" PRIu32, imap_number(s, uid_of(g, 0)));
	if (g->gather.n && what->returns & RETURN_MAX)
		buf_fmt(out, " MAX %" PRIu32, imap_number(s, uid_of(g, g->gather.n - 1)));
	if (what->returns & RETURN_COUNT)
		buf_fmt(out, " COUNT %zu", g->gather.n);
	if (g->modseq) /* RFC 7162 3.1.10 */
		buf_fmt(out, " MODSEQ %" PRIu64, g->modseq);
	if (what->returns & RETURN_RELEVANCY && g->gather.n)
		g->scores = scores_of(s, g);
	if (what->returns & RETURN_PARTIAL) {
		imap_partial_place(&what->partial, (uint32_t)g->gather.n, &skip, &n);
		g->from = g->scores.from = skip;
		g->to = g->scores.end = skip + n;
		buf_put(out, STR(" PARTIAL ("));
		imap_partial_put(out, &what->partial);
		buf_put(out, n ? STR(" ") : STR(" NIL"));
	} else if (!(what->returns & RETURN_ALL)) {
		g->to = 0;
	} else if (g->gather.n) {
		buf_put(out, STR(" ALL "));
	}
}

static void sort_number_put(struct sorting *g, struct buf *out, uint32_t n)
{
	if (g->how->search.extended) {
		imap_seq_write(&g->writer, out, n);
	} else {
		buf_byte(out, ' ');
		buf_u64(out, n);
	}
}

/* False: the output is full, and some are left. */
static bool numbers_put(struct imap *s, struct sorting *g)
{
	for (; g->from < g->to; g->from++) {
		if (conn_out_full(s->conn))
			return false;
		sort_number_put(g, imap_out(s), imap_number(s, uid_of(g, g->from)));
	}
	imap_seq_write_end(&g->writer, imap_out(s));
	if (g->how->search.returns & RETURN_PARTIAL)
		buf_byte(imap_out(s), ')');
	return true;
}

static void end_put(struct imap *s, struct sorting *g)
{
	const struct imap_search *what = &g->how->search;
	struct buf *out = imap_out(s);

	if (!what->extended && g->modseq)
		buf_fmt(out, " (MODSEQ %" PRIu64 ")", g->modseq);
	buf_put(out, STR("\r\n"));
}

static struct imap_saving saving_of(struct imap *s, const struct sorting *g)
{
	const struct imap_search *what = &g->how->search;
	struct imap_saving save = { .returns = what->returns, .found = &g->gather.look.found };
	uint32_t skip, n;

	if (what->returns & RETURN_PARTIAL) {
		imap_partial_place(&what->partial, (uint32_t)g->gather.n, &skip, &n);
		for (uint32_t i = skip; i < skip + n; i++)
			imap_seq_add(&s->run.arena, &save.part, uid_of(g, i), uid_of(g, i));
	}
	save.min = g->gather.n ? uid_of(g, 0) : 0;
	save.max = g->gather.n ? uid_of(g, g->gather.n - 1) : 0;
	return save;
}

/* Sorting is finished: set "$", and what the response covers. */
static enum err sort_end(struct imap *s, struct sorting *g)
{
	const struct imap_search *what = &g->how->search;
	struct imap_saving save = saving_of(s, g);
	enum err e = what->modseq ? imap_saved_modseq(s, &save, &g->modseq) : OK;

	if (!e && what->returns & RETURN_SAVE)
		imap_saved_take(s, &save);
	if (!e && what->returns & RETURN_UPDATE)
		imap_context_keep(s, g->how, save.found, uids_of(s, g));
	return e;
}

static enum done sort_tell(struct imap *s, struct sorting *g)
{
	if ((g->how->search.returns & (RETURN_RESULTS | RETURN_SAVE)) == RETURN_SAVE) {
		imap_ok(s, NULL, NULL);
		return DONE;
	}
	if (g->telling == TELL_NOTHING) {
		g->telling = TELL_NUMBERS;
		g->to = g->gather.n;
		if (g->how->search.extended)
			extended_put(s, g);
		else
			buf_put(imap_out(s), STR("* SORT"));
	}
	if (g->telling == TELL_NUMBERS) {
		if (!numbers_put(s, g))
			return DONE_LATER;
		g->telling = TELL_SCORES;
	}
	if (!imap_scores_put(s, &g->scores))
		return DONE_LATER;
	end_put(s, g);
	imap_ok(s, NULL, NULL);
	return DONE;
}

static enum done sort_answer(struct imap *s)
{
	struct sorting *g = s->run.task;
	enum err e = g->gather.done ? OK : gathering_go(&g->gather);

	if (!e && !g->gather.done)
		return DONE_LATER;
	if (!e && !g->sorted) {
		sort(g, &s->run.arena);
		e = sort_end(s, g);
	}
	if (!e)
		return sort_tell(s, g);
	imap_failed(s, ABOUT_ANY, e, NULL);
	imap_saved_failed(s, g->how->search.returns);
	return DONE;
}

enum done imap_cmd_sort(struct imap *s, union imap_args *args)
{
	struct sorting *g = arena_new(&s->run.arena, struct sorting);

	g->how = &args->sort;
	if (!imap_named_search_begin(s, &args->sort.search) ||
	    !imap_context_begin(s, &args->sort.search))
		return DONE;
	if (!gathering_init(&g->gather, s, &args->sort.search, imap_sort_columns(g->how))) {
		imap_saved_failed(s, args->sort.search.returns);
		return DONE;
	}
	s->run.task = g;
	s->run.release = sorting_free;
	s->run.answer = sort_answer;
	s->mode = MODE_ANSWER;
	return sort_answer(s);
}
