/* mailbox/fsck.h: what must hold between the rows of mailbox/, for store/fsck.h. */
#ifndef MAILBOX_FSCK_H
#define MAILBOX_FSCK_H
#include "store/fsck.h"

extern const struct fsck_check mailbox_fsck;

/* Every account of the directory has its mail, and all mail is an account's. A check of its
 * own, because mailbox/ by itself does not care who an account is. */
extern const struct fsck_check mail_owner_fsck;

#endif
