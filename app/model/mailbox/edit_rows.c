/* model/mailbox/edit_rows.c: rows and emails within an edit; see edit.h. */
#include "foundation/base/buf.h"
#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "model/mailbox/edit.h"
#include "model/mailbox/keys.h"
#include "model/mailbox/lease.h"
#include "model/mailbox/pending_deletion.h"
#include "model/mailbox/unseen.h"
#include "model/store/store.h"

/* --- Runs for the log -------- */

static bool run_extends(const struct change_run *r, const struct email_row *row)
{
	return row->uid == r->uid + r->count && row->email == r->email + r->count;
}

static void row_changed(struct edit *ed, struct edit_box *b, enum change_kind kind,
                        const struct email_row *row)
{
	struct run_log *log = &b->logs[kind];

	ed->changed = true;
	b->rows_changed = true;
	if (log->n && run_extends(&log->runs[log->n - 1], row)) {
		log->runs[log->n - 1].count++;
		return;
	}
	if (log->n == log->cap) {
		log->cap = 2 * log->cap + 4;
		log->runs = mem_resize(log->runs, log->cap * sizeof(*log->runs));
	}
	log->runs[log->n++] = (struct change_run){ row->uid, 1, row->email };
}

/* --- Counters --- */

/* A counter may already be too low if rows were damaged. */
static void edit_rows_count(uint32_t *counter, int by)
{
	if (by > 0)
		++*counter;
	else if (*counter)
		--*counter;
}

static void count_flags(struct mailbox *box, struct flags flags, int by)
{
	if (!flags_has(flags, FLAG_SEEN))
		edit_rows_count(&box->unseen, by);
	if (flags_has(flags, FLAG_DELETED))
		edit_rows_count(&box->deleted, by);
}

/* --- Rows --- */

/* The key of a home: a row with an empty value after the email's record that says where the email
 * is. */
static void home_key(struct key *k, const struct edit *ed, const struct edit_box *b,
                     const struct email_row *row)
{
	key_home(k, ed->m->account, row->email, b->box.id, row->uid);
}

enum err edit_row_add(struct edit *ed, struct edit_box *b, struct email_row *row)
{
	struct key k;
	enum err e;

	if (b->box.uidnext == UINT32_MAX)
		return fail(txn_why(ed->m->t), ERR_LIMIT, "the mailbox has used up its UIDs");
	row->uid = b->box.uidnext++;
	row->modseq = ed->modseq;
	row->saved_s = clock_real_ms() / 1000; /* also for copied and moved messages: RFC 8514 3 */
	home_key(&k, ed, b, row);
	if ((e = email_row_put(ed->m, b->box.id, row)) ||
	    (e = kv_put(ed->m->t, SPACE_EMAIL, key_str(&k), STR_EMPTY)))
		return e;
	b->box.exists++;
	b->box.size_bytes += row->size_bytes;
	count_flags(&b->box, row->flags, 1);
	unseen_added(b, row);
	row_changed(ed, b, CHANGE_APPEARED, row);
	return OK;
}

enum err edit_row_insert(struct edit *ed, struct edit_box *b, struct email_row *row)
{
	enum err e = own_seen_note(&b->seen, b->box.uidnext, FLAGS(0), &row->flags);

	return e ? e : edit_row_add(ed, b, row);
}

static enum err row_flags(struct edit *ed, struct edit_box *b, struct email_row *row,
                          struct flags flags, enum change_kind kind)
{
	count_flags(&b->box, row->flags, -1);
	count_flags(&b->box, flags, 1);
	unseen_flags(b, row, flags);
	row->flags = flags;
	row->modseq = ed->modseq;
	row_changed(ed, b, kind, row);
	return email_row_put(ed->m, b->box.id, row);
}

enum err edit_row_flags(struct edit *ed, struct edit_box *b, struct email_row *row,
                        struct flags flags)
{
	return row_flags(ed, b, row, flags, CHANGE_FLAGS);
}

enum err edit_row_seen(struct edit *ed, struct edit_box *b, struct email_row *row,
                       struct flags flags)
{
	return row_flags(ed, b, row, flags, CHANGE_SEEN);
}

enum err edit_row_remove(struct edit *ed, struct edit_box *b, const struct email_row *row)
{
	struct key uid, home;
	enum err e;

	key_uid(&uid, ed->m->account, b->box.id, row->uid);
	home_key(&home, ed, b, row);
	e = kv_del(ed->m->t, SPACE_UID, key_str(&uid));
	if (!e && row->email) /* the email of a damaged row is unknown */
		e = kv_del(ed->m->t, SPACE_EMAIL, key_str(&home));
	if (e)
		return e == ERR_MISSING ? fail(txn_why(ed->m->t), ERR_CORRUPT,
		                               "email %" PRIu64 " of account %" PRIu32
		                               " does not know its mailbox",
		                               row->email, ed->m->account)
		                        : e;
	b->box.exists--;
	b->box.size_bytes -= row->size_bytes;
	count_flags(&b->box, row->flags, -1);
	unseen_removed(b, row);
	row_changed(ed, b, CHANGE_VANISHED, row);
	return OK;
}

/* --- Emails --- */

static bool edit_rows_fits(uint64_t used, uint64_t more, uint64_t max)
{
	return max == 0 || (used <= max && more <= max - used);
}

enum err edit_room(const struct edit *ed, uint64_t bytes, uint64_t emails)
{
	uint64_t max_bytes, max_emails;
	enum err e;

	if ((e = quota_max(ed->m, &max_bytes, &max_emails)))
		return e;
	if (!edit_rows_fits(ed->state.used_bytes, bytes, max_bytes))
		return fail(txn_why(ed->m->t), ERR_LIMIT,
		            "the account's quota of %" PRIu64 " bytes would be passed", max_bytes);
	if (!edit_rows_fits(ed->state.emails, emails, max_emails))
		return fail(txn_why(ed->m->t), ERR_LIMIT,
		            "the account's quota of %" PRIu64 " emails would be passed",
		            max_emails);
	return OK;
}

enum err edit_email_add(struct edit *ed, const struct email *email, uint64_t *id)
{
	struct key k;
	struct buf b;
	enum err e;

	*id = ed->state.email_next++;
	ed->state.emails++;
	ed->state.used_bytes += email->size_bytes;
	buf_init(&b, KV_VALUE_MAX);
	email_pack(&b, email);
	key_email(&k, ed->m->account, *id);
	e = buf_ok(&b) ? kv_put(ed->m->t, SPACE_EMAIL, key_str(&k), buf_str(&b)) : ERR_LIMIT;
	buf_deinit(&b);
	return e;
}

enum err edit_email_remove(struct edit *ed, uint64_t id)
{
	struct email email;
	struct key k;
	enum err e;

	if (id == 0) /* of a damaged row */
		return OK;
	if (leases_hold(ed->m->mailboxes->leases, ed->m->account, id))
		return pending_deletion_put(ed->m, id);
	e = email_get(ed->m, id, &email);
	if (e == ERR_MISSING || e == ERR_CORRUPT) /* fsck reports the rest */
		return OK;
	if (e)
		return e;
	ed->state.emails--;
	ed->state.used_bytes -= email.size_bytes;
	key_email(&k, ed->m->account, id);
	if ((e = kv_del(ed->m->t, SPACE_EMAIL, key_str(&k))))
		return e;
	return blob_unref(ed->m->t, &email.blob);
}
