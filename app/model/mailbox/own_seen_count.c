/* model/mailbox/own_seen_count.c: the unseen emails of a user with their own \Seen; see own_seen.h.
 *
 * Their number follows from the sizes of the sets. The first one is searched from both ends, a
 * block of UIDs from each in turn; from the end, it is found by counting the unseen ones. So the
 * cost is the distance to the nearer end, and most users have seen nearly all or nearly nothing. */
#include "model/mailbox/keys.h"
#include "model/mailbox/own_seen.h"
#include "model/mailbox/records.h"
#include "model/store/store.h"

static void key_user(struct key *k, uint32_t account, uint32_t mailbox, uint32_t user)
{
	key_mailbox(k, account, mailbox);
	key_u32(k, user);
}

/* --- How many ---------------------------------------------------------------------------- */

/* Has the user a row for the block? Then the default set does not apply. */
static enum err covered(const struct mail_txn *m, const struct own_seen_row *row, uint32_t user,
                        bool *yes)
{
	struct key k;
	enum err e;

	*yes = false;
	if (row->user == user)
		return OK;
	key_user(&k, m->account, row->mailbox, user);
	key_u32(&k, row->block);
	e = kv_get(m->t, SPACE_SEEN, key_str(&k), NULL);
	*yes = !e;
	return e == ERR_MISSING ? OK : e;
}

static enum err rows_count(const struct mail_txn *m, const struct key *prefix, uint32_t user,
                           uint32_t *n)
{
	struct own_seen_row row;
	struct kv_iter it;
	bool below;
	enum err e = OK, walked;

	kv_iter_prefix(&it, m->t, SPACE_SEEN, key_str(prefix));
	while (!e && kv_iter_next(&it)) {
		if (!own_seen_row_read(&it, &row))
			continue; /* none are seen: own_seen.c */
		if (!(e = covered(m, &row, user, &below)) && !below)
			*n += row.count;
	}
	walked = kv_iter_end(&it);
	return e ? e : walked;
}

enum err own_seen_count(const struct mail_txn *m, uint32_t mailbox, uint32_t user, uint32_t *n)
{
	struct key all, own;
	enum err e;

	*n = 0;
	key_user(&all, m->account, mailbox, SEEN_ALL);
	key_user(&own, m->account, mailbox, user);
	e = rows_count(m, &all, user, n);
	return e ? e : rows_count(m, &own, user, n);
}

/* --- The first --------------------------------------------------------------------------- */

struct searched { /* a block of UIDs */
	uint32_t block;
	uint32_t rows, unseen;
	uint32_t first, place; /* its first unseen row: UID and sequence number */
};

/* The least UID from lo to hi, or with back the greatest. ERR_MISSING when there is none. */
static enum err end_uid(const struct mail_txn *m, const struct mailbox *box, uint32_t lo,
                        uint32_t hi, bool back, uint32_t *uid)
{
	struct email_rows rows;
	struct email_row row;
	bool found;
	enum err e;

	email_rows_init(&rows, m, box->id, lo, hi);
	found = back ? email_rows_prev(&rows, &row) : email_rows_next(&rows, &row);
	*uid = found ? row.uid : 0;
	e = email_rows_end(&rows);
	return e || found ? e : ERR_MISSING;
}

static enum err block_search(const struct mail_txn *m, const struct mailbox *box, uint32_t block,
                             struct searched *out)
{
	uint32_t lo = block * SEEN_BLOCK;
	struct own_seen set;
	struct email_rows rows;
	struct email_row row;
	bool yes;
	enum err e;

	*out = (struct searched){ .block = block };
	own_seen_init(&set, m, box->id, m->who);
	if ((e = own_seen_has(&set, lo, &yes)))
		return e;
	out->rows = own_seen_all(&set);
	if (out->rows)
		return OK;
	email_rows_init(&rows, m, box->id, MAX(lo, 1), lo + (SEEN_BLOCK - 1));
	while (email_rows_next(&rows, &row)) {
		out->rows++;
		if (flags_has(row.flags, FLAG_SEEN))
			continue;
		out->unseen++;
		if (out->first == 0) {
			out->first = row.uid;
			out->place = out->rows;
		}
	}
	return email_rows_end(&rows);
}

struct ends {
	uint32_t lo, hi;       /* UIDs between which it must be */
	uint32_t before;       /* rows below lo                 */
	uint32_t after;        /* above hi                      */
	uint32_t unseen_after; /* of these                      */
};

/* Checks the next block from the beginning. *found also when no block is left. */
static enum err forward(const struct mail_txn *m, struct mailbox *box, struct ends *x, bool *found)
{
	struct searched b;
	uint32_t uid;
	enum err e = end_uid(m, box, x->lo, x->hi, false, &uid);

	*found = e == ERR_MISSING;
	if (e || (e = block_search(m, box, uid / SEEN_BLOCK, &b)))
		return *found ? OK : e;
	if (b.first) {
		box->first_unseen_uid = b.first;
		box->first_unseen_seq = x->before + b.place;
	}
	x->before += b.rows;
	*found = b.first || b.block == x->hi / SEEN_BLOCK;
	x->lo = *found ? x->lo : (b.block + 1) * SEEN_BLOCK;
	return OK;
}

/* Checks the next block from the end. */
static enum err backward(const struct mail_txn *m, struct mailbox *box, struct ends *x, bool *found)
{
	struct searched b;
	uint32_t uid;
	enum err e = end_uid(m, box, x->lo, x->hi, true, &uid);

	*found = e == ERR_MISSING;
	if (e || (e = block_search(m, box, uid / SEEN_BLOCK, &b)))
		return *found ? OK : e;
	x->after += b.rows;
	x->unseen_after += b.unseen;
	if (b.first) { /* the first so far; counters may be wrong where rows were damaged */
		box->first_unseen_uid = b.first;
		box->first_unseen_seq = box->exists - MIN(x->after, box->exists) + b.place;
	}
	*found = x->unseen_after >= box->unseen || b.block == x->lo / SEEN_BLOCK;
	x->hi = b.block * SEEN_BLOCK - (b.block != 0);
	return OK;
}

static enum err first_unseen(const struct mail_txn *m, struct mailbox *box)
{
	struct ends x = { .lo = 1, .hi = UINT32_MAX };
	bool found = false;
	enum err e = OK;

	box->first_unseen_uid = box->first_unseen_seq = 0;
	if (box->unseen == 0)
		return OK;
	while (!e && !found) {
		e = forward(m, box, &x, &found);
		if (!e && !found)
			e = backward(m, box, &x, &found);
	}
	return e;
}

enum err mailbox_unseen(const struct mail_txn *m, struct mailbox *box, bool first)
{
	uint32_t n;
	enum err e;

	if (!box->own_seen || m->who == 0 || m->who == m->account)
		return OK;
	if ((e = own_seen_count(m, box->id, m->who, &n)))
		return e;
	box->unseen = box->exists - MIN(n, box->exists);
	box->unread = MIN(box->unseen, box->exists - MIN(box->deleted, box->exists));
	box->unread_threads = MIN(box->threads, box->unread);
	return first ? first_unseen(m, box) : OK;
}
