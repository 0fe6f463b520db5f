/* model/mailbox/edit.h: one change of an account's mail. Private to the folder.
 *
 * Everything that changes rows, emails or mailboxes does it through an edit, and nothing
 * else writes these spaces. The edit takes one modseq, keeps the counters, collects what to
 * log, and writes mailboxes, state and log once at the end:
 *
 *	edit_begin(&ed, m)		reads the state
 *	edit_box(&ed, id, &box)		reads a mailbox
 *	edit_row_...(&ed, box, ...)	writes rows, counts, remembers for the log
 *	edit_commit(&ed)		writes the rest, announces; nothing if nothing changed
 *	edit_end(&ed)			always: frees what was collected
 *
 * An edit that is not committed leaves the transaction unusable: it must be undone.
 *
 * Its mail_txn is the server's, so rows are read as they are stored: \Seen in them is not that of
 * those who have their own (own_seen.h). */
#ifndef MAILBOX_EDIT_H
#define MAILBOX_EDIT_H
#include "model/mailbox/records.h"

enum {
	EDIT_BOXES = 2, /* from and to */
	RUN_LOGS = CHANGE_KINDS, /* those of mailboxes stay empty */
};

struct run_log { /* changes of one kind in one mailbox */
	struct change_run *runs;
	size_t n, cap;
};

struct edit_box {
	struct mailbox box; /* as it will be written; leaf lives in the transaction's arena */
	bool rows_changed;
	bool deleted;              /* not to be written                                     */
	bool first_unseen_gone;    /* unseen.h */
	uint32_t unseen_below_uid; /* unseen.h */
	struct run_log logs[RUN_LOGS];
	struct own_seen seen; /* of who acts */
};

struct edit {
	const struct mail_txn *m; /* the one below */
	struct mail_txn raw;
	uint32_t who; /* acts               */
	struct account_state state;
	uint64_t modseq; /* of this change       */
	bool changed;
	uint32_t log_next; /* number of the next change row */
	struct edit_box boxes[EDIT_BOXES];
	unsigned box_count;
	struct change *mailbox_changes; /* logged after all rows */
	size_t mailbox_change_count, mailbox_change_cap;
};

/* On an error too, edit_end may follow. */
enum err edit_begin(struct edit *ed, const struct mail_txn *m) MUST_USE;
/* The mailbox for changing; the same one again when asked for again. ERR_MISSING. */
enum err edit_box(struct edit *ed, uint32_t id, struct edit_box **out) MUST_USE;
enum err edit_commit(struct edit *ed) MUST_USE;
void edit_end(struct edit *ed);

/* Put row into the mailbox: flags are those that who acts wants it to have. */
enum err edit_row_bring(struct edit *ed, struct edit_box *box, struct email_row *row) MUST_USE;
/* Put row into the mailbox, as it is to be stored: everything but uid, modseq and saved_s is
 * given, these are filled in.
 * ERR_LIMIT: there is no UID left. */
enum err edit_row_add(struct edit *ed, struct edit_box *box, struct email_row *row) MUST_USE;
/* Give row, as it is now, other flags; modseq is filled in. */
enum err edit_row_flags(struct edit *ed, struct edit_box *box, struct email_row *row,
                        struct flags flags) MUST_USE;
/* The same, when for all but who acts its flags are as they were: a change of \Seen in a mailbox
 * where that is everybody's own. */
enum err edit_row_seen(struct edit *ed, struct edit_box *box, struct email_row *row,
                       struct flags flags) MUST_USE;
/* Take row out of the mailbox. The email itself stays. */
enum err edit_row_remove(struct edit *ed, struct edit_box *box,
                         const struct email_row *row) MUST_USE;

/* The account's quota, 0 for none; also for one that the directory does not know. */
enum err quota_max(const struct mail_txn *m, uint64_t *max_bytes, uint64_t *max_emails) MUST_USE;
/* Does the quota allow so many bytes in so many emails more? ERR_LIMIT. */
enum err edit_room(const struct edit *ed, uint64_t bytes, uint64_t emails) MUST_USE;
/* Write the record of a new email; its blob has been referenced by the caller. */
enum err edit_email_add(struct edit *ed, const struct email *email, uint64_t *id) MUST_USE;
/* Delete the record of an email without rows, and let go of its blob; when somebody has a
 * lease on it, it goes to limbo instead. */
enum err edit_email_remove(struct edit *ed, uint64_t id) MUST_USE;

/* Remove what email_expunge does; gone may be NULL. In email_expunge.c. */
enum err edit_rows_expunge(struct edit *ed, struct edit_box *box, const struct email_expunge *what,
                           struct uids *gone) MUST_USE;

/* Forget changes up to and including modseq, at most max rows of the log now; a modseq with
 * several rows goes as a whole. Only rows and state->changes_floor change: the caller writes
 * the state. In changes.c. */
enum err changes_forget(const struct mail_txn *m, struct account_state *state, uint64_t modseq,
                        unsigned max) MUST_USE;

/* Say that a mailbox itself was changed. */
void edit_mailbox_changed(struct edit *ed, enum change_kind kind, uint32_t mailbox);

#endif
