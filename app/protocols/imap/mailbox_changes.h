/* protocols/imap/mailbox_changes.h: reads what has changed in the selected mailbox; sync.c sends
 * it. */
#ifndef IMAP_MAILBOX_CHANGES_H
#define IMAP_MAILBOX_CHANGES_H
#include "formats/imap_wire/seq.h"
#include "foundation/base/arena.h"
#include "foundation/base/err.h"

struct imap;

/* UIDs, not resolved. Messages of came may be expunged; those of flagged may be new or
 * expunged. */
struct news {
	struct arena arena; /* the caller deinits it, also after an error */
	struct imap_seq came, gone, flagged;
	struct imap_seq own; /* changes of flags not to be sent: made by this session, or
	                      * invisible to it */
	struct imap_seq added_here; /* those of came that this session added (own_changes.h) */
	uint64_t modseq;  /* the state of the mailbox that this describes */
	uint64_t highest; /* modseq of its last change; 0: no change */
	uint32_t unclaimed; /* the mailbox's first UID that is \Recent to no session */
	bool deleted;       /* the mailbox itself                                    */
};

/* All changes since selected.modseq. *n is empty before. Costs the changes of the account
 * since then. If the change log does not reach back so far, it costs the messages of the
 * mailbox. ERR_CONFLICT: the changes can no longer be determined. */
enum err imap_news_read(struct imap *s, struct news *n) MUST_USE;

#endif
