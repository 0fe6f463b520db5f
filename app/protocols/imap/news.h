/* protocols/imap/news.h: finding out what happened in the selected mailbox; sync.c tells it. */
#ifndef IMAP_NEWS_H
#define IMAP_NEWS_H
#include "formats/imap_wire/seq.h"
#include "foundation/base/arena.h"
#include "foundation/base/err.h"

struct imap;

/* UIDs, not resolved. Some of came may have gone, and flagged may be gone or have come. */
struct news {
	struct arena arena; /* the caller's to deinit, after an error too */
	struct imap_seq came, gone, flagged;
	struct imap_seq own; /* changes of flags that are not to be told: it made them itself, or
	                      * nothing changed for it */
	struct imap_seq brought; /* those of came that are its own (own.h) */
	uint64_t modseq;  /* the mailbox is told of up to here    */
	uint64_t highest; /* of its changes; 0: there were none   */
	uint32_t unclaimed; /* the mailbox's first UID that is \Recent to no session */
	bool deleted;       /* the mailbox itself                                    */
};

/* All since selected.modseq.
 * Costs the changes of the account since then, or, when the change log no longer reaches back
 * so far, the messages of the mailbox. Empty before.
 * ERR_CONFLICT: it cannot be found out any more. */
enum err imap_news_read(struct imap *s, struct news *n) MUST_USE;

#endif
