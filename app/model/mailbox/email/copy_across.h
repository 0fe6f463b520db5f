/* model/mailbox/email/copy_across.h: copying emails from one account's mail to another's. Private
 * to the folder. */
#ifndef MAILBOX_COPY_ACROSS_H
#define MAILBOX_COPY_ACROSS_H
#include "model/mailbox/email.h"

/* As email_copy and email_move, after their checks of rights; may: the flags that the new rows can
 * have. Two edits, one for each account: both are announced and logged. */
enum err copy_across(const struct mail_txn *from, const struct mail_txn *to,
                     const struct email_copy *what, bool move, struct flags may,
                     struct email_copied *out) MUST_USE;

#endif
