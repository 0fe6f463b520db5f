/* model/mailbox/changes.h: the log of what changed in an account, by modseq.
 *
 * One log answers a session that catches up with others (VANISHED and FETCH of QRESYNC,
 * EXPUNGE and FETCH without it) and JMAP's /changes. Emails are told in runs: a run is count
 * rows with UIDs uid, uid + 1, ... whose emails are email, email + 1, ...
 *
 * The log reaches back mailboxes.changes_kept modseqs at least; what lies before is forgotten
 * in small steps by every so many writes of the account. */
#ifndef MAILBOX_CHANGES_H
#define MAILBOX_CHANGES_H
#include "model/mailbox/mail.h"

/* Stored: the numbers do not change. */
enum change_kind {
	CHANGE_APPEARED = 1,    /* rows were added                            */
	CHANGE_FLAGS,           /* flags of rows changed                      */
	CHANGE_VANISHED,        /* rows were removed                          */
	CHANGE_MAILBOX_CREATED, /* the mailbox itself:                        */
	CHANGE_MAILBOX_EDITED,  /* name, parent, role or subscription         */
	CHANGE_MAILBOX_DELETED, /* told after CHANGE_VANISHED of all its rows */
	CHANGE_SEEN,            /* of rows nothing but \Seen of one who has his own: own_seen.h */
	CHANGE_KINDS
};

static inline bool change_of_mailbox(enum change_kind kind)
{
	return kind >= CHANGE_MAILBOX_CREATED && kind <= CHANGE_MAILBOX_DELETED;
}

struct change {
	uint64_t modseq;
	enum change_kind kind;
	uint32_t mailbox;
	uint32_t who; /* of CHANGE_SEEN: for the others flags are as they were; else 0 */
	uint32_t uid; /* the run; all 0 for changes of a mailbox itself */
	uint32_t count;
	uint64_t email;
};

/* False stops the walk. */
typedef bool change_fn(const struct change *c, void *arg);

/* Tell what happened after modseq since, oldest first; at one modseq, VANISHED comes before
 * APPEARED. mailbox limits it to one, 0 tells all. A row that changed several times is told
 * each time, also one that vanished later: look at the row, or at the last change. Costs
 * the changes since then, not the size of the mailbox.
 * ERR_MISSING: since lies before what the log still knows: compare everything instead. */
enum err changes_since(const struct mail_txn *m, uint32_t mailbox, uint64_t since, change_fn *fn,
                       void *arg) MUST_USE;

/* The least modseq that changes_since accepts. */
enum err changes_floor(const struct mail_txn *m, uint64_t *modseq) MUST_USE;
#endif
