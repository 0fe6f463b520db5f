/* protocols/imap/search/cmd_esearch.c: ESEARCH over several mailboxes (RFC 7377).
 *
 * They are searched one after another. During a slice the searched mailbox replaces the
 * session's selected one. So everything about SEARCH applies here too. */
#include "model/mailbox/email.h"
#include "model/mailbox/rights.h"
#include "model/store/store.h"
#include "protocols/imap/mailboxes/listing.h"
#include "protocols/imap/modseq.h"
#include "protocols/imap/search/answering.h"
#include "protocols/imap/search/filter.h"
#include "protocols/imap/search/named_search.h"
#include "protocols/imap/store.h"

struct source {
	struct str name;
	uint32_t owner, id;
	bool here; /* the selected one */
};

struct many {
	struct imap *s;
	const struct imap_esearch *what;
	struct listing list; /* of all visible mailboxes */
	struct source *sources;
	size_t n, next;
	struct answering *one;      /* of sources[next]; NULL: not begun               */
	struct imap_selected other; /* between slices: the searched mailbox, if not the
	                             * selected one */
};

/* --- the mailboxes ---------------------------------------------------------------------- */

/* No duplicates (2.2). */
static void source_add(struct many *g, struct str name, uint32_t owner, uint32_t id)
{
	const struct imap_selected *sel = &g->s->selected;
	struct source *x;

	for (size_t i = 0; i < g->n; i++)
		if (g->sources[i].owner == owner && g->sources[i].id == id)
			return;
	x = imap_push(&g->s->run.arena, &g->sources, &g->n, sizeof(*x));
	*x = (struct source){ name, owner, id, owner == sel->account && id == sel->id };
}

/* A mailbox that is named need not be visible (2.2). */
static enum err named_add(struct many *g, const struct mail_txn *m, struct str name)
{
	struct imap_place at = imap_place(name);
	struct mailbox box = { .id = 0 };
	struct mail_txn mail;
	enum err e = imap_mail_at(m, &at, &mail);

	if (!e)
		e = mailbox_find(&mail, at.name, &box);
	if (!e)
		source_add(g, name, mail.account, box.id);
	return e == ERR_MISSING || e == ERR_DENIED || e == ERR_SYNTAX ? OK : e;
}

static bool is_meant(const struct imap *s, const struct imap_filter *f, const struct entry *x)
{
	struct imap_filtered box = { x->name, x->foreign, x->subscribed };

	if (f->by == FILTER_SELECTED)
		return x->owner == s->selected.account && x->box->id == s->selected.id;
	return (x->rights & RIGHT_READ) && imap_filter_has(f, &box);
}

static enum err filter_add(struct many *g, const struct mail_txn *m, const struct imap_filter *f)
{
	enum err e = OK;

	for (size_t i = 0; i < g->list.n; i++) {
		const struct entry *x = &g->list.entries[i];

		if (x->box && is_meant(g->s, f, x))
			source_add(g, x->name, x->owner, x->box->id);
	}
	for (size_t i = 0; i < f->names.n && !e; i++)
		e = named_add(g, m, f->names.items[i]);
	return e;
}

static enum err sources_find(const struct mail_txn *m, void *arg)
{
	static const struct imap_list all = { .returns = LIST_SUBSCRIBED };
	struct many *g = arg;
	enum err e;

	g->list = (struct listing){ .s = g->s, .arena = &g->s->run.arena, .what = &all };
	g->n = 0;
	e = listing_read(m, &g->list);
	for (size_t i = 0; i < g->what->n && !e; i++)
		e = filter_add(g, m, &g->what->filters[i]);
	return e;
}

/* --- one mailbox ------------------------------------------------------------------------ */

/* As by SELECT, without claiming \Recent. */
static enum err source_open(const struct mail_txn *m, void *arg)
{
	struct many *g = arg;
	const struct source *from = &g->sources[g->next];
	struct imap_selected *sel = &g->other;
	struct mail_txn at = *m;
	struct mailbox box;
	enum err e;

	at.account = from->owner;
	if ((e = rights_need(&at, from->id, RIGHT_READ)) ||
	    (e = mailbox_get(&at, from->id, &box)))
		return e;
	*sel = (struct imap_selected){
		.account = from->owner,
		.id = from->id,
		.uidvalidity = box.uidvalidity,
		.read_only = true,
	};
	if (box.first_recent_uid < box.uidnext)
		uids_add(&sel->recent.uids, box.first_recent_uid, box.uidnext - 1);
	view_init(&sel->view, box.exists, box.uidnext);
	return mail_modseq(&at, &sel->modseq);
}

/* Sets are resolved again for each mailbox. */
static struct imap_search *program(struct imap *s, const struct imap_search *what)
{
	struct arena *a = &s->run.arena;
	struct imap_search *copy = arena_new(a, struct imap_search);

	*copy = *what;
	copy->steps = arena_array(a, struct imap_search_step, what->n);
	for (size_t i = 0; i < what->n; i++) {
		const struct imap_seq *set = &what->steps[i].set;

		copy->steps[i] = what->steps[i];
		copy->steps[i].set = (struct imap_seq){ .saved = set->saved };
		for (size_t k = 0; k < set->n; k++)
			imap_seq_add(a, &copy->steps[i].set, set->ranges[k].lo, set->ranges[k].hi);
	}
	return copy;
}

static void one_end(struct many *g)
{
	if (g->one)
		imap_answering_free(g->one);
	g->one = NULL;
	view_deinit(&g->other.view);
	uids_deinit(&g->other.recent.uids);
	g->other = (struct imap_selected){ 0 };
}

static void many_free(void *task)
{
	one_end(task);
}

static void swap(struct imap *s, struct many *g)
{
	struct imap_selected was = s->selected;

	s->selected = g->other;
	g->other = was;
}

static enum done one_go(struct imap *s, struct many *g)
{
	if (!g->one)
		g->one = imap_answering_begin(s, program(s, &g->what->search),
		                              g->sources[g->next].name);
	return g->one ? imap_answering_go(s, g->one) : DONE;
}

/* A mailbox that is unreadable or deleted is ignored (2.2). */
static bool is_passed_over(const struct imap *s)
{
	return s->reply.cond == COND_OK || str_eq(s->reply.code, STR("NONEXISTENT")) ||
	       str_eq(s->reply.code, STR("NOPERM"));
}

static enum done source_go(struct imap *s, struct many *g)
{
	static const struct imap_place own = { .kind = PLACE_OWN };
	bool here = g->sources[g->next].here;
	enum err e = !here && !g->one ? imap_read_at(s, &own, source_open, g) : OK;
	enum done done;

	if (e) {
		imap_failed(s, ABOUT_ANY, e, NULL);
		return DONE;
	}
	if (!here)
		swap(s, g);
	done = one_go(s, g);
	if (!here)
		swap(s, g);
	return done;
}

/* --- all mailboxes ---------------------------------------------------------------------- */

static enum done many_answer(struct imap *s)
{
	struct many *g = s->run.task;

	while (g->next < g->n) {
		enum done done = conn_out_full(s->conn) ? DONE_LATER : source_go(s, g);

		if (done != DONE)
			return done;
		one_end(g);
		if (!is_passed_over(s))
			return DONE;
		g->next++;
	}
	imap_ok(s, NULL, NULL);
	return DONE;
}

static bool asks_saved(const struct imap_search *what)
{
	for (size_t i = 0; i < what->n; i++)
		if (what->steps[i].set.saved)
			return true;
	return false;
}

/* False: s->reply is the error. */
static bool esearch_allowed(struct imap *s, const struct imap_esearch *what)
{
	bool only = what->n == 1 && what->filters[0].by == FILTER_SELECTED, selected = false;
	bool kept = what->search.returns & (RETURN_SAVE | RETURN_UPDATE);

	for (size_t i = 0; i < what->n; i++)
		selected |= what->filters[i].by == FILTER_SELECTED;
	if (selected && s->state != STATE_SELECTED)
		imap_bad(s, "Select a mailbox first");
	else if ((kept || asks_saved(&what->search)) && !only)
		imap_bad(s, "SAVE, UPDATE and $ require the selected mailbox");
	else
		return true;
	return false;
}

enum done imap_cmd_esearch(struct imap *s, union imap_args *args)
{
	static const struct imap_place own = { .kind = PLACE_OWN };
	struct many *g = arena_new(&s->run.arena, struct many);
	enum err e;

	g->s = s;
	g->what = &args->esearch;
	if (!imap_named_search_begin(s, &args->esearch.search) || !esearch_allowed(s, g->what))
		return DONE;
	if ((e = imap_read_at(s, &own, sources_find, g))) {
		imap_failed(s, ABOUT_ANY, e, NULL);
		return DONE;
	}
	if (args->esearch.search.modseq) /* while the selected one is current */
		imap_enable(s, ENABLED_CONDSTORE);
	s->run.uid = true; /* 2.1 */
	imap_ok(s, NULL, NULL);
	s->run.task = g;
	s->run.release = many_free;
	s->run.answer = many_answer;
	s->mode = MODE_ANSWER;
	return many_answer(s);
}
