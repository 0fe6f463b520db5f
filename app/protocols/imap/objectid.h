/* protocols/imap/objectid.h: identifiers that outlive names and UIDs (RFC 8474).
 *
 *	MAILBOXID  F1-7     account and number of the mailbox, which is never reused; so
 *	                    it stays through RENAME, and differs between accounts that share
 *	EMAILID    M6b51... hash of what an email never changes: its bytes and internal date;
 *	                    so COPY, MOVE and the same APPEND again keep it (5.1)
 *	THREADID   T81f0... hash of the root of its references and its base subject
 *	                    (model/mailbox/thread_id.h): the same wherever the message is */
#ifndef IMAP_OBJECTID_H
#define IMAP_OBJECTID_H
#include "foundation/base/buf.h"

struct email;
struct mailbox;

/* Append "(F1-7)". */
void imap_mailboxid_put(struct buf *out, const struct mailbox *box);
/* Append the EMAILID of e, without parentheses: at most IMAP_EMAILID_MAX bytes. */
enum { IMAP_EMAILID_MAX = 33 };
void imap_emailid_put(struct buf *out, const struct email *e);

/* Append the THREADID of those bytes, without parentheses: IMAP_THREADID_MAX bytes. */
enum { IMAP_THREADID_MAX = 33 };
void imap_threadid_put(struct buf *out, const uint8_t id[16]);

#endif
