/* console/api/access/fsck.h: is every session and token that of an account, and is the audit
 * trail whole? */
#ifndef API_FSCK_H
#define API_FSCK_H
#include "model/store/fsck.h"

extern const struct fsck_check admin_fsck;

#endif
