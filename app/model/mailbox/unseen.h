/* model/mailbox/unseen.h: the first unseen message of a mailbox, stored. Private to the folder.
 *
 * SELECT reports its sequence number (RFC 3501 6.3.1), which is one more than the number of rows
 * before it. Both its UID and that number are in the mailbox's record:
 *
 *	seen seen seen UNSEEN seen UNSEEN ...
 *	                 ^ first_unseen_uid, first_unseen_seq = 4
 *
 * Rows are added at the end only, which never moves it; removing a row before it decrements its
 * number. Two changes need a scan, once at the end of an edit and only over the rows between the
 * old position and the new one: when the first one is seen or removed, forwards to the next
 * (first_unseen_gone); when rows before it become unseen, back to the first of them
 * (unseen_below_uid). Reading a mailbox from its start visits each row once. */
#ifndef MAILBOX_UNSEEN_H
#define MAILBOX_UNSEEN_H
#include "model/mailbox/edit.h"

/* Call after the row was added, removed, or got flags instead of row's, and was counted. */
void unseen_added(struct edit_box *b, const struct email_row *row);
void unseen_removed(struct edit_box *b, const struct email_row *row);
void unseen_flags(struct edit_box *b, const struct email_row *row, struct flags flags);

/* Update first_unseen_uid and _seq after all rows were written. */
enum err unseen_settle(const struct mail_txn *m, struct edit_box *b) MUST_USE;

#endif
