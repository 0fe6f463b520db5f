/* protocols/imap/recent.h: which messages of the selected mailbox are \Recent to this session (RFC
 * 3501 2.3.2).
 *
 * The mailbox's record has the first UID that no session has claimed. A session claims messages
 * when it is first told of them: by SELECT, or when sync tells EXISTS. Claiming moves that UID in a
 * write transaction, so exactly one session gets each message, on whatever connection or node.
 * A session that may only read claims nothing. To it a message is \Recent while it is unclaimed. */
#ifndef IMAP_RECENT_H
#define IMAP_RECENT_H
#include "model/mailbox/uids.h"

struct imap;
struct imap_selected;

bool imap_is_recent(const struct imap_selected *sel, uint32_t uid);

/* The session is about to tell its client of fresh, for the first time. Claim them, as far as
 * unclaimed, the mailbox's first unclaimed UID when fresh was read, does not exclude it already. */
void imap_recent_came(struct imap *s, const struct uids *fresh, uint32_t unclaimed);
/* These leave the view. */
void imap_recent_gone(struct imap *s, const struct uids *gone);

#endif
