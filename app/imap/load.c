/* imap/load.c: finding out which messages a view has, see sync.h. */
#include "imap/session.h"
#include "imap/store.h"
#include "imap/sync.h"
#include "mailbox/changes.h"
#include "mailbox/email.h"

struct load {
	struct imap *s;
	struct arena arena;
	struct imap_seq back; /* what was in the mailbox then */
};

static bool load_change(const struct change *c, void *arg)
{
	struct load *l = arg;
	uint32_t end = l->s->selected.view.uidnext;

	if (c->kind == CHANGE_VANISHED && c->uid < end)
		imap_seq_add(&l->arena, &l->back, c->uid, MIN(c->uid + c->count, end) - 1);
	return true;
}

/* UIDs are never used twice, so the mailbox at our modseq is what is there now, without
 * what came later, and with what has gone since. */
static enum err load_read(const struct mail_txn *m, void *arg)
{
	struct load *l = arg;
	struct imap_selected *sel = &l->s->selected;
	struct email_rows rows;
	struct email_row row;
	enum err e;

	l->back = (struct imap_seq){ 0 };
	e = changes_since(m, sel->id, sel->modseq, load_change, l);
	if (e)
		return e;
	if (sel->view.uidnext <= 1)
		return OK;
	email_rows_init(&rows, m, sel->id, 1, sel->view.uidnext - 1);
	while (email_rows_next(&rows, &row)) {
		struct imap_seq_range *last = l->back.n ? &l->back.ranges[l->back.n - 1] : NULL;

		if (last && last->hi + 1 == row.uid)
			last->hi++;
		else
			imap_seq_add(&l->arena, &l->back, row.uid, row.uid);
	}
	return email_rows_end(&rows);
}

enum err imap_view_load(struct imap *s)
{
	struct view *v = &s->selected.view;
	struct load l = { .s = s };
	uint32_t exists = v->exists;
	enum err e;

	if (v->known)
		return OK;
	e = imap_read(s, load_read, &l);
	if (!e) {
		imap_seq_resolve(&l.back, 0);
		view_begin(v);
		for (size_t i = 0; i < l.back.n; i++)
			view_add(v, l.back.ranges[i].lo, l.back.ranges[i].hi);
		/* A deleted mailbox says nothing of its rows in the log. */
		if (v->exists != exists)
			e = ERR_CONFLICT;
	} else if (e == ERR_MISSING) {
		e = ERR_CONFLICT;
	}
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
	if (view_select(&s->selected.view, set, s->run.uid, out))
		return true;
	imap_bad(s, "There is no message of that number");
	return false;
}
