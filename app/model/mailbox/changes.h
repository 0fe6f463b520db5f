/* model/mailbox/changes.h: the log of changes in an account, by modseq.
 *
 * One log serves sessions that synchronise (VANISHED and FETCH of QRESYNC, EXPUNGE and FETCH
 * without it) and JMAP's /changes (changed.h). Emails are logged in runs: a run is count rows with
 * UIDs uid, uid + 1, ... whose emails are email, email + 1, ...
 *
 * The log reaches back at least mailboxes.changes_kept modseqs; older entries are removed in small
 * steps by later writes of the account. */
#ifndef MAILBOX_CHANGES_H
#define MAILBOX_CHANGES_H
#include "model/mailbox/mail.h"

/* Stored: these numbers must not change. */
enum change_kind {
	CHANGE_APPEARED = 1,    /* rows were added                            */
	CHANGE_FLAGS,           /* flags of rows changed                      */
	CHANGE_VANISHED,        /* rows were removed                          */
	CHANGE_MAILBOX_CREATED, /* the mailbox itself:                        */
	CHANGE_MAILBOX_EDITED,  /* name, parent, role or subscription         */
	CHANGE_MAILBOX_DELETED, /* follows CHANGE_VANISHED of all its rows */
	CHANGE_SEEN,            /* only one user's \Seen of rows: own_seen.h */
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
	uint32_t who; /* for CHANGE_SEEN: the only account with changed flags; else 0 */
	uint32_t uid; /* the run; all 0 for changes of a mailbox itself */
	uint32_t count;
	uint64_t email;
	struct str threads; /* of emails that vanished, packed: change_thread */
	int shown;       /* 1: the rows came to be shown by JMAP, -1: ceased to be; 0: neither.
			  * Rows with \Deleted are not shown (placement.h) */
};

/* The thread of the i-th email of a run of CHANGE_VANISHED, whose record may be deleted. 0: the row
 * was damaged, or an older Roost logged it. Costs i. */
uint64_t change_thread(const struct change *c, uint32_t i);

/* False stops the walk. */
typedef bool change_fn(const struct change *c, void *arg);

/* Call fn for each change after modseq since, oldest first; at one modseq, VANISHED comes before
 * APPEARED. mailbox limits it to one, 0: all. A row that changed several times is reported each
 * time, also one that vanished later: use the row, or the last change. Costs the changes since
 * then, not the size of the mailbox. ERR_MISSING: since is older than the log: compare everything
 * instead. */
enum err changes_since(const struct mail_txn *m, uint32_t mailbox, uint64_t since, change_fn *fn,
                       void *arg) MUST_USE;

/* The lowest modseq that changes_since accepts. */
enum err changes_floor(const struct mail_txn *m, uint64_t *modseq) MUST_USE;
#endif
