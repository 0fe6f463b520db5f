/* mailbox/fsck.h: what must hold between the rows of mailbox/, for store/fsck.h. */
#ifndef MAILBOX_FSCK_H
#define MAILBOX_FSCK_H
#include "store/fsck.h"

extern const struct fsck_check mailbox_fsck;

#endif
