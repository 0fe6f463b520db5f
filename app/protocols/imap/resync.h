/* protocols/imap/resync.h: changes of the selected mailbox since a mod-sequence of the
 * client (RFC 7162 3.1.4.1, 3.2.5, 3.2.6). */
#ifndef IMAP_RESYNC_H
#define IMAP_RESYNC_H
#include "protocols/imap/commands.h"

/* Reduce uids, messages of the view, to those changed after modseq since. Unless known is
 * NULL, vanished receives the UIDs of known (resolved) that are expunged: since then if
 * the change log reaches back so far, else at any time (RFC 7162 3.2.6). It is empty
 * before, and the caller deinits it. The view must be known. Costs the changes since
 * then, or the mailbox. */
enum err imap_changed_since(struct imap *s, uint64_t since, const struct imap_seq *known,
                            struct uids *uids, struct uids *vanished) MUST_USE;

/* Answer the QRESYNC parameter of a successful SELECT. The result is for imap_went;
 * s->reply is set already. */
enum done imap_resync(struct imap *s, struct imap_select *what);

#endif
