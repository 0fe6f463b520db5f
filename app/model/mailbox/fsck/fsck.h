/* model/mailbox/fsck/fsck.h: the invariants of the rows of mailbox/, for model/store/fsck.h. */
#ifndef MAILBOX_FSCK_H
#define MAILBOX_FSCK_H
#include "model/store/fsck.h"

extern const struct fsck_check mailbox_fsck;

/* Every account of the directory has its mail; all mail, and all access of users to the mail of
 * others, belongs to an existing account or group. A separate check, because mailbox/ itself does
 * not use the directory. */
extern const struct fsck_check mail_owner_fsck;

#endif
