/* model/mailbox/email/email_edit.c: see email_edit.h. */
#include "model/mailbox/email_edit.h"

#include "foundation/base/arena.h"
#include "foundation/config/limits.h"
#include "model/mailbox/edit.h"
#include "model/mailbox/placement.h"
#include "model/mailbox/rights.h"
#include "model/mailbox/email/row_index.h"
#include "model/store/store.h"

struct edited_row {
	struct edit_box *box;
	struct email_row row; /* as stored             */
	struct flags flags;   /* as who sees them      */
	unsigned rights;      /* of who in the mailbox */
	bool shown;           /* without \Deleted      */
	bool removed;         /* is to be              */
};

struct editing {
	struct edit ed;
	struct email_viewer *viewer;
	/* for the present email: */
	struct arena arena;
	struct edited_row *rows; /* that who may read */
	size_t n;
	uint32_t placements; /* all */
	struct flags flags;  /* afterwards, of new placements */
};

/* --- Reading ---------------------------------------------------------------------------- */

static enum err edited_row_read(struct editing *x, const struct placement *at)
{
	struct edited_row *r = &x->rows[x->n];
	enum err e;

	r->rights = email_viewer_rights(x->viewer, at->mailbox);
	if (!(r->rights & RIGHT_READ))
		return OK;
	e = email_row_get(x->ed.m, at->mailbox, at->uid, &r->row);
	if (e) /* damaged: it is not shown */
		return e == ERR_MISSING || e == ERR_CORRUPT ? OK : e;
	r->flags = r->row.flags;
	r->shown = row_shown(r->flags);
	if ((e = edit_box(&x->ed, at->mailbox, &r->box)) ||
	    (e = own_seen_show(&r->box->seen, at->uid, &r->flags)))
		return e;
	x->n++;
	return OK;
}

/* ERR_MISSING: it is not shown to who. */
static enum err email_read(struct editing *x, uint64_t email)
{
	struct placement_list list;
	bool shown = false;
	enum err e;

	arena_reset(&x->arena);
	x->n = 0;
	if ((e = placements_get(x->ed.m, email, &x->arena, &list)))
		return e;
	x->placements = (uint32_t)list.n;
	x->rows = arena_array(&x->arena, struct edited_row, list.n);
	for (size_t i = 0; i < list.n && !e; i++)
		e = edited_row_read(x, &list.items[i]);
	for (size_t i = 0; i < x->n; i++)
		shown |= x->rows[i].shown;
	return e ? e : shown ? OK : ERR_MISSING;
}

/* --- Mailboxes -------------------------------------------------------------------------- */

static bool has(const uint32_t *list, size_t n, uint32_t mailbox)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == mailbox)
			return true;
	return false;
}

static bool is_in(const struct editing *x, uint32_t mailbox)
{
	for (size_t i = 0; i < x->n; i++)
		if (x->rows[i].shown && x->rows[i].box->box.id == mailbox)
			return true;
	return false;
}

/* Is the i-th of add a mailbox in which the email is not yet? */
static bool is_new(const struct editing *x, const struct email_edit *what, size_t i)
{
	return !has(what->add, i, what->add[i]) && !is_in(x, what->add[i]);
}

static enum err add_check(struct editing *x, uint32_t mailbox)
{
	unsigned rights = email_viewer_rights(x->viewer, mailbox);
	struct edit_box *b;
	enum err e;

	if (!(rights & (RIGHT_LOOKUP | RIGHT_READ)))
		return ERR_MISSING;
	if (!(rights & RIGHT_INSERT))
		return ERR_DENIED;
	if ((e = edit_box(&x->ed, mailbox, &b)))
		return e;
	return b->box.uidnext == UINT32_MAX ? ERR_LIMIT : OK;
}

static bool leaves(const struct email_edit *what, const struct edited_row *r)
{
	uint32_t id = r->box->box.id;

	if (what->destroy)
		return true;
	if (!r->shown || has(what->add, what->add_count, id))
		return false;
	return what->replace || has(what->remove, what->remove_count, id);
}

/* RFC 8621 2: mayRemoveItems is t and e of RFC 4314. A hidden row that who may not remove stays. */
static enum err remove_check(struct edited_row *r)
{
	unsigned needed = RIGHT_DELETED | RIGHT_EXPUNGE;

	r->removed = (r->rights & needed) == needed;
	return r->removed || !r->shown ? OK : ERR_DENIED;
}

/* Marks the rows that are removed. */
static enum err mailboxes_check(struct editing *x, const struct email_edit *what)
{
	uint32_t added = 0, removed = 0, stay = 0;
	enum err e = OK;

	for (size_t i = 0; i < x->n && !e; i++) {
		struct edited_row *r = &x->rows[i];

		if (leaves(what, r))
			e = remove_check(r);
		removed += r->removed;
		stay += r->shown && !r->removed;
	}
	if (e || what->destroy)
		return e;
	for (size_t i = 0; i < what->add_count && !e; i++)
		if (is_new(x, what, i)) {
			e = add_check(x, what->add[i]);
			added++;
		}
	if (e || stay + added == 0)
		return e ? e : ERR_SYNTAX;
	if (added > removed && x->placements + (added - removed) > LIMIT_placements)
		return ERR_LIMIT;
	return added > removed ? edit_room(&x->ed, 0, added - removed) : OK;
}

/* --- Flags ------------------------------------------------------------------------------ */

static struct flags flags_after(const struct email_edit *what, struct flags was)
{
	struct flags deleted = FLAGS(BIT64(FLAG_DELETED));
	struct flags add = flags_minus(what->add_flags, deleted);

	if (what->replace_flags)
		return flags_or(add, flags_and(was, deleted));
	return flags_or(flags_minus(was, flags_minus(what->remove_flags, deleted)), add);
}

static struct flags flags_of_all(const struct editing *x)
{
	struct flags all = FLAGS(0);
	bool any = false;

	for (size_t i = 0; i < x->n; i++) {
		if (!x->rows[i].shown)
			continue;
		all = any ? email_flags_join(all, x->rows[i].flags) : x->rows[i].flags;
		any = true;
	}
	return all;
}

/* Does the row get other flags? A hidden one keeps its own. */
static bool flags_change(const struct email_edit *what, const struct edited_row *r)
{
	return r->shown && !r->removed && !flags_eq(flags_after(what, r->flags), r->flags);
}

static enum err flags_check(struct editing *x, const struct email_edit *what)
{
	x->flags = flags_after(what, flags_of_all(x));
	for (size_t i = 0; i < x->n; i++) {
		const struct edited_row *r = &x->rows[i];
		struct flags is = flags_after(what, r->flags);
		struct flags other = flags_minus(flags_or(is, r->flags), flags_and(is, r->flags));

		if (flags_change(what, r) &&
		    !flags_empty(flags_minus(other, rights_flags(r->rights))))
			return ERR_DENIED;
	}
	return OK;
}

/* --- Writing ---------------------------------------------------------------------------- */

static enum err place_add(struct editing *x, const struct email_row *like, uint32_t mailbox)
{
	unsigned rights = email_viewer_rights(x->viewer, mailbox);
	struct email_row row = *like;
	struct edit_box *b;
	enum err e = edit_box(&x->ed, mailbox, &b);

	row.flags = flags_and(x->flags, rights_flags(rights)); /* RFC 4314 4 */
	return e ? e : edit_row_insert(&x->ed, b, &row);
}

/* New placements come first: an email is never without one. */
static enum err email_write(struct editing *x, struct email_edit *what)
{
	struct email_row last = x->rows[0].row;
	enum err e = OK;

	for (size_t i = 0; i < what->add_count && !what->destroy && !e; i++)
		if (is_new(x, what, i)) {
			e = place_add(x, &last, what->add[i]);
			what->changed = true;
		}
	for (size_t i = 0; i < x->n && !e; i++) {
		struct edited_row *r = &x->rows[i];

		if (flags_change(what, r))
			e = edit_row_request(&x->ed, r->box, &r->row, r->flags,
			                     flags_after(what, r->flags));
		else if (r->removed)
			e = edit_row_remove(&x->ed, r->box, &r->row);
		else
			continue;
		what->changed = true;
	}
	return e || !what->destroy ? e : edit_email_drop(&x->ed, &last);
}

static bool is_refusal(enum err e)
{
	return e == ERR_MISSING || e == ERR_DENIED || e == ERR_SYNTAX || e == ERR_LIMIT;
}

static enum err email_edit_one(struct editing *x, struct email_edit *what)
{
	enum err e = email_read(x, what->email);

	what->changed = false;
	if (!e && (e = mailboxes_check(x, what)) == OK && !what->destroy)
		e = flags_check(x, what);
	what->error = is_refusal(e) ? e : OK;
	if (e)
		return what->error ? OK : e;
	return email_write(x, what);
}

enum err email_edit_all(const struct mail_txn *m, struct email_edit *edits, size_t n,
                        uint64_t *modseq)
{
	struct editing x = { .n = 0 };
	enum err e = edit_begin(&x.ed, m);

	if (!e)
		e = email_viewer_new(m, txn_arena(m->t), &x.viewer);
	for (size_t i = 0; i < n && !e; i++)
		e = email_edit_one(&x, &edits[i]);
	if (!e)
		e = edit_commit(&x.ed);
	*modseq = x.ed.state.modseq;
	edit_end(&x.ed);
	arena_deinit(&x.arena);
	return e;
}
