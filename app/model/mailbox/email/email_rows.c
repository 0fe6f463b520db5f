/* model/mailbox/email/email_rows.c: reading emails and their rows. */
#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "model/mailbox/keys.h"
#include "model/mailbox/records.h"
#include "model/mailbox/row_walk.h"
#include "model/store/packed.h"
#include "model/store/store.h"

enum err email_get(const struct mail_txn *m, uint64_t email, struct email *out)
{
	struct key k;
	struct str record;
	enum err e;

	key_email(&k, m->account, email);
	if ((e = kv_get(m->t, SPACE_EMAIL, key_str(&k), &record)))
		return e;
	if (!email_unpack(record, out))
		return fail(txn_why(m->t), ERR_CORRUPT,
		            "email %" PRIu64 " of account %" PRIu32 " is damaged", email,
		            m->account);
	if (out->sent_ms == 0) /* unknown when it was prepared */
		out->sent_ms = out->internal_ms;
	return OK;
}

enum err email_describe(const struct mail_txn *m, struct arena *a, struct email *email)
{
	size_t n;
	char *room;
	enum err e;

	if (email->packed.n == 0)
		return OK;
	if (!packed_size(email->packed, &n))
		return ERR_CORRUPT;
	room = arena_alloc(a, MAX(n, (size_t)1));
	if ((e = packed_get(m->t, email->packed, room, n)))
		return e;
	return description_unpack(str_from(room, n), email) ? OK : ERR_CORRUPT;
}

static enum err row_damaged(const struct mail_txn *m, uint32_t mailbox, uint32_t uid)
{
	return fail(txn_why(m->t), ERR_CORRUPT,
	            "row %" PRIu32 " of mailbox %" PRIu32 " of account %" PRIu32 " is damaged", uid,
	            mailbox, m->account);
}

enum err email_row_get(const struct mail_txn *m, uint32_t mailbox, uint32_t uid,
                       struct email_row *out)
{
	struct key k;
	struct own_seen seen;
	struct str record;
	enum err e;

	key_uid(&k, m->account, mailbox, uid);
	if ((e = kv_get(m->t, SPACE_UID, key_str(&k), &record)))
		return e;
	out->uid = uid;
	if (!email_row_unpack(record, out))
		return row_damaged(m, mailbox, uid);
	e = own_seen_open(&seen, m, mailbox);
	return e ? e : own_seen_show(&seen, uid, &out->flags);
}

void email_rows_init(struct email_rows *r, const struct mail_txn *m, uint32_t mailbox, uint32_t lo,
                     uint32_t hi)
{
	struct key from, to;

	r->error = own_seen_open(&r->seen, m, mailbox);
	key_uid(&from, m->account, mailbox, lo);
	key_uid(&to, m->account, mailbox, MAX(lo, hi));
	if (lo <= hi)
		key_u32(&to, 0); /* a longer key: the first one after hi */
	kv_iter_init(&r->it, m->t, SPACE_UID, key_str(&from), key_str(&to));
}

static bool rows_take(struct email_rows *r, struct email_row *out)
{
	struct unpack u = unpack_of(str_sub(r->it.key, 8, SIZE_MAX));

	out->uid = unpack_be32(&u);
	if (!unpack_ok(&u))
		r->error = ERR_CORRUPT;
	else if (!email_row_unpack(r->it.val, out))
		*out = (struct email_row){ .uid = out->uid, .modseq = 1 };
	if (!r->error && r->seen.on)
		r->error = own_seen_show(&r->seen, out->uid, &out->flags);
	return !r->error;
}

bool email_rows_next(struct email_rows *r, struct email_row *out)
{
	return !r->error && kv_iter_next(&r->it) && rows_take(r, out);
}

bool email_rows_prev(struct email_rows *r, struct email_row *out)
{
	return !r->error && kv_iter_prev(&r->it) && rows_take(r, out);
}

enum err email_rows_end(struct email_rows *r)
{
	enum err e = kv_iter_end(&r->it);

	return e ? e : r->error;
}

/* --- Rows of a set of UIDs --- */

void row_walk_init(struct row_walk *w, const struct mail_txn *m, uint32_t mailbox,
                   const struct uids *uids, uint32_t end)
{
	w->m = m;
	w->mailbox = mailbox;
	w->uids = uids;
	w->end = end;
	w->at = 0;
	w->open = false;
	w->error = OK;
}

/* Opens the next range that has UIDs below the end. */
static bool walk_open(struct row_walk *w)
{
	const struct uid_range *r;

	if (w->at == w->uids->n)
		return false;
	r = &w->uids->ranges[w->at];
	if (r->lo >= w->end)
		return false;
	email_rows_init(&w->rows, w->m, w->mailbox, r->lo, MIN(r->hi, w->end - 1));
	w->at++;
	return w->open = true;
}

bool row_walk_next(struct row_walk *w, struct email_row *row)
{
	while (!w->error && (w->open || walk_open(w))) {
		if (email_rows_next(&w->rows, row))
			return true;
		w->error = email_rows_end(&w->rows);
		w->open = false;
	}
	return false;
}

enum err row_walk_end(struct row_walk *w)
{
	if (w->open)
		w->error = email_rows_end(&w->rows);
	w->open = false;
	return w->error;
}
