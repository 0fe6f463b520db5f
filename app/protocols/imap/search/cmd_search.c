/* protocols/imap/search/cmd_search.c: SEARCH and UID SEARCH (RFC 9051 6.4.4, RFC
 * 4731).
 *
 * A generator like FETCH. The results are kept as ranges of UIDs and written at the end,
 * as fast as the client reads. Numbers cannot shift meanwhile, because SEARCH allows no
 * EXPUNGE. */
#include "formats/imap_wire/put.h"
#include "protocols/imap/commands.h"
#include "protocols/imap/message_limit.h"
#include "protocols/imap/modseq.h"
#include "protocols/imap/search/answering.h"
#include "protocols/imap/search/context.h"
#include "protocols/imap/search/named_search.h"
#include "protocols/imap/search/saved.h"
#include "protocols/imap/search/scores.h"
#include "protocols/imap/search/searching.h"
#include "protocols/imap/sync.h"

struct answering {
	struct searching look;
	struct uids part;          /* part of the results: PARTIAL                         */
	const struct uids *listed; /* written as numbers; NULL: the search is not finished */
	uint64_t modseq;           /* written at the end; 0: none                          */
	enum { TELL_NOTHING, TELL_NUMBERS, TELL_SCORES } telling;
	size_t range; /* range of found with the next number to write */
	uint32_t uid; /* its UID, or less                             */
	struct imap_seq_writer writer;
	struct str in; /* ESEARCH: the name of the mailbox; else empty */
	struct buf found_scores; /* a score for each result, if requested */
	struct imap_scores scores;
};

void imap_answering_free(void *task)
{
	struct answering *g = task;

	searching_deinit(&g->look);
	uids_deinit(&g->part);
	buf_deinit(&g->found_scores);
}

static void score_keep(void *arg, const struct email_row *row)
{
	struct answering *g = arg;

	(void)row;
	buf_byte(&g->found_scores, (char)g->look.score);
}

/* --- results --------------------------------------------------------------------------- */

static struct imap_saving saving_of(struct imap *s, const struct answering *g)
{
	const struct uids *found = &g->look.found;
	struct imap_saving save = { .returns = g->look.what->returns, .found = found };

	for (size_t i = 0; i < g->part.n; i++)
		imap_seq_add(&s->run.arena, &save.part, g->part.ranges[i].lo, g->part.ranges[i].hi);
	save.min = found->n ? found->ranges[0].lo : 0;
	save.max = found->n ? found->ranges[found->n - 1].hi : 0;
	return save;
}

/* The new value of "$", and the messages that the response covers. */
static void search_save(struct imap *s, const struct answering *g, struct imap_saving *save)
{
	const struct imap_search *what = g->look.what;

	if (what->returns & RETURN_SAVE)
		imap_saved_take(s, save);
	if (what->returns & RETURN_UPDATE)
		imap_context_keep(s, &(struct imap_sort){ .search = *what }, save->found, NULL);
}

/* The search is finished. */
static enum err search_end(struct imap *s, struct answering *g)
{
	uint32_t skip = 0, n = g->look.found.count;
	struct imap_saving save;
	enum err e = OK;

	if (g->look.what->returns & RETURN_PARTIAL) {
		imap_partial_place(&g->look.what->partial, g->look.found.count, &skip, &n);
		uids_slice(&g->look.found, skip, n, &g->part);
	}
	if (g->look.what->returns & RETURN_RELEVANCY && g->look.found.n) {
		assert(g->found_scores.n == g->look.found.count);
		g->scores = (struct imap_scores){ .scores = (uint8_t *)g->found_scores.p,
			                          .from = skip,
			                          .end = skip + n };
	}
	g->listed = g->look.what->returns & RETURN_PARTIAL ? &g->part : &g->look.found;
	save = saving_of(s, g);
	if (g->look.what->modseq)
		e = imap_saved_modseq(s, &save, &g->modseq);
	if (!e)
		search_save(s, g, &save);
	return e;
}

/* search = "SEARCH" *(SP nz-number)
 * esearch-response = "ESEARCH" [search-correlator] [SP "UID"] *(SP search-return-data)
 * All but the numbers of SEARCH and of ALL. */
static void search_head_put(struct imap *s, const struct answering *g)
{
	const struct imap_search *what = g->look.what;
	const struct uids *found = &g->look.found;
	struct buf *out = imap_out(s);

	if (!what->extended) {
		buf_put(out, STR("* SEARCH"));
		return;
	}
	buf_put(out, STR("* ESEARCH (TAG \""));
	buf_put(out, s->run.tag); /* no quote and no backslash can be in a tag */
	buf_byte(out, '"');
	if (g->in.n) { /* RFC 7377 2.1 */
		buf_put(out, STR(" MAILBOX "));
		imap_put_mailbox(out, g->in, imap_utf8(s));
		buf_fmt(out, " UIDVALIDITY %" PRIu32, s->selected.uidvalidity);
	}
	buf_put(out, s->run.uid ? STR(") UID") : STR(")"));
	if (found->n && (what->returns & RETURN_MIN))
		buf_fmt(out, " MIN %" PRIu32, imap_number(s, found->ranges[0].lo));
	if (found->n && (what->returns & RETURN_MAX))
		buf_fmt(out, " MAX %" PRIu32, imap_number(s, found->ranges[found->n - 1].hi));
	if (what->returns & RETURN_COUNT)
		buf_fmt(out, " COUNT %" PRIu32, found->count);
	if (found->n && (what->returns & RETURN_ALL))
		buf_put(out, STR(" ALL "));
	if (what->returns & RETURN_PARTIAL) {
		buf_put(out, STR(" PARTIAL ("));
		imap_partial_put(out, &what->partial);
		buf_byte(out, ' ');
	}
}

/* Write the items after the scores. */
static void tail_put(struct buf *out, const struct answering *g)
{
	if (g->modseq)
		buf_fmt(out, g->look.what->extended ? " MODSEQ %" PRIu64 : " (MODSEQ %" PRIu64 ")",
		        g->modseq);
	buf_put(out, STR("\r\n"));
}

static void search_number_put(struct answering *g, struct buf *out, uint32_t n)
{
	if (g->look.what->extended) {
		imap_seq_write(&g->writer, out, n);
	} else {
		buf_byte(out, ' ');
		buf_u64(out, n);
	}
}

/* False: the output is full, and some are left. */
static bool numbers_put(struct imap *s, struct answering *g)
{
	for (; g->range < g->listed->n; g->range++) {
		const struct uid_range *r = &g->listed->ranges[g->range];

		for (g->uid = MAX(g->uid, r->lo);; g->uid++) {
			if (conn_out_full(s->conn))
				return false;
			search_number_put(g, imap_out(s), imap_number(s, g->uid));
			if (g->uid == r->hi)
				break;
		}
	}
	imap_seq_write_end(&g->writer, imap_out(s));
	if (g->look.what->returns & RETURN_PARTIAL)
		buf_put(imap_out(s), g->part.n ? STR(")") : STR("NIL)"));
	return true;
}

static enum done search_tell(struct imap *s, struct answering *g)
{
	unsigned lists = g->look.what->returns & (RETURN_ALL | RETURN_PARTIAL);

	if (g->in.n && g->look.found.n == 0) { /* RFC 7377 2.1 */
		imap_ok(s, NULL, NULL);
		return DONE;
	}
	/* RFC 5182 2.1: then no ESEARCH */
	if ((g->look.what->returns & (RETURN_RESULTS | RETURN_SAVE)) == RETURN_SAVE) {
		imap_ok(s, NULL, NULL);
		return DONE;
	}
	if (g->telling == TELL_NOTHING) {
		search_head_put(s, g);
		g->telling = TELL_NUMBERS;
	}
	if (g->telling == TELL_NUMBERS) {
		if ((lists || !g->look.what->extended) && !numbers_put(s, g))
			return DONE_LATER;
		g->telling = TELL_SCORES;
	}
	if (!imap_scores_put(s, &g->scores))
		return DONE_LATER;
	tail_put(imap_out(s), g);
	imap_ok(s, NULL, NULL);
	return DONE;
}

enum done imap_answering_go(struct imap *s, struct answering *g)
{
	enum err e = g->look.next ? searching_go(&g->look) : OK;

	if (!e && !g->look.next && !g->listed)
		e = search_end(s, g);
	if (e) {
		imap_failed(s, ABOUT_ANY, e, NULL);
		imap_saved_failed(s, g->look.what->returns);
		return DONE;
	}
	return g->look.next ? DONE_LATER : search_tell(s, g);
}

/* The searched messages count, not the results (RFC 9738 3.1). */
static void limit(struct imap *s, struct searching *look)
{
	struct uids within = { 0 };

	if (imap_message_limit(s) == 0)
		return;
	searching_within(look, &within);
	if (imap_limit_cut(s, &within))
		look->next = s->run.lowest;
	uids_deinit(&within);
}

struct answering *imap_answering_begin(struct imap *s, struct imap_search *what, struct str in)
{
	struct answering *g = arena_new(&s->run.arena, struct answering);

	g->in = in;
	if (!imap_context_begin(s, what))
		return NULL;
	if (!searching_init(&g->look, s, what)) {
		imap_saved_failed(s, what->returns);
		return NULL;
	}
	limit(s, &g->look);
	if (what->returns & RETURN_RELEVANCY) {
		g->look.on_found = score_keep;
		g->look.arg = g;
		buf_init(&g->found_scores, (size_t)s->selected.view.exists + 1);
	}
	return g;
}

static enum done search_answer(struct imap *s)
{
	return imap_answering_go(s, s->run.task);
}

enum done imap_cmd_search(struct imap *s, union imap_args *args)
{
	struct imap_search *what = &args->search;

	if (!imap_named_search_begin(s, what))
		return DONE;
	if (imap_rev2(s) && !what->extended) { /* RFC 9051 6.4.4 */
		what->extended = true;
		what->returns = RETURN_ALL;
	}
	s->run.task = imap_answering_begin(s, what, STR_EMPTY);
	if (!s->run.task)
		return DONE;
	s->run.release = imap_answering_free;
	s->run.answer = search_answer;
	s->mode = MODE_ANSWER;
	return search_answer(s);
}
