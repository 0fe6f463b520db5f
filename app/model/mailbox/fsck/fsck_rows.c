/* model/mailbox/fsck/fsck_rows.c: rows of mailboxes, and their counters. */
#include "model/mailbox/fsck/fsck_account.h"

#include "foundation/base/pack.h"
#include "model/mailbox/keys.h"
#include "model/mailbox/placement.h"
#include "model/mailbox/email/row_index.h"
#include "model/store/store.h"

/* The row's email must exist and have the same values. */
static enum err row_email(struct fsck_account *a, uint32_t mailbox, const struct email_row *row)
{
	struct email email;
	struct key k;
	enum err e = email_get(&a->m, row->email, &email);

	if (e == ERR_CORRUPT)
		return OK; /* fsck_emails reports it */
	if (e == ERR_MISSING) {
		ACCOUNT_FOUND(a,
		              "row %" PRIu32 " of mailbox %" PRIu32 " has email %" PRIu64
		              ", which does not exist",
		              row->uid, mailbox, row->email);
		return OK;
	}
	if (e)
		return e;
	if (email.size_bytes != row->size_bytes || email.internal_ms != row->internal_ms)
		ACCOUNT_FOUND(a,
		              "row %" PRIu32 " of mailbox %" PRIu32
		              " has another size or date than its email",
		              row->uid, mailbox);
	key_placement(&k, a->m.account, row->email, mailbox, row->uid);
	e = kv_get(a->m.t, SPACE_EMAIL, key_str(&k), NULL);
	if (e == ERR_MISSING)
		ACCOUNT_FOUND(a,
		              "email %" PRIu64 " does not know that it is row %" PRIu32
		              " of mailbox %" PRIu32,
		              row->email, row->uid, mailbox);
	return e == ERR_MISSING ? OK : e;
}

static enum err row_thread(struct fsck_account *a, uint32_t mailbox, const struct email_row *row)
{
	struct key k;
	enum err e;

	key_thread(&k, a->m.account, row->thread, row->email);
	e = kv_get(a->m.t, SPACE_THREAD, key_str(&k), NULL);
	if (e == ERR_MISSING)
		ACCOUNT_FOUND(a,
		              "row %" PRIu32 " of mailbox %" PRIu32 " is in thread %" PRIu64
		              ", which does not have it",
		              row->uid, mailbox, row->thread);
	return e == ERR_MISSING ? OK : e;
}

/* The row's last change must be in the log, unless the log no longer reaches back to it. */
static enum err row_logged(struct fsck_account *a, uint32_t mailbox, const struct email_row *row)
{
	struct key k;
	enum err e;

	if (row->modseq <= a->state.changes_floor)
		return OK;
	key_change(&k, a->m.account, row->modseq, 0);
	e = kv_get(a->m.t, SPACE_CHANGE, key_str(&k), NULL);
	if (e != ERR_MISSING)
		return e;
	ACCOUNT_FOUND(a,
	              "row %" PRIu32 " of mailbox %" PRIu32 " has modseq %" PRIu64
	              ", of which the change log does not know",
	              row->uid, mailbox, row->modseq);
	return OK;
}

static void row_count(struct mailbox *seen, const struct email_row *row)
{
	seen->exists++;
	seen->size_bytes += row->size_bytes;
	seen->deleted += flags_has(row->flags, FLAG_DELETED);
	seen->unread += row_unread(row->flags);
	if (flags_has(row->flags, FLAG_SEEN))
		return;
	if (seen->unseen++ == 0) {
		seen->first_unseen_uid = row->uid;
		seen->first_unseen_seq = seen->exists;
	}
}

static enum err fsck_row_check(struct fsck_account *a, struct fsck_box *b,
                               const struct email_row *row)
{
	uint32_t id = b->box.id;
	enum err e;

	row_count(&b->seen, row);
	if (row->uid == 0 || row->uid >= b->box.uidnext)
		ACCOUNT_FOUND(
			a, "row %" PRIu32 " of mailbox %" PRIu32 " is not below UIDNEXT, %" PRIu32,
			row->uid, id, b->box.uidnext);
	if (row->modseq == 0 || row->modseq > b->box.modseq)
		ACCOUNT_FOUND(a,
		              "row %" PRIu32 " of mailbox %" PRIu32 " has modseq %" PRIu64
		              " above the mailbox's %" PRIu64,
		              row->uid, id, row->modseq, b->box.modseq);
	if ((row->flags.bits[0] & ~a->keyword_bits[0]) | (row->flags.bits[1] & ~a->keyword_bits[1]))
		ACCOUNT_FOUND(a,
		              "row %" PRIu32 " of mailbox %" PRIu32 " has a keyword without a name",
		              row->uid, id);
	if ((e = row_email(a, id, row)) || (e = row_thread(a, id, row)))
		return e;
	return row_logged(a, id, row);
}

/* An email that is pending deletion must have a record and be in no mailbox. */
static enum err pending_deletion_check(struct fsck_account *a, struct str key)
{
	struct unpack u = unpack_of(str_sub(key, 8, SIZE_MAX));
	uint64_t id = unpack_be64(&u);
	struct placement at;
	struct email email;
	enum err e;

	if (!unpack_ok(&u) || unpack_more(&u)) {
		ACCOUNT_FOUND(a, "a row of %zu bytes is in mailbox 0, which does not exist", key.n);
		return OK;
	}
	e = email_get(&a->m, id, &email);
	if (e == ERR_MISSING)
		ACCOUNT_FOUND(a, "email %" PRIu64 " is pending deletion, but does not exist", id);
	if (e)
		return e == ERR_MISSING || e == ERR_CORRUPT ? OK : e;
	e = placement_first(&a->m, id, &at);
	if (e == OK)
		ACCOUNT_FOUND(a, "email %" PRIu64 " is pending deletion and in a mailbox", id);
	return e == ERR_MISSING ? OK : e;
}

static enum err fsck_row_read(struct fsck_account *a, const struct kv_iter *it)
{
	struct unpack u = unpack_of(str_sub(it->key, 4, SIZE_MAX));
	uint32_t mailbox = unpack_be32(&u);
	struct email_row row = { .uid = unpack_be32(&u) };
	struct fsck_box *b = fsck_box_find(a, mailbox);

	if (mailbox == 0)
		return pending_deletion_check(a, it->key);
	if (!unpack_ok(&u) || unpack_more(&u) || !email_row_unpack(it->val, &row))
		ACCOUNT_FOUND(a, "row %" PRIu32 " of mailbox %" PRIu32 " is damaged", row.uid,
		              mailbox);
	else if (!b)
		ACCOUNT_FOUND(a, "row %" PRIu32 " is in mailbox %" PRIu32 ", which does not exist",
		              row.uid, mailbox);
	else
		return fsck_row_check(a, b, &row);
	return OK;
}

/* Compares the counters of the mailbox's record with its rows. */
static void counters_check(struct fsck_account *a, const struct fsck_box *b)
{
	const struct mailbox *box = &b->box, *seen = &b->seen;
	const struct {
		const char *what;
		uint64_t record, rows;
	} table[] = {
		{ "emails", box->exists, seen->exists },
		{ "unseen emails", box->unseen, seen->unseen },
		{ "deleted emails", box->deleted, seen->deleted },
		{ "unread emails", box->unread, seen->unread },
		{ "threads", box->threads, seen->threads },
		{ "unread threads", box->unread_threads, seen->unread_threads },
		{ "bytes", box->size_bytes, seen->size_bytes },
		{ "as first unseen UID", box->first_unseen_uid, seen->first_unseen_uid },
		{ "as first unseen number", box->first_unseen_seq, seen->first_unseen_seq },
	};

	for (size_t i = 0; i < COUNT(table); i++)
		if (table[i].record != table[i].rows)
			ACCOUNT_FOUND(a,
			              "mailbox %" PRIu32 " says %" PRIu64 " %s, its rows %" PRIu64,
			              box->id, table[i].record, table[i].what, table[i].rows);
}

static enum err box_index(struct fsck_account *a, struct fsck_box *b)
{
	bool same;
	enum err e = row_index_check(&a->m, b->box.id, &b->seen, &same);

	if (!e && !same)
		ACCOUNT_FOUND(a, "dates or threads of mailbox %" PRIu32 " differ from its rows",
		              b->box.id);
	return e;
}

enum err fsck_rows(struct fsck_account *a)
{
	struct kv_iter it;
	struct key k;
	enum err e = OK, walked;

	key_init(&k, a->m.account);
	kv_iter_prefix(&it, a->m.t, SPACE_UID, key_str(&k));
	while (!e && kv_iter_next(&it))
		e = fsck_row_read(a, &it);
	walked = kv_iter_end(&it);
	e = e ? e : walked;
	for (size_t i = 0; i < a->box_count && !e; i++) {
		e = box_index(a, &a->boxes[i]);
		counters_check(a, &a->boxes[i]);
	}
	return e;
}
