/* imap/cmd_search.c: SEARCH and UID SEARCH (RFC 9051 6.4.4, RFC 4731).
 *
 * A generator like FETCH. What was found is kept as ranges of UIDs and written at the end, as
 * fast as the client reads; numbers cannot shift meanwhile, for SEARCH allows no EXPUNGE. */
#include "imap/commands.h"
#include "imap/searching.h"

struct answering {
	struct searching look;
	bool telling; /* the response was begun                            */
	size_t range; /* of found, in which the next number to tell is     */
	uint32_t uid; /* its UID, or less                                  */
	struct imap_seq_writer writer;
};

static void answering_free(void *task)
{
	searching_deinit(&((struct answering *)task)->look);
}

/* --- results --------------------------------------------------------------------------- */

static uint32_t number(const struct imap *s, uint32_t uid)
{
	return s->run.uid ? uid : view_seq(&s->selected.view, uid);
}

/* search = "SEARCH" *(SP nz-number)
 * esearch-response = "ESEARCH" [search-correlator] [SP "UID"] *(SP search-return-data)
 * All but the numbers of SEARCH and of ALL. */
static void head_put(struct imap *s, const struct imap_search *what, const struct uids *found)
{
	struct buf *out = imap_out(s);

	if (!what->extended) {
		buf_put(out, STR("* SEARCH"));
		return;
	}
	buf_put(out, STR("* ESEARCH (TAG \""));
	buf_put(out, s->run.tag); /* no quote and no backslash can be in a tag */
	buf_put(out, s->run.uid ? STR("\") UID") : STR("\")"));
	if (found->n && (what->returns & RETURN_MIN))
		buf_fmt(out, " MIN %" PRIu32, number(s, found->ranges[0].lo));
	if (found->n && (what->returns & RETURN_MAX))
		buf_fmt(out, " MAX %" PRIu32, number(s, found->ranges[found->n - 1].hi));
	if (what->returns & RETURN_COUNT)
		buf_fmt(out, " COUNT %" PRIu32, found->count);
	if (found->n && (what->returns & RETURN_ALL))
		buf_put(out, STR(" ALL "));
}

static void number_put(struct answering *g, struct buf *out, uint32_t n)
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
	for (; g->range < g->look.found.n; g->range++) {
		const struct uid_range *r = &g->look.found.ranges[g->range];

		for (g->uid = MAX(g->uid, r->lo);; g->uid++) {
			if (conn_out_full(s->conn))
				return false;
			number_put(g, imap_out(s), number(s, g->uid));
			if (g->uid == r->hi)
				break;
		}
	}
	imap_seq_write_end(&g->writer, imap_out(s));
	return true;
}

static enum done search_tell(struct imap *s, struct answering *g)
{
	bool all = !g->look.what->extended || (g->look.what->returns & RETURN_ALL);

	if (!g->telling)
		head_put(s, g->look.what, &g->look.found);
	g->telling = true;
	if (all && !numbers_put(s, g))
		return DONE_LATER;
	buf_put(imap_out(s), STR("\r\n"));
	imap_ok(s, NULL, NULL);
	return DONE;
}

static enum done search_answer(struct imap *s)
{
	struct answering *g = s->run.task;
	enum err e = g->look.next ? searching_go(&g->look) : OK;

	if (e) {
		imap_failed(s, ABOUT_ANY, e, NULL);
		return DONE;
	}
	return g->look.next ? DONE_LATER : search_tell(s, g);
}

enum done imap_cmd_search(struct imap *s, union imap_args *args)
{
	struct answering *g = arena_new(&s->run.arena, struct answering);

	if (!searching_init(&g->look, s, &args->search))
		return DONE;
	if (imap_rev2(s) && !args->search.extended) { /* RFC 9051 6.4.4 */
		args->search.extended = true;
		args->search.returns = RETURN_ALL;
	}
	s->run.task = g;
	s->run.release = answering_free;
	s->run.answer = search_answer;
	s->mode = MODE_ANSWER;
	return search_answer(s);
}
