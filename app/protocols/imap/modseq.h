/* protocols/imap/modseq.h: what a session tells of mod-sequences and of messages that are gone (RFC
 * 7162; UIDONLY, RFC 9586).
 *
 * HIGHESTMODSEQ is a promise: a client that comes back with it hears of everything that it was
 * not told. So it is the mailbox's at the last sync, and while an expunge waits to be told,
 * the one from before that expunge (RFC 7162 3.2). */
#ifndef IMAP_MODSEQ_H
#define IMAP_MODSEQ_H
#include "foundation/base/buf.h"
#include "foundation/base/err.h"

struct imap;
struct uids;

/* The client has shown that it knows extensions: bits of enum imap_enabled. The first time it
 * knows of CONDSTORE, HIGHESTMODSEQ of the selected mailbox is told (RFC 7162 3.1). */
void imap_enable(struct imap *s, unsigned bits);

/* Say "* OK [HIGHESTMODSEQ n]". */
void imap_modseq_tell(struct imap *s);
/* The tagged reply is about to be sent, all that may be told has been: give it HIGHESTMODSEQ,
 * or say that before it, when the client would compute another one. Only with QRESYNC. New
 * messages count: who was not told would hear of them again as changed, and a program that keeps
 * two places the same would take that for a change of flags. */
void imap_modseq_finish(struct imap *s);

/* The greatest mod-sequence of these messages of the selected mailbox; 0 when all are gone. */
enum err imap_modseq_of(struct imap *s, const struct uids *uids, uint64_t *modseq) MUST_USE;

/* Are messages that go told by VANISHED, not by EXPUNGE? */
bool imap_tells_vanished(const struct imap *s);
/* "* VANISHED 1:3,7", or "* VANISHED (EARLIER) 1:3,7": RFC 7162 3.2.10. Not of none. */
void imap_vanished_put(struct buf *out, const struct uids *uids, bool earlier);
/* "1:3,7" */
void imap_uids_put(struct buf *out, const struct uids *uids);

#endif
