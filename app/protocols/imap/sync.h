/* protocols/imap/sync.h: keeping the client's view of the selected mailbox in step with the
 * mailbox.
 *
 *	watch      a committing thread says: something changed        (any time)
 *	sync       the session looks up what in the change log        (between commands)
 *	           and tells it by EXPUNGE, EXISTS, RECENT and FETCH
 *
 * Numbers may shift only where RFC 9051 7.5.1 allows EXPUNGE. Where it does not, what has
 * vanished stays in the view, as a number without a message, until the next sync.
 *
 * A great change is told in portions, so that a client which reads slowly holds no worker:
 * what is still to be told waits in the session, in selected.gone and selected.flagged. */
#ifndef IMAP_SYNC_H
#define IMAP_SYNC_H
#include "foundation/base/err.h"

struct imap;
struct imap_seq;
struct uids;

/* Hear of changes of the mailbox in that account's mail from now on; begin before its state is
 * read. */
void imap_watch_begin(struct imap *s, uint32_t account, uint32_t mailbox);
/* No-op when not watching. */
void imap_watch_end(struct imap *s);
/* Something may have changed since the last sync. */
bool imap_watch_changed(const struct imap *s);

/* Find out which UIDs the view has, if that is not known. Afterwards the view is the same
 * as before: the mailbox at the modseq of the last sync.
 * ERR_CONFLICT: it cannot be found out any more. */
enum err imap_view_load(struct imap *s) MUST_USE;

/* The messages that a set of the running command names, in the form it has (numbers or
 * UIDs); resolves set. out is empty before and the caller's to deinit. False: s->reply says
 * why not. */
bool imap_messages(struct imap *s, struct imap_seq *set, struct uids *out);

/* What the running command calls a message of the view: its UID, or its number. */
uint32_t imap_number(const struct imap *s, uint32_t uid);

enum told {
	TOLD_ALL,  /* the client knows all that it may be told             */
	TOLD_SOME, /* the output is full: call again when it has been sent */
	TOLD_END,  /* the session must end; BYE was said if it could be    */
};

/* Tell the client what changed. all: also what vanished. */
enum told imap_sync(struct imap *s, bool all);

/* The session itself made the change of that modseq and tells its client of flags in another
 * way, or not at all (.SILENT): sync will not. */
void imap_sync_own(struct imap *s, uint64_t modseq);

#endif
