/* protocols/imap/search/context_send.c: updates contexts, see context.h. */
#include "protocols/imap/search/context.h"

#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "model/store/store.h"
#include "protocols/imap/mailbox_changes.h"
#include "protocols/imap/recent.h"
#include "protocols/imap/search/context_fetch.h"
#include "protocols/imap/search/context_order.h"
#include "model/query/search_email.h"
#include "protocols/imap/search/searching.h"
#include "protocols/imap/session.h"
#include "protocols/imap/store.h"

enum {
	PORTION = 1000, /* UIDs of all contexts: their numbers fill the output of conn.h once */
	PORTION_MIN = 50,
	PORTION_MS = 20,
	LOOKED_LEAST = 8, /* messages between checks of the clock, so that one response
	                   * has several */
	WORTH = 16,       /* messages that cost as much as one lookup in the index */
};

/* --- pending work ----------------------------------------------------------------------- */

static void context_news_take(struct uids *waiting, struct imap_seq *set)
{
	struct uids more = { 0 };

	imap_seq_resolve(set, 0);
	for (size_t i = 0; i < set->n; i++)
		uids_add(&more, set->ranges[i].lo, set->ranges[i].hi);
	uids_unite(waiting, &more);
	uids_deinit(&more);
}

void imap_contexts_take(struct imap *s, struct news *n)
{
	struct imap_contexts *all = s->selected.contexts;

	if (!all)
		return;
	context_fetch_take(s, n);
	context_news_take(&all->gone, &n->gone);
	context_news_take(&all->changed, &n->came);
	context_news_take(&all->changed, &n->flagged);
	context_news_take(&all->changed, &n->own);
}

/* "*" is another message now: resolve sets again, and evaluate both messages. */
static void follow_last(struct imap *s, struct imap_contexts *all)
{
	uint32_t last = view_last(&s->selected.view), was = all->last;
	struct uids both = { 0 };
	bool star = false;

	if (last == was)
		return;
	all->last = last;
	for (size_t i = 0; i < all->n; i++) {
		star |= all->items[i]->star;
		context_resolve(all->items[i], last);
	}
	if (star && MIN(last, was))
		uids_add(&both, MIN(last, was), MIN(last, was));
	if (star)
		uids_add(&both, MAX(last, was), MAX(last, was));
	uids_unite(&all->changed, &both);
	uids_deinit(&both);
}

bool imap_contexts_waiting(struct imap *s, bool gone)
{
	struct imap_contexts *all = s->selected.contexts;

	if (!all)
		return false;
	follow_last(s, all);
	return all->gone.n || (!gone && all->changed.n);
}

/* The first portion of the pending ones. */
static struct uids portion_of(const struct imap_contexts *all, const struct uids *waiting)
{
	struct uids out = { 0 };

	uids_slice(waiting, 0, MAX(PORTION / (uint32_t)all->n, PORTION_MIN), &out);
	return out;
}

/* --- evaluation ------------------------------------------------------------------------- */

struct looking {
	struct imap *s;
	const struct uids *portion;
	uint32_t done;             /* all up to this UID are evaluated               */
	struct search_plan *plans; /* one for each context; valid in the transaction */
	bool fetch;                /* some are to be fetched first                   */
};

static enum err context_matches(const struct looking *g, const struct mail_txn *m, size_t i,
                                const struct email_row *row, bool *match)
{
	const struct imap_context *context = g->s->selected.contexts->items[i];
	struct searching_keys keys = { g->s, &context->how.search };
	struct search_email x = {
		.m = m,
		.limits = &g->s->server->message_limits,
		.plan = g->plans ? &g->plans[i] : NULL,
		.row = *row,
		.test = searching_test,
		.arg = &keys,
		.now_ms = clock_real_ms(),
	};

	return search_email_run(&x, &context->program, match);
}

/* Expunged messages are reported when the log is read. */
static enum err context_lookup(struct looking *g, const struct mail_txn *m, uint32_t uid)
{
	struct imap_contexts *all = g->s->selected.contexts;
	struct email_row row;
	bool match = false;
	enum err e = searching_row(m, g->s->selected.id, uid, &row);

	if (e || view_seq(&g->s->selected.view, uid) == 0)
		return e == ERR_MISSING ? OK : e;
	for (size_t i = 0; i < all->n && !e; i++) {
		struct imap_context *x = all->items[i];

		if ((e = context_matches(g, m, i, &row, &match)) == OK &&
		    match != uids_has(&x->found, uid))
			uids_add(match ? &x->added : &x->removed, uid, uid);
	}
	return e;
}

static enum err prepare(struct looking *g, const struct mail_txn *m)
{
	struct imap_contexts *all = g->s->selected.contexts;
	struct arena *a = txn_arena(m->t);
	enum err e = OK;

	for (size_t i = 0; i < all->n && !e; i++) {
		uids_reset(&all->items[i]->added);
		uids_reset(&all->items[i]->removed);
		e = searching_flags(m, &all->items[i]->program);
	}
	if (e || g->portion->count < WORTH)
		return e;
	g->plans = arena_array(a, struct search_plan, all->n);
	for (size_t i = 0; i < all->n; i++)
		search_plan_init(&g->plans[i], a, &all->items[i]->program);
	for (size_t i = 0; i < all->n && !e; i++)
		while (search_plan_look(&g->plans[i], m, &e) && !e)
			;
	return e;
}

static enum err look_all(struct looking *g, const struct mail_txn *m)
{
	int64_t end_ms = clock_mono_ms() + PORTION_MS;
	unsigned looked = 0;
	enum err e = OK;

	for (size_t i = 0; i < g->portion->n; i++)
		for (uint32_t uid = g->portion->ranges[i].lo;; uid++) {
			if ((e = context_lookup(g, m, uid)))
				return e;
			g->done = uid;
			if (++looked % LOOKED_LEAST == 0 && clock_mono_ms() >= end_ms)
				return OK;
			if (uid == g->portion->ranges[i].hi)
				break;
		}
	return e;
}

/* --- responses -------------------------------------------------------------------------- */

static uint32_t context_name_of(const struct imap *s, const struct imap_context *x, uint32_t uid)
{
	return x->uid ? uid : view_seq(&s->selected.view, uid);
}

/* "(0 set)": mailbox order needs no position (RFC 5267 4.3.3, 4.3.4). */
static void set_put(struct imap *s, const struct imap_context *x, const struct uids *uids)
{
	struct imap_seq_writer w = { 0 };

	buf_put(imap_out(s), STR("(0 "));
	for (size_t i = 0; i < uids->n; i++)
		for (uint32_t uid = uids->ranges[i].lo; uid <= uids->ranges[i].hi; uid++)
			imap_seq_write(&w, imap_out(s), context_name_of(s, x, uid));
	imap_seq_write_end(&w, imap_out(s));
	buf_byte(imap_out(s), ')');
}

/* "(position set position set)", each as of its turn. */
static void places_put(struct imap *s, const struct imap_context *x,
                       const struct context_places *places)
{
	struct imap_seq_writer w = { 0 };
	struct buf *out = imap_out(s);

	for (size_t i = 0; i < places->n; i++) {
		const struct context_place *p = &places->items[i];

		if (!p->follows) {
			imap_seq_write_end(&w, out);
			buf_fmt(out, "%s%" PRIu32 " ", i ? " " : "(", p->position);
			w = (struct imap_seq_writer){ 0 };
		}
		imap_seq_write(&w, out, context_name_of(s, x, p->uid));
	}
	imap_seq_write_end(&w, out);
	buf_byte(out, ')');
}

/* REMOVEFROM comes first: positions of added ones are those after it. */
static void changes_put(struct imap *s, const struct imap_context *x,
                        const struct context_places *out, const struct context_places *in)
{
	buf_fmt(imap_out(s), "* ESEARCH (TAG \"%.*s\")%s", STR_ARG(x->tag), x->uid ? " UID" : "");
	if (x->removed.n) {
		buf_put(imap_out(s), STR(" REMOVEFROM "));
		x->how.n ? places_put(s, x, out) : set_put(s, x, &x->removed);
	}
	if (x->added.n) {
		buf_put(imap_out(s), STR(" ADDTO "));
		x->how.n ? places_put(s, x, in) : set_put(s, x, &x->added);
	}
	buf_put(imap_out(s), STR("\r\n"));
}

static enum err context_put(struct imap *s, const struct mail_txn *m, struct imap_context *x)
{
	struct context_places out = { 0 }, in = { 0 };
	enum err e = OK;

	if (x->how.n && (x->added.n || x->removed.n)) {
		context_order_remove(x, &out);
		e = context_order_add(m, s->selected.id, x, &in);
	}
	if (x->added.n || x->removed.n)
		changes_put(s, x, &out, &in);
	uids_subtract(&x->found, &x->removed);
	uids_unite(&x->found, &x->added);
	context_places_deinit(&out);
	context_places_deinit(&in);
	return e;
}

static enum err context_slice(const struct mail_txn *m, void *arg)
{
	struct looking *g = arg;
	struct imap_contexts *all = g->s->selected.contexts;
	enum err e = prepare(g, m);

	if (!e)
		e = look_all(g, m);
	for (size_t i = 0; g->plans && i < all->n; i++)
		search_plan_deinit(&g->plans[i]);
	g->fetch = !e && context_fetch_begin(g->s, g->done);
	for (size_t i = 0; i < all->n && !e && !g->fetch; i++)
		e = context_put(g->s, m, all->items[i]);
	return e;
}

static enum err tell_changed(struct imap *s, struct imap_contexts *all)
{
	struct uids portion = portion_of(all, &all->changed), done = { 0 };
	struct looking g = { .s = s, .portion = &portion };
	enum err e = imap_read(s, context_slice, &g);

	if (!e && !g.fetch) {
		uids_add(&done, 1, g.done);
		uids_subtract(&all->changed, &done);
	}
	uids_deinit(&done);
	uids_deinit(&portion);
	return e;
}

/* The results within the portion. */
static void common(const struct uids *found, const struct uids *portion, struct uids *out)
{
	for (size_t i = 0; i < portion->n; i++)
		for (uint32_t uid = portion->ranges[i].lo; uid <= portion->ranges[i].hi; uid++)
			if (uids_has(found, uid))
				uids_add(out, uid, uid);
}

static enum err tell_gone(struct imap *s, struct imap_contexts *all)
{
	struct uids portion = portion_of(all, &all->gone);
	enum err e = OK;

	for (size_t i = 0; i < all->n && !e; i++) {
		struct imap_context *x = all->items[i];

		uids_reset(&x->added);
		uids_reset(&x->removed);
		common(&x->found, &portion, &x->removed);
		e = context_put(s, NULL, x);
	}
	uids_subtract(&all->gone, &portion);
	uids_subtract(&all->changed, &portion);
	uids_subtract(&all->fresh, &portion);
	uids_deinit(&portion);
	return e;
}

enum err imap_contexts_tell(struct imap *s)
{
	struct imap_contexts *all = s->selected.contexts;
	enum err e = all->gone.n ? tell_gone(s, all) : tell_changed(s, all);

	imap_contexts_trim(s); /* the results have grown */
	return e;
}
