/* model/mailbox/edit.h: one change of an account's mail. Private to the folder.
 *
 * Everything that changes rows, emails or mailboxes uses an edit; no other code writes these
 * spaces. The edit takes one modseq, updates the counters, collects the log, and writes mailboxes,
 * state and log once at the end:
 *
 *	edit_begin(&ed, m)		reads the state
 *	edit_box(&ed, id, &box)		reads a mailbox
 *	edit_row_...(&ed, box, ...)	writes rows, counts, adds to the log
 *	edit_commit(&ed)		writes the rest, announces; nothing without changes
 *	edit_end(&ed)			always: frees all memory
 *
 * Boxes are any number; they are found by halves.
 *
 * An edit that is not committed leaves the transaction unusable: it must be rolled back.
 *
 * Its mail_txn is the server's, so rows are read as stored: their \Seen is not that of users with
 * a \Seen of their own (own_seen.h). */
#ifndef MAILBOX_EDIT_H
#define MAILBOX_EDIT_H
#include "model/mailbox/records.h"
#include "model/mailbox/thread.h"

/* Changes of one kind in one mailbox, by what they do to what JMAP shows (changes.h). */
enum edit_log {
	LOG_VANISHED_HIDDEN,
	LOG_VANISHED,
	LOG_FLAGS_HIDE,
	LOG_FLAGS,
	LOG_FLAGS_SHOW,
	LOG_SEEN,
	LOG_APPEARED_HIDDEN,
	LOG_APPEARED,
	EDIT_LOGS
};

struct run_log {
	struct change_run *runs;
	size_t n, cap;
	uint64_t *below; /* of rows that vanished: change_pack */
	size_t below_n, below_cap;
};

struct edit_box {
	struct mailbox box; /* to be written; leaf lives in the transaction's arena */
	struct mailbox was; /* its counters at the beginning */
	bool rows_changed;
	bool deleted;              /* not to be written                                     */
	bool index_lost;           /* a damaged row was written: row_index.h is built again */
	bool first_unseen_gone;    /* unseen.h */
	uint32_t unseen_below_uid; /* unseen.h */
	struct run_log logs[EDIT_LOGS];
	struct own_seen seen; /* of the acting account */
};

struct edit {
	const struct mail_txn *m; /* points to raw */
	struct mail_txn raw;
	uint32_t who; /* the acting account */
	struct account_state state;
	uint64_t modseq; /* of this change       */
	bool changed;
	uint32_t log_next; /* number of the next change row */
	struct edit_box **boxes; /* by id; they live in the transaction's arena */
	size_t box_count, box_cap;
	bool threads_changed; /* emails came to be, ceased to be, or their \Deleted changed */
	struct change *mailbox_changes; /* logged after all rows */
	size_t mailbox_change_count, mailbox_change_cap;
};

/* edit_end is allowed after an error too. */
enum err edit_begin(struct edit *ed, const struct mail_txn *m) MUST_USE;
/* A mailbox to be changed; repeated calls return the same object. ERR_MISSING. */
enum err edit_box(struct edit *ed, uint32_t id, struct edit_box **out) MUST_USE;
enum err edit_commit(struct edit *ed) MUST_USE;
void edit_end(struct edit *ed);

/* Insert row into the mailbox; flags are those that the acting account requests. */
enum err edit_row_insert(struct edit *ed, struct edit_box *box, struct email_row *row) MUST_USE;
/* Insert row into the mailbox, as it is to be stored: everything but uid, modseq and saved_s is
 * given, these are filled in. The email exists, and the row has its thread. ERR_LIMIT: there is no
 * UID left. */
enum err edit_row_add(struct edit *ed, struct edit_box *box, struct email_row *row) MUST_USE;
/* Change the flags of row, given with its present values; modseq is filled in. */
enum err edit_row_flags(struct edit *ed, struct edit_box *box, struct email_row *row,
                        struct flags flags) MUST_USE;
/* The same for a change of \Seen in a mailbox where each user has its own: only the acting account
 * sees a change. */
enum err edit_row_seen(struct edit *ed, struct edit_box *box, struct email_row *row,
                       struct flags flags) MUST_USE;
/* The acting account, to whom the row has the flags was, requests others: writes them to the row,
 * to its own \Seen, or to both. */
enum err edit_row_request(struct edit *ed, struct edit_box *box, struct email_row *row,
                          struct flags was, struct flags flags) MUST_USE;
/* Remove row from the mailbox. The email itself stays: add a row before, or call edit_email_drop
 * after. */
enum err edit_row_remove(struct edit *ed, struct edit_box *box,
                         const struct email_row *row) MUST_USE;
/* Delete the email of a removed row, unless it has other placements. */
enum err edit_email_drop(struct edit *ed, const struct email_row *row) MUST_USE;

/* The account's quota, 0 for none; also for an account unknown to the directory. */
enum err quota_max(const struct mail_txn *m, uint64_t *max_bytes, uint64_t *max_emails) MUST_USE;
/* Does the quota allow this many further bytes and placements? ERR_LIMIT. */
enum err edit_room(const struct edit *ed, uint64_t bytes, uint64_t placements) MUST_USE;
/* Write the record of a new email, and fill in email and thread of its first row; the caller has
 * referenced its blob. */
enum err edit_email_add(struct edit *ed, const struct email *email, const struct thread_keys *keys,
                        struct email_row *row) MUST_USE;
/* Delete the record of an email without placements, and release its blob; under a lease, its
 * deletion becomes pending instead. */
enum err edit_email_remove(struct edit *ed, uint64_t id) MUST_USE;

/* Remove the rows of email_expunge; gone may be NULL. In email_expunge.c. */
enum err edit_rows_expunge(struct edit *ed, struct edit_box *box, const struct email_expunge *what,
                           struct uids *gone) MUST_USE;

/* Remove changes up to and including modseq, at most max rows of the log; a modseq with several
 * rows is removed as a whole. Only rows and state->changes_floor change: the caller writes the
 * state. In changes.c. */
enum err changes_forget(const struct mail_txn *m, struct account_state *state, uint64_t modseq,
                        unsigned max) MUST_USE;

/* Log that a mailbox itself was changed. */
void edit_mailbox_changed(struct edit *ed, enum change_kind kind, uint32_t mailbox);

#endif
