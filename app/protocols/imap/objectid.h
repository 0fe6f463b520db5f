/* protocols/imap/objectid.h: identifiers that outlive names and UIDs (RFC 8474). JMAP has the same.
 *
 *	MAILBOXID  F1-7   account and number of the mailbox, which is never reused; so it stays
 *	                  through RENAME, and differs between accounts that share
 *	EMAILID    M1-55  account and number of the email: COPY and MOVE within an account keep
 *	                  it (5.1)
 *	THREADID   T1-55  account and number of the thread (model/mailbox/thread.h) */
#ifndef IMAP_OBJECTID_H
#define IMAP_OBJECTID_H
#include "foundation/base/buf.h"

struct email_row;
struct mailbox;

enum { IMAP_OBJECTID_MAX = 1 + 10 + 1 + 20 };

/* Append "(F1-7)". */
void imap_mailboxid_put(struct buf *out, const struct mailbox *box);
/* Append an id without parentheses, at most IMAP_OBJECTID_MAX bytes. account: the mail's owner. */
void imap_emailid_put(struct buf *out, uint32_t account, const struct email_row *row);
void imap_threadid_put(struct buf *out, uint32_t account, const struct email_row *row);

#endif
