/* protocols/imap/sync.h: keeps the client's view of the selected mailbox up to date.
 *
 *	watch      a committing thread sets a flag                    (any time)
 *	sync       the session reads the change log                   (between commands)
 *	           and sends EXPUNGE, EXISTS, RECENT and FETCH
 *
 * Numbers may shift only where RFC 9051 7.5.1 allows EXPUNGE. Otherwise an expunged
 * message stays in the view, as a number without a message, until the next sync.
 *
 * Many changes are sent in portions, so a client that reads slowly holds no worker: the
 * rest stays in selected.gone and selected.flagged. */
#ifndef IMAP_SYNC_H
#define IMAP_SYNC_H
#include "foundation/base/err.h"

struct imap;
struct imap_seq;
struct uids;

/* Watch the mailbox in that account's mail; begin before its state is read. */
void imap_watch_begin(struct imap *s, uint32_t account, uint32_t mailbox);
/* No-op if not watching. */
void imap_watch_end(struct imap *s);
/* Something may have changed since the last sync. */
bool imap_watch_changed(const struct imap *s);

/* Load the UIDs of the view if they are unknown. The view still shows the mailbox at the
 * modseq of the last sync. ERR_CONFLICT: that state can no longer be determined. */
enum err imap_view_load(struct imap *s) MUST_USE;

/* The messages that a set of the running command names, as numbers or UIDs; resolves set.
 * out is empty before, and the caller deinits it. False: s->reply is the error. */
bool imap_messages(struct imap *s, struct imap_seq *set, struct uids *out);

/* The UID or the number of a message of the view, as in the running command. */
uint32_t imap_number(const struct imap *s, uint32_t uid);

enum written {
	WRITTEN_ALL,  /* everything that may be sent is written            */
	WRITTEN_SOME, /* the output is full: call again after it was sent  */
	WRITTEN_END,  /* the session must end; BYE was written if possible */
};

/* Write the changes. all: also expunges. */
enum written imap_sync(struct imap *s, bool all);

/* The session itself has made the change of that modseq, and reports it in another way or
 * not at all (.SILENT): sync skips it. */
void imap_sync_own(struct imap *s, uint64_t modseq);

#endif
