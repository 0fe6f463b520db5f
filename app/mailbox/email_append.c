/* mailbox/email_append.c: a new email into a mailbox. */
#include "mailbox/edit.h"
#include "mailbox/email_new_body.h"
#include "mailbox/rights.h"

/* All refusals come before the first write: a full mailbox costs the other writers of the
 * same commit nothing. */
static enum err append_begin(struct edit *ed, const struct mail_txn *m,
                             const struct email_append *what, struct edit_box **box)
{
	enum err e;

	if ((e = edit_begin(ed, m)) || (e = edit_box(ed, what->mailbox, box)))
		return e;
	return edit_room(ed, what->email->email.size_bytes);
}

enum err email_append(const struct mail_txn *m, const struct email_append *what,
                      struct email_appended *out)
{
	struct edit ed;
	struct edit_box *b;
	struct email email = what->email->email;
	struct email_row row = { .flags = what->flags,
		                 .size_bytes = email.size_bytes,
		                 .internal_ms = what->internal_ms };
	unsigned rights = 0;
	enum err e;

	email.internal_ms = what->internal_ms;
	if ((e = rights_need(m, what->mailbox, RIGHT_INSERT)) ||
	    (e = rights_get(m, what->mailbox, &rights)))
		return e;
	row.flags = flags_and(row.flags, rights_flags(rights)); /* RFC 4314 4 */
	if ((e = append_begin(&ed, m, what, &b)))
		goto out;
	if ((e = blob_put(m->t, what->email->draft, NULL)))
		goto out;
	if ((e = edit_email_add(&ed, &email, &row.email)))
		goto out;
	if ((e = edit_row_add(&ed, b, &row)))
		goto out;
	*out = (struct email_appended){ b->box.uidvalidity, row.uid, row.email, ed.modseq };
	e = edit_commit(&ed);
out:
	edit_end(&ed);
	return e;
}
