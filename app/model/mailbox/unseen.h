/* model/mailbox/unseen.h: the first unseen message of a mailbox, kept and not computed. Private to
 * the folder.
 *
 * SELECT has to tell its sequence number (RFC 3501 6.3.1), which is one more than the number
 * of rows before it. Both its UID and that number stand in the mailbox's record:
 *
 *	seen seen seen UNSEEN seen UNSEEN ...
 *	                 ^ first_unseen_uid, first_unseen_seq = 4
 *
 * Rows are only added at the end, so adding never moves it; removing a row before it takes
 * one off its number. Two things need a scan, done once at the end of an edit and only over
 * the rows between the old place and the new one: when the first one is seen or goes away, on
 * to the next (first_unseen_gone); and when rows before it become unseen, back to the least
 * of them (unseen_below_uid). Reading a mailbox from its start moves over each row once. */
#ifndef MAILBOX_UNSEEN_H
#define MAILBOX_UNSEEN_H
#include "model/mailbox/edit.h"

/* After the row was added, removed, or got flags instead of row's, and counted. */
void unseen_added(struct edit_box *b, const struct email_row *row);
void unseen_removed(struct edit_box *b, const struct email_row *row);
void unseen_flags(struct edit_box *b, const struct email_row *row, struct flags flags);

/* Make first_unseen_uid and _seq right again, after all rows have been written. */
enum err unseen_settle(const struct mail_txn *m, struct edit_box *b) MUST_USE;

#endif
