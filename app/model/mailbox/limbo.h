/* model/mailbox/limbo.h: emails that were expunged under a lease (lease.h). Private to the folder.
 *
 * Such an email has its record, counts in the account's state and holds its blob, but has no
 * row in a mailbox. A row of its own (keys.h) says so. */
#ifndef MAILBOX_LIMBO_H
#define MAILBOX_LIMBO_H
#include "model/mailbox/mail.h"

/* Write. The email, whose row is gone, goes there. */
enum err limbo_put(const struct mail_txn *m, uint64_t email) MUST_USE;
/* Write. Remove for good what nobody has a lease on; takes no modseq, for no client can see
 * it. Costs what is in the account's limbo. */
enum err limbo_empty(const struct mail_txn *m) MUST_USE;
/* OK: it is there; ERR_MISSING: it is not. */
enum err limbo_find(const struct mail_txn *m, uint64_t email) MUST_USE;

#endif
