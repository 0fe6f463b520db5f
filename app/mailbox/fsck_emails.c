/* mailbox/fsck_emails.c: rows, emails, and the counters that sum them up. */
#include "mailbox/fsck_account.h"

#include "base/pack.h"
#include "mailbox/keys.h"
#include "message/envelope.h"
#include "message/structure.h"
#include "store/store.h"

/* --- Rows --- */

/* The row's email is there and says the same. */
static enum err row_email(struct fsck_account *a, uint32_t mailbox, const struct email_row *row)
{
	struct email email;
	struct key k;
	enum err e = email_get(&a->m, row->email, &email);

	if (e == ERR_CORRUPT)
		return OK; /* fsck_emails says it */
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
	key_home(&k, a->m.account, row->email, mailbox, row->uid);
	e = kv_get(a->m.t, SPACE_EMAIL, key_str(&k), NULL);
	if (e != ERR_MISSING)
		return e;
	ACCOUNT_FOUND(
		a, "email %" PRIu64 " does not know that it is row %" PRIu32 " of mailbox %" PRIu32,
		row->email, row->uid, mailbox);
	return OK;
}

/* What happened to it last is in the log, unless that is forgotten. */
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
	if (flags_has(row->flags, FLAG_SEEN))
		return;
	if (seen->unseen++ == 0) {
		seen->first_unseen_uid = row->uid;
		seen->first_unseen_seq = seen->exists;
	}
}

static enum err row_check(struct fsck_account *a, struct fsck_box *b, const struct email_row *row)
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
	e = row_email(a, id, row);
	return e ? e : row_logged(a, id, row);
}

static enum err row_read(struct fsck_account *a, const struct kv_iter *it)
{
	struct unpack u = unpack_of(str_sub(it->key, 4, SIZE_MAX));
	uint32_t mailbox = unpack_be32(&u);
	struct email_row row = { .uid = unpack_be32(&u) };
	struct fsck_box *b = fsck_box_find(a, mailbox);

	if (!unpack_ok(&u) || unpack_more(&u) || !email_row_unpack(it->val, &row))
		ACCOUNT_FOUND(a, "row %" PRIu32 " of mailbox %" PRIu32 " is damaged", row.uid,
		              mailbox);
	else if (!b)
		ACCOUNT_FOUND(a, "row %" PRIu32 " is in mailbox %" PRIu32 ", which does not exist",
		              row.uid, mailbox);
	else
		return row_check(a, b, &row);
	return OK;
}

/* The mailbox's record against what its rows sum up to. */
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

enum err fsck_rows(struct fsck_account *a)
{
	struct kv_iter it;
	struct key k;
	enum err e = OK, walked;

	key_init(&k, a->m.account);
	kv_iter_prefix(&it, a->m.t, SPACE_UID, key_str(&k));
	while (!e && kv_iter_next(&it))
		e = row_read(a, &it);
	walked = kv_iter_end(&it);
	for (size_t i = 0; i < a->box_count && !e; i++)
		counters_check(a, &a->boxes[i]);
	return e ? e : walked;
}

/* --- Emails --- */

struct email_sum {
	uint64_t emails, bytes;
	uint64_t last;  /* email whose record was met last; its homes follow */
	uint64_t homes; /* of it, so far                                     */
};

static void homes_check(struct fsck_account *a, const struct email_sum *sum)
{
	if (sum->emails && sum->homes != 1)
		ACCOUNT_FOUND(a, "email %" PRIu64 " is in %" PRIu64 " rows instead of one",
		              sum->last, sum->homes);
}

static enum err record_check(struct fsck_account *a, uint64_t id, const struct email *email)
{
	struct arena work = { 0 };
	struct envelope envelope;
	struct structure structure;
	uint64_t size = 0;
	enum err e;

	if (id == 0 || id >= a->state.email_next)
		ACCOUNT_FOUND(a, "email %" PRIu64 " is not below the next id, %" PRIu64, id,
		              a->state.email_next);
	if (!envelope_unpack(&work, email->envelope, &envelope) ||
	    !structure_unpack(&work, email->structure, &structure))
		ACCOUNT_FOUND(a, "envelope or structure of email %" PRIu64 " is damaged", id);
	arena_deinit(&work);
	e = blob_size(a->m.t, &email->blob, &size);
	if (e == ERR_MISSING)
		ACCOUNT_FOUND(a, "the blob of email %" PRIu64 " does not exist", id);
	else if (e == OK && size != email->size_bytes)
		ACCOUNT_FOUND(a, "email %" PRIu64 " has %" PRIu32 " bytes, its blob %" PRIu64, id,
		              email->size_bytes, size);
	return e == ERR_MISSING || e == ERR_CORRUPT ? OK : e;
}

/* "Email id is in this row": the row must say so too. */
static enum err home_check(struct fsck_account *a, uint64_t id, struct unpack *key)
{
	uint32_t mailbox = unpack_be32(key), uid = unpack_be32(key);
	struct email_row row = { 0 };
	enum err e;

	if (!unpack_ok(key) || unpack_more(key)) {
		ACCOUNT_FOUND(a, "email %" PRIu64 " has a malformed place", id);
		return OK;
	}
	e = email_row_get(&a->m, mailbox, uid, &row);
	if (e == ERR_MISSING || (e == OK && row.email != id))
		ACCOUNT_FOUND(a,
		              "email %" PRIu64 " is not in row %" PRIu32 " of mailbox %" PRIu32
		              ", as it says",
		              id, uid, mailbox);
	return e == ERR_MISSING || e == ERR_CORRUPT ? OK : e;
}

static enum err email_read(struct fsck_account *a, const struct kv_iter *it, struct email_sum *sum)
{
	struct unpack key = unpack_of(str_sub(it->key, 4, SIZE_MAX));
	uint64_t id = unpack_be64(&key);
	struct email email;

	if (unpack_more(&key)) {
		if (sum->emails && sum->last == id)
			sum->homes++;
		else
			ACCOUNT_FOUND(a, "email %" PRIu64 " has a place, but no record", id);
		return home_check(a, id, &key);
	}
	homes_check(a, sum);
	sum->last = id;
	sum->homes = 0;
	sum->emails++;
	if (!unpack_ok(&key) || !email_unpack(it->val, &email)) {
		ACCOUNT_FOUND(a, "email %" PRIu64 " is damaged", id);
		return OK;
	}
	sum->bytes += email.size_bytes;
	return record_check(a, id, &email);
}

enum err fsck_emails(struct fsck_account *a)
{
	struct email_sum sum = { 0 };
	struct kv_iter it;
	struct key k;
	enum err e = OK, walked;

	key_init(&k, a->m.account);
	kv_iter_prefix(&it, a->m.t, SPACE_EMAIL, key_str(&k));
	while (!e && kv_iter_next(&it))
		e = email_read(a, &it, &sum);
	walked = kv_iter_end(&it);
	if (e || walked)
		return e ? e : walked;
	homes_check(a, &sum);
	if (sum.emails != a->state.emails || sum.bytes != a->state.used_bytes)
		ACCOUNT_FOUND(a,
		              "the state counts %" PRIu64 " emails of %" PRIu64
		              " bytes, there are %" PRIu64 " of %" PRIu64,
		              a->state.emails, a->state.used_bytes, sum.emails, sum.bytes);
	return OK;
}
