/* protocols/imap/cmd_expunge.c: EXPUNGE, UID EXPUNGE and CLOSE (RFC 9051 6.4.1, 6.4.3,
 * 6.4.9). The sync that follows reports expunged messages as if another session had
 * expunged them. */
#include "model/mailbox/email.h"
#include "model/mailbox/mailbox.h"
#include "model/mailbox/rights.h"
#include "protocols/imap/commands.h"
#include "protocols/imap/message_limit.h"
#include "protocols/imap/store.h"
#include "protocols/imap/sync.h"

struct expunging {
	uint32_t mailbox;
	const struct uids *uids;
	struct uids *deleted; /* receives those of them that are \Deleted; may be NULL */
	bool none;            /* no message is \Deleted */
};

static enum err find_deleted(const struct mail_txn *m, struct expunging *x)
{
	enum err e = OK;

	for (size_t i = 0; i < x->uids->n && !e; i++) {
		struct email_rows rows;
		struct email_row row;

		email_rows_init(&rows, m, x->mailbox, x->uids->ranges[i].lo, x->uids->ranges[i].hi);
		while (email_rows_next(&rows, &row))
			if (flags_has(row.flags, FLAG_DELETED))
				uids_add(x->deleted, row.uid, row.uid);
		e = email_rows_end(&rows);
	}
	return e;
}

static enum err expunge_lookup(const struct mail_txn *m, void *arg)
{
	struct expunging *x = arg;
	struct mailbox box;
	enum err e = mailbox_get(m, x->mailbox, &box);

	x->none = !e && box.deleted == 0;
	if (!e && x->deleted)
		e = find_deleted(m, x);
	return e ? e : rights_need(m, x->mailbox, RIGHT_EXPUNGE);
}

static enum err expunge(const struct mail_txn *m, void *arg)
{
	const struct expunging *x = arg;
	struct email_expunge what = { x->mailbox, x->uids, .deleted_only = true };
	struct uids gone = { 0 };
	enum err e = email_expunge(m, &what, &gone, NULL);

	uids_deinit(&gone);
	return e;
}

/* A write waits for the disk: avoid it if there is nothing to write. */
static enum err expunge_deleted(struct imap *s, const struct uids *uids, struct uids *deleted)
{
	struct expunging x = { .mailbox = s->selected.id, .uids = uids, .deleted = deleted };
	enum err e = OK;

	if (uids->n == 0)
		return OK;
	e = imap_read(s, expunge_lookup, &x);
	if (deleted && imap_limit_cut(s, deleted))
		x.uids = deleted;
	return e || x.none ? e : imap_write(s, expunge, &x, NULL);
}

static enum done expunge_set(struct imap *s, const struct uids *uids, struct uids *deleted)
{
	enum err e;

	if (s->selected.read_only) {
		imap_no(s, "READ-ONLY", "The mailbox is read-only");
		return DONE;
	}
	e = expunge_deleted(s, uids, deleted);
	if (e)
		imap_failed(s, ABOUT_ANY, e, NULL);
	else
		imap_ok(s, NULL, NULL);
	return DONE;
}

enum done imap_cmd_expunge(struct imap *s, union imap_args *args)
{
	(void)args;
	return expunge_set(s, &uids_all, NULL);
}

enum done imap_cmd_uid_expunge(struct imap *s, union imap_args *args)
{
	struct uids uids = { 0 }, deleted = { 0 };

	if (imap_messages(s, &args->set, &uids)) /* RFC 9738 3.1: only UID EXPUNGE has a
	                                          * limit */
		(void)expunge_set(s, &uids, imap_message_limit(s) ? &deleted : NULL);
	uids_deinit(&uids);
	uids_deinit(&deleted);
	return DONE;
}

enum done imap_cmd_close(struct imap *s, union imap_args *args)
{
	enum err e = OK;

	(void)args;
	if (!s->selected.read_only)
		e = expunge_deleted(s, &uids_all, NULL);
	imap_deselect(s); /* always: the client assumes it after OK and after NO */
	if (e && e != ERR_MISSING && e != ERR_DENIED) /* RFC 4314 4: not a failure */
		imap_failed(s, ABOUT_ANY, e, NULL);
	else
		imap_ok(s, NULL, NULL);
	return DONE;
}
