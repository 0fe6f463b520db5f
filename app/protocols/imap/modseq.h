/* protocols/imap/modseq.h: mod-sequences and expunged messages in a session's responses
 * (RFC 7162; UIDONLY, RFC 9586).
 *
 * HIGHESTMODSEQ is a promise: a client that returns with it receives every change it has
 * not seen. So it is the mailbox's value at the last sync. While an expunge is not yet
 * sent, it is the value from before that expunge (RFC 7162 3.2). */
#ifndef IMAP_MODSEQ_H
#define IMAP_MODSEQ_H
#include "foundation/base/buf.h"
#include "foundation/base/err.h"

struct imap;
struct uids;

/* The client has shown that it supports extensions: bits of enum imap_enabled. The first
 * time that implies CONDSTORE, send HIGHESTMODSEQ of the selected mailbox (RFC 7162
 * 3.1). */
void imap_enable(struct imap *s, unsigned bits);

/* Send "* OK [HIGHESTMODSEQ n]". */
void imap_modseq_tell(struct imap *s);
/* Before the tagged response, after all updates: add HIGHESTMODSEQ if the client would
 * compute another value, or send it separately. Only with QRESYNC. New messages count
 * too. Otherwise the client would receive them again as changed, and a synchronizing
 * client would take that for changed flags. */
void imap_modseq_finish(struct imap *s);

/* The greatest mod-sequence of these messages of the selected mailbox; 0 if all are
 * expunged. */
enum err imap_modseq_of(struct imap *s, const struct uids *uids, uint64_t *modseq) MUST_USE;

/* Are expunged messages reported by VANISHED instead of EXPUNGE? */
bool imap_tells_vanished(const struct imap *s);
/* Append "* VANISHED 1:3,7", or "* VANISHED (EARLIER) 1:3,7" (RFC 7162 3.2.10). Nothing
 * for an empty set. */
void imap_vanished_put(struct buf *out, const struct uids *uids, bool earlier);
/* "1:3,7" */
void imap_uids_put(struct buf *out, const struct uids *uids);

#endif
