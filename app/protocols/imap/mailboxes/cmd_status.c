/* protocols/imap/mailboxes/cmd_status.c: STATUS (RFC 9051 6.3.11). The mailbox's record
 * has all items. */
#include "formats/imap_wire/put.h"
#include "model/mailbox/email.h"
#include "model/mailbox/mailbox.h"
#include "protocols/imap/commands.h"
#include "protocols/imap/mailboxes/status.h"
#include "protocols/imap/modseq.h"
#include "protocols/imap/objectid.h"
#include "protocols/imap/store.h"

enum err imap_status_recent(const struct mail_txn *m, const struct mailbox *box, uint32_t first,
                            uint32_t *out)
{
	struct email_rows rows;
	struct email_row row;

	*out = 0;
	if (first >= box->uidnext)
		return OK;
	if (box->exists + 1 == box->uidnext) { /* no UID is missing: no need to read rows */
		*out = box->uidnext - first;
		return OK;
	}
	email_rows_init(&rows, m, box->id, first, UINT32_MAX);
	while (email_rows_next(&rows, &row))
		++*out;
	return email_rows_end(&rows);
}

static enum err deleted_bytes(const struct mail_txn *m, const struct mailbox *box, uint64_t *out)
{
	struct email_rows rows;
	struct email_row row;

	if (box->deleted == 0)
		return OK;
	email_rows_init(&rows, m, box->id, 1, UINT32_MAX);
	while (email_rows_next(&rows, &row))
		if (flags_has(row.flags, FLAG_DELETED))
			*out += row.size_bytes;
	return email_rows_end(&rows);
}

enum err imap_status_count(const struct mail_txn *m, const struct mailbox *box, unsigned items,
                           struct status_counts *out)
{
	enum err e = OK;

	*out = (struct status_counts){ .unseen = box->unseen };
	if (items & STATUS_RECENT)
		e = imap_status_recent(m, box, box->first_recent_uid, &out->recent);
	if (!e && (items & STATUS_DELETED_STORAGE))
		e = deleted_bytes(m, box, &out->deleted_bytes);
	if (!e && (items & STATUS_UNSEEN) && box->own_seen) {
		struct mailbox his = *box;

		e = mailbox_unseen(m, &his, false);
		out->unseen = his.unseen;
	}
	return e;
}

/* The value of a numeric item. */
static uint64_t value(unsigned bit, const struct mailbox *box, const struct status_counts *counts)
{
	switch (bit) {
	case STATUS_MESSAGES:
		return box->exists;
	case STATUS_RECENT:
		return counts->recent;
	case STATUS_UIDNEXT:
		return box->uidnext;
	case STATUS_UIDVALIDITY:
		return box->uidvalidity;
	case STATUS_UNSEEN:
		return counts->unseen;
	case STATUS_DELETED:
		return box->deleted;
	case STATUS_DELETED_STORAGE: /* octets, like SIZE: the RFC has no unit */
		return counts->deleted_bytes;
	case STATUS_SIZE:
		return box->size_bytes;
	default:
		return box->modseq;
	}
}

/* The record counts unclaimed messages. In the selected mailbox, \Recent also includes
 * those that this session has claimed (RFC 3501 6.3.10). */
static struct status_counts counts_with_own(const struct imap *s, const struct mailbox *box,
                                            struct status_counts counts)
{
	const struct imap_selected *sel = &s->selected;

	if (sel->id == box->id && sel->account == box->account && !sel->read_only)
		counts.recent += sel->recent.n;
	return counts;
}

void imap_status_put(struct imap *s, struct str name, unsigned items, const struct mailbox *box,
                     const struct status_counts *counts)
{
	struct status_counts own = counts_with_own(s, box, *counts);
	struct buf *out = imap_out(s);
	const char *before = " (";

	buf_put(out, STR("* STATUS "));
	imap_put_mailbox(out, name, imap_utf8(s));
	for (unsigned bit = 1; bit <= items; bit <<= 1) {
		if (!(items & bit))
			continue;
		buf_put(out, str_of(before));
		buf_put(out, imap_status_name(bit));
		buf_byte(out, ' ');
		if (bit == STATUS_MAILBOXID)
			imap_mailboxid_put(out, box);
		else if (bit == STATUS_APPENDLIMIT) /* the same for all (RFC 7889 3.1) */
			buf_u64(out, s->settings->message_size);
		else
			buf_u64(out, value(bit, box, &own));
		before = " ";
	}
	buf_put(out, STR(")\r\n"));
}

struct status {
	struct imap_place at;
	unsigned items;
	struct mailbox box;
	struct status_counts counts;
};

static enum err status_read(const struct mail_txn *m, void *arg)
{
	struct status *g = arg;
	enum err e = mailbox_find(m, g->at.name, &g->box);

	return e ? e : imap_status_count(m, &g->box, g->items, &g->counts);
}

enum done imap_cmd_status(struct imap *s, union imap_args *args)
{
	struct status g = { .at = imap_place(args->status.name), .items = args->status.items };
	enum err e = imap_read_at(s, &g.at, status_read, &g);

	if (e) {
		imap_failed(s, ABOUT_ANY, e, NULL);
		return DONE;
	}
	imap_status_put(s, args->status.name, g.items, &g.box, &g.counts);
	if (g.items & STATUS_HIGHESTMODSEQ) /* RFC 7162 3.1 */
		imap_enable(s, ENABLED_CONDSTORE);
	imap_ok(s, NULL, NULL);
	return DONE;
}
