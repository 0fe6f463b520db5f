/* protocols/imap/recent.h: which messages of the selected mailbox are \Recent to this
 * session (RFC 3501 2.3.2).
 *
 * The mailbox's record has the first UID that no session has claimed. A session claims
 * messages when it first reports them: by SELECT, or when sync sends EXISTS. Claiming
 * moves that UID in a write transaction, so exactly one session gets each message, on
 * whatever connection or node. A read-only session claims nothing. To it a message is
 * \Recent while it is unclaimed. */
#ifndef IMAP_RECENT_H
#define IMAP_RECENT_H
#include "model/mailbox/uids.h"

struct imap;
struct imap_selected;

bool imap_is_recent(const struct imap_selected *sel, uint32_t uid);

/* The session is about to report fresh for the first time. Claim the unclaimed ones,
 * unless the mailbox's first unclaimed UID at the time of reading already excludes
 * them. */
void imap_recent_came(struct imap *s, const struct uids *fresh, uint32_t unclaimed);
/* These messages leave the view. */
void imap_recent_gone(struct imap *s, const struct uids *gone);

#endif
