/* model/remote/fsck.h: can every policy and every day's evidence be read? */
#ifndef REMOTE_FSCK_H
#define REMOTE_FSCK_H
#include "model/store/fsck.h"

extern const struct fsck_check remote_fsck;

#endif
