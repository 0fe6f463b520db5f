/* imap/cmd_search.c: SEARCH and UID SEARCH (RFC 9051 6.4.4, RFC 4731).
 *
 * A generator like FETCH: a slice looks at messages for some milliseconds in one read
 * transaction, then lets others have the worker. What was found is kept as ranges of UIDs
 * and written at the end, as fast as the client reads; numbers cannot shift meanwhile, for
 * SEARCH allows no EXPUNGE. */
#include "base/clock.h"
#include "imap/commands.h"
#include "imap/progress.h"
#include "imap/search_email.h"
#include "imap/store.h"
#include "imap/sync.h"
#include "mailbox/keywords.h"
#include "store/store.h"

enum { SLICE_MS = 20, SLICE_ROWS = 5000 };

struct searching {
	struct imap *s;
	struct imap_search *what;
	uint32_t next; /* UID from which to go on; 0: the end */
	int64_t now_ms;
	struct uids found;
	bool telling; /* the response was begun                            */
	size_t range; /* of found, in which the next number to tell is     */
	uint32_t uid; /* its UID, or less                                  */
	struct imap_seq_writer writer;
};

static void searching_free(void *task)
{
	uids_deinit(&((struct searching *)task)->found);
}

/* Flags of the keys to numbers; none of them can get another one (keywords.h). */
static enum err find_flags(const struct mail_txn *m, struct imap_search *what)
{
	struct keywords *k = arena_new(txn_arena(m->t), struct keywords);
	enum err e = keywords_load(m, txn_arena(m->t), k);

	for (size_t i = 0; i < what->n && !e; i++)
		if (what->steps[i].op == SEARCH_FLAG)
			what->steps[i].number = keywords_find(k, what->steps[i].text);
	return e;
}

static enum err look(struct searching *g, const struct mail_txn *m, const struct email_row *row)
{
	const struct imap_selected *sel = &g->s->selected;
	struct search_email x = {
		.m = m,
		.limits = &g->s->server->message_limits,
		.row = *row,
		.seq = view_seq(&sel->view, row->uid),
		.recent = row->uid >= sel->first_recent,
		.now_ms = g->now_ms,
	};
	bool match = false;
	enum err e = x.seq ? search_email_run(&x, g->what, &match) : OK;

	if (match)
		uids_add(&g->found, row->uid, row->uid);
	return e;
}

static enum err slice(const struct mail_txn *m, void *arg)
{
	struct searching *g = arg;
	int64_t end_ms = clock_mono_ms() + SLICE_MS;
	struct email_rows rows;
	struct email_row row;
	enum err e = find_flags(m, g->what), walk;
	bool more = false;

	if (e)
		return e;
	email_rows_init(&rows, m, g->s->selected.id, g->next, UINT32_MAX);
	for (int n = 0; !e && (more = email_rows_next(&rows, &row)); n++) {
		if (n == SLICE_ROWS || (n && clock_mono_ms() >= end_ms))
			break;
		e = look(g, m, &row);
	}
	g->next = more ? row.uid : 0;
	walk = email_rows_end(&rows);
	return e ? e : walk;
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

static void number_put(struct searching *g, struct buf *out, uint32_t n)
{
	if (g->what->extended) {
		imap_seq_write(&g->writer, out, n);
	} else {
		buf_byte(out, ' ');
		buf_u64(out, n);
	}
}

/* False: the output is full, and some are left. */
static bool numbers_put(struct imap *s, struct searching *g)
{
	for (; g->range < g->found.n; g->range++) {
		const struct uid_range *r = &g->found.ranges[g->range];

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

static enum done search_tell(struct imap *s, struct searching *g)
{
	bool all = !g->what->extended || (g->what->returns & RETURN_ALL);

	if (!g->telling)
		head_put(s, g->what, &g->found);
	g->telling = true;
	if (all && !numbers_put(s, g))
		return DONE_LATER;
	buf_put(imap_out(s), STR("\r\n"));
	imap_ok(s, NULL, NULL);
	return DONE;
}

static enum done search_answer(struct imap *s)
{
	struct searching *g = s->run.task;
	enum err e = g->next ? imap_read(s, slice, g) : OK;

	if (e) {
		imap_failed(s, ABOUT_ANY, e, NULL);
		return DONE;
	}
	if (!g->next)
		return search_tell(s, g);
	imap_progress(s, view_seq(&s->selected.view, g->next), s->selected.view.exists);
	return DONE_LATER;
}

static void resolve_sets(struct imap *s, struct imap_search *what)
{
	const struct view *v = &s->selected.view;

	for (size_t i = 0; i < what->n; i++)
		if (what->steps[i].op == SEARCH_SEQ || what->steps[i].op == SEARCH_UID)
			imap_seq_resolve(&what->steps[i].set, what->steps[i].op == SEARCH_UID
			                                              ? view_last(v)
			                                              : v->exists);
}

enum done imap_cmd_search(struct imap *s, union imap_args *args)
{
	struct searching *g = arena_new(&s->run.arena, struct searching);
	enum err e;

	if (args->search.charset && imap_enabled(s, ENABLED_UTF8)) { /* RFC 6855 3 */
		imap_bad(s, "UTF-8 is the charset since ENABLE UTF8=ACCEPT");
		return DONE;
	}
	if (args->search.charset_unknown) {
		imap_no(s, "BADCHARSET (US-ASCII UTF-8)", "Unknown charset"); /* RFC 9051 7.1 */
		return DONE;
	}
	if (imap_rev2(s) && !args->search.extended) { /* RFC 9051 6.4.4 */
		args->search.extended = true;
		args->search.returns = RETURN_ALL;
	}
	e = imap_view_load(s);
	if (e) {
		imap_failed(s, ABOUT_ANY, e == ERR_CONFLICT ? ERR_RETRY : e, NULL);
		return DONE;
	}
	resolve_sets(s, &args->search);
	*g = (struct searching){ .s = s, .what = &args->search, .next = 1 };
	g->now_ms = clock_real_ms();
	s->run.task = g;
	s->run.release = searching_free;
	s->run.answer = search_answer;
	s->mode = MODE_ANSWER;
	return search_answer(s);
}
