/* protocols/imap/notify/notify.h: reports changes to a client without a command (NOTIFY,
 * RFC 5465).
 *
 *	watch      one for each account with requested mail: a committing thread sets a
 *	           flag and wakes the session                             (any time)
 *	catch up   the session reads the change logs and marks the changed mailboxes
 *	           in its list                                        (between commands)
 *	write      marked mailboxes are reported with their current state, as fast as
 *	           the client reads
 *
 * So a mailbox has one pending response however often it changes. The session keeps the
 * list of mailboxes, LIMIT_imap_notify_mailboxes at most. Beyond that, or if the change
 * logs no longer reach back far enough, the client receives NOTIFICATIONOVERFLOW and no
 * further events.
 *
 * Changes of the selected mailbox are sent by sync.h, if requested. A session without
 * NOTIFY and METADATA has only a NULL pointer here. */
#ifndef IMAP_NOTIFY_H
#define IMAP_NOTIFY_H
#include "model/mailbox/metadata.h"
#include "protocols/imap/sync.h"

struct imap;
struct uids;

/* Report annotations that other sessions change, of the server and of each mailbox with
 * the lookup right: METADATA was enabled (RFC 5464 4.1). This does not count as using
 * NOTIFY. */
void imap_notify_enable(struct imap *s);
/* The client has used NOTIFY. */
bool imap_notify_used(const struct imap *s);
/* Report only the selected mailbox again, as if NOTIFY had never been used. */
void imap_notify_end(struct imap *s);

/* --- changes of the selected mailbox ------------------------------------------------- */

/* Nothing but the effects of the client's own commands (5465 3.1: SELECTED NONE). */
bool imap_notify_muted(const struct imap *s);
/* Changes of flags. */
bool imap_notify_flags(const struct imap *s);
/* Expunges, when any command ends and between commands (5465 6.1.1). */
bool imap_notify_expunges(const struct imap *s);
/* Attributes of new messages. */
bool imap_notify_fetches(const struct imap *s);
/* Must the session be woken when the mailbox changes? */
bool imap_notify_wakes(const struct imap *s);
/* Other sessions have added these messages, and EXISTS was sent: resolved. */
void imap_notify_came(struct imap *s, const struct uids *uids);

/* --- writing ------------------------------------------------------------------------- */

/* Write all pending events, between commands or in IDLE. all: also expunges. */
enum written imap_notify_tell(struct imap *s, bool all);
/* The last call stopped in the middle of a response: nothing else may be written. */
bool imap_notify_talking(const struct imap *s);

/* --- the session's own changes are not reported to it (5465 5) ----------------------- */

/* Changes without a modseq; for those with one see own_changes.h. mailbox "" is the server. */
void imap_notify_noted(struct imap *s, struct str mailbox, const struct metadata_entry *entries,
                       size_t n);
void imap_notify_subscribed(struct imap *s, struct str mailbox, bool subscribed);

#endif
