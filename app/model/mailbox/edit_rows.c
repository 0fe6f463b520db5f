/* model/mailbox/edit_rows.c: rows and emails within an edit; see edit.h. */
#include "foundation/base/buf.h"
#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "model/mailbox/edit.h"
#include "model/mailbox/keys.h"
#include "model/mailbox/lease.h"
#include "model/mailbox/pending_deletion.h"
#include "model/mailbox/placement.h"
#include "model/mailbox/email/row_index.h"
#include "model/mailbox/unseen.h"
#include "model/store/store.h"

/* --- Runs for the log -------- */

enum { VANISHED_RUN_MAX = 64 }; /* rows, so that a row of the log has a maximum */

static bool run_extends(const struct change_run *r, const struct email_row *row)
{
	return row->uid == r->uid + r->count && row->email == r->email + r->count;
}

static void below_add(struct run_log *log, const struct email_row *row)
{
	if (log->below_n == log->below_cap) {
		log->below_cap = 2 * log->below_cap + 4;
		log->below = mem_resize(log->below, log->below_cap * sizeof(*log->below));
	}
	log->below[log->below_n++] = row->email - row->thread;
}

static void row_changed(struct edit *ed, struct edit_box *b, enum edit_log which,
                        const struct email_row *row)
{
	struct run_log *log = &b->logs[which];
	bool vanished = which == LOG_VANISHED || which == LOG_VANISHED_HIDDEN;

	ed->changed = true;
	b->rows_changed = true;
	b->index_lost |= row->email == 0;
	if (vanished)
		below_add(log, row);
	if (log->n && run_extends(&log->runs[log->n - 1], row) &&
	    !(vanished && log->runs[log->n - 1].count == VANISHED_RUN_MAX)) {
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
	if (row_unread(flags))
		edit_rows_count(&box->unread, by);
}

/* --- Rows --- */

static void placement_key(struct key *k, const struct edit *ed, const struct edit_box *b,
                          const struct email_row *row)
{
	key_placement(k, ed->m->account, row->email, b->box.id, row->uid);
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
	placement_key(&k, ed, b, row);
	if ((e = email_row_put(ed->m, b->box.id, row)) ||
	    (e = kv_put(ed->m->t, SPACE_EMAIL, key_str(&k), STR_EMPTY)) ||
	    (e = row_index_add(ed->m, &b->box, row)))
		return e;
	ed->state.placements++;
	b->box.exists++;
	b->box.size_bytes += row->size_bytes;
	count_flags(&b->box, row->flags, 1);
	unseen_added(b, row);
	row_changed(ed, b, row_shown(row->flags) ? LOG_APPEARED : LOG_APPEARED_HIDDEN, row);
	return OK;
}

enum err edit_row_insert(struct edit *ed, struct edit_box *b, struct email_row *row)
{
	enum err e = own_seen_note(&b->seen, b->box.uidnext, FLAGS(0), &row->flags);

	return e ? e : edit_row_add(ed, b, row);
}

static enum err row_flags(struct edit *ed, struct edit_box *b, struct email_row *row,
                          struct flags flags, enum edit_log which)
{
	enum err e = row_index_flags(ed->m, &b->box, row, flags);

	if (e)
		return e;
	count_flags(&b->box, row->flags, -1);
	count_flags(&b->box, flags, 1);
	unseen_flags(b, row, flags);
	row->flags = flags;
	row->modseq = ed->modseq;
	row_changed(ed, b, which, row);
	return email_row_put(ed->m, b->box.id, row);
}

enum err edit_row_flags(struct edit *ed, struct edit_box *b, struct email_row *row,
                        struct flags flags)
{
	int shown = row_shown(flags) - row_shown(row->flags);

	ed->threads_changed |= shown != 0;
	return row_flags(ed, b, row, flags,
	                 shown < 0   ? LOG_FLAGS_HIDE
	                 : shown > 0 ? LOG_FLAGS_SHOW
	                             : LOG_FLAGS);
}

enum err edit_row_seen(struct edit *ed, struct edit_box *b, struct email_row *row,
                       struct flags flags)
{
	return row_flags(ed, b, row, flags, LOG_SEEN);
}

static bool only_seen(struct flags a, struct flags b)
{
	struct flags seen = FLAGS(BIT64(FLAG_SEEN));

	return flags_eq(flags_minus(a, seen), flags_minus(b, seen));
}

enum err edit_row_request(struct edit *ed, struct edit_box *b, struct email_row *row,
                          struct flags was, struct flags flags)
{
	bool own = b->box.own_seen && only_seen(flags, was);
	enum err e = own_seen_note(&b->seen, row->uid, row->flags, &flags);

	if (e)
		return e;
	return own ? edit_row_seen(ed, b, row, flags) : edit_row_flags(ed, b, row, flags);
}

enum err edit_row_remove(struct edit *ed, struct edit_box *b, const struct email_row *row)
{
	struct key uid, place;
	enum err e;

	key_uid(&uid, ed->m->account, b->box.id, row->uid);
	placement_key(&place, ed, b, row);
	e = kv_del(ed->m->t, SPACE_UID, key_str(&uid));
	if (!e && row->email) /* the email of a damaged row is unknown */
		e = kv_del(ed->m->t, SPACE_EMAIL, key_str(&place));
	if (e)
		return e == ERR_MISSING ? fail(txn_why(ed->m->t), ERR_CORRUPT,
		                               "email %" PRIu64 " of account %" PRIu32
		                               " does not know its mailbox",
		                               row->email, ed->m->account)
		                        : e;
	if ((e = row_index_remove(ed->m, &b->box, row)))
		return e;
	ed->state.placements -= row->email != 0 && ed->state.placements != 0;
	b->box.exists--;
	b->box.size_bytes -= row->size_bytes;
	count_flags(&b->box, row->flags, -1);
	unseen_removed(b, row);
	row_changed(ed, b, row_shown(row->flags) ? LOG_VANISHED : LOG_VANISHED_HIDDEN, row);
	return OK;
}

/* --- Emails --- */

static bool edit_rows_fits(uint64_t used, uint64_t more, uint64_t max)
{
	return max == 0 || (used <= max && more <= max - used);
}

enum err edit_room(const struct edit *ed, uint64_t bytes, uint64_t placements)
{
	uint64_t max_bytes, max_emails;
	enum err e;

	if ((e = quota_max(ed->m, &max_bytes, &max_emails)))
		return e;
	if (!edit_rows_fits(ed->state.used_bytes, bytes, max_bytes))
		return fail(txn_why(ed->m->t), ERR_LIMIT,
		            "the account's quota of %" PRIu64 " bytes would be passed", max_bytes);
	if (!edit_rows_fits(ed->state.placements, placements, max_emails))
		return fail(txn_why(ed->m->t), ERR_LIMIT,
		            "the account's quota of %" PRIu64 " emails would be passed",
		            max_emails);
	return OK;
}

enum err edit_email_add(struct edit *ed, const struct email *email, const struct thread_keys *keys,
                        struct email_row *row)
{
	struct key k;
	struct buf b;
	enum err e;

	row->email = ed->state.email_next++;
	ed->state.emails++;
	ed->state.used_bytes += email->size_bytes;
	ed->threads_changed = true;
	buf_init(&b, KV_VALUE_MAX);
	email_pack(&b, email);
	key_email(&k, ed->m->account, row->email);
	e = buf_ok(&b) ? kv_put(ed->m->t, SPACE_EMAIL, key_str(&k), buf_str(&b)) : ERR_LIMIT;
	buf_deinit(&b);
	return e ? e : thread_join(ed->m, keys, row->email, &row->thread);
}

enum err edit_email_drop(struct edit *ed, const struct email_row *row)
{
	struct placement other;
	enum err e;

	if (row->email == 0) /* of a damaged row */
		return OK;
	e = placement_first(ed->m, row->email, &other);
	if (e != ERR_MISSING)
		return e;
	ed->threads_changed = true;
	e = thread_leave(ed->m, row->thread, row->email);
	return e ? e : edit_email_remove(ed, row->email);
}

enum err edit_email_remove(struct edit *ed, uint64_t id)
{
	struct email email;
	struct key k;
	enum err e;

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
