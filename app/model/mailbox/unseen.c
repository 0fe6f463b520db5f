/* model/mailbox/unseen.c: see unseen.h. */
#include "model/mailbox/unseen.h"

static bool row_seen(const struct email_row *row)
{
	return flags_has(row->flags, FLAG_SEEN);
}

void unseen_added(struct edit_box *b, const struct email_row *row)
{
	if (row_seen(row) || b->box.first_unseen_uid != 0)
		return;
	b->box.first_unseen_uid = row->uid;
	b->box.first_unseen_seq = b->box.exists;
}

void unseen_removed(struct edit_box *b, const struct email_row *row)
{
	if (row->uid < b->box.first_unseen_uid)
		b->box.first_unseen_seq--;
	else if (row->uid == b->box.first_unseen_uid)
		b->first_unseen_gone = true;
}

void unseen_flags(struct edit_box *b, const struct email_row *row, struct flags flags)
{
	uint32_t first = b->box.first_unseen_uid, *below = &b->unseen_below_uid;

	if (flags_has(flags, FLAG_SEEN))
		b->first_unseen_gone |= row->uid == first;
	else if ((first == 0 || row->uid < first) && (*below == 0 || row->uid < *below))
		*below = row->uid;
}

/* Searches from the position of the former first one to the next one. */
static enum err settle_forward(const struct mail_txn *m, struct mailbox *box)
{
	struct email_rows rows;
	struct email_row row;

	email_rows_init(&rows, m, box->id, box->first_unseen_uid, UINT32_MAX);
	while (email_rows_next(&rows, &row)) {
		if (!row_seen(&row)) {
			box->first_unseen_uid = row.uid;
			break;
		}
		box->first_unseen_seq++;
	}
	return email_rows_end(&rows);
}

/* Searches back from the first one, or from the end when there was none. */
static enum err settle_back(const struct mail_txn *m, struct mailbox *box, uint32_t uid)
{
	uint32_t seq = box->first_unseen_uid ? box->first_unseen_seq : box->exists + 1;
	uint32_t last = box->first_unseen_uid ? box->first_unseen_uid - 1 : UINT32_MAX;
	struct email_rows rows;
	struct email_row row;

	email_rows_init(&rows, m, box->id, uid, last);
	while (email_rows_next(&rows, &row))
		seq--;
	box->first_unseen_uid = uid;
	box->first_unseen_seq = seq;
	return email_rows_end(&rows);
}

enum err unseen_settle(const struct mail_txn *m, struct edit_box *b)
{
	struct mailbox *box = &b->box;

	if (box->unseen == 0) {
		box->first_unseen_uid = 0;
		box->first_unseen_seq = 0;
		return OK;
	}
	if (b->unseen_below_uid)
		return settle_back(m, box, b->unseen_below_uid);
	return b->first_unseen_gone ? settle_forward(m, box) : OK;
}
