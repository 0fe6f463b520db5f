/* model/mailbox/fsck/fsck.h: what must hold between the rows of mailbox/, for
 * model/store/fsck.h. */
#ifndef MAILBOX_FSCK_H
#define MAILBOX_FSCK_H
#include "model/store/fsck.h"

extern const struct fsck_check mailbox_fsck;

/* Every account of the directory has its mail; all mail, and all that users have in that of others,
 * is of an account or group that exists. A check of its own, because mailbox/ by itself does not
 * care who an account is. */
extern const struct fsck_check mail_owner_fsck;

#endif
