/* protocols/imap/notify/notify.h: telling a client, without a command, of changes that it has asked
 * for (NOTIFY, RFC 5465).
 *
 *	watch      one for each account whose mail is asked for: a committing thread sets a
 *	           flag and wakes the session                             (any time)
 *	catch up   the session looks up what happened in the change logs, and marks the
 *	           mailboxes in its list                              (between commands)
 *	tell       what is marked goes out, as fast as the client reads, and as it is then
 *
 * So a mailbox has one response to tell however often it changed, and what is kept is the list of
 * mailboxes: LIMIT_imap_notify_mailboxes at most, else the client hears NOTIFICATIONOVERFLOW and
 * then no more. It hears that too when it was so slow that the logs have forgotten.
 *
 * For the selected mailbox sync.h does what it always does, when the client wants it to. A
 * session that has not used NOTIFY, nor enabled METADATA, has nothing of all this but a NULL. */
#ifndef IMAP_NOTIFY_H
#define IMAP_NOTIFY_H
#include "model/mailbox/metadata.h"
#include "protocols/imap/sync.h"

struct imap;
struct uids;

/* Hear of all annotations, of the server and of each mailbox that may be looked up, that others
 * change: METADATA was enabled (RFC 5464 4.1). For the rest, NOTIFY has not been used by that. */
void imap_notify_enable(struct imap *s);
/* NOTIFY was used. */
bool imap_notify_used(const struct imap *s);
/* Hear of nothing but the selected mailbox again, as if NOTIFY had never been used. */
void imap_notify_end(struct imap *s);

/* --- what is to be told of the selected mailbox ----------------------------------------- */

/* Nothing at all, but what the client's own commands do (5465 3.1: SELECTED NONE). */
bool imap_notify_muted(const struct imap *s);
/* Changes of flags. */
bool imap_notify_flags(const struct imap *s);
/* What vanished, when any command ends and between commands (5465 6.1.1). */
bool imap_notify_expunges(const struct imap *s);
/* Attributes of new messages. */
bool imap_notify_fetches(const struct imap *s);
/* Must the session be woken when the mailbox changes? */
bool imap_notify_wakes(const struct imap *s);
/* Others have put these messages into it, and EXISTS was told: resolved. */
void imap_notify_came(struct imap *s, const struct uids *uids);

/* --- telling ---------------------------------------------------------------------------- */

/* Tell everything, between commands or in IDLE. all: also what vanished. */
enum told imap_notify_tell(struct imap *s, bool all);
/* The last one stopped in the middle of a response: nothing else may be written. */
bool imap_notify_talking(const struct imap *s);

/* --- what the session did itself is not told to it (5465 5) ----------------------------- */

/* For what has a modseq see own.h. These changes have none. mailbox "" is the server. */
void imap_notify_noted(struct imap *s, struct str mailbox, const struct metadata_entry *entries,
                       size_t n);
void imap_notify_subscribed(struct imap *s, struct str mailbox, bool subscribed);

#endif
