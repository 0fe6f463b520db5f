/* admin/fsck.h: is every session and token that of an account, and is the audit trail whole? */
#ifndef ADMIN_FSCK_H
#define ADMIN_FSCK_H
#include "store/fsck.h"

extern const struct fsck_check admin_fsck;

#endif
