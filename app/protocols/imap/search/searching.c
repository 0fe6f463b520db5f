/* protocols/imap/search/searching.c: see searching.h. */
#include "protocols/imap/search/searching.h"

#include "foundation/base/clock.h"
#include "model/mailbox/keywords.h"
#include "model/store/store.h"
#include "protocols/imap/modseq.h"
#include "protocols/imap/objectid.h"
#include "protocols/imap/progress.h"
#include "protocols/imap/recent.h"
#include "protocols/imap/search/program.h"
#include "protocols/imap/search/saved.h"
#include "model/query/search_email.h"
#include "protocols/imap/session.h"
#include "protocols/imap/store.h"
#include "protocols/imap/sync.h"

enum { SLICE_MS = 20, SLICE_ROWS = 5000 };

/* --- the program ------------------------------------------------------------------------ */

/* "$" is a set of UIDs, with any key (RFC 5182 2.1). */
static void resolve_sets(struct imap *s, struct imap_search *what)
{
	const struct view *v = &s->selected.view;

	for (size_t i = 0; i < what->n; i++) {
		struct imap_search_step *step = &what->steps[i];

		if (step->op != SEARCH_SEQ && step->op != SEARCH_UID)
			continue;
		if (what->returns & RETURN_UPDATE) /* "*" changes over time */
			for (size_t k = 0; k < step->set.n; k++)
				imap_seq_add(&s->run.arena, &step->asked, step->set.ranges[k].lo,
				             step->set.ranges[k].hi);
		if (imap_saved_resolve(s, &step->set))
			step->op = SEARCH_UID;
		imap_seq_resolve(&step->set, step->op == SEARCH_UID ? view_last(v) : v->exists);
	}
}

/* Message numbers are used after UIDONLY (RFC 9586 3). */
static bool numbers_refused(struct imap *s, const struct imap_search *what)
{
	for (size_t i = 0; i < what->n; i++)
		s->run.numbers |= what->steps[i].op == SEARCH_SEQ && !what->steps[i].set.saved;
	return s->run.numbers && imap_enabled(s, ENABLED_UIDONLY);
}

bool searching_init(struct searching *g, struct imap *s, struct imap_search *what)
{
	enum err e;

	assert(!what->filtered);
	*g = (struct searching){ .s = s, .what = what, .next = 1, .now_ms = clock_real_ms() };
	if (numbers_refused(s, what)) {
		imap_uid_required(s);
		return false;
	}
	if (what->modseq) /* RFC 7162 3.1 */
		imap_enable(s, ENABLED_CONDSTORE);
	if (what->charset && imap_enabled(s, ENABLED_UTF8)) { /* RFC 6855 3 */
		imap_bad(s, "CHARSET is not allowed after ENABLE UTF8=ACCEPT");
		return false;
	}
	if (what->charset_unknown) {
		imap_no(s, "BADCHARSET (US-ASCII UTF-8)", "Unknown charset"); /* RFC 9051 7.1 */
		return false;
	}
	e = imap_view_load(s);
	if (e) {
		imap_failed(s, ABOUT_ANY, e == ERR_CONFLICT ? ERR_RETRY : e, NULL);
		return false;
	}
	resolve_sets(s, what);
	imap_program_make(what, &s->run.arena, &g->program);
	search_plan_init(&g->plan, &s->run.arena, &g->program);
	return true;
}

void searching_deinit(struct searching *g)
{
	search_plan_deinit(&g->plan);
	uids_deinit(&g->candidates);
	uids_deinit(&g->found);
}

enum err searching_flags(const struct mail_txn *m, struct query_program *program)
{
	struct keywords *k = arena_new(txn_arena(m->t), struct keywords);
	enum err e = keywords_load(m, txn_arena(m->t), k);

	for (size_t i = 0; i < program->n && !e; i++)
		if (program->steps[i].op == QUERY_FLAG)
			program->steps[i].number = keywords_find(k, program->steps[i].text);
	return e;
}

typedef void id_put_fn(struct buf *out, uint32_t account, const struct email_row *row);

static bool id_is(const struct search_email *x, struct str text, id_put_fn *put)
{
	bool same;
	struct buf id;

	buf_init(&id, IMAP_OBJECTID_MAX);
	put(&id, x->m->account, &x->row);
	same = str_eq(buf_str(&id), text);
	buf_deinit(&id);
	return same;
}

static bool key_matches(const struct search_email *x, const struct imap_search_step *key,
                        const struct imap_selected *sel)
{
	switch (key->op) {
	case SEARCH_SEQ:
		return imap_seq_has(&key->set, view_seq(&sel->view, x->row.uid));
	case SEARCH_UID:
		return imap_seq_has(&key->set, x->row.uid);
	case SEARCH_RECENT:
		return imap_is_recent(sel, x->row.uid);
	case SEARCH_MODSEQ:
		return x->row.modseq >= (uint64_t)key->number;
	case SEARCH_EMAILID:
		return id_is(x, key->text, imap_emailid_put);
	default:
		assert(key->op == SEARCH_THREADID);
		return id_is(x, key->text, imap_threadid_put);
	}
}

enum verdict searching_test(const struct search_email *x, size_t step, void *keys)
{
	const struct searching_keys *k = keys;

	return key_matches(x, &k->what->steps[step], &k->s->selected) ? VERDICT_YES : VERDICT_NO;
}

/* --- messages --------------------------------------------------------------------------- */

/* For one message after another: a run leaves it reusable. */
static struct search_email looking(const struct searching *g, const struct mail_txn *m,
                                   struct searching_keys *keys)
{
	*keys = (struct searching_keys){ g->s, g->what };
	return (struct search_email){
		.m = m,
		.limits = &g->s->server->message_limits,
		.plan = &g->plan,
		.test = searching_test,
		.arg = keys,
		.now_ms = g->now_ms,
		.scored = g->what->by_relevancy || g->what->returns & RETURN_RELEVANCY,
	};
}

/* Evaluate x->row. */
static enum err searching_lookup(struct searching *g, struct search_email *x)
{
	const struct email_row *row = &x->row;
	bool match = false;
	enum err e = OK;

	if (view_seq(&g->s->selected.view, row->uid))
		e = search_email_run(x, &g->program, &match);

	if (match) {
		uids_add(&g->found, row->uid, row->uid);
		g->score = x->score;
		if (g->on_found)
			g->on_found(g->arg, row);
	}
	return e;
}

static enum err slice_rows(struct searching *g, const struct mail_txn *m, int64_t end_ms)
{
	struct searching_keys keys;
	struct search_email x = looking(g, m, &keys);
	struct email_rows rows;
	enum err e = OK, walk;
	bool more = false;

	email_rows_init(&rows, m, g->s->selected.id, g->next, UINT32_MAX);
	for (int n = 0; !e && (more = email_rows_next(&rows, &x.row)); n++) {
		if (n == SLICE_ROWS || (n % 64 == 63 && clock_mono_ms() >= end_ms))
			break;
		e = searching_lookup(g, &x);
	}
	g->next = more ? x.row.uid : 0;
	walk = email_rows_end(&rows);
	return e ? e : walk;
}

enum err searching_row(const struct mail_txn *m, uint32_t mailbox, uint32_t uid,
                       struct email_row *out)
{
	struct email_rows rows;
	enum err e = email_row_get(m, mailbox, uid, out);

	if (e != ERR_CORRUPT)
		return e;
	email_rows_init(&rows, m, mailbox, uid, uid);
	(void)email_rows_next(&rows, out);
	return email_rows_end(&rows);
}

static enum err slice_few(struct searching *g, const struct mail_txn *m, int64_t end_ms)
{
	struct searching_keys keys;
	struct search_email x = looking(g, m, &keys);
	enum err e = OK;

	for (size_t i = 0; i < g->candidates.n && !e; i++) {
		const struct uid_range *r = &g->candidates.ranges[i];

		for (uint32_t uid = MAX(g->next, r->lo); uid <= r->hi && !e; uid++) {
			e = searching_row(m, g->s->selected.id, uid, &x.row);
			if (!e)
				e = searching_lookup(g, &x);
			else if (e == ERR_MISSING)
				e = OK;
			g->next = uid + 1;
			if (clock_mono_ms() >= end_ms)
				return e;
		}
	}
	g->next = 0;
	return e;
}

static enum err plan(struct searching *g, const struct mail_txn *m, int64_t end_ms)
{
	enum err e;

	while (search_plan_look(&g->plan, m, &e) && !e)
		if (clock_mono_ms() >= end_ms)
			return OK;
	if (!e)
		e = search_plan_candidates(&g->plan, m, g->s->selected.id,
		                           g->s->selected.view.exists, &g->candidates, &g->few);
	g->planned = true;
	return e;
}

static enum err searching_slice(const struct mail_txn *m, void *arg)
{
	struct searching *g = arg;
	int64_t end_ms = clock_mono_ms() + SLICE_MS;
	enum err e = searching_flags(m, &g->program);

	if (!e && !g->planned)
		e = plan(g, m, end_ms);
	if (e || !g->planned)
		return e;
	return g->few ? slice_few(g, m, end_ms) : slice_rows(g, m, end_ms);
}

enum err searching_go(struct searching *g)
{
	const struct view *v = &g->s->selected.view;
	enum err e = imap_read(g->s, searching_slice, g);

	if (!e && g->next)
		imap_progress(g->s, view_seq(v, g->next), v->exists);
	return e;
}
