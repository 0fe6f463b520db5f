/* protocols/imap/resync.h: what changed in the selected mailbox since a mod-sequence that the
 * client remembers (RFC 7162 3.1.4.1, 3.2.5, 3.2.6). */
#ifndef IMAP_RESYNC_H
#define IMAP_RESYNC_H
#include "protocols/imap/commands.h"

/* Leave in uids, messages of the view, those that changed after modseq since. vanished, unless
 * known is NULL, becomes those of known (resolved) that are gone: since then when the change
 * log reaches back so far, else whenever (RFC 7162 3.2.6). It is empty before and the caller's
 * to deinit. The view must be known. Costs the changes since then, or the mailbox. */
enum err imap_changed_since(struct imap *s, uint64_t since, const struct imap_seq *known,
                            struct uids *uids, struct uids *vanished) MUST_USE;

/* The answer to the QRESYNC parameter of a SELECT that has succeeded, up to what imap_went
 * takes; s->reply is set already. */
enum done imap_resync(struct imap *s, struct imap_select *what);

#endif
