/* model/mailbox/fsck/repair.c: see repair.h. */
#include "model/mailbox/fsck/repair.h"

#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "model/mailbox/edit.h"
#include "model/mailbox/keys.h"
#include "model/mailbox/mailbox_tree.h"
#include "model/mailbox/email/row_index.h"
#include "model/store/store.h"

enum err repair_account_next(struct txn *t, uint32_t first, uint32_t *account, bool *found)
{
	struct kv_iter it;
	struct key k;

	key_init(&k, first);
	kv_iter_init(&it, t, SPACE_MAILBOX, key_str(&k), STR_EMPTY);
	*found = kv_iter_next(&it);
	if (*found) {
		struct unpack u = unpack_of(it.key);

		*account = unpack_be32(&u);
		*found = unpack_ok(&u);
	}
	return kv_iter_end(&it);
}

/* --- counting --------------------------------------------------------------------------- */

/* Counts the rows as a session does: also the unreadable ones (email.h). *indexed: dates and
 * threads follow from them. */
static enum err box_count(const struct mail_txn *m, struct mailbox *box, bool *indexed)
{
	struct email_rows rows;
	struct email_row row;
	enum err e;

	box->exists = box->unseen = box->deleted = box->unread = 0;
	box->first_unseen_uid = box->first_unseen_seq = 0;
	box->size_bytes = 0;
	email_rows_init(&rows, m, box->id, 1, UINT32_MAX);
	while (email_rows_next(&rows, &row)) {
		box->exists++;
		box->size_bytes += row.size_bytes;
		box->deleted += flags_has(row.flags, FLAG_DELETED);
		box->unread += row_unread(row.flags);
		if (flags_has(row.flags, FLAG_SEEN) || box->unseen++ != 0)
			continue;
		box->first_unseen_uid = row.uid;
		box->first_unseen_seq = box->exists;
	}
	e = email_rows_end(&rows);
	return e ? e : row_index_check(m, box->id, box, indexed);
}

static bool counters_eq(const struct mailbox *a, const struct mailbox *b)
{
	return a->exists == b->exists && a->unseen == b->unseen && a->deleted == b->deleted &&
	       a->unread == b->unread && a->threads == b->threads &&
	       a->unread_threads == b->unread_threads &&
	       a->size_bytes == b->size_bytes && a->first_unseen_uid == b->first_unseen_uid &&
	       a->first_unseen_seq == b->first_unseen_seq;
}

/* --- looking ---------------------------------------------------------------------------- */

struct looking {
	const struct mail_txn *m;
	struct arena *arena;
	struct repair_list *out;
	uint64_t emails, bytes, placements;
};

static enum err boxes_max(const struct mail_txn *m, size_t *n)
{
	struct mailbox_iter it;
	struct mailbox box;

	mailbox_iter_init(&it, m);
	for (*n = 0; mailbox_iter_next(&it, &box); ++*n)
		;
	return mailbox_iter_end(&it);
}

static enum err boxes_look(struct looking *x)
{
	struct mail_txn raw = *x->m;
	struct repair_list *out = x->out;
	struct mailbox_iter it;
	struct mailbox box, counted;
	bool indexed = true;
	size_t max;
	enum err e = boxes_max(x->m, &max), walked;

	if (e)
		return e;
	raw.who = 0;
	out->boxes = arena_array(x->arena, struct repair_box, max);
	mailbox_iter_init(&it, x->m);
	while (!e && mailbox_iter_next(&it, &box)) {
		counted = box;
		e = box_count(&raw, &counted, &indexed);
		out->boxes[out->n++] = (struct repair_box){
			.mailbox = box.id, .counters = !indexed || !counters_eq(&box, &counted)
		};
	}
	walked = mailbox_iter_end(&it);
	return e ? e : walked;
}

static struct repair_box *box_of(const struct repair_list *list, uint32_t mailbox)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->boxes[i].mailbox == mailbox)
			return &list->boxes[i];
	return NULL;
}

static enum err placement_look(struct looking *x, uint64_t email, struct unpack *key)
{
	uint32_t mailbox = unpack_be32(key), uid = unpack_be32(key);
	struct repair_box *box = NULL;
	struct repair_email *one;
	struct email_row row;
	enum err e = OK;

	if (!unpack_ok(key) || unpack_more(key))
		return OK;
	e = email_row_get(x->m, mailbox, uid, &row);
	if (e == ERR_MISSING || e == ERR_CORRUPT)
		box = box_of(x->out, mailbox);
	if (!box)
		return e == ERR_MISSING || e == ERR_CORRUPT ? OK : e;
	one = arena_new(x->arena, struct repair_email);
	*one = (struct repair_email){ email, uid, box->emails };
	box->emails = one;
	return OK;
}

static enum err emails_look(struct looking *x)
{
	struct kv_iter it;
	struct key k;
	enum err e = OK, walked;

	key_init(&k, x->m->account);
	kv_iter_prefix(&it, x->m->t, SPACE_EMAIL, key_str(&k));
	while (!e && kv_iter_next(&it)) {
		struct unpack key = unpack_of(str_sub(it.key, 4, SIZE_MAX));
		uint64_t id = unpack_be64(&key);
		struct email email;

		if (unpack_more(&key)) {
			x->placements++;
			e = placement_look(x, id, &key);
			continue;
		}
		x->emails++;
		x->bytes += email_unpack(it.val, &email) ? email.size_bytes : 0;
	}
	walked = kv_iter_end(&it);
	return e ? e : walked;
}

static bool sums_eq(const struct account_state *state, const struct looking *x)
{
	return state->emails == x->emails && state->used_bytes == x->bytes &&
	       state->placements == x->placements;
}

enum err repair_look(const struct mail_txn *m, struct arena *a, struct repair_list *out)
{
	struct looking x = { .m = m, .arena = a, .out = out };
	struct account_state state;
	enum err e;

	*out = (struct repair_list){ 0 };
	if ((e = boxes_look(&x)) || (e = emails_look(&x)) || (e = state_get(m, &state)))
		return e;
	out->sums = !sums_eq(&state, &x);
	return OK;
}

/* --- repairing -------------------------------------------------------------------------- */

static enum err thread_find(struct edit *ed, const struct email *email, struct email_row *row)
{
	struct thread_keys keys;
	enum err e = thread_search(ed->m, row->email, &row->thread);

	if (e != ERR_MISSING || (e = thread_keys_read(ed->m, email, &keys)))
		return e;
	return thread_join(ed->m, &keys, row->email, &row->thread);
}

/* Everything may have changed since the check. */
static enum err email_repair(struct edit *ed, struct edit_box *b, const struct repair_email *what,
                             struct repaired *done)
{
	struct email_row row = { .uid = what->uid, .email = what->email };
	struct email_row there;
	struct email email;
	struct key place;
	enum err e = email_get(ed->m, what->email, &email);

	if (!e) {
		row.size_bytes = email.size_bytes;
		row.internal_ms = email.internal_ms;
		key_placement(&place, ed->m->account, what->email, b->box.id, what->uid);
		e = kv_get(ed->m->t, SPACE_EMAIL, key_str(&place), NULL);
	}
	if (!e)
		e = thread_find(ed, &email, &row);
	if (e)
		return e == ERR_MISSING || e == ERR_CORRUPT ? OK : e;
	e = email_row_get(ed->m, b->box.id, what->uid, &there);
	if (e == ERR_CORRUPT) {
		done->rows++;
		return edit_row_flags(ed, b, &row, FLAGS(0));
	}
	if (e != ERR_MISSING)
		return e;
	done->came++;
	e = kv_del(ed->m->t, SPACE_EMAIL, key_str(&place));
	ed->state.placements--;
	return e ? e : edit_row_add(ed, b, &row);
}

/* Called after all rows have been written: counts again, without the edit's own counters. */
static enum err counters_repair(struct edit *ed, struct edit_box *b, struct repaired *done)
{
	struct mailbox counted = b->box;
	bool indexed;
	enum err e = box_count(ed->m, &counted, &indexed);

	if (e || (indexed && counters_eq(&b->box, &counted)))
		return e;
	done->counters = true;
	b->box = counted;
	if (!indexed && (e = row_index_rebuild(ed->m, &b->box)))
		return e;
	b->index_lost = false;
	b->first_unseen_gone = false;
	b->unseen_below_uid = 0;
	edit_mailbox_changed(ed, CHANGE_MAILBOX_EDITED, b->box.id);
	return mailbox_put(ed->m, &b->box);
}

enum err repair_box(const struct mail_txn *m, const struct repair_box *what, struct repaired *done)
{
	struct edit_box *b;
	struct edit ed;
	enum err e;

	*done = (struct repaired){ 0 };
	if ((e = edit_begin(&ed, m)))
		goto out;
	if ((e = edit_box(&ed, what->mailbox, &b))) {
		e = e == ERR_MISSING ? OK : e;
		goto out;
	}
	for (const struct repair_email *x = what->emails; x && !e; x = x->next)
		e = email_repair(&ed, b, x, done);
	if (e || (e = counters_repair(&ed, b, done)))
		goto out;
	e = edit_commit(&ed);
out:
	edit_end(&ed);
	return e;
}

enum err repair_sums(const struct mail_txn *m, bool *changed)
{
	struct repair_list none = { 0 }; /* no mailbox, so that only the counters are computed */
	struct looking x = { .m = m, .out = &none };
	struct account_state state;
	enum err e = state_get(m, &state);

	*changed = false;
	if (e || (e = emails_look(&x)) || sums_eq(&state, &x))
		return e;
	*changed = true;
	state.emails = x.emails;
	state.used_bytes = x.bytes;
	state.placements = x.placements;
	return state_put(m, &state);
}
