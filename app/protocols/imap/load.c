/* protocols/imap/load.c: loads the UIDs of a view, see sync.h. */
#include "model/mailbox/changes.h"
#include "model/mailbox/email.h"
#include "protocols/imap/search/saved.h"
#include "protocols/imap/session.h"
#include "protocols/imap/store.h"
#include "protocols/imap/sync.h"

struct load {
	struct imap *s;
	struct arena arena;
	struct imap_seq back; /* what was in the mailbox at that time */
};

static bool load_change(const struct change *c, void *arg)
{
	struct load *l = arg;
	uint32_t end = l->s->selected.view.uidnext;

	if (c->kind == CHANGE_VANISHED && c->uid < end)
		imap_seq_add(&l->arena, &l->back, c->uid, MIN(c->uid + c->count, end) - 1);
	return true;
}

/* UIDs are never reused. So the view's mailbox is the current one without newer messages,
 * plus messages expunged since. If the log no longer has the expunges, there may be none:
 * then the count is right. */
static enum err load_read(const struct mail_txn *m, void *arg)
{
	struct load *l = arg;
	struct imap_selected *sel = &l->s->selected;
	struct email_rows rows;
	struct email_row row;
	enum err e;

	l->back = (struct imap_seq){ 0 };
	e = changes_since(m, sel->id, sel->modseq, load_change, l);
	if (e == ERR_MISSING)
		l->back = (struct imap_seq){ 0 };
	else if (e)
		return e;
	if (sel->view.uidnext <= 1)
		return OK;
	email_rows_init(&rows, m, sel->id, 1, sel->view.uidnext - 1);
	while (email_rows_next(&rows, &row))
		imap_seq_append(&l->arena, &l->back, row.uid);
	return email_rows_end(&rows);
}

/* The log has no entries for rows of a deleted mailbox. */
static enum err load_take(struct view *v, const struct imap_seq *messages)
{
	uint32_t exists = 0;

	for (size_t i = 0; i < messages->n; i++)
		exists += messages->ranges[i].hi - messages->ranges[i].lo + 1;
	if (exists != v->exists)
		return ERR_CONFLICT;
	view_begin(v);
	for (size_t i = 0; i < messages->n; i++)
		view_add(v, messages->ranges[i].lo, messages->ranges[i].hi);
	return OK;
}

enum err imap_view_load(struct imap *s)
{
	struct view *v = &s->selected.view;
	struct load l = { .s = s };
	enum err e;

	if (v->known)
		return OK;
	e = imap_read(s, load_read, &l);
	imap_seq_resolve(&l.back, 0);
	if (!e)
		e = load_take(v, &l.back);
	arena_deinit(&l.arena);
	return e;
}

bool imap_messages(struct imap *s, struct imap_seq *set, struct uids *out)
{
	enum err e = imap_view_load(s);

	if (e) {
		imap_failed(s, ABOUT_ANY, e == ERR_CONFLICT ? ERR_RETRY : e, NULL);
		return false;
	}
	if (view_select(&s->selected.view, set, imap_saved_resolve(s, set) || s->run.uid, out))
		return true;
	imap_bad(s, "No message has that number");
	return false;
}

uint32_t imap_number(const struct imap *s, uint32_t uid)
{
	return s->run.uid ? uid : view_seq(&s->selected.view, uid);
}
