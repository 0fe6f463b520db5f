/* model/mailbox/email/email_append.c: new emails into mailboxes. */
#include "model/mailbox/edit.h"
#include "model/mailbox/email_edit.h"
#include "model/mailbox/email/email_new_body.h"
#include "model/mailbox/rights.h"

/* All checks precede the first write, so that a refusal does not undo the other writers' work of
 * the same commit. */
static enum err append_begin(struct edit *ed, const struct mail_txn *m,
                             const struct email_append *what, size_t n, struct edit_box **box)
{
	uint64_t bytes = 0;
	enum err e;

	for (size_t i = 0; i < n; i++)
		bytes += what[i].email->email.size_bytes;
	if ((e = edit_begin(ed, m)) || (e = edit_box(ed, what->mailbox, box)))
		return e;
	return edit_room(ed, bytes, n);
}

static enum err append_one(struct edit *ed, struct edit_box *b, unsigned rights,
                           const struct email_append *what, struct email_row *row)
{
	struct email email = what->email->email;
	enum err e;

	/* RFC 4314 4 */
	*row = (struct email_row){ .flags = flags_and(what->flags, rights_flags(rights)),
		                   .size_bytes = email.size_bytes,
		                   .internal_ms = what->internal_ms };
	email.internal_ms = what->internal_ms;
	if ((e = blob_put(ed->m->t, what->email->draft, NULL)) ||
	    (e = edit_email_add(ed, &email, &what->email->thread_keys, row)))
		return e;
	return edit_row_insert(ed, b, row);
}

enum err email_append_all(const struct mail_txn *m, const struct email_append *what, size_t n,
                          struct email_appended *out)
{
	struct edit ed;
	struct edit_box *b;
	struct email_row row;
	unsigned rights = 0;
	enum err e;

	if ((e = rights_need(m, what->mailbox, RIGHT_INSERT)) ||
	    (e = rights_get(m, what->mailbox, &rights)))
		return e;
	if ((e = append_begin(&ed, m, what, n, &b)))
		goto out;
	for (size_t i = 0; i < n; i++) {
		if ((e = append_one(&ed, b, rights, &what[i], &row)))
			goto out;
		if (i == 0)
			*out = (struct email_appended){ b->box.uidvalidity, row.uid, row.email,
				                        ed.modseq };
	}
	e = edit_commit(&ed);
out:
	edit_end(&ed);
	return e;
}

enum err email_append(const struct mail_txn *m, const struct email_append *what,
                      struct email_appended *out)
{
	return email_append_all(m, what, 1, out);
}

/* --- Into several mailboxes ------------------------------------------------------------- */

static enum err create_begin(struct edit *ed, const struct mail_txn *m,
                             const struct email_create *what)
{
	struct edit_box *b;
	enum err e = edit_begin(ed, m);

	for (size_t i = 0; i < what->mailbox_count && !e; i++)
		if ((e = edit_box(ed, what->mailboxes[i], &b)) == OK)
			e = rights_need(m, what->mailboxes[i], RIGHT_INSERT);
	return e ? e : edit_room(ed, what->email->email.size_bytes, what->mailbox_count);
}

/* The first placement has the new email, the others are copies of it. */
static enum err create_place(struct edit *ed, const struct mail_txn *m,
                             const struct email_create *what, size_t i, struct email_row *row)
{
	struct email_append first = { .mailbox = what->mailboxes[0],
		                      .email = what->email,
		                      .flags = what->flags,
		                      .internal_ms = what->internal_ms };
	struct edit_box *b;
	unsigned rights;
	enum err e;

	if ((e = edit_box(ed, what->mailboxes[i], &b)) ||
	    (e = rights_get(m, what->mailboxes[i], &rights)))
		return e;
	if (i == 0)
		return append_one(ed, b, rights, &first, row);
	row->flags = flags_and(what->flags, rights_flags(rights));
	return edit_row_insert(ed, b, row);
}

enum err email_create(const struct mail_txn *m, const struct email_create *what,
                      struct email_created *out)
{
	struct email_row row = { 0 };
	struct edit ed;
	enum err e = create_begin(&ed, m, what);

	for (size_t i = 0; i < what->mailbox_count && !e; i++)
		e = create_place(&ed, m, what, i, &row);
	if (!e)
		e = edit_commit(&ed);
	*out = (struct email_created){ row.email, row.thread, ed.state.modseq };
	edit_end(&ed);
	return e;
}
