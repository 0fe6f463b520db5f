/* protocols/imap/objectid.c: see objectid.h. */
#include "protocols/imap/objectid.h"

#include "model/mailbox/email.h"
#include "model/mailbox/mailbox.h"

/* The first character distinguishes ids of different kinds (5.2) and must be a letter (8.1). */

void imap_mailboxid_put(struct buf *out, const struct mailbox *box)
{
	buf_fmt(out, "(F%" PRIu32 "-%" PRIu32 ")", box->account, box->id);
}

void imap_emailid_put(struct buf *out, uint32_t account, const struct email_row *row)
{
	buf_fmt(out, "M%" PRIu32 "-%" PRIu64, account, row->email);
}

void imap_threadid_put(struct buf *out, uint32_t account, const struct email_row *row)
{
	buf_fmt(out, "T%" PRIu32 "-%" PRIu64, account, row->thread);
}
