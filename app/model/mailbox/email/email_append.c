/* model/mailbox/email/email_append.c: new emails into a mailbox. */
#include "model/mailbox/edit.h"
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
