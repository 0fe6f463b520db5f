/* model/mailbox/pending_deletion.h: emails that were expunged under a lease (lease.h). Private to
 * the folder.
 *
 * Such an email has its record, counts in the account's state and holds its blob, but has no row in
 * a mailbox. A row of its own (keys.h) marks it. */
#ifndef MAILBOX_PENDING_DELETION_H
#define MAILBOX_PENDING_DELETION_H
#include "model/mailbox/mail.h"

/* Write. Mark an email whose row was removed. */
enum err pending_deletion_put(const struct mail_txn *m, uint64_t email) MUST_USE;
/* Write. Delete all marked emails without a lease; takes no modseq, because clients cannot see
 * them. Costs the account's marked emails. */
enum err pending_deletion_purge(const struct mail_txn *m) MUST_USE;
/* OK: it is marked; ERR_MISSING: it is not. */
enum err pending_deletion_find(const struct mail_txn *m, uint64_t email) MUST_USE;

#endif
