/* model/mailbox/email/row_index.h: what follows from the rows of a mailbox and is stored for
 * readers. Private to the folder, which keeps it with every row that is added, changed or removed.
 *
 *	DATED       account mailbox date UID	email, thread (by_date.h)
 *	THREAD_BOX  account mailbox thread	its rows without \Deleted, and the unread of them
 *
 * The counters threads and unread_threads of a mailbox are the rows of THREAD_BOX. A damaged row
 * (email 0) is in neither. */
#ifndef MAILBOX_ROW_INDEX_H
#define MAILBOX_ROW_INDEX_H
#include "model/mailbox/records.h"

/* JMAP shows rows without \Deleted (placement.h); unread: RFC 8621 2. */
bool row_shown(struct flags flags);
bool row_unread(struct flags flags);

/* Write; they update the counters of box. */
enum err row_index_add(const struct mail_txn *m, struct mailbox *box,
                       const struct email_row *row) MUST_USE;
enum err row_index_remove(const struct mail_txn *m, struct mailbox *box,
                          const struct email_row *row) MUST_USE;
/* row has its present flags. */
enum err row_index_flags(const struct mail_txn *m, struct mailbox *box,
                         const struct email_row *row, struct flags flags) MUST_USE;

/* Do both spaces follow from the rows? Also counts threads and unread_threads of counted. Costs
 * the rows; 16 bytes of memory for each. */
enum err row_index_check(const struct mail_txn *m, uint32_t mailbox, struct mailbox *counted,
                         bool *same) MUST_USE;
/* Write. Delete and write both again, and count threads and unread_threads of box. */
enum err row_index_rebuild(const struct mail_txn *m, struct mailbox *box) MUST_USE;
/* Write. Delete both. */
enum err row_index_forget(const struct mail_txn *m, uint32_t mailbox) MUST_USE;

#endif
